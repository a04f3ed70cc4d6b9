"""What on a page is writing, and neither the form nor the code of the sheet, where the form has no
place to write."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.flow import run_box
from leaflets.geometry import Rect
from leaflets.layout import PageLayout
from leaflets.markers import FormCode, encode
from scan_pipeline.page import COARSE_PX_PER_MM, Grey, RegisteredPage
from scan_pipeline.reading.measures import Window, window_of
from scan_pipeline.reading.strokes import PRINT_BELOW, Ink, around_print, darker_than

AROUND_MM = 2.5
NEAR_PRINT_PX, CLOSE = 9, 0.97
RIM_MM = 4.0  # shadows of the scanner lid and torn edges are not writing
STROKE_MM2, LEAST_MM2, MANY_STROKES = 0.8, 1.5, 8
RIM_DARK = 46.0
ANY_BATCH = "0000"  # of a code that cannot be read: its words are about as long


def not_the_form(page: RegisteredPage) -> list[Rect]:
    """Where the code of this sheet is printed, and its words, which are not on the blank form; and
    the corner marks, which thumbs and tape cover."""
    words = encode(
        FormCode(
            template=page.layout.template,
            page=page.page.number,
            version=page.layout.version,
            batch=page.batch or ANY_BATCH,
        )
    )
    captions = [run_box(run, words) for run in page.page.code_captions]
    marks = [mark.box for mark in page.page.markers]
    return [box.grown(AROUND_MM) for box in (*page.page.code_boxes, *captions, *marks)]


def writing_areas(page: PageLayout) -> list[Rect]:
    """Where words or characters are meant to be written."""
    return [field.box for field in page.fields if field.kind in {"text", "comb"}]


def is_print_moved(blank: Grey, ink: Ink, part: Window) -> NDArray[np.bool_]:
    """Which strokes keep close to the print all along in a part of the page: crumpled paper moves
    the print by a millimetre, and a soft picture thickens it."""
    printed = darker_than(blank[part], PRINT_BELOW)
    near = cv2.dilate(printed, np.ones((NEAR_PRINT_PX, NEAR_PRINT_PX), np.uint8))
    return _is_close(ink.label[part].ravel(), np.asarray(near).ravel() > 0, len(ink.area))


def _is_close(of: NDArray[np.int32], near: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """`of`: the strokes of some pixels; `near`: which of those are near the print."""
    total = np.maximum(1, np.bincount(of, minlength=count))
    return np.asarray(np.bincount(of[near], minlength=count) >= CLOSE * total)


def is_written_beyond(
    blank: Grey, ink: Ink, places: Iterable[Rect], *, pale_too: bool = False
) -> bool:
    """Whether there is as much as a short word away from the print, the edges of the paper and
    these `places`. `blank`: the printed form, in the frame of `ink`; `pale_too`: tea may pass for a
    word, but no pencil for nothing."""
    count = len(ink.area)
    near = around_print(blank, PRINT_BELOW, NEAR_PRINT_PX).ravel()[ink.at] > 0
    open_ = np.ones(ink.label.shape, np.bool_)
    rim = round(RIM_MM * COARSE_PX_PER_MM)
    open_[:rim] = open_[-rim:] = False
    open_[:, :rim] = open_[:, -rim:] = False
    for place in places:
        open_[window_of(place)] = False
    beyond = open_.ravel()[ink.at] & ~_is_close(ink.of, near, count)[ink.of]
    areas = np.bincount(ink.of[beyond], minlength=count) / COARSE_PX_PER_MM**2
    strokes = areas >= STROKE_MM2
    dark = strokes & (is_dark(ink) | pale_too)
    return float(areas[dark].sum()) >= LEAST_MM2 or int(strokes.sum()) >= MANY_STROKES


def is_dark(ink: Ink) -> NDArray[np.bool_]:
    """Which strokes are darker than the rim that tea leaves; a pencil most often is. Paler ones
    are writing where they are many."""
    return np.asarray(ink.darkness >= RIM_DARK)
