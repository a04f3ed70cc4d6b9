"""Whether the printed outline of a box can be seen: where it cannot, something lies on the box."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.page import COARSE_PX_PER_MM, Grey
from scan_pipeline.reading.measures import at_share
from scan_pipeline.reading.strokes import Ink

SIDE_SEEN, SIDE_SHARE, NEAR_PX, CORNER_PX = 0.27, 0.3, 2, 3
LEG_MM, LEG_SHARE, LEG_NEAR_PX = 0.2, 0.65, 4
BESIDE_MM, BEYOND_MM, BEYOND_MM2 = 0.6, 6.0, 0.2
AROUND_PX, PAPER, DARK = 12, 90, 3


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
    left, right, top, bottom = _edges(box)
    around = coarse[max(0, top - AROUND_PX) : bottom + AROUND_PX,
                    max(0, left - AROUND_PX) : right + AROUND_PX]  # fmt: skip
    paper, dark = (float(np.percentile(around, share)) for share in (PAPER, DARK))
    wide = [
        at_share((paper - np.minimum(band, paper)).sum(axis=0), 1.0 - LEG_SHARE)
        / max(1.0, paper - dark)
        / COARSE_PX_PER_MM
        for band in _bands(coarse, box, LEG_NEAR_PX)
        if band.size
    ]
    if len(wide) < 4:
        return False
    usual = sorted(wide)[1]
    beside, beyond = (round(mm * COARSE_PX_PER_MM) for mm in (BESIDE_MM, BEYOND_MM))
    rows = slice(max(0, top - beyond), bottom + beyond)
    outer = (
        ink.label[rows, max(0, left - beside - beyond) : max(0, left - beside)],
        ink.label[rows, right + beside : right + beside + beyond],
    )
    least = BEYOND_MM2 * COARSE_PX_PER_MM**2
    return any(
        side - usual > LEG_MM and np.count_nonzero(own[there]) < least
        for side, there in zip(wide[2:], outer, strict=True)
    )


def _sides(coarse: Grey, box: Rect) -> tuple[float, ...]:
    """How dark (0 to 255) the four sides of a square are for most of their length."""
    return tuple(
        255.0 - at_share(band.min(axis=0), 1.0 - SIDE_SHARE) if band.size else 0.0
        for band in _bands(coarse, box, NEAR_PX)
    )


def _bands(coarse: Grey, box: Rect, near_px: int) -> list[Grey]:
    """What lies along the upper, lower, left and right side of a square, (across, along)."""
    left, right, top, bottom = _edges(box)
    along = slice(left + CORNER_PX, right - CORNER_PX), slice(top + CORNER_PX, bottom - CORNER_PX)
    near = [slice(max(0, at - near_px), at + near_px + 1) for at in (top, bottom, left, right)]
    bands = [coarse[rows, along[0]] for rows in near[:2]]
    return bands + [coarse[along[1], columns].T for columns in near[2:]]


def _edges(box: Rect) -> tuple[int, int, int, int]:
    """Its left, right, top and bottom, in pixels."""
    left, right, top, bottom = (
        round(v * COARSE_PX_PER_MM) for v in (box.x_mm, box.right_mm, box.y_mm, box.bottom_mm)
    )
    return left, right, top, bottom
