"""What stands between the heading and the foot of a poster, row by row: the writer's words, the
response, the change. Rows know their height; where they stand is decided later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from leaflets.content import PosterContent, PublicText
from leaflets.fonts import text_width_mm
from leaflets.geometry import Rect, pt_to_mm
from leaflets.typeset import balanced, paragraphs, printable, wrap

Part = Literal["story", "response"]
Ink = Literal["black", "deep", "warm"]

FLOOR_PT = 18.0  # nothing on a poster is smaller
LEADING = 1.24
ASCENT = 0.95  # first baseline below the top of a row, in parts of the size
QUOTE_MM = 13.0  # column of the opening quotation mark
QUOTE_PT = 72.0
PILL_PAD_MM = 3.2
BADGES: dict[str, str] = {
    "new": "New",
    "answered": "Answered",
    "change_planned": "Change planned",
    "change_made": "Change made",
    "cannot": "We can’t, because…",
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Type sizes in points of the writer's words, and of everything in the response."""

    story_pt: float
    response_pt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One line of text; `y_mm` is the baseline."""

    text: str
    x_mm: float
    y_mm: float
    size_pt: float
    bold: bool = False
    ink: Ink = "black"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`bubble` is a frame that points up at the story; `badge` has the sign for `name`."""

    kind: Literal["rule", "frame", "bubble", "pill", "badge"]
    box: Rect
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`gap_mm` before it is dropped at the top of a sheet; `keep`: the next row must follow on the
    same sheet. Coordinates across are of the sheet, down from the top of the row."""

    part: Part
    height_mm: float
    runs: tuple[Run, ...] = ()
    shapes: tuple[Shape, ...] = ()
    gap_mm: float = 0.0
    keep: bool = False


def shifted(box: Rect, dy_mm: float) -> Rect:
    return replace(box, y_mm=box.y_mm + dy_mm)


def line_mm(size_pt: float) -> float:
    """Height of a line of running text."""
    return pt_to_mm(size_pt * LEADING)


def text_rows(
    part: Part,
    text: str,
    size_pt: float,
    x_mm: float,
    width_mm: float,
    *,
    label: str = "",
    gap_mm: float = 0.0,
    keep_lines: bool = False,
) -> list[Row]:
    """Running text, a row a line; `label` stands in bold before the first word. Never one line
    of a paragraph alone at the head or foot of a sheet."""
    rows: list[Row] = []
    indent = text_width_mm(label + " ", size_pt, True) if label else 0.0
    for paragraph in paragraphs(printable(text), keep_lines=keep_lines):
        lines = wrap(paragraph, size_pt, width_mm, indent_mm=indent)
        for i, line in enumerate(lines):
            y = pt_to_mm(size_pt * ASCENT)
            runs = [Run(text=line, x_mm=x_mm + (0 if i else indent), y_mm=y, size_pt=size_pt)]
            if label and not i:
                runs.insert(0, Run(text=label, x_mm=x_mm, y_mm=y, size_pt=size_pt, bold=True))
            rows.append(
                Row(
                    part=part,
                    height_mm=line_mm(size_pt),
                    runs=tuple(run for run in runs if run.text),
                    gap_mm=0.0 if i else (pt_to_mm(size_pt * 0.5) if rows else gap_mm),
                    keep=len(lines) > 1 and i in {0, len(lines) - 2},
                )
            )
        label, indent = "", 0.0
    return rows


def story_rows(content: PosterContent, sizes: Sizes, x_mm: float, width_mm: float) -> list[Row]:
    """The writer's words, the first line beside an opening quotation mark."""
    x, width = x_mm + QUOTE_MM, width_mm - QUOTE_MM
    rows: list[Row] = []
    if content.story is not None:
        rows += text_rows("story", content.story.text, sizes.story_pt, x, width)
    # The question and the answer look as on the leaflet: the label is ours, the rest is theirs.
    size = sizes.response_pt if rows else sizes.story_pt
    for label, said in (
        ("What was good?", content.good),
        ("What could be better?", content.improve),
    ):
        if said is not None:
            gap = pt_to_mm(size * 0.5)
            rows += text_rows("story", said.text, size, x, width, label=label, gap_mm=gap)
    if rows:
        mark = Run(
            text="“",
            x_mm=x_mm - 1.0,
            y_mm=pt_to_mm(sizes.story_pt * ASCENT) + pt_to_mm(QUOTE_PT * 0.40),
            size_pt=QUOTE_PT,
            bold=True,
            ink="warm",
        )
        rows[0] = replace(rows[0], runs=(mark, *rows[0].runs))
    return rows + _feeling_rows(content.feelings, sizes.response_pt, x, width)


def _feeling_rows(
    feelings: Sequence[PublicText], size_pt: float, x_mm: float, width_mm: float
) -> list[Row]:
    """Words in rounded outlines, as many to a row as there is room for."""
    rows: list[Row] = []
    height, label = pt_to_mm(size_pt * 1.5), "How it felt:"
    base = pt_to_mm(size_pt * 1.05)
    runs = [Run(text=label, x_mm=x_mm, y_mm=base, size_pt=size_pt, bold=True)]
    shapes: list[Shape] = []
    x = x_mm + text_width_mm(label + "  ", size_pt, True)
    said = [" ".join(printable(word.text).split()) for word in feelings]
    room = width_mm - 2 * PILL_PAD_MM
    short = [word for word in said if word and text_width_mm(word, size_pt) <= room]
    for word in short:
        w = text_width_mm(word, size_pt) + 2 * PILL_PAD_MM
        if x + w > x_mm + width_mm and x > x_mm:
            rows.append(_pill_row(runs, shapes, height, size_pt, first=not rows))
            runs, shapes, x = [], [], x_mm
        runs.append(Run(text=word, x_mm=x + PILL_PAD_MM, y_mm=base, size_pt=size_pt))
        shapes.append(Shape(kind="pill", box=Rect(x_mm=x, y_mm=0.0, w_mm=w, h_mm=height)))
        x += w + 3.0
    if short:
        rows.append(_pill_row(runs, shapes, height, size_pt, first=not rows))
    for words in said:
        if words and words not in short:
            own = "" if rows else label
            rows += text_rows("story", words, size_pt, x_mm, width_mm, label=own, gap_mm=2.0)
    return rows


def _pill_row(
    runs: Sequence[Run], shapes: Sequence[Shape], height_mm: float, size_pt: float, *, first: bool
) -> Row:
    return Row(
        part="story",
        height_mm=height_mm,
        runs=tuple(runs),
        shapes=tuple(shapes),
        gap_mm=pt_to_mm(size_pt * 0.6) if first else 2.0,
    )


def response_rows(content: PosterContent, sizes: Sizes, x_mm: float, width_mm: float) -> list[Row]:
    """Who answers, their words, and the change with its sign; nothing when nobody answered."""
    size = sizes.response_pt
    rows: list[Row] = []
    if content.response is not None:
        rows += _signature_rows(content, size, x_mm, width_mm)
        rows += text_rows(
            "response",
            content.response.text,
            size,
            x_mm,
            width_mm,
            gap_mm=pt_to_mm(size * 0.3),
            keep_lines=True,
        )
    if content.change is not None:
        rows += _change_rows(content, content.change, size, x_mm, width_mm)
    return rows


def _signature_rows(
    content: PosterContent, size_pt: float, x_mm: float, width_mm: float
) -> list[Row]:
    who = ", ".join(
        said.text for said in (content.responder_name, content.responder_role) if said is not None
    )
    head = f"Response from {who}" if who else "Response"
    where = ", ".join(part for part in (content.organisation, content.response_month) if part)
    rows = _heading_rows(head, size_pt + 1, x_mm, width_mm, gap_mm=0.0)
    small = max(FLOOR_PT, size_pt - 4)
    base = pt_to_mm(small * ASCENT)
    rows += [
        Row(
            part="response",
            height_mm=line_mm(small),
            runs=(Run(text=line, x_mm=x_mm, y_mm=base, size_pt=small),),
            keep=True,
        )
        for line in wrap(printable(where), small, width_mm)
        if line
    ]
    return rows


def _change_rows(
    content: PosterContent, change: PublicText, size_pt: float, x_mm: float, width_mm: float
) -> list[Row]:
    """A sign and its words, then the explanation."""
    head = BADGES[content.badge]
    if content.due_month:
        head += f", by {content.due_month}"
    sign = pt_to_mm(size_pt * 1.05)
    indent = sign + 3.5
    rows = _heading_rows(head, size_pt + 1, x_mm + indent, width_mm - indent, gap_mm=3.5)
    badge = Shape(
        kind="badge", box=Rect(x_mm=x_mm, y_mm=0.2, w_mm=sign, h_mm=sign), name=content.badge
    )
    rows[0] = replace(rows[0], shapes=(badge,))
    body = text_rows(
        "response", change.text, size_pt, x_mm + indent, width_mm - indent, keep_lines=True
    )
    return rows + body


def _heading_rows(
    text: str, size_pt: float, x_mm: float, width_mm: float, *, gap_mm: float
) -> list[Row]:
    return [
        Row(
            part="response",
            height_mm=line_mm(size_pt),
            runs=(
                Run(
                    text=line,
                    x_mm=x_mm,
                    y_mm=pt_to_mm(size_pt * ASCENT),
                    size_pt=size_pt,
                    bold=True,
                    ink="deep",
                ),
            ),
            gap_mm=0.0 if i else gap_mm,
            keep=True,
        )
        for i, line in enumerate(balanced(printable(text), size_pt, width_mm, bold=True))
    ]
