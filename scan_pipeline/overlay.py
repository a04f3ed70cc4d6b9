"""A picture of what was seen: fields, marks and doubts, told apart by colour and by shape."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from leaflets.fonts import font_path
from scan_pipeline.page import BlankPage, Grey, RegisteredPage, Unplaced
from scan_pipeline.story import ChoiceValue, MarkReading, PageReading, QuadPx, TextValue

SURE, DOUBT, FIELD = (0, 110, 60), (200, 60, 0), (40, 90, 200)
LONG_SIDE_PX = 2200


def draw_overlay(
    grey: Grey,
    result: PageReading | BlankPage | Unplaced,
    placed: RegisteredPage | None,
    path: Path,
) -> None:
    """Write a PNG of the page as it was scanned with everything that was seen drawn on it.

    Green tick = ticked, orange diamond = a person must look, cross = changed mind; blue frames
    are fields, words are written above their line, doubtful lines underlined in orange.
    """
    scale = min(1.0, LONG_SIDE_PX / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = Image.fromarray(small).convert("RGB")
    pen = ImageDraw.Draw(picture)
    if isinstance(result, PageReading) and placed is not None:
        _draw_reading(pen, result, scale)
        title = f"{result.template}, side {result.sheet_page}: {result.markers_found} marks found"
    else:
        title = "" if isinstance(result, PageReading) else result.reason
    font = ImageFont.truetype(str(font_path(bold=True)), max(16, picture.width // 60))
    pen.rectangle((0, 0, picture.width, font.size * 1.5), fill="white")
    pen.text((8, 2), title, fill=DOUBT if isinstance(result, Unplaced) else SURE, font=font)
    picture.save(path)


def _draw_reading(pen: ImageDraw.ImageDraw, reading: PageReading, scale: float) -> None:
    for value in reading.fields.values():
        corners = _scaled(value.quad_px, scale)
        pen.polygon(_flat(corners), outline=DOUBT if value.review else FIELD, width=2)
        if isinstance(value, TextValue):
            _draw_lines(pen, value, scale)
        elif isinstance(value, ChoiceValue):
            for mark in value.marks:
                _draw_mark(pen, mark, scale)


def _draw_lines(pen: ImageDraw.ImageDraw, value: TextValue, scale: float) -> None:
    for line in value.lines:
        corners = _scaled(line.quad_px, scale)
        height = float(np.linalg.norm(corners[3] - corners[0]))
        font = ImageFont.truetype(str(font_path(bold=False)), max(11, int(height * 0.38)))
        doubtful = any(word.confidence < 0.9 for word in line.words) or not line.text
        pen.line([tuple(corners[3]), tuple(corners[2])], fill=DOUBT if doubtful else SURE, width=2)
        words = " ".join(w.text if w.confidence >= 0.9 else f"{w.text}?" for w in line.words)
        pen.text(tuple(corners[0]), words, fill=DOUBT if doubtful else SURE, font=font, anchor="lm")


def _draw_mark(pen: ImageDraw.ImageDraw, mark: MarkReading, scale: float) -> None:
    corners = _scaled(mark.quad_px, scale)
    centre = corners.mean(axis=0)
    reach = float(np.linalg.norm(corners[1] - corners[0])) * 0.9
    x, y = float(centre[0]), float(centre[1])
    if mark.state == "ticked":
        points = [
            (x - reach * 1.2, y),
            (x - reach * 0.9, y + reach * 0.4),
            (x - reach * 0.5, y - reach * 0.5),
        ]
        pen.polygon(_flat(corners), outline=SURE, width=3)
        pen.line(points, fill=SURE, width=4)
    elif mark.state == "unsure":
        diamond = [(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)]
        pen.polygon(diamond, outline=DOUBT, width=4)
    elif mark.state == "filled":
        pen.line([tuple(corners[0]), tuple(corners[2])], fill=DOUBT, width=3)
        pen.line([tuple(corners[1]), tuple(corners[3])], fill=DOUBT, width=3)
    else:
        pen.polygon(_flat(corners), outline=FIELD, width=1)


def _scaled(quad: QuadPx, scale: float) -> NDArray[np.float64]:
    return np.array(quad, dtype=np.float64) * scale


def _flat(corners: NDArray[np.float64]) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in corners]
