"""Records of what a page says: readings by the machine, stories, responses. Records only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

QuadPx = tuple[tuple[float, float], ...]
"""Four corners in the original image, top left first, clockwise on the printed sheet."""

MarkState = Literal["empty", "ticked", "filled", "unsure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordReading:
    text: str
    confidence: float
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReading:
    """What a recogniser read on one line; `confidence` 0 to 1."""

    text: str
    confidence: float
    words: tuple[WordReading, ...] = ()
    quad_px: QuadPx = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextValue:
    text: str
    confidence: float
    review: bool
    lines: tuple[LineReading, ...]
    quad_px: QuadPx


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReading:
    """One tick box. `value` is the option's; `confidence` is that of `state`."""

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


FieldValue = TextValue | ChoiceValue


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReading:
    """Everything read from one side of one leaflet.

    `fingerprint`: a small picture of the ink alone, to know the same paper scanned twice.
    `notices`: plain sentences for the volunteer ("Writing outside the lines at the left edge").
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


PageStatus = Literal["read", "blank", "duplicate", "unplaced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOutcome:
    """The one state in which a page image ends. `image_sha256` names the kept original."""

    file: str
    page: int
    status: PageStatus
    image_sha256: str
    reason: str = ""
    reading: PageReading | None = None
    story_id: str | None = None
