"""The record that every paper effect takes and returns, and the geometry they share.

Pixel coordinates are those of OpenCV: (0, 0) is the centre of the top left pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect

Image = NDArray[np.uint8]
"""Shape (height, width) grey or (height, width, 3) RGB; 0 is ink, 255 is paper."""

Floats = NDArray[np.float64]
Mapping = Callable[[Floats], Floats]
"""Printed millimetres (n, 2) to pixels (n, 2) of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A picture of a page, and where every printed point went.

    `to_px` is exact (to a thousandth of a pixel); `px_per_mm` is nominal, the scale before
    perspective; `fiducials` are the printed squares, for effects that cover them.
    """

    image: Image
    px_per_mm: float
    to_px: Mapping
    fiducials: tuple[Rect, ...] = ()


def fresh(image: Image, px_per_mm: float, fiducials: tuple[Rect, ...] = ()) -> Sheet:
    """The page as rendered: nothing has happened to it yet.

    >>> s = fresh(np.full((20, 30), 255, np.uint8), 10.0)
    >>> s.to_px(np.array([[1.0, 2.0]])).tolist()
    [[9.5, 19.5]]
    """

    def to_px(points_mm: Floats) -> Floats:
        return np.asarray(points_mm, dtype=np.float64) * px_per_mm - 0.5

    return Sheet(image=image, px_per_mm=px_per_mm, to_px=to_px, fiducials=fiducials)


def through(matrix: Floats, points: Floats) -> Floats:
    """Points (n, 2) through a 3x3 homography."""
    out = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(out[:, :2] / out[:, 2:3])


def warped(
    sheet: Sheet,
    matrix: Floats,
    size: tuple[int, int],
    *,
    fill: int = 255,
    background: Image | None = None,
) -> Sheet:
    """Through the homography `matrix` (old pixels to new), onto `size` (width, height).

    Around the page lies `background` where given (the desk of a photo), else the shade `fill`.
    """
    before = sheet.to_px
    image = cv2.warpPerspective(
        sheet.image,
        matrix,
        size,
        dst=None if background is None else background.copy(),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT if background is None else cv2.BORDER_TRANSPARENT,
        borderValue=(fill, fill, fill),
    )
    return replace(
        sheet, image=np.asarray(image, np.uint8), to_px=lambda mm: through(matrix, before(mm))
    )


def displaced(sheet: Sheet, field: NDArray[np.float32]) -> Sheet:
    """Move the picture by a smooth field: the new pixel p shows the old picture at p + field(p).

    `field`: (rows, columns, 2) of (dx, dy) in pixels, a coarse grid stretched over the picture.
    """
    height, width = sheet.image.shape[:2]
    full = np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    image = cv2.remap(
        sheet.image,
        xs + full[..., 0],
        ys + full[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    before = sheet.to_px
    return replace(
        sheet, image=np.asarray(image, np.uint8), to_px=lambda mm: _undo(full, before(mm))
    )


def _undo(full: NDArray[np.float32], source: Floats) -> Floats:
    """Where the old points `source` are shown: p = source - field(p), by fixed-point steps."""
    at = source.copy()
    for _ in range(25):
        where = at.astype(np.float32)
        shift = cv2.remap(
            full,
            where[:, :1].copy(),
            where[:, 1:].copy(),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        at = source - shift.reshape(-1, 2)
    return at


def shaded(image: Image, light: NDArray[np.float32]) -> Image:
    """Multiply by a light field (any coarse size, 1 is unchanged), stretched over the picture."""
    height, width = image.shape[:2]
    full = cv2.resize(light.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    if image.ndim == 3:
        full = cv2.merge([full, full, full])
    return np.asarray(cv2.multiply(image, full, dtype=cv2.CV_8U), np.uint8)


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, int], sigma: float
) -> NDArray[np.float32]:
    """Random field (rows, columns), smooth over `sigma` cells, mean 0, largest value 1."""
    raw = rng.standard_normal(shape).astype(np.float32)
    soft = cv2.GaussianBlur(raw, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    soft -= soft.mean()
    return np.asarray(soft / max(1e-6, float(np.abs(soft).max())), np.float32)


def as_rgb(image: Image) -> Image:
    """The same picture with three channels."""
    return image if image.ndim == 3 else np.asarray(np.repeat(image[..., None], 3, 2), np.uint8)


def as_grey(image: Image) -> Image:
    """The same picture with one channel."""
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
