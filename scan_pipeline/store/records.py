"""What the store tells besides stories. Records only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, NamedTuple

from scan_pipeline.story import PageStatus

Dealt = Literal["", "typed", "handed", "nothing"]
"""What a person did about a page that made no story: typed its words into one, handed it to
somebody, found that nothing is needed. "" while it still waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One page image that came in, and what became of it: `waiting` if its scan was interrupted
    before it was read. `seen_at` is UTC.

    `seq` counts the pages (0: nobody can open this one), and `image_sha256` names the kept picture
    ("" for none). `worry`: somebody was worried by it, and it still waits to be handed on.
    """

    file: str
    page: int
    status: PageStatus | Literal["waiting"]
    story_id: str | None
    reason: str
    seen_at: dt.datetime
    seq: int = 0
    image_sha256: str = ""
    dealt: Dealt = ""
    worry: bool = False


class PageNote(NamedTuple):
    """One line of an unplaced page's history: when (UTC), by whom, what, and in which words."""

    at: dt.datetime
    by: str
    done: Dealt
    worry: bool
    note: str
    story_id: str | None


class Event(NamedTuple):
    """One line of a story's history: when (UTC), by whom, what. Never any of its words."""

    at: dt.datetime
    by: str
    what: str
