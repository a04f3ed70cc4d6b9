"""Writing put anywhere on a printed leaflet, for tests of what people really do."""

from __future__ import annotations

import cv2
import fontpkg
import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from leaflets.geometry import MM_PER_INCH
from scan_pipeline.page import Grey

PX = 300 / MM_PER_INCH
SHADE = 50


def write(
    page: Grey, words: str, x_mm: float, base_mm: float, *, small_mm: float = 2.6,
    font: str = "Kalam", climb: float = 0.0, turn: int = 0, shade: int = SHADE,
    bold_px: int = 0,
) -> tuple[float, float]:  # fmt: skip
    """Write in place from (x, baseline), the letter x `small_mm` high, rising by `climb` per
    length; `turn`: quarter turns anticlockwise; `shade`: of the ink, 0 black, 255 none;
    `bold_px`: how much a thicker pen adds on every side. Returns left and right end in
    millimetres."""
    path = str(fontpkg.path(font))
    probe = ImageFont.truetype(path, 200)
    small = -probe.getbbox("x", anchor="ls")[1]
    face = ImageFont.truetype(path, round(200 * small_mm * PX / small))
    left, top, right, bottom = (
        int(v) for v in face.getbbox(words, anchor="ls", stroke_width=bold_px)
    )
    pad = 20
    mask = PilImage.new("L", (right - left + 2 * pad, bottom - top + 2 * pad))
    ImageDraw.Draw(mask).text(
        (pad - left, pad - top), words, fill=255, font=face, anchor="ls", stroke_width=bold_px
    )
    cover = np.asarray(mask, np.uint8)
    reach = round(abs(climb) * cover.shape[1])
    lean = np.array([[1.0, 0.0, 0.0], [-climb, 1.0, reach]])
    cover = np.asarray(cv2.warpAffine(cover, lean, (cover.shape[1], cover.shape[0] + 2 * reach)))
    x, y = round(x_mm * PX) - pad, round(base_mm * PX) - (pad - top) - reach
    if turn:
        cover = np.ascontiguousarray(np.rot90(cover, turn))
        x, y = round(x_mm * PX), round(base_mm * PX)
    _ink(page, cover, x, y, shade)
    return x_mm, x_mm + (right - left) / PX


def line(
    page: Grey, *points_mm: tuple[float, float], width_mm: float = 0.45, shade: int = SHADE
) -> None:
    """A pen drawn from point to point."""
    at = (np.array(points_mm) * PX * 16).round().astype(np.int32)
    pen = np.zeros_like(page)
    cv2.polylines(pen, [at], False, 255, max(1, round(width_mm * PX)), cv2.LINE_AA, 4)
    page[:] = np.minimum(page, 255 - (pen.astype(np.float32) * (255 - shade) / 255)).astype(
        np.uint8
    )


def _ink(page: Grey, cover: Grey, x: int, y: int, shade: int) -> None:
    x0, y0 = max(0, x), max(0, y)
    part = cover[y0 - y : page.shape[0] - y, x0 - x : page.shape[1] - x].astype(np.float32) / 255
    window = page[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]]
    window[:] = (window * (1 - part * (1 - shade / 255))).astype(np.uint8)
