"""Pages that made no story: what people did about them, as rows that are only ever added.

Notes count for the picture, so that the same page scanned again is dealt with as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, insert, select

from leaflets.errors import BadInvocation
from scan_pipeline.store import tables as t
from scan_pipeline.store.records import LedgerRow, PageNote
from scan_pipeline.story import OUTSIDE


def add(connection: Connection, row: LedgerRow, note: PageNote) -> None:
    """Write down what was done about an unplaced page."""
    if not note.by.strip():
        raise BadInvocation("Somebody has to answer for this.", remedy="Say who you are.")
    connection.execute(
        insert(t.page_notes).values(
            page_seq=row.seq,
            at=note.at,
            by=note.by.strip(),
            done=note.done,
            worry=note.worry,
            note=note.note.strip(),
            story_id=note.story_id,
        )
    )


def notes(connection: Connection, row: LedgerRow) -> list[PageNote]:
    """What was done about one page, oldest first."""
    return _by_picture(connection).get(_key(row.seq, row.image_sha256), [])


def told(connection: Connection, rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """The rows, each with what people did about it."""
    known = _by_picture(connection)
    written = _by_picture(connection, t.pages.c.reason == OUTSIDE)
    # That nothing was needed of a refused page says nothing of the writing that is found on it now.
    return [
        _with(
            row,
            (written if row.reason == OUTSIDE else known).get(_key(row.seq, row.image_sha256), []),
        )
        for row in rows
    ]


def _with(row: LedgerRow, said: list[PageNote]) -> LedgerRow:
    if row.status != "unplaced" or not said:
        return row
    dealt = said[-1].done
    return replace(row, dealt=dealt, worry=not dealt and any(note.worry for note in said))


def _by_picture(connection: Connection, *which: ColumnElement[bool]) -> dict[str, list[PageNote]]:
    """What was done about each picture; about pages of `which` kind alone."""
    rows = connection.execute(
        select(t.page_notes, t.pages.c.image_sha256)
        .join(t.pages)
        .where(*which)
        .order_by(t.page_notes.c.seq)
    )
    found: dict[str, list[PageNote]] = {}
    for row in rows:
        note = PageNote(row.at, row.by, row.done, row.worry, row.note, row.story_id)
        found.setdefault(_key(row.page_seq, row.image_sha256), []).append(note)
    return found


def _key(seq: int, sha256: str) -> str:
    return sha256 or str(seq)
