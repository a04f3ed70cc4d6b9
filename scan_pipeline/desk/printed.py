"""How far the printed words beside tick boxes reach, so that their picture ends with a sentence."""

from __future__ import annotations

from leaflets.fonts import text_width_mm
from leaflets.geometry import Rect
from leaflets.layout import FieldLayout, PageLayout, TextRun

BESIDE_MM = 6.0
NEXT_LINE_MM = 6.0
AROUND_MM = 2.0

Reach = tuple[float, float, float, float]
"""Top, left, bottom, right: beyond a field, as multiples of its width."""


def reach(page: PageLayout, field: FieldLayout) -> Reach:
    """How far the words beside the boxes of `field`, with a little air, reach beyond it."""
    boxes = [option.box for option in field.options] or [field.box]
    areas = [field.box] + [_area(run) for box in boxes for run in _label(page, box)]
    top = field.box.y_mm - min(area.y_mm for area in areas) + AROUND_MM
    bottom = max(area.bottom_mm for area in areas) - field.box.bottom_mm + AROUND_MM
    right = max(area.right_mm for area in areas) - field.box.right_mm + AROUND_MM
    width = field.box.w_mm
    return top / width, AROUND_MM / width, bottom / width, right / width


def _label(page: PageLayout, box: Rect) -> list[TextRun]:
    """The lines of words right of a box, from its own height downwards without a gap."""
    lines: list[TextRun] = []
    for run in sorted(page.texts, key=lambda run: run.y_mm):
        if not 0.0 < run.x_mm - box.right_mm < BESIDE_MM:
            continue
        begins = not lines and box.y_mm <= run.y_mm <= box.bottom_mm + 1.0
        follows = (
            lines
            and abs(run.x_mm - lines[0].x_mm) < 0.1
            and run.y_mm - lines[-1].y_mm < NEXT_LINE_MM
            and not _has_a_box(page, run)
        )
        if begins or follows:
            lines.append(run)
    return lines


def _has_a_box(page: PageLayout, run: TextRun) -> bool:
    """Whether the words belong to a tick box of their own."""
    boxes = [o.box for f in page.fields for o in f.options]
    boxes += [f.box for f in page.fields if f.kind == "tick"]
    return any(
        0.0 < run.x_mm - box.right_mm < BESIDE_MM and box.y_mm <= run.y_mm <= box.bottom_mm + 1.0
        for box in boxes
    )


def _area(run: TextRun) -> Rect:
    height = run.size_pt * 0.3528
    return Rect(
        x_mm=run.x_mm,
        y_mm=run.y_mm - 0.8 * height,
        w_mm=text_width_mm(run.text, run.size_pt, run.bold),
        h_mm=height,
    )
