"""The ledger: one row for every page image, written together with the story that it makes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from leaflets.errors import BadInvocation
from scan_pipeline.store import contacts, leftovers, states
from scan_pipeline.store import tables as t
from scan_pipeline.store.codec import dump_reading, load_reading
from scan_pipeline.store.records import LedgerRow
from scan_pipeline.story import PageOutcome, PageReading


def record(
    connection: Connection, outcome: PageOutcome, *, suffix: str, at: dt.datetime
) -> PageOutcome:
    """Write one page image down, inside the caller's transaction (the only writer)."""
    outcome = _settled(connection, outcome)
    if outcome.status == "read":
        outcome = replace(outcome, story_id=_new_story(connection, at))
    seq = connection.execute(
        insert(t.pages)
        .values(
            # A name that is not text on this system is still listed, with marks for its bad bytes.
            file=outcome.file.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
            page=outcome.page,
            status=outcome.status,
            reason=outcome.reason,
            image_sha256=outcome.image_sha256,
            image_suffix=suffix,
            story_id=outcome.story_id,
            seen_at=at,
        )
        .returning(t.pages.c.seq)
    ).scalar_one()
    if outcome.reading is not None:
        connection.execute(
            insert(t.readings).values(
                page_seq=seq,
                template=outcome.reading.template,
                version=outcome.reading.version,
                fingerprint=outcome.reading.fingerprint,
                body=dump_reading(outcome.reading),
            )
        )
    return outcome


def _settled(connection: Connection, outcome: PageOutcome) -> PageOutcome:
    """The outcome as it stands now that nobody else can write."""
    if outcome.status != "read":
        return outcome
    if outcome.reading is None:
        raise ValueError("a page that was read has a reading")
    known = known_image(connection, outcome.image_sha256)
    if known is None:
        return outcome
    return replace(
        outcome,
        status="duplicate",
        story_id=known.story_id,
        reading=None,
        reason=f"The same leaflet as {known.story_id}: it counts once.",
    )


def _new_story(connection: Connection, at: dt.datetime) -> str:
    year = at.astimezone(dt.UTC).year
    newest = connection.scalar(select(func.max(t.stories.c.number)).where(t.stories.c.year == year))
    number = (newest or 0) + 1
    story_id = f"S-{year}-{number:03d}"
    connection.execute(
        insert(t.stories).values(id=story_id, year=year, number=number, received_at=at)
    )
    return story_id


def known_image(connection: Connection, sha256: str) -> LedgerRow | None:
    if not sha256:  # a page that could not even be decoded has no picture to be known by
        return None
    row = connection.execute(
        select(t.pages)
        .where(t.pages.c.image_sha256 == sha256, t.pages.c.story_id.is_not(None))
        .order_by(t.pages.c.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else _ledger_row(row)


def fingerprints(connection: Connection, after: int = 0) -> Iterator[tuple[int, str, bytes]]:
    rows = connection.execute(
        select(t.pages.c.seq, t.pages.c.story_id, t.readings.c.fingerprint)
        .join(t.readings)
        .where(t.pages.c.status == "read", t.pages.c.seq > after)
        .order_by(t.pages.c.seq)
    )
    for row in rows:
        yield row.seq, row.story_id, row.fingerprint


def reading(connection: Connection, story_id: str) -> PageReading:
    """What was read of the page that made this story."""
    body = connection.execute(
        select(t.readings.c.body)
        .join(t.pages)
        .where(t.pages.c.story_id == story_id, t.pages.c.status == "read")
    ).scalar_one()
    return load_reading(body)


def image(connection: Connection, story_id: str) -> str:
    """The name of the picture that made this story."""
    query = select(t.pages.c.image_sha256).where(
        t.pages.c.story_id == story_id, t.pages.c.status == "read"
    )
    return str(connection.scalar(query) or "")


def scanned_again(connection: Connection, story_id: str) -> list[LedgerRow]:
    """Other pictures of a story's paper that were set aside, in the order in which they came."""
    first = image(connection, story_id)
    rows = connection.execute(
        select(t.pages)
        .where(
            t.pages.c.story_id == story_id,
            t.pages.c.status == "duplicate",
            t.pages.c.image_sha256.not_in(["", first]),
        )
        .order_by(t.pages.c.seq)
    ).all()
    return list({row.image_sha256: _ledger_row(row) for row in reversed(rows)}.values())[::-1]


def ledger(connection: Connection) -> list[LedgerRow]:
    """All rows in the order in which they came, those of contact slips among them."""
    rows = connection.execute(select(t.pages).order_by(t.pages.c.seq)).all()
    told = states.settled(leftovers.told(connection, [_ledger_row(row) for row in rows]))
    found = [(row.seq, row) for row in told] + contacts.ledger(connection)
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def unplaced(connection: Connection, seq: int) -> LedgerRow:
    """One page that made no story. Raises `BadInvocation` when there is none."""
    row = connection.execute(
        select(t.pages).where(t.pages.c.seq == seq, t.pages.c.status == "unplaced")
    ).first()
    if row is None:
        raise BadInvocation("There is no such page here.", remedy="The desk lists what is open.")
    return leftovers.told(connection, [_ledger_row(row)])[0]


def _ledger_row(row: Row[Any]) -> LedgerRow:
    return LedgerRow(
        file=row.file,
        page=row.page,
        status=row.status,
        story_id=row.story_id,
        reason=row.reason,
        seen_at=row.seen_at,
        seq=row.seq,
        image_sha256=row.image_sha256,
    )
