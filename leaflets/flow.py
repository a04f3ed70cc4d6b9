"""Set words: wrap, measure, place. Pure, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

from leaflets.fonts import text_width_mm
from leaflets.geometry import Rect, pt_to_mm
from leaflets.layout import FieldLayout, Stroke, TextRun

BODY_PT = 12.0
ASCENT, DESCENT, LEADING = 0.74, 0.24, 1.2
"""Of the printed face, in ems: above and below the baseline, and from line to line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What one item prints, and the y in millimetres at which it ends."""

    bottom_mm: float
    texts: tuple[TextRun, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    fields: tuple[FieldLayout, ...] = ()
    code_boxes: tuple[Rect, ...] = ()
    code_captions: tuple[TextRun, ...] = ()
    logo_box: Rect | None = None


def wrapped(text: str, size_pt: float, width_mm: float, *, bold: bool = False) -> tuple[str, ...]:
    """Break at spaces, and at line feeds; a single word that is too wide stays whole."""
    width = partial(text_width_mm, size_pt=size_pt, bold=bold)
    out: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and width(longer) > width_mm:
                out.append(line)
                line = word
            else:
                line = longer
        out.append(line)
    return tuple(out)


def block(
    text: str, area: Rect, size_pt: float, *, bold: bool = False, centre: bool = False
) -> tuple[tuple[TextRun, ...], float]:
    """Wrapped lines from the top of `area`, and the y where they end."""
    size_mm = pt_to_mm(size_pt)
    lines = wrapped(text, size_pt, area.w_mm, bold=bold)
    x_mm = area.centre_mm[0] if centre else area.x_mm
    runs = tuple(
        TextRun(
            text=line,
            x_mm=x_mm,
            y_mm=area.y_mm + size_mm * (ASCENT + i * LEADING),
            size_pt=size_pt,
            bold=bold,
            align="centre" if centre else "left",
        )
        for i, line in enumerate(lines)
    )
    return runs, runs[-1].y_mm + size_mm * DESCENT


@lru_cache(maxsize=4096)
def run_box(run: TextRun, text: str | None = None) -> Rect:
    """The space that a line of text takes; `text` stands in for words known only at the printer."""
    size_mm = pt_to_mm(run.size_pt)
    width = text_width_mm(run.text if text is None else text, run.size_pt, run.bold)
    back = {"left": 0.0, "centre": width / 2, "right": width}[run.align]
    return Rect(
        x_mm=run.x_mm - back,
        y_mm=run.y_mm - ASCENT * size_mm,
        w_mm=width,
        h_mm=(ASCENT + DESCENT) * size_mm,
    )


def from_left(area: Rect, by_mm: float) -> Rect:
    """`area` without its first `by_mm` millimetres."""
    return Rect(x_mm=area.x_mm + by_mm, y_mm=area.y_mm, w_mm=area.w_mm - by_mm, h_mm=area.h_mm)
