"""The strokes of one mark as a picture by themselves, as thin as the pen that drew them.

Lengths are pixels of `Ink` unless a name says millimetres.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.reading.measures import INSET_MM, Window, grown, inside, within
from scan_pipeline.reading.strokes import Ink

AROUND_MM = 1.5
OUTLINE_PX, SIDE_PX = 9, 2
SPECK_PX = 3

Bits = NDArray[np.uint8]
"""1 where there is ink."""


def pens(
    ink: Ink,
    box: Rect,
    mine: NDArray[np.bool_],
    shares: Iterable[float],
) -> Iterator[Bits]:
    """The strokes of one mark, as thin as the pen, in and around its box, across the printed
    outline, for each of `shares`: what is at least that share as dark as the darkest is of the
    stroke: of a thin pen on a copy a little more, of a broad one a little less.
    """
    inner = inside(box)
    around = grown(inner, INSET_MM + AROUND_MM)
    own = mine[ink.label[around]]
    depth = ink.deep[around]
    darkest = float(np.percentile(depth[own], 95)) if own.any() else 0.0
    at = within(inner, around)
    for share in shares:
        yield _joined((own & (depth >= share * darkest)).astype(np.uint8), at)


def _joined(ink: Bits, at: Window) -> Bits:
    """The strokes with every piece outside the box joined to all that it may continue inside: the
    outline between them hides some of the ink."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    is_inner = np.zeros(count, np.bool_)
    is_inner[pieces[at]] = True
    is_outer = ~is_inner & (stats[:, cv2.CC_STAT_AREA] >= SPECK_PX)
    is_inner[0] = is_outer[0] = False
    inner = is_inner[pieces]
    whole = ink.copy()
    for k in np.flatnonzero(is_outer):
        near = _within_reach(stats[k])
        piece = pieces[near] == k
        away = cv2.distanceTransform((~piece).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        ends, end = cv2.connectedComponents((inner[near] & (away <= OUTLINE_PX)).astype(np.uint8))
        for there in (end == e for e in range(1, ends)):
            closest = there & (away <= away[there].min() + SIDE_PX)
            lines = _shortest(np.argwhere(piece), np.argwhere(closest))
            cv2.polylines(whole[near], lines, isClosed=False, color=1)
    return whole


def _within_reach(stats: NDArray[np.int32]) -> Window:
    """Where the ink may lie that a piece outside the box continues."""
    left, top, wide, high = stats[: cv2.CC_STAT_AREA].tolist()
    return (
        slice(max(0, top - OUTLINE_PX), top + high + OUTLINE_PX),
        slice(max(0, left - OUTLINE_PX), left + wide + OUTLINE_PX),
    )


def _shortest(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> list[NDArray[np.int32]]:
    """The shortest of all lines from pixel to pixel (row, column), and those that are at most
    `SIDE_PX` longer, as two points (x, y) each."""
    # Squares of small whole numbers take a tenth of the time of distances.
    one, other = (np.flip(at, axis=1).astype(np.int32) for at in (starts, ends))
    right, down = (a[:, None] - b for a, b in zip(one.T, other.T, strict=True))
    squared = right**2 + down**2
    start, end = np.nonzero(squared <= int((math.sqrt(squared.min()) + SIDE_PX) ** 2))
    return list(np.stack([one[start], other[end]], axis=1))
