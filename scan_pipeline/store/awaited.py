"""Pages that a scan set out to read: after a crash the ledger knows which were not reached."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, insert, select

from scan_pipeline.store import tables as t
from scan_pipeline.store.records import LedgerRow

NOT_REACHED = "Not read yet: its scan is running, or was interrupted. Then run it again."


def expect(
    connection: Connection, pages: Iterable[tuple[str, int]], *, at: dt.datetime
) -> list[int]:
    """Write down (file, page) of every page image to be read; the number of each."""
    return [
        connection.execute(
            insert(t.awaited)
            .values(file=_as_text(file), page=page, at=at)
            .returning(t.awaited.c.seq)
        ).scalar_one()
        for file, page in pages
    ]


def arrived(connection: Connection, seq: int) -> None:
    """What became of this page is written down in the same transaction."""
    connection.execute(insert(t.arrived).values(awaited_seq=seq))


def count_arrived(connection: Connection, numbers: Sequence[int]) -> int:
    """How many of the pages of one `expect` (one after the other, as nobody else wrote meanwhile)
    have arrived."""
    if not numbers:
        return 0
    theirs = t.arrived.c.awaited_seq.between(numbers[0], numbers[-1])
    return connection.scalar(select(func.count()).select_from(t.arrived).where(theirs)) or 0


def waiting(connection: Connection) -> Sequence[LedgerRow]:
    """Pages that no scan has finished: of each page image only its newest scan counts."""
    rows = connection.execute(
        select(t.awaited, t.arrived.c.awaited_seq)
        .outerjoin(t.arrived, t.arrived.c.awaited_seq == t.awaited.c.seq)
        .order_by(t.awaited.c.seq)
    )
    newest = {(row.file, row.page): row for row in rows}
    return [
        LedgerRow(
            file=row.file,
            page=row.page,
            status="waiting",
            story_id=None,
            reason=NOT_REACHED,
            seen_at=row.at,
        )
        for row in newest.values()
        if row.awaited_seq is None
    ]


def _as_text(file: str) -> str:
    """A name that is not text on this system is still listed, with marks for its bad bytes."""
    return file.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
