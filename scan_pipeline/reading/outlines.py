"""The printed outline of a box: where it cannot be seen, something lies on the box; where a line is
drawn along it, it hides a part of the mark."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.page import COARSE_PX_PER_MM, Grey
from scan_pipeline.reading.measures import Window, at_share, grown, window_of
from scan_pipeline.reading.strokes import Ink

SIDE_SEEN, SIDE_SHARE, NEAR_PX, CORNER_PX = 0.27, 0.3, 2, 3
LEG_MM, LEG_SHARE, LEG_NEAR_PX = 0.16, 0.85, 4
AROUND_MM, PAPER_SHARE, PEN_SHARE, PALEST = 2.0, 0.9, 0.95, 20.0
OUTLINE_MM, BEYOND_MM, BEYOND_MM2 = 0.6, 6.0, 0.2


def whole(coarse: Grey, boxes: Mapping[str, Rect]) -> dict[str, bool]:
    """Whether all four sides of each printed square can be seen: where one cannot, a note or a
    folded edge lies on the box, and what it holds nobody knows. Ink hides no side, it is darker.
    """
    sides = {name: _sides(coarse, box) for name, box in boxes.items()}
    usual = float(np.median([max(dark) for dark in sides.values()])) if sides else 0.0
    return {name: min(dark) >= SIDE_SEEN * usual for name, dark in sides.items()}


def hides_a_leg(coarse: Grey, ink: Ink, box: Rect, own: NDArray[np.bool_]) -> bool:
    """Whether a line is drawn along the left or the right side of a printed square, with nothing of
    its mark beyond: of an "N" whose leg lies there only a "V" can be seen. `own`: the strokes of
    the mark (`measures.Measured`)."""
    window = window_of(box)
    around = grown(window, AROUND_MM)
    paper = at_share(coarse[around], PAPER_SHARE)
    pen = max(PALEST, at_share(ink.deep[around][own[ink.label[around]]], PEN_SHARE))
    wide_mm = [
        at_share((paper - np.minimum(band, paper)).sum(axis=0), 1.0 - LEG_SHARE)
        / (pen * COARSE_PX_PER_MM)
        for band in _bands(coarse, window, LEG_NEAR_PX)
    ]
    usual = sorted(wide_mm)[1]  # a copier may have lost one side
    least = BEYOND_MM2 * COARSE_PX_PER_MM**2
    return any(
        side - usual > LEG_MM and np.count_nonzero(own[ink.label[there]]) < least
        for side, there in zip(wide_mm[2:], _beyond(window), strict=True)
    )


def _beyond(window: Window) -> tuple[Window, Window]:
    """What lies left and right of a square, without its outline."""
    near, far = grown(window, OUTLINE_MM)[1], grown(window, BEYOND_MM)
    rows, columns = far
    return (rows, slice(columns.start, near.start)), (rows, slice(near.stop, columns.stop))


def _sides(coarse: Grey, box: Rect) -> tuple[float, ...]:
    """How dark (0 to 255) the four sides of a square are for most of their length."""
    return tuple(
        255.0 - at_share(band.min(axis=0), 1.0 - SIDE_SHARE) if band.size else 0.0
        for band in _bands(coarse, window_of(box), NEAR_PX)
    )


def _bands(coarse: Grey, window: Window, near_px: int) -> list[Grey]:
    """What lies along the upper, lower, left and right side of a square, (across, along)."""
    rows, columns = window
    along = [slice(side.start + CORNER_PX, side.stop - CORNER_PX) for side in (columns, rows)]
    near = [
        slice(max(0, at - near_px), at + near_px + 1)
        for at in (rows.start, rows.stop, columns.start, columns.stop)
    ]
    bands = [coarse[across, along[0]] for across in near[:2]]
    return bands + [coarse[along[1], across].T for across in near[2:]]
