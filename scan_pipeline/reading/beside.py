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
from scan_pipeline.page import COARSE_PX_PER_MM, RegisteredPage
from scan_pipeline.reading import sentence, unprinted
from scan_pipeline.reading.measures import RING_MM, grown, inside, window_of, within
from scan_pipeline.reading.strokes import Ink

NOTICE = "Something is written beside the boxes or on their words: please look."
LEAST_MM2 = 1.5
BEFORE_MM, AFTER_MM, ABOVE_MM, BELOW_MM = 7.0, 9.0, 1.0, 2.0
BEFORE_ONE_MM, AFTER_ONE_MM, ABOVE_ONE_MM, BELOW_ONE_MM = 12.0, 7.0, 3.5, 7.0
AFTER_QUESTION_MM = 30.0
LABEL_MM = 6.0


def areas(page: PageLayout, field: FieldLayout) -> tuple[Rect, ...]:
    """Around each tick box of a field and its words, and after its question. What stands around a
    box that is alone is about that one."""
    asked = sentence.runs_of(page, field)
    if field.kind == "tick":
        sides = BEFORE_ONE_MM, AFTER_ONE_MM, ABOVE_ONE_MM, BELOW_ONE_MM
        return (_around((field.box, *asked), *sides),)
    printed = [run_box(text) for text in page.texts if text.text]
    sides = BEFORE_MM, AFTER_MM, ABOVE_MM, BELOW_MM
    return (
        *(_around((o.box, *_labels(o.box, printed)), *sides) for o in field.options),
        *(_around((run,), 0.0, AFTER_QUESTION_MM, 0.0, 0.0) for run in asked[-1:]),
    )


def _labels(box: Rect, printed: Iterable[Rect]) -> list[Rect]:
    """The words that begin just right of a box."""
    middle = box.centre_mm[1]
    return [
        run
        for run in printed
        if 0.0 < run.x_mm - box.right_mm < LABEL_MM and run.y_mm < middle < run.bottom_mm
    ]


def _around(
    parts: Sequence[Rect], before_mm: float, after_mm: float, above_mm: float, below_mm: float
) -> Rect:
    left, top = min(p.x_mm for p in parts) - before_mm, min(p.y_mm for p in parts) - above_mm
    right, bottom = max(p.right_mm for p in parts), max(p.bottom_mm for p in parts)
    return Rect(x_mm=left, y_mm=top, w_mm=right + after_mm - left, h_mm=bottom + below_mm - top)


def is_inked(
    page: RegisteredPage,
    field: FieldLayout,
    ink: Ink,
    stray: NDArray[np.bool_],
    boxes: Iterable[Rect],
) -> bool:
    """Whether there is more than a speck of ink around the boxes of a field and their words, of
    `stray` strokes (as of `measure`) that lie near none of `boxes` and in no other writing area.
    """
    around = areas(page.page, field)
    whole = window_of(_around(around, 0.0, 0.0, 0.0, 0.0))
    here = np.zeros(ink.label[whole].shape, dtype=bool)
    for area in around:
        here[within(window_of(area), whole)] = True
    others = [f.box for f in page.page.fields if f.kind in {"text", "comb"}]
    for other in (*others, *unprinted.not_the_form(page)):
        here[within(window_of(other), whole)] = False
    stray = stray & unprinted.is_dark(ink)
    homeless = stray[ink.label[whole]] & here & ~unprinted.is_print_moved(page.blank, ink, whole)
    for box in boxes:
        homeless[within(grown(inside(box), RING_MM), whole)] = False
    return float(homeless.sum()) >= LEAST_MM2 * COARSE_PX_PER_MM**2
