"""Records of what a page says: readings by the machine, stories, responses. Records only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

QuadPx = tuple[tuple[float, float], ...]
"""Four corners in the original image, top left first, clockwise on the printed sheet."""

CONSENT = "consent_display"
"""The name of the field in which a writer lets a story be shown."""

MarkState = Literal["empty", "ticked", "filled", "unsure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordReading:
    """`alternatives`: what else it may be, best first; `stands_for`: how many words, from this one
    on, each of them takes the place of (empty: of this one alone). `by_letters`: the first of them
    is what the letters say by themselves. `by_table`: the confidence before what was learned here
    corrected it, as the program came; None from a reader that has no such table. `letters`: the
    chance of each letter of the text to be right; empty from a reader that does not say."""

    text: str
    confidence: float
    alternatives: tuple[str, ...] = ()
    by_table: float | None = None
    stands_for: tuple[int, ...] = ()
    by_letters: bool = False
    letters: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReading:
    """What a recogniser read on one line; `confidence` 0 to 1. `english`: what reading it as
    English brought, less what it cost in letters, natural log; far below 0 where it is not
    English. None from a reader that does not say, or that read by letters alone."""

    text: str
    confidence: float
    words: tuple[WordReading, ...] = ()
    quad_px: QuadPx = ()
    english: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextValue:
    """`struck_out`: where words are crossed out, which are not in the text; `drawings`: where
    something is drawn. Both put the field under review."""

    text: str
    confidence: float
    review: bool
    lines: tuple[LineReading, ...]
    quad_px: QuadPx
    struck_out: tuple[QuadPx, ...] = ()
    drawings: tuple[QuadPx, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReading:
    """One tick box. `value` is the option's. `confidence`: the chance that the box was meant to be
    chosen if `state` is ticked or unsure; that it was not, if it is empty or filled."""

    value: str
    state: MarkState
    confidence: float
    quad_px: QuadPx


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceValue:
    """`value`: a value, several for a multiple choice (tuple), True/False for a tick; None when
    empty or not to be trusted (then `review` is True)."""

    value: str | tuple[str, ...] | bool | None
    confidence: float
    review: bool
    marks: tuple[MarkReading, ...]
    quad_px: QuadPx


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterReading:
    """One cell of a comb. `text` is empty where there is ink that could not be read; a space for a
    cell that is empty between others. `review`: a person must look at this character."""

    text: str
    confidence: float
    review: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CombValue:
    """`value`: the characters in order, None when all cells are empty. `review` is also True when
    every character is sure but together they cannot be right (no such phone number)."""

    value: str | None
    confidence: float
    review: bool
    characters: tuple[CharacterReading, ...]
    quad_px: QuadPx


FieldValue = TextValue | ChoiceValue | CombValue


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReading:
    """Everything read from one side of one leaflet.

    `fingerprint`: a small picture of the ink alone, to know the same paper scanned twice.
    `held_out_mm`, `agreement`: evidence that the page was placed rightly, as of `RegisteredPage`.
    `notices`: plain sentences for the volunteer ("Writing outside the lines at the left edge").
    `elsewhere`: where there is ink that belongs to no field, like writing in the margin.
    `reader`: the name of the recogniser that read the words; empty: nobody, or not known.
    `by_letters`: they were read letter by letter, as they are in no language that it knows.
    """

    template: str
    version: str
    batch: str
    sheet_page: int
    markers_found: int
    residual_mm: float
    fields: dict[str, FieldValue]
    fingerprint: bytes
    notices: tuple[str, ...] = ()
    held_out_mm: float = 0.0
    agreement: float = 1.0
    elsewhere: tuple[QuadPx, ...] = ()
    reader: str = ""
    by_letters: bool = False


OUTSIDE = "There is writing on the outside of the leaflet: please look at the picture."
"""Why such a page is no story yet: no machine has read it, and it may be urgent."""

PageStatus = Literal["read", "blank", "duplicate", "unplaced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOutcome:
    """The one state in which a page image ends. `image_sha256` names the kept original.

    Several leaflets in one picture are cut apart and have an outcome each: `part` counts them from
    1 (0: alone), and the kept original is the part, whose top left pixel is at `origin_px`.
    A page makes a story or asks for a call (`contact_id`), never both.
    """

    file: str
    page: int
    status: PageStatus
    image_sha256: str
    reason: str = ""
    reading: PageReading | None = None
    story_id: str | None = None
    contact_id: str | None = None
    part: int = 0
    origin_px: tuple[int, int] = (0, 0)


AnswerValue = str | tuple[str, ...] | bool | None
"""What a field says, without how it was read: text, a value, several values, a tick, nothing."""

Publication = Literal["in_review", "held", "ready", "published", "taken_down", "not_for_display"]
"""May it be on the wall? Quite another question than `Progress`, so another word."""

Progress = Literal[
    "awaiting_response", "responded", "change_planned", "change_made", "no_change_possible"
]

ChangeStatus = Literal["made", "planned", "cannot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A person has looked at the picture and the text. `worry`: does anything here worry you?
    `by_list`: nobody said so; the list of words holds the story until the coordinator has looked.
    """

    by: str
    at: dt.datetime
    worry: bool
    note: str = ""
    by_list: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderation:
    """The words that may be shown, by field, as the coordinator left them. `worry_settled` says
    what was done about a worry (the hold ends with it); empty when there was none or it stands.
    `stale`: an answer was changed or a worry was said since, so it has to be done again."""

    by: str
    at: dt.datetime
    display: dict[str, str]
    worry_settled: str = ""
    withdrawn: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the story led to; `due` for a planned one."""

    status: ChangeStatus
    text: str
    due: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer to a story. A response goes on the wall only when `approved_at` is set.
    `lapsed`: it was approved, and what was approved with it has been changed since."""

    text: str
    responder_name: str
    responder_role: str
    at: dt.datetime
    change: Change | None = None
    approved_by: str = ""
    approved_at: dt.datetime | None = None
    lapsed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story and all that became of it. Times are UTC; only the month is ever shown.

    `reading` is the machine's and never changes; `answers` are the reading with people's
    corrections laid over it (the newest of each field). A confirmation or an approval that is
    older than the newest correction is not there any more, nor an approval that is older than the
    words for the wall; the newest `worry` always is.
    `version` counts up with everything that is done with the story: what was seen at one version
    may be acted on only while it is still the newest. `file` and `page`: where the scan is found.
    `approvals`: how often a response was approved while the writer's consent stood; each time a
    poster may have been printed, and may hang on the wall since.
    """

    id: str
    received_at: dt.datetime
    reading: PageReading
    answers: dict[str, AnswerValue]
    image_sha256: str
    image_suffix: str
    confirmation: Confirmation | None = None
    moderation: Moderation | None = None
    response: Response | None = None
    worry: Confirmation | None = None
    version: int = 0
    file: str = ""
    page: int = 0
    approvals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody asked for a call. Kept apart from all stories, and deleted after the call.

    `answers` are the machine's reading with people's corrections laid over it.
    """

    id: str
    received_at: dt.datetime
    reading: PageReading
    answers: dict[str, AnswerValue]
    image_sha256: str
