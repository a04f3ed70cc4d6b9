"""Tesseract, for comparison: it reads print well and handwriting badly."""

from __future__ import annotations

import os
from collections.abc import Sequence

import cv2
import numpy as np
import pytesseract
from PIL import Image

from leaflets.errors import MissingProgram
from scan_pipeline.page import Grey
from scan_pipeline.reading.recognise.picture import has_ink
from scan_pipeline.story import LineReading, WordReading

HEIGHT_PX = 64
MARGIN_PX = 16
LANGUAGE = "eng"


class Tesseract:
    """Tesseract 5 in its one-line mode. Raises `MissingProgram` if it is not installed."""

    name = "tesseract"

    def __init__(self) -> None:
        os.environ["OMP_THREAD_LIMIT"] = "1"
        try:
            languages = pytesseract.get_languages()
        except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError) as error:
            raise MissingProgram("Tesseract is not installed.") from error
        if LANGUAGE not in languages:
            raise MissingProgram("Tesseract does not know English: its language data is missing.")

    def read(self, lines: Sequence[Grey]) -> list[LineReading]:
        """See `Recogniser.read`; a word's confidence is Tesseract's own."""
        return [self._read_line(line) for line in lines]

    def _read_line(self, line: Grey) -> LineReading:
        if not has_ink(line):
            return LineReading(text="", confidence=0.0)
        height, width = line.shape
        size = (max(1, round(width * HEIGHT_PX / height)), HEIGHT_PX)
        scaled = cv2.resize(line, size, interpolation=cv2.INTER_AREA)
        framed = np.pad(scaled, MARGIN_PX, constant_values=255)
        found = pytesseract.image_to_data(
            Image.fromarray(framed),
            lang=LANGUAGE,
            config="--psm 7",
            output_type=pytesseract.Output.DICT,
        )
        words = [
            WordReading(text=text.strip(), confidence=round(float(sure) / 100.0, 4))
            for text, sure in zip(found["text"], found["conf"], strict=True)
            if text.strip() and float(sure) >= 0
        ]
        return LineReading(
            text=" ".join(word.text for word in words),
            confidence=float(np.mean([w.confidence for w in words])) if words else 0.0,
            words=tuple(words),
        )
