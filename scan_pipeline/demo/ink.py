"""Ink on a page raster: colour, pressure and soaking in. Millimetres in, a new picture out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.demo.sheet import Image

Cover = NDArray[np.float32]
"""Shape (height, width), 0 is bare paper, 1 is full ink."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """What somebody writes with. `rgb` of the full ink; `grain` 0 is a pen, 1 a soft pencil."""

    name: str
    rgb: tuple[int, int, int]
    width_mm: float
    grain: float = 0.0


INKS = (
    Ink(name="blue ballpoint", rgb=(28, 48, 140), width_mm=0.45),
    Ink(name="black ballpoint", rgb=(28, 26, 30), width_mm=0.45),
    Ink(name="felt pen", rgb=(20, 20, 28), width_mm=0.9),
    Ink(name="pencil", rgb=(82, 82, 88), width_mm=0.5, grain=0.55),
)
FAINT_PENCIL = Ink(name="faint pencil", rgb=(132, 132, 136), width_mm=0.4, grain=0.35)


def window_px(area: Rect, px_per_mm: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the picture that cover `area`, cut at its edges."""
    x0, x1 = int(area.x_mm * px_per_mm), int(np.ceil(area.right_mm * px_per_mm))
    y0, y1 = int(area.y_mm * px_per_mm), int(np.ceil(area.bottom_mm * px_per_mm))
    return (
        slice(max(0, y0), max(0, min(shape[0], y1))),
        slice(max(0, x0), max(0, min(shape[1], x1))),
    )


def soak(image: Image, window: tuple[slice, slice], cover: Cover, ink: Ink) -> None:
    """Lay `cover` of `ink` over one window of `image`, in place: it darkens, never lightens."""
    patch = image[window].astype(np.float32)
    if patch.ndim == 2:
        shade = float(np.dot(ink.rgb, (0.299, 0.587, 0.114))) / 255
        image[window] = (patch * (1 - cover * (1 - shade))).astype(np.uint8)
        return
    colour = np.array(ink.rgb, np.float32) / 255
    image[window] = (patch * (1 - cover[..., None] * (1 - colour))).astype(np.uint8)


def pressed(cover: Cover, ink: Ink, rng: np.random.Generator) -> Cover:
    """Uneven pressure along the stroke, and the tooth of the paper under a pencil."""
    height, width = cover.shape
    cells = (max(2, height // 40), max(2, width // 40))
    soft = rng.uniform(0.78, 1.0, cells).astype(np.float32)
    out = cover * cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    if ink.grain:
        tooth = rng.standard_normal((height, width)).astype(np.float32)
        tooth = np.asarray(cv2.GaussianBlur(tooth, (0, 0), 0.8), np.float32)
        out = out * np.clip(1 - ink.grain * (0.5 + tooth), 0.0, 1.0)
    return np.asarray(np.clip(out, 0.0, 1.0), np.float32)
