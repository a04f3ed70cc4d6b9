"""Ink beside tick boxes and on the words of their answers: a "no" before a ticked box, an answer
that is underlined, a tick that missed its box. It changes the answer, or is one: a person looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from leaflets.flow import run_box
from leaflets.geometry import Rect, hull
from leaflets.layout import FieldLayout, PageLayout
from scan_pipeline.page import COARSE_PX_PER_MM, RegisteredPage
from scan_pipeline.reading import sentence, unprinted
from scan_pipeline.reading.measures import RING_MM, grown, inside, window_of, within
from scan_pipeline.reading.strokes import Ink

NOTICE = "Something is written beside the boxes or on their words: please look."
LEAST_PX = round(1.5 * COARSE_PX_PER_MM**2)
BEFORE_MM, AFTER_MM, ABOVE_MM, BELOW_MM = 7.0, 9.0, 1.0, 2.0
BEFORE_ONE_MM, AFTER_ONE_MM, ABOVE_ONE_MM, BELOW_ONE_MM = 12.0, 7.0, 3.5, 7.0
AFTER_QUESTION_MM = 30.0
LABEL_MM = 6.0


def _areas(page: PageLayout, field: FieldLayout, printed: Iterable[Rect]) -> tuple[Rect, ...]:
    """Around each tick box of a field and its words, and after its question. What stands around a
    box that is alone is about that one. `printed`: all lines of words of the page."""
    asked = sentence.runs_of(page, field)
    if field.kind == "tick":
        return (
            hull((field.box, *asked)).stretched(
                left_mm=BEFORE_ONE_MM,
                right_mm=AFTER_ONE_MM,
                above_mm=ABOVE_ONE_MM,
                below_mm=BELOW_ONE_MM,
            ),
        )
    return (
        *(
            hull((o.box, *words_of(o.box, printed))).stretched(
                left_mm=BEFORE_MM, right_mm=AFTER_MM, above_mm=ABOVE_MM, below_mm=BELOW_MM
            )
            for o in field.options
        ),
        *(run.stretched(right_mm=AFTER_QUESTION_MM) for run in asked[-1:]),
    )


def words_of(box: Rect, printed: Iterable[Rect]) -> list[Rect]:
    """The words that begin just right of a tick box. `printed`: all lines of words of the page."""
    middle = box.centre_mm[1]
    return [
        run
        for run in printed
        if 0.0 < run.x_mm - box.right_mm < LABEL_MM and run.y_mm < middle < run.bottom_mm
    ]


def inked(
    page: RegisteredPage,
    fields: Iterable[tuple[FieldLayout, NDArray[np.bool_]]],
    ink: Ink,
    loose: NDArray[np.bool_],
    boxes: Iterable[Rect],
) -> set[str]:
    """The fields around whose boxes and their words there is more than a speck of ink, of `loose`
    strokes (as of `measure`) that lie near none of `boxes` and in no other writing area. `fields`:
    each with the strokes that count there."""
    homeless = np.zeros(ink.label.shape, np.bool_)
    homeless.ravel()[ink.at] = (loose & unprinted.is_dark(ink))[ink.of]
    for box in boxes:
        homeless[grown(inside(box), RING_MM)] = False
    for other in (*unprinted.writing_areas(page.page), *unprinted.not_the_form(page)):
        homeless[window_of(other)] = False
    if int(np.count_nonzero(homeless)) < LEAST_PX:
        return set()
    printed = [run_box(text) for text in page.page.texts if text.text]
    return {
        field.name
        for field, counted in fields
        if _is_inked(page, ink, homeless, counted, _areas(page.page, field, printed))
    }


def _is_inked(
    page: RegisteredPage,
    ink: Ink,
    homeless: NDArray[np.bool_],
    counted: NDArray[np.bool_],
    around: Sequence[Rect],
) -> bool:
    whole = window_of(hull(around))
    here = np.zeros(ink.label[whole].shape, np.bool_)
    for area in around:
        here[within(window_of(area), whole)] = True
    here &= homeless[whole]
    if int(np.count_nonzero(here)) < LEAST_PX:
        return False
    counted = counted & ~unprinted.is_print_moved(page.blank, ink, whole)
    here &= counted[ink.label[whole]]
    return int(np.count_nonzero(here)) >= LEAST_PX
