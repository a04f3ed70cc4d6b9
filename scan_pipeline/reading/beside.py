"""Ink beside tick boxes and on the words of their answers: a "no" before a ticked box, an answer
that is underlined, a tick that missed its box. It changes the answer, or is one: a person looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from leaflets.flow import run_box
from leaflets.geometry import Rect
from leaflets.layout import FieldLayout, PageLayout
from scan_pipeline.page import COARSE_PX_PER_MM
from scan_pipeline.reading import sentence
from scan_pipeline.reading.measures import RING_MM, grown, inside, window_of, within
from scan_pipeline.reading.strokes import Ink

LEAST_MM2 = 1.5
BEFORE_MM, BEFORE_ONE_MM, AFTER_MM, AFTER_ONE_MM = 7.0, 12.0, 9.0, 3.0
ABOVE_MM, BELOW_MM = 1.0, 2.0
LABEL_MM = 6.0


def areas(page: PageLayout, field: FieldLayout) -> tuple[Rect, ...]:
    """Around each tick box of a field and its words. What stands before a box that is alone is
    about that one."""
    if field.kind == "tick":
        runs = sentence.runs_of(page, field)
        return (_around([field.box, *runs], BEFORE_ONE_MM, AFTER_ONE_MM),)
    printed = [run_box(text) for text in page.texts if text.text]
    return tuple(
        _around([o.box, *_labels(o.box, printed)], BEFORE_MM, AFTER_MM) for o in field.options
    )


def _labels(box: Rect, printed: Iterable[Rect]) -> list[Rect]:
    """The words that begin just right of a box."""
    middle = box.centre_mm[1]
    return [
        run
        for run in printed
        if 0.0 < run.x_mm - box.right_mm < LABEL_MM and run.y_mm < middle < run.bottom_mm
    ]


def _around(parts: Sequence[Rect], before_mm: float, after_mm: float) -> Rect:
    left, top = min(p.x_mm for p in parts) - before_mm, min(p.y_mm for p in parts) - ABOVE_MM
    right, bottom = max(p.right_mm for p in parts), max(p.bottom_mm for p in parts)
    return Rect(x_mm=left, y_mm=top, w_mm=right + after_mm - left, h_mm=bottom + BELOW_MM - top)


def is_inked(
    ink: Ink, stray: NDArray[np.bool_], around: Sequence[Rect], boxes: Iterable[Rect]
) -> bool:
    """Whether there is more than a speck of ink in the areas `around`, of `stray` strokes (as of
    `measure`) that lie near none of `boxes`."""
    whole = window_of(_around(around, 0.0, 0.0))
    here = np.zeros_like(ink.label[whole], dtype=bool)
    for area in around:
        here[within(window_of(area), whole)] = True
    homeless = stray[ink.label[whole]] & here
    for box in boxes:
        homeless[within(grown(inside(box), RING_MM), whole)] = False
    return float(homeless.sum()) >= LEAST_MM2 * COARSE_PX_PER_MM**2
