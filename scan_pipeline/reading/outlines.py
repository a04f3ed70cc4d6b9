"""Whether the printed outline of a box can be seen: where it cannot, something lies on the box."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from leaflets.geometry import Rect
from scan_pipeline.page import COARSE_PX_PER_MM, Grey
from scan_pipeline.reading.measures import at_share

SIDE_SEEN, SIDE_SHARE, NEAR_PX, CORNER_PX = 0.27, 0.3, 2, 3


def whole(coarse: Grey, boxes: Mapping[str, Rect]) -> dict[str, bool]:
    """Whether all four sides of each printed square can be seen: where one cannot, a note or a
    folded edge lies on the box, and what it holds nobody knows. Ink hides no side, it is darker.
    """
    sides = {name: _sides(coarse, box) for name, box in boxes.items()}
    usual = float(np.median([max(dark) for dark in sides.values()])) if sides else 0.0
    return {name: min(dark) >= SIDE_SEEN * usual for name, dark in sides.items()}


def _sides(coarse: Grey, box: Rect) -> tuple[float, ...]:
    """How dark (0 to 255) the four sides of a square are for most of their length."""
    scale = COARSE_PX_PER_MM
    left, right, top, bottom = (
        round(v * scale) for v in (box.x_mm, box.right_mm, box.y_mm, box.bottom_mm)
    )
    along = slice(left + CORNER_PX, right - CORNER_PX), slice(top + CORNER_PX, bottom - CORNER_PX)
    near = [slice(max(0, at - NEAR_PX), at + NEAR_PX + 1) for at in (top, bottom, left, right)]
    bands = [coarse[rows, along[0]] for rows in near[:2]]
    bands += [coarse[along[1], columns].T for columns in near[2:]]
    return tuple(
        255.0 - at_share(band.min(axis=0), 1.0 - SIDE_SHARE) if band.size else 0.0 for band in bands
    )
