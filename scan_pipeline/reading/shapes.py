"""The shapes of marks in tick boxes. Pictures are `Bits`; lengths are pixels of `Ink`."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.reading.pens import Bits

DOT_PX, DOT_HOLE, ENCLOSED_PX = 18, 0.1, 10
NARROW = 3
BROADEST_PX = 4.0
LINE_PX, GAP_PX, MIDDLE = 12, 7, 0.25
AIMED_PX, LEAST_SLANT, MOST_SLANT = 6.5, 0.37, 0.985
"""How near to the middle of its box a slash goes; the sine of its angle: 22 to 80 degrees."""

Points = NDArray[np.float64]
Line = tuple[Points, Points]
"""Where a line starts and ends, (x, y)."""


def is_straight_cross(mark: Bits, bow_px: float) -> bool:
    """Whether a mark is two lines from corner to corner that cross in the middle, straight but for
    `bow_px`. A tick is not, with or without a line through it."""
    if not mark.any():
        return False
    lines = _diagonals(mark)
    return _are_drawn(lines, mark, bow_px) and _cross_in_the_middle(*lines)


def is_slash(mark: Bits, bow_px: float) -> bool:
    """Whether a mark is one slanting line through the middle of the picture, straight but for
    `bow_px`: it neither slipped over a corner of its box nor is it a dash."""
    if not mark.any():
        return False
    line = max(_diagonals(mark), key=lambda ends: float(np.hypot(*(ends[1] - ends[0]))))
    start, end = line
    way = (end - start) / max(1.0, float(np.hypot(*(end - start))))
    middle = (np.array(mark.shape[::-1]) - 1) / 2
    aimed = abs(float(_across(middle - start, way))) <= AIMED_PX
    return aimed and LEAST_SLANT <= abs(way[1]) <= MOST_SLANT and _are_drawn((line,), mark, bow_px)


def _diagonals(mark: Bits) -> tuple[Line, Line]:
    """From the ink that is farthest to one corner to that farthest to the opposite, both ways."""
    at = _points(mark)
    down, up = at @ (1.0, 1.0), at @ (1.0, -1.0)
    one, other = ((at[np.argmin(way)], at[np.argmax(way)]) for way in (down, up))
    return one, other


def _points(mark: Bits) -> Points:
    """Where there is ink, (x, y) each."""
    return np.flip(np.argwhere(mark), axis=1).astype(np.float64)


def _are_drawn(lines: tuple[Line, ...], mark: Bits, bow_px: float) -> bool:
    """Whether all ink is of these lines, but for `bow_px`, and along all of each there is some; no
    pen is as broad as some blots."""
    half_px = float(np.median(_ridge(depths(mark))))
    if half_px > BROADEST_PX:
        return False
    ink, most = _points(mark), half_px + bow_px
    away = []
    for start, end in lines:
        long = float(np.hypot(*(end - start)))
        if long < LINE_PX:
            return False
        along = (ink - start) @ (end - start) / long
        beside = np.abs(_across(ink - start, (end - start) / long))
        reached = np.unique(np.rint(along[beside <= most]).astype(int))
        if np.diff(reached).max(initial=0) > GAP_PX:
            return False
        away.append(beside)
    return bool(np.min(away, axis=0).max() <= most)


def _ridge(depths: Points) -> Points:
    """Half the width of the strokes, all along their middle."""
    middle = (depths >= cv2.dilate(depths, np.ones((3, 3)))) & (depths > 0)
    return np.asarray(depths[middle])


def _cross_in_the_middle(one: Line, other: Line) -> bool:
    (a, b), (c, d) = one, other
    turn = float(_across(b - a, d - c))
    if turn == 0.0:
        return False
    shares = (float(_across(c - a, d - c)) / turn, float(_across(c - a, b - a)) / turn)
    return all(MIDDLE <= share <= 1 - MIDDLE for share in shares)


def _across(at: Points, by: Points) -> Points:
    """The cross product of vectors (…, 2)."""
    return np.asarray(at[..., 0] * by[..., 1] - at[..., 1] * by[..., 0])


def depths(mark: Bits) -> Points:
    """How deep in the ink each pixel is."""
    away = cv2.distanceTransform(_padded(mark), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(away[1:-1, 1:-1], np.float64)


def passes(mark: Bits) -> bool:
    """Whether a mark is nothing but a line that comes in on one side of the picture and goes out on
    the other, upright or level: the shadow of a fold, a streak of the scanner's glass."""
    ys, xs = np.nonzero(mark)
    if not len(ys):
        return False
    (rows, columns), (high, wide) = mark.shape, (int(np.ptp(v)) + 1 for v in (ys, xs))
    upright = high == rows and NARROW * wide <= high
    return upright or (wide == columns and NARROW * high <= wide)


def has_hole(mark: Bits) -> bool:
    """Whether a mark encloses more paper than a dot does that was drawn round and round."""
    ys, xs = np.nonzero(mark)
    if not len(ys):
        return False
    hole, height, width = _hole_px(_padded(mark)), int(np.ptp(ys)) + 1, int(np.ptp(xs)) + 1
    if max(height, width) <= DOT_PX and hole <= DOT_HOLE * height * width:
        return False
    return hole >= ENCLOSED_PX


def _hole_px(drawn: Bits) -> int:
    """How large the largest hole is; the paper around is none."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(1 - drawn, connectivity=4)
    return int(np.sort(stats[1:count, cv2.CC_STAT_AREA])[:-1].max(initial=0))


def _padded(mark: Bits) -> Bits:
    """A mark with a margin of a pixel; numpy's own way takes ten times as long."""
    return np.asarray(cv2.copyMakeBorder(mark, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0), np.uint8)
