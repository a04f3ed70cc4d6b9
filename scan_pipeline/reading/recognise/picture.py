"""Pictures of lines made ready for the reading model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import Grey

FAINTEST_INK = 30
LEAST_INK_PX = 24
HEIGHT_PX = 48
ABOVE, BESIDE = 0.05, 0.1
NARROWEST_PX, WIDEST_PX = 16, 2400
LEANS = np.arange(-0.4, 1.25, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the lines of a hand are set before they are read: so many times as wide, and with this
    share of their lean taken out."""

    wide: float
    upright: float


USUAL = Look(wide=1.25, upright=0.6)
OTHERS = (Look(wide=1.0, upright=0.6), Look(wide=0.85, upright=0.6), Look(wide=1.25, upright=1.0))
"""Looks that suit some hands better: the model was trained on print, and no two hands are as far
from it."""


def has_ink(line: Grey) -> bool:
    """Whether anything is written: some pixels well darker than the paper around them.

    Scanner noise is evened out first, so that a blank line is known to be blank.
    """
    if line.ndim != 2 or min(line.shape) < 4:
        return False
    smooth = cv2.GaussianBlur(line, (0, 0), 1.2)
    paper = float(np.percentile(smooth, 90))
    return int((smooth < paper - FAINTEST_INK).sum()) >= LEAST_INK_PX


def ready(line: Grey, look: Look = USUAL) -> NDArray[np.float32]:
    """A line as the reading model likes it: (`HEIGHT_PX`, width), -1 ink to 1 paper.

    The model was trained on print. Letters set more upright and further apart come nearer to it;
    so does a narrow rim of white.
    """
    upright = straightened(line, look.upright)
    height = upright.shape[0]
    above, beside = int(ABOVE * height), int(BESIDE * height)
    framed = np.pad(upright, ((above, above), (beside, beside)), constant_values=255)
    height, width = framed.shape
    wide = int(np.clip(round(width * HEIGHT_PX / height * look.wide), NARROWEST_PX, WIDEST_PX))
    way = cv2.INTER_AREA if height > HEIGHT_PX else cv2.INTER_CUBIC
    small = cv2.resize(framed, (wide, HEIGHT_PX), interpolation=way)
    return small.astype(np.float32) / 127.5 - 1.0


def straightened(line: Grey, share: float = USUAL.upright) -> Grey:
    """The line with a share of its lean taken out, cropped to its ink again."""
    shear = share * lean(line)
    if abs(shear) < 0.05:
        return line
    leant = _sheared(line, shear, 255)
    inked = np.flatnonzero((leant < 200).any(axis=0))
    return leant[:, inked[0] : inked[-1] + 1] if len(inked) else leant


def lean(line: Grey) -> float:
    """How far strokes lean to the right, per unit of height.

    Undone rightly, upright strokes stand in few columns: the squares of the columns' ink are at
    their largest.
    """
    height, width = line.shape
    size = (max(8, round(width * HEIGHT_PX / height)), HEIGHT_PX)
    ink = cv2.resize((line < 160).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    sharpness = [float((_sheared(ink, k, 0).sum(axis=0) ** 2).sum()) for k in LEANS]
    return float(LEANS[int(np.argmax(sharpness))])


def _sheared(picture: NDArray[Any], shear: float, fill: int) -> NDArray[Any]:
    """Moved sideways by `shear` per row, with its bottom row in place, widened to fit."""
    height, width = picture.shape
    reach = abs(shear) * height
    matrix = np.array([[1.0, shear, max(0.0, -shear * height)], [0.0, 1.0, 0.0]])
    out = cv2.warpAffine(picture, matrix, (int(width + reach) + 2, height), borderValue=(fill,))
    return np.asarray(out)
