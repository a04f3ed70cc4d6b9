"""What a poster may say. The poster printer knows no people: whoever has words to print makes
them safe first, and hands them over as `PublicText`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Badge = Literal["new", "answered", "change_planned", "change_made", "cannot"]

YOUR_TURN = "Your turn: leaflets are by the door."


@dataclass(frozen=True, slots=True)
class PublicText:
    """Words that may hang on a wall.

    Made in one place only, where personal details are taken out; a test sees to that. To wrap a
    string here by hand is to say that everybody in the waiting room may read it.
    """

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterContent:
    """Everything on one story and response sheet. What is None or empty is left out.

    `number`: of the story ("S-2026-041"). `month`, `response_month`, `due_month`: in words
    ("November 2026"); a poster never says the day. `title`: the writer's; without one the
    `handle` (the story name that the writer made up) stands there. `feelings`: words.
    `change`: what was changed, will be by `due_month`, or why it cannot be; `badge` says which.
    `take_down_after`: a date in words. `take_down_route`: how a writer has it taken down.
    `logo`: a PNG or JPEG file.
    """

    number: str
    month: str
    badge: Badge
    service_name: str
    organisation: str
    take_down_after: str
    take_down_route: str
    title: PublicText | None = None
    story: PublicText | None = None
    good: PublicText | None = None
    improve: PublicText | None = None
    feelings: tuple[PublicText, ...] = ()
    handle: PublicText | None = None
    response: PublicText | None = None
    responder_name: PublicText | None = None
    responder_role: PublicText | None = None
    response_month: str = ""
    change: PublicText | None = None
    due_month: str = ""
    logo: Path | None = None
    your_turn: str = YOUR_TURN
