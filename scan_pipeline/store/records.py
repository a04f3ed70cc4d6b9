"""What the store tells besides stories. Records only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from scan_pipeline.story import PageStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One page image that came in, and what became of it. `seen_at` is UTC."""

    file: str
    page: int
    status: PageStatus
    story_id: str | None
    reason: str
    seen_at: dt.datetime


class Event(NamedTuple):
    """One line of a story's history: when (UTC), by whom, what. Never any of its words."""

    at: dt.datetime
    by: str
    what: str
