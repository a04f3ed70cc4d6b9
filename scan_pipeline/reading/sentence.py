"""Whether somebody struck out or wrote across the sentence that is printed beside a tick box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.flow import run_box
from leaflets.geometry import Rect, hull
from leaflets.layout import FieldLayout, PageLayout
from scan_pipeline.page import COARSE_PX_PER_MM, Grey, RegisteredPage
from scan_pipeline.reading.measures import window_of, within
from scan_pipeline.reading.strokes import PRINT_BELOW, Ink, darker_than
from scan_pipeline.reading.structure import locate

ABOVE_MM, BELOW_MM, AFTER_MM = 1.2, 1.0, 2.0
TAIL_MM = 8.0
DARKEST, AS_PEN = 0.3, 0.6
SPECK_MM2, OVER_MM2 = 0.2, 0.4
PIECE_MM, PIECE_GROWN_MM, PIECE_FOUND = 9.0, 0.3, 0.5
MOVED_FROM_MM, MOVED_MM = 0.15, 1.2
RIM_PX = 5


def is_written_over(
    page: RegisteredPage, field: FieldLayout, ink: Ink, box: Rect, mine: NDArray[np.bool_]
) -> bool:
    """Whether there is ink as dark as the mark's own over and between the words of a tick `field`.

    Folds are not told from lines here: a line through a sentence is as straight. `mine`: the
    strokes of the mark in `box`, whose tail may run over the first words.
    """
    runs = runs_of(page.page, field)
    if not runs:
        return False
    beside = window_of(
        hull(runs).stretched(right_mm=AFTER_MM, above_mm=ABOVE_MM, below_mm=BELOW_MM)
    )
    pen_dark = float(ink.darkness[mine].max(initial=0.0)) / 255.0
    level = max(ink.threshold, min(DARKEST, AS_PEN * pen_dark))
    over = np.asarray(ink.unfolded[beside] > 255 * level, np.uint8)
    tail = within(window_of(box.grown(TAIL_MM)), beside)
    over[tail][mine[ink.label[beside][tail]]] = 0
    if _without_specks_mm2(over) < OVER_MM2:
        return False
    over[_as_it_lies(page, runs)[beside] > 0] = 0
    return _without_specks_mm2(over) >= OVER_MM2


def runs_of(page: PageLayout, field: FieldLayout) -> tuple[Rect, ...]:
    """Where the sentence beside a tick box is printed, line by line; none if it is not whole."""
    runs, rest = [], field.caption
    for text in page.texts:
        if text.text and rest.startswith(text.text):
            runs.append(run_box(text))
            rest = rest[len(text.text) :].lstrip()
    return () if rest else tuple(runs)


def _without_specks_mm2(over: Grey) -> float:
    # A pencil on a rough paper is in crumbs.
    _, pieces = cv2.connectedComponents(cv2.dilate(over, np.ones((3, 3), np.uint8)))
    sizes = np.bincount(pieces[over > 0])
    return float(sizes[sizes >= SPECK_MM2 * COARSE_PX_PER_MM**2].sum()) / COARSE_PX_PER_MM**2


def _as_it_lies(page: RegisteredPage, runs: Sequence[Rect]) -> Grey:
    """Where on this page the words of `runs` are (255), piece by piece: crumpled paper moves them
    by more than their strokes are wide."""
    lies = np.zeros_like(page.coarse)
    for piece in (piece for run in runs for piece in _pieces(run)):
        dx, dy, score = locate(page.coarse, page.blank, piece, MOVED_MM, COARSE_PX_PER_MM)
        if score < PIECE_FOUND or np.hypot(dx, dy) < MOVED_FROM_MM:
            continue
        rows, cols = window_of(piece)
        down, right = round(dy * COARSE_PX_PER_MM), round(dx * COARSE_PX_PER_MM)
        printed = darker_than(page.blank[rows, cols], PRINT_BELOW)
        there = lies[rows.start + down : rows.stop + down, cols.start + right : cols.stop + right]
        np.maximum(there, cv2.dilate(printed, np.ones((RIM_PX, RIM_PX), np.uint8)), out=there)
    return lies


def _pieces(run: Rect) -> list[Rect]:
    count = max(1, round(run.w_mm / PIECE_MM))
    wide = run.w_mm / count
    return [
        replace(run, x_mm=run.x_mm + k * wide, w_mm=wide).grown(PIECE_GROWN_MM)
        for k in range(count)
    ]
