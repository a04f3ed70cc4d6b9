"""Marks in tick boxes as hands make them: never straight, often larger than the box."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.demo.ink import FAINT_PENCIL, Cover, Ink, pressed, soak, window_px
from scan_pipeline.demo.sheet import Image

TickStyle = Literal["tick", "cross", "slash", "scribble", "dot", "faint", "filled"]
STYLES: tuple[TickStyle, ...] = ("tick", "cross", "slash", "scribble", "dot", "faint")
"""Ways to choose an option. "filled" is the seventh: the box blacked out, "changed my mind"."""

_REACH = 1.3
_SUBPIXEL = 16
_Path = list[tuple[float, float]]
"""Points in units of the box: (0, 0) is its top left corner, (1, 1) the bottom right."""


def draw_tick(
    image: Image,
    px_per_mm: float,
    box: Rect,
    style: TickStyle,
    ink: Ink,
    rng: np.random.Generator,
) -> None:
    """Mark `box` on `image` (uint8, grey or RGB), in place."""
    pen = FAINT_PENCIL if style == "faint" else ink
    window = window_px(box.grown(box.w_mm * _REACH), px_per_mm, image.shape)
    height, width = (s.stop - s.start for s in window)
    cover = np.zeros((height, width), np.uint8)
    wide = pen.width_mm * (1.5 if style == "filled" else rng.uniform(0.85, 1.2))
    drift = rng.normal(0, 0.05, 2)
    for path in _paths(style, rng):
        points = np.array(path) + rng.normal(0, 0.03, (len(path), 2)) + drift
        mm = _smooth(points) * box.w_mm + np.array([box.x_mm, box.y_mm])
        px = mm * px_per_mm - 0.5 - np.array([window[1].start, window[0].start])
        cv2.polylines(
            cover,
            [np.round(px * _SUBPIXEL).astype(np.int32)],
            False,
            255,
            max(1, round(wide * px_per_mm)),
            cv2.LINE_AA,
            4,
        )
    soft = cv2.GaussianBlur(cover.astype(np.float32) / 255, (0, 0), 0.03 * px_per_mm)
    # A box that is meant to be blacked out is gone over until no paper shows.
    firm: Cover = np.asarray(soft, np.float32)
    soak(image, window, firm if style == "filled" else pressed(firm, pen, rng), pen)


def _paths(style: TickStyle, rng: np.random.Generator) -> list[_Path]:
    far = rng.uniform(1.0, 1.45)
    if style == "tick" or style == "faint":
        return [[(0.05, 0.5), (0.2, 0.68), (0.4, 0.92), (0.62, 0.45), (far, 0.92 - far)]]
    if style == "cross":
        return [[(0.02, 0.05), (0.5, 0.48), (0.98, 1.0)], [(1.0, 0.0), (0.5, 0.52), (0.0, 0.98)]]
    if style == "slash":
        return [[(-0.08, 1.05), (0.45, 0.5), (far, 1 - far)]]
    if style == "dot":
        turns = np.linspace(0, 4 * np.pi, 14)
        return [[(0.5 + 0.13 * np.cos(t), 0.5 + 0.13 * np.sin(t)) for t in turns]]
    if style == "scribble":
        return [[(0.1 + 0.2 * (k // 2), 0.15 if k % 2 else 0.85) for k in range(9)]]
    down = [(0.02 + 0.96 * k / 24, -0.02 if k % 2 else 1.02) for k in range(25)]
    back = [(-0.02 if k % 2 else 1.02, 0.02 + 0.96 * k / 24) for k in range(25)]
    return [down, back]


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A curve through the points (Catmull and Rom), eight steps between neighbours."""
    p = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        bend = (2 * a - 5 * b + 4 * c - d) * t + (3 * b - a - 3 * c + d) * t**2
        parts.append(b + 0.5 * ((c - a) + bend) * t)
    return np.vstack([*parts, points[-1:]])
