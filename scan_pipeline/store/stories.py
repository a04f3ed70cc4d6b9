"""Queries for stories: one, or all, each with everything that was done with it."""

from __future__ import annotations

import re

from sqlalchemy import Connection, func, select

from leaflets.errors import BadInvocation
from scan_pipeline import lookalikes
from scan_pipeline.store import tables as t
from scan_pipeline.store.assembly import LISTED, NOTICED, RAISED, History, assemble
from scan_pipeline.store.records import Event
from scan_pipeline.story import Story

_ID = re.compile(r"[sS]-(\d{4})-0*(\d{1,9})", re.ASCII)
_DETAILS = {
    "corrections": t.corrections,
    "confirmations": t.confirmations,
    "moderations": t.moderations,
    "responses": t.responses,
    "approvals": t.approvals,
}
_WHAT = {
    "corrected": "corrected what was read",
    "confirmed": "confirmed the text",
    "worried": "compared the text with the paper, and is worried",
    NOTICED: "compared the text with the paper; the list of words holds it",
    RAISED: "said that something in it worries them",
    LISTED: "typed words for which the list of words holds it",
    "moderated": "checked the words for the wall",
    "settled": "checked the words for the wall, and settled the worry",
    "withdrawn": "took the story down",
    "responded": "wrote a response",
    "approved": "approved the response",
}


def one(connection: Connection, story_id: str) -> Story:
    """The story; `s-2026-41` is `S-2026-041`. Raises `BadInvocation` when there is none."""
    match = _ID.fullmatch(story_id.strip())
    found = every(connection, (int(match[1]), int(match[2]))) if match else []
    if not found:
        raise BadInvocation(
            f"There is no story {story_id.strip()[:40]} here.",
            remedy="`leaflets ledger` lists the stories that came in; so does `leaflets desk`.",
        )
    return found[0]


def every(connection: Connection, number: tuple[int, int] | None = None) -> list[Story]:
    """All stories, or the one of (year, number), in the order in which they came in."""
    query = (
        select(
            t.stories,
            t.pages.c.image_sha256,
            t.pages.c.image_suffix,
            t.pages.c.file,
            t.pages.c.page,
            t.readings.c.body,
        )
        .join(t.pages, t.pages.c.story_id == t.stories.c.id)
        .join(t.readings, t.readings.c.page_seq == t.pages.c.seq)
        .where(t.pages.c.status == "read")
        .order_by(t.pages.c.seq)
    )
    if number is not None:
        query = query.where(t.stories.c.year == number[0], t.stories.c.number == number[1])
    rows = connection.execute(query).all()
    histories = {row.id: History() for row in rows}
    for name, table in _DETAILS.items():
        details = select(t.events, table).join(table).order_by(t.events.c.seq)
        if number is not None:
            details = details.where(t.events.c.story_id.in_(histories))
        for row in connection.execute(details) if rows else ():
            getattr(histories[row.story_id], name).append(row)
    return [assemble(row, histories[row.id]) for row in rows]


def alike(connection: Connection, story: Story) -> list[Story]:
    """Stories that may be the same paper as `story`: those that its notices name, and those whose
    notices name it, in the order of their numbers."""
    mentions = (
        select(t.pages.c.story_id)
        .join(t.readings)
        .where(
            t.pages.c.status == "read",
            t.readings.c.body.contains(lookalikes.naming(story.id), autoescape=True),
        )
    )
    mine = lookalikes.named(story.reading)
    ids = connection.scalars(
        select(t.stories.c.id)
        .where(t.stories.c.id.in_(mine) | t.stories.c.id.in_(mentions))
        .order_by(t.stories.c.year, t.stories.c.number)
    ).all()
    found = [one(connection, story_id) for story_id in ids]
    # A writer's own words may say the same: the notices alone count.
    return [s for s in found if s.id in mine or story.id in lookalikes.named(s.reading)]


def newest_response(connection: Connection, story: Story) -> int:
    """The `seq` of a story's newest response. Raises `BadInvocation` when it has none."""
    newest = connection.scalar(
        select(func.max(t.events.c.seq)).join(t.responses).where(t.events.c.story_id == story.id)
    )
    if newest is None:
        raise BadInvocation(
            f"{story.id} has no response yet.", remedy="Write one, then approve it."
        )
    return int(newest)


def history(connection: Connection, story: Story) -> list[Event]:
    """What was done with a story, oldest first."""
    rows = connection.execute(
        select(t.events, t.corrections.c.field)
        .outerjoin(t.corrections)
        .where(t.events.c.story_id == story.id)
        .order_by(t.events.c.seq)
    )
    arrived = Event(story.received_at, "", "came in on paper and was read by the machine")
    return [arrived] + [
        Event(row.at, row.by, _WHAT[row.kind] + (f": {row.field}" if row.field else ""))
        for row in rows
    ]
