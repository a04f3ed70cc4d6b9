"""How people correct what they wrote by hand: words struck out, words put in above a caret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.demo.ink import Ink, pressed, soak, window_px
from scan_pipeline.demo.sheet import Image

Strike = Literal["line", "twice", "zigzag"]
"""How a word is struck out: by a line through it, by two, or by a zigzag over it."""


def strike_out(
    image: Image, px_per_mm: float, over: Rect, strike: Strike, ink: Ink, rng: np.random.Generator
) -> None:
    """Strike out the word whose small letters lie in `over`, in place."""
    left, right = over.x_mm - float(rng.uniform(0.2, 1.2)), over.right_mm + rng.uniform(0.2, 1.2)
    if strike == "zigzag":
        turns = max(4, round(over.w_mm / 0.8))
        xs = np.linspace(left, right, turns)
        ys = np.where(np.arange(turns) % 2, over.bottom_mm, over.y_mm - 0.4 * over.h_mm)
        paths = [np.column_stack([xs, ys + rng.normal(0, 0.25, turns)])]
    else:
        levels = (0.5,) if strike == "line" else (0.3, 0.7)
        paths = [
            np.array([(left, y), ((left + right) / 2, y), (right, y)]) + rng.normal(0, 0.2, (3, 2))
            for y in (over.bottom_mm - level * over.h_mm for level in levels)
        ]
    _draw(image, px_per_mm, over, paths, ink, rng)


def draw_caret(
    image: Image,
    px_per_mm: float,
    tip_mm: tuple[float, float],
    foot_mm: float,
    ink: Ink,
    rng: np.random.Generator,
) -> None:
    """A "^" with its tip at `tip_mm` and its feet at about the height of `foot_mm`, in place."""
    x, y = tip_mm
    left, right = x - float(rng.uniform(0.6, 1.4)), x + float(rng.uniform(0.6, 1.4))
    path = np.array([(left, foot_mm), (x, y), (right, foot_mm)]) + rng.normal(0, 0.15, (3, 2))
    area = Rect(x_mm=left, y_mm=y, w_mm=right - left, h_mm=foot_mm - y)
    _draw(image, px_per_mm, area, [path], ink, rng)


def _draw(
    image: Image,
    px_per_mm: float,
    area: Rect,
    paths: Sequence[NDArray[np.float64]],
    ink: Ink,
    rng: np.random.Generator,
) -> None:
    window = window_px(area.grown(3.0), px_per_mm, image.shape)
    cover = np.zeros((window[0].stop - window[0].start, window[1].stop - window[1].start), np.uint8)
    for path in paths:
        at = path * px_per_mm - np.array([window[1].start, window[0].start])
        fixed = np.round(at * 16).astype(np.int32)
        thick = max(1, round(ink.width_mm * px_per_mm))
        cv2.polylines(cover, [fixed], False, 255, thick, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(cover.astype(np.float32) / 255, (0, 0), 0.03 * px_per_mm)
    soak(image, window, pressed(np.asarray(soft, np.float32), ink, rng), ink)
