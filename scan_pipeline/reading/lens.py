"""Wide lenses bend straight lines: how much this picture is bent, from its corner marks.

The division model (Fitzgibbon 2001): a point at r from the middle of the picture, r in half
diagonals, would lie at r / (1 + bend r²) without the lens. `bend` is below 0 where the picture
bulges (barrel), as phones held close make it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.layout import PageLayout
from scan_pipeline.page import Placement
from scan_pipeline.reading.register import apply, flat_placement

LEAST_MARKS = 5
BENT_MM, EXACT_MM, BETTER = 0.3, 0.5, 0.4
"""Residuals (root mean square) of the marks: flat, from where a lens is tried; bent, at most; and
bent over flat, at most: crumpled paper gains little from a lens."""
MOST_BENT, STEPS = 0.3, 61

Floats = NDArray[np.float64]


def bent_placement(
    found: Sequence[tuple[int, Floats]], page: PageLayout, size_px: tuple[int, int]
) -> Placement | None:
    """The page as a lens bent it, from all its marks; None where a flat picture says as much.

    `size_px`: (height, width) of the picture, its middle taken for the lens's.
    """
    at = {m.id: np.array(m.box.quad_mm, dtype=np.float64) for m in page.markers}
    seen = [(at[i], c) for i, c in found if i in at]
    if len(seen) < LEAST_MARKS or len({i for i, _ in found if i in at}) < len(seen):
        return None
    mm, px = np.concatenate([m for m, _ in seen]), np.concatenate([c for _, c in seen])
    flat, residual = _fit(mm, px)
    if residual < BENT_MM:
        return None
    tried = np.linspace(-MOST_BENT, MOST_BENT, STEPS)
    for _ in range(2):
        left = [_fit(mm, unbent(px, bend, size_px))[1] for bend in tried]
        best = float(tried[int(np.argmin(left))])
        tried = np.linspace(best - 0.01, best + 0.01, 21)
    straight, exact = _fit(mm, unbent(px, best, size_px))
    if exact > min(EXACT_MM, BETTER * residual):
        return None
    plain = flat_placement(flat, page, len(seen), exact)
    rows, cols, _ = plain.shift_mm.shape
    nodes = np.stack(np.meshgrid(np.arange(cols), np.arange(rows)), -1).reshape(-1, 2)
    nodes_mm = np.asarray(nodes * plain.grid_mm, np.float64)
    back = np.asarray(np.linalg.inv(flat), np.float64)
    there = apply(back, bent(apply(straight, nodes_mm), best, size_px))
    shift = (there - nodes_mm).reshape(rows, cols, 2).astype(np.float32)
    return replace(plain, shift_mm=shift)


def unbent(px: Floats, bend: float, size_px: tuple[int, int]) -> Floats:
    """Where points (n, 2) of the picture would lie without the lens."""
    middle, half = _middle(size_px)
    away = (px - middle) / half
    return np.asarray(middle + half * away / (1.0 + bend * (away**2).sum(axis=1, keepdims=True)))


def bent(px: Floats, bend: float, size_px: tuple[int, int]) -> Floats:
    """The way back: where the lens shows points (n, 2)."""
    middle, half = _middle(size_px)
    away = (px - middle) / half
    square = (away**2).sum(axis=1, keepdims=True)
    # r = s (1 + bend r²) solved for r/s; far outside the picture the root ends.
    root = np.sqrt(np.maximum(1.0 - 4.0 * bend * square, 0.0))
    return np.asarray(middle + half * away * 2.0 / (1.0 + root))


def _middle(size_px: tuple[int, int]) -> tuple[Floats, float]:
    height, width = size_px
    return np.array([(width - 1) / 2, (height - 1) / 2]), float(np.hypot(height, width)) / 2


def _fit(mm: Floats, px: Floats) -> tuple[Floats, float]:
    """(px_from_mm, residual in mm) of all points together."""
    fit, _ = cv2.findHomography(mm, px, 0)
    if fit is None:
        return np.eye(3), float("inf")
    px_from_mm = np.asarray(fit, np.float64)
    try:
        back = apply(np.asarray(np.linalg.inv(px_from_mm), np.float64), px)
    except np.linalg.LinAlgError:
        return px_from_mm, float("inf")
    return px_from_mm, float(np.sqrt(np.mean(np.sum((back - mm) ** 2, axis=1))))
