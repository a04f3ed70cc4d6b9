"""The middle line of ink, and the pieces of it that run from one end or branch to another."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
"""Shape (height, width), 1 is ink."""
Floats = NDArray[np.float64]

_AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
"""(row, column) of the neighbours, clockwise from above: those next to each other touch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Part of a middle line: `points` (n, 2), x and y in px, in order. `free`: whether the ink
    ends at its first and at its last point; otherwise it branches there, or was parted."""

    points: Floats
    free: tuple[bool, bool]


def pieces(mask: Mask, pen_px: float) -> list[Piece]:
    """The middle lines of the ink, parted where they branch, by a pen about `pen_px` wide."""
    line = _pruned(_thinned(mask), pen_px)
    ends = (_changes(line) == 1) & (line > 0)
    parted = line.copy()
    # The middle line bends towards a branch before it is there: a pen's width of it is no use.
    for row, column in np.argwhere((_changes(line) >= 3) & (line > 0)):
        cv2.circle(parted, (int(column), int(row)), round(pen_px), 0, -1)
    found = []
    for rows, columns in _components(parted):
        walked = _walked(set(zip(rows.tolist(), columns.tolist(), strict=True)))
        if len(walked) >= 2:
            free = (bool(ends[walked[0]]), bool(ends[walked[-1]]))
            found.append(Piece(points=np.array(walked, np.float64)[:, ::-1], free=free))
    return found


def _codes() -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """For every set of neighbours, as a number of eight bits: how often going round them steps
    from paper to ink, shape (256,); whether the pixel goes in either pass of Zhang and Suen's
    thinning, shape (2, 256)."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    changes = ((bits == 0) & (np.roll(bits, -1, axis=1) == 1)).sum(axis=1)
    edge = (changes == 1) & (bits.sum(axis=1) >= 2) & (bits.sum(axis=1) <= 6)
    up, right, down, left = bits[:, 0], bits[:, 2], bits[:, 4], bits[:, 6]
    goes = np.array(
        [
            edge & (up * right * down == 0) & (right * down * left == 0),
            edge & (up * right * left == 0) & (up * down * left == 0),
        ]
    )
    return changes.astype(np.uint8), goes


_CHANGES, _GOES = _codes()


def _neighbours(line: Mask) -> NDArray[np.uint8]:
    kernel = np.zeros((3, 3), np.float32)
    for bit, (row, column) in enumerate(_AROUND):
        kernel[row + 1, column + 1] = 1 << bit
    return np.asarray(cv2.filter2D(line, -1, kernel, borderType=cv2.BORDER_CONSTANT), np.uint8)


def _changes(line: Mask) -> NDArray[np.uint8]:
    """1 at the end of a line one pixel wide, 2 along it, more where it branches."""
    return np.asarray(_CHANGES[_neighbours(line)], np.uint8)


def _thinned(mask: Mask) -> Mask:
    line = mask.copy()
    line[[0, -1]] = 0
    line[:, [0, -1]] = 0
    while True:
        before = int(line.sum())
        for goes in _GOES:
            line[goes[_neighbours(line)] & (line > 0)] = 0
        if int(line.sum()) == before:
            return line


def _pruned(line: Mask, pen_px: float) -> Mask:
    """Without the short side lines that a ragged edge makes."""
    changes = _changes(line)
    ends = (changes == 1) & (line > 0)
    branches = ((changes >= 3) & (line > 0)).astype(np.uint8)
    parted = line * (1 - np.asarray(cv2.dilate(branches, np.ones((3, 3), np.uint8)), np.uint8))
    near = cv2.dilate(branches, np.ones((5, 5), np.uint8)) > 0
    kept = line.copy()
    for rows, columns in _components(parted):
        spur = ends[rows, columns].any() and near[rows, columns].any()
        if spur and len(rows) < pen_px:
            kept[rows, columns] = 0
    return _thinned(kept)


def _components(line: Mask) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows and columns of each set of pixels that touch."""
    count, labels = cv2.connectedComponents(line, connectivity=8)
    rows, columns = np.nonzero(line)
    order = np.argsort(labels[rows, columns], kind="stable")
    parts = np.cumsum(np.bincount(labels[rows, columns], minlength=count))[:-1]
    return [(rows[k], columns[k]) for k in np.split(order, parts) if len(k)]


def _walked(pixels: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """(row, column) from one end to the other; nothing for a ring."""

    def beside(pixel: tuple[int, int]) -> list[tuple[int, int]]:
        # Straight neighbours first, so that no corner of a stair is left out.
        steps = sorted(_AROUND, key=lambda step: abs(step[0]) + abs(step[1]))
        near = [(pixel[0] + row, pixel[1] + column) for row, column in steps]
        return [p for p in near if p in pixels]

    start = next((p for p in sorted(pixels) if len(beside(p)) == 1), None)
    walked: list[tuple[int, int]] = []
    seen: set[tuple[int, int]] = set()
    while start is not None:
        walked.append(start)
        seen.add(start)
        start = next((p for p in beside(start) if p not in seen), None)
    return walked
