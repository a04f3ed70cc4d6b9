"""A line of writing cut out: its own ink on white, straight, and no wider or higher than the ink.

The recogniser wants crops tight to the ink: ten per cent of white above and below a line raises
its character errors by half. So does a line that climbs, for its letters come out smaller.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import PX_PER_MM, Grey

FINER = 2
NEAR_PX = 5
PALE = 235
LEAST_INK_MM2 = 0.8
LEAST_WIDTH_MM, LEAST_HEIGHT_MM = 1.2, 1.1
STRAIGHT_MM = 0.7
BENT_FROM_MM = 60.0


QuadMm = tuple[tuple[float, float], ...]
"""Four corners on the printed page, top left first, clockwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InkLine:
    """One line of writing: `grey` (height, width), 0 ink, 255 paper, cropped tight and straight.

    `quad_mm`: its corners on the printed page, top left first, clockwise. `doubtful`: from where to
    where, as shares of its width, words may be struck out, or others put in above them; they are
    read all the same.
    """

    grey: Grey
    quad_mm: QuadMm
    doubtful: tuple[tuple[float, float], ...] = ()


def cut_out(
    bare: Grey, mine: NDArray[np.bool_], origin: tuple[int, int], middle: NDArray[np.float64]
) -> InkLine | None:
    """The line whose ink is `mine`, at half the resolution of `bare` and with its left and top
    corner at `origin` there; `middle` (columns,) says where it runs. None if next to nothing."""
    ink_px_per_mm = PX_PER_MM // FINER
    if int(mine.sum()) < LEAST_INK_MM2 * ink_px_per_mm**2:
        return None
    columns = np.flatnonzero(mine.any(axis=0))
    lines = np.flatnonzero(mine.any(axis=1))
    left, right = int(columns[0]), int(columns[-1]) + 1
    top, bottom = int(lines[0]), int(lines[-1]) + 1
    if min((right - left) / LEAST_WIDTH_MM, (bottom - top) / LEAST_HEIGHT_MM) < ink_px_per_mm:
        return None
    drift = _drift(columns, middle, left, right)
    near = _finer(mine[top:bottom, left:right])
    rim = NEAR_PX // 2
    x0, y0 = (origin[0] + left) * FINER - rim, (origin[1] + top) * FINER - rim
    patch = _window(bare, x0, y0, near.shape)
    alone = np.asarray(cv2.bitwise_or(patch, cv2.bitwise_not(near)), np.uint8)
    full = np.interp(np.arange(near.shape[1]), _centres(len(drift), rim), drift * FINER)
    shifts = np.rint(full - full.min()).astype(np.int64)
    alone = _levelled(alone, shifts)
    inked = np.flatnonzero(alone.min(axis=1) < PALE)
    start, end = max(0, int(inked[0]) - 1), int(inked[-1]) + 2
    grey = alone[start:end].copy()
    lowest = int(shifts.max())
    tops = y0 + start - lowest + shifts[[0, -1]]
    return InkLine(
        grey=grey,
        quad_mm=tuple(
            (float(x) / PX_PER_MM, float(y) / PX_PER_MM)
            for x, y in (
                (x0, tops[0]),
                (x0 + grey.shape[1], tops[1]),
                (x0 + grey.shape[1], tops[1] + len(grey)),
                (x0, tops[0] + len(grey)),
            )
        ),
    )


def corners_mm(box: NDArray[np.integer]) -> QuadMm:
    """The corners of a box (left, top, width, height) on the ink grid."""
    left, top, width, height = (float(v) * FINER / PX_PER_MM for v in box)
    right, bottom = left + width, top + height
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _drift(
    columns: NDArray[np.int64], middle: NDArray[np.float64], left: int, right: int
) -> NDArray[np.float64]:
    """How far the line lies below its start, column by column; nothing where it is straight."""
    width_mm = (right - left) * FINER / PX_PER_MM
    bends = 2 if width_mm >= BENT_FROM_MM else 1
    xs = np.arange(left, right)
    curve = np.polyval(np.polyfit(columns, middle[columns], bends), xs)
    if len(columns) < 4 or float(np.ptp(curve)) < STRAIGHT_MM * PX_PER_MM / FINER:
        return np.zeros(len(xs))
    return np.asarray(curve - curve[0])


def _centres(count: int, rim: int) -> NDArray[np.float64]:
    return np.asarray((np.arange(count) + 0.5) * FINER - 0.5 + rim)


def _finer(mine: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The ink and a rim around it, 255 at the resolution of the page."""
    rim = NEAR_PX // 2
    height, width = mine.shape
    full = np.zeros((height * FINER + 2 * rim, width * FINER + 2 * rim), np.uint8)
    size = (width * FINER, height * FINER)
    larger = cv2.resize(mine.astype(np.uint8) * 255, size, interpolation=cv2.INTER_NEAREST)
    full[rim : rim + size[1], rim : rim + size[0]] = larger
    return np.asarray(cv2.dilate(full, np.ones((NEAR_PX, NEAR_PX), np.uint8)), np.uint8)


def _window(page: Grey, x0: int, y0: int, shape: tuple[int, ...]) -> Grey:
    """A part of the page; white beyond its edges."""
    out = np.full(shape, 255, np.uint8)
    top, left = max(0, y0), max(0, x0)
    part = page[top : y0 + shape[0], left : x0 + shape[1]]
    out[top - y0 : top - y0 + part.shape[0], left - x0 : left - x0 + part.shape[1]] = part
    return out


def _levelled(picture: Grey, shifts: NDArray[np.int64]) -> Grey:
    """Each column moved up by its shift; the picture grows by the largest shift at its top."""
    most = int(shifts.max())
    if not most:
        return picture
    height, width = picture.shape
    out = np.full((height + most, width), 255, np.uint8)
    ends = [*(np.flatnonzero(np.diff(shifts)) + 1).tolist(), width]
    start = 0
    for end in ends:
        top = most - int(shifts[start])
        out[top : top + height, start:end] = picture[:, start:end]
        start = end
    return out
