"""Marks in tick boxes as hands make them: never straight, often larger than the box."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.demo.ink import FAINT_PENCIL, Cover, Ink, pressed, soak, window_px
from scan_pipeline.demo.sheet import Image

TickStyle = Literal[
    "tick", "cross", "slash", "scribble", "dot", "faint",
    "circle", "long", "beside", "filled", "struck",
]  # fmt: skip
STYLES: tuple[TickStyle, ...] = ("tick", "cross", "slash", "scribble", "dot", "faint")
"""Usual ways to choose an option."""
LIGHT_STYLES: tuple[TickStyle, ...] = ("tick", "cross", "slash", "dot")
"""What the same hand makes now and then beside its usual mark."""
ODD_STYLES: tuple[TickStyle, ...] = ("circle", "long", "beside", "scribble")
"""Unusual ones: a ring around the box, a tick with a long tail, a tick that missed the box, a
scribble by somebody who otherwise ticks (which may just as well be a tick crossed out)."""
UNDONE: tuple[TickStyle, ...] = ("filled", "struck")
""""Changed my mind": the box blacked out as the form asks, or the tick crossed out."""

_REACH = 1.3
_LIFTED = ("tick", "cross", "slash", "faint", "long", "beside")
_SUBPIXEL = 16
LayStroke = Callable[[Cover, NDArray[np.float64], float, bool], None]
"""Lays one stroke of a pen into a cover, in place: through points (n, 2), x and y in its px, by a
pen so many px wide, which is lifted as it leaves or is not."""
_Path = list[tuple[float, float]]
"""Points in units of the box: (0, 0) is its top left corner, (1, 1) the bottom right."""


def draw_tick(
    image: Image,
    px_per_mm: float,
    box: Rect,
    style: TickStyle,
    ink: Ink,
    rng: np.random.Generator,
    lay: LayStroke | None = None,
) -> None:
    """Mark `box` on `image` (uint8, grey or RGB), in place; `lay`: instead of drawn lines."""
    pen = FAINT_PENCIL if style == "faint" else ink
    window = window_px(box.grown(box.w_mm * _REACH), px_per_mm, image.shape)
    height, width = (s.stop - s.start for s in window)
    cover: Cover = np.zeros((height, width), np.float32)
    wide = pen.width_mm * (1.5 if style == "filled" else rng.uniform(0.85, 1.2))
    careless = _careless(style, rng)
    for path in _paths(style, wide / box.w_mm, rng):
        points = np.array(path) + rng.normal(0, 0.03, (len(path), 2))
        mm = smooth(careless(points)) * box.w_mm + np.array([box.x_mm, box.y_mm])
        px = mm * px_per_mm - 0.5 - np.array([window[1].start, window[0].start])
        (lay or lay_line)(cover, px, wide * px_per_mm, style in _LIFTED)
    soft = cv2.GaussianBlur(cover, (0, 0), 0.03 * px_per_mm)
    # A box that is meant to be blacked out is gone over until no paper shows.
    firm: Cover = np.asarray(soft, np.float32)
    soak(image, window, firm if style == "filled" else pressed(firm, pen, rng), pen)


def _careless(
    style: TickStyle, rng: np.random.Generator
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Nobody aims: marks are turned, larger or smaller than the box, and off its middle.

    A box that is blacked out is aimed at, because it has to be covered.
    """
    if style == "filled":
        return lambda points: points + rng.normal(0, 0.03, 2)
    angle, size = rng.normal(0, 0.12), float(np.clip(rng.normal(1.0, 0.12), 0.75, 1.25))
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    drift = np.clip(rng.normal(0, 0.07, 2), -0.15, 0.15)
    return lambda points: (points - 0.5) @ turn.T + 0.5 + drift


def lay_line(cover: Cover, px: NDArray[np.float64], width_px: float, lifts: bool) -> None:
    """A line through `px`; a pen that lifts as it leaves makes the last third thinner."""
    lines = np.round(cover * 255).astype(np.uint8)
    fixed = np.round(px * _SUBPIXEL).astype(np.int32)
    share = np.linspace(0, 1, len(px) - 1)
    thin = 1 - 0.55 * np.clip((share - 0.65) / 0.35, 0, 1) * lifts
    for start, end, factor in zip(fixed[:-1], fixed[1:], thin, strict=True):
        thick = max(1, round(width_px * float(factor)))
        a, b = (int(start[0]), int(start[1])), (int(end[0]), int(end[1]))
        cv2.line(lines, a, b, 255, thick, cv2.LINE_AA, 4)
    cover[:] = lines.astype(np.float32) / 255


def _paths(style: TickStyle, wide: float, rng: np.random.Generator) -> list[_Path]:
    """The strokes of a mark, by a pen that is `wide` (like all here, as a share of the box)."""
    far = rng.uniform(1.0, 1.45)
    if style == "circle":
        rx, ry = rng.uniform(0.8, 1.15, 2)
        turns = np.linspace(-2.4, 2 * np.pi - 2.4 + rng.uniform(-0.3, 0.5), 16)
        return [[(0.5 + rx * np.cos(t), 0.5 + ry * np.sin(t)) for t in turns]]
    if style == "struck":
        over: list[_Path] = [
            [(-0.25, y + rng.normal(0, 0.05)), (0.5, y), (1.3, y + rng.normal(0, 0.08))]
            for y in (0.25, 0.5, 0.75)
        ]
        return [*_paths("tick", wide, rng), *over]
    if style == "beside":
        dx, dy = rng.uniform(-1.2, -0.85), rng.uniform(-0.3, 0.3)
        return [[(x + dx, y + dy) for x, y in path] for path in _paths("tick", wide, rng)]
    if style in {"tick", "faint", "long"}:
        far = rng.uniform(1.7, 2.3) if style == "long" else far
        deep, foot = rng.uniform(0.8, 0.98), rng.uniform(0.3, 0.48)
        start = (rng.uniform(0.0, 0.16), rng.uniform(0.38, 0.58))
        half = (0.45 * start[0] + 0.55 * foot, 0.4 * start[1] + 0.6 * deep)
        return [[start, half, (foot, deep), (foot + 0.22, deep - 0.47), (far, 0.92 - far)]]
    if style == "cross":
        bow = rng.normal(0, 0.05, 2)
        down: _Path = [(0.02, 0.05), (0.5 + bow[0], 0.48), (0.98, 1.0)]
        return [down, [(1.0, 0.0), (0.5, 0.52 + bow[1]), (0.0, 0.98)]]
    if style == "slash":
        return [[(-0.08, 1.05), (0.45, 0.5), (far, 1 - far)]]
    if style == "dot":
        turns = np.linspace(0, 4 * np.pi, 14)
        return [[(0.5 + 0.13 * np.cos(t), 0.5 + 0.13 * np.sin(t)) for t in turns]]
    if style == "scribble":
        # A thick pen makes fewer strokes: a box with no paper left would say "changed my mind".
        count = 9 if wide < 0.13 else 5
        return [[(0.1 + 0.8 * k / (count - 1), 0.15 if k % 2 else 0.85) for k in range(count)]]
    # Blacked out: up and down, then across; the turns do not stop at the line.
    turns = rng.uniform(0.0, 0.1, (2, 25))
    upright = [(0.02 + 0.04 * k, -turns[0, k] if k % 2 else 1 + turns[0, k]) for k in range(25)]
    across = [(-turns[1, k] if k % 2 else 1 + turns[1, k], 0.02 + 0.04 * k) for k in range(25)]
    return [upright, across]


def smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A curve through the points (Catmull and Rom), eight steps between neighbours."""
    p = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        bend = (2 * a - 5 * b + 4 * c - d) * t + (3 * b - a - 3 * c + d) * t**2
        parts.append(b + 0.5 * ((c - a) + bend) * t)
    return np.vstack([*parts, points[-1:]])
