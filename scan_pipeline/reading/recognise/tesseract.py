"""Tesseract, for comparison: it reads print well and handwriting badly."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytesseract
from numpy.typing import NDArray
from PIL import Image

from leaflets.errors import MissingProgram
from scan_pipeline.page import Grey
from scan_pipeline.reading.recognise.letters import MOST_SURE
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

    def read_letters(self, lines: Sequence[Grey]) -> list[LineReading]:
        """See `Recogniser.read_letters`. It can do no better: only its English is sure to be
        installed, so this is the same reading with every word in doubt."""
        return [
            replace(
                line,
                words=tuple(
                    replace(word, confidence=round(MOST_SURE * word.confidence, 4))
                    for word in line.words
                ),
                confidence=round(MOST_SURE * line.confidence, 4),
            )
            for line in self.read(lines)
        ]

    def read_cells(
        self, glyphs: Sequence[Grey], rises_px: Sequence[int], allowed: Sequence[str]
    ) -> NDArray[np.float64]:
        """See `Recogniser.read_cells`; one view, each glyph by itself."""
        rows = [self._read_glyph(glyph, allowed) for glyph in glyphs]
        return np.array(rows).reshape(len(glyphs), 1, len(allowed))

    def _read_glyph(self, glyph: Grey, allowed: Sequence[str]) -> NDArray[np.float64]:
        size = (max(1, round(glyph.shape[1] * HEIGHT_PX / glyph.shape[0])), HEIGHT_PX)
        scaled = cv2.resize(glyph, size, interpolation=cv2.INTER_AREA)
        found = pytesseract.image_to_data(
            Image.fromarray(np.pad(scaled, MARGIN_PX, constant_values=255)),
            lang=LANGUAGE,
            config="--psm 10",
            output_type=pytesseract.Output.DICT,
        )
        chances = np.full(len(allowed), 1.0 / len(allowed))
        for text, sure in zip(found["text"], found["conf"], strict=True):
            kinds = [k for k, forms in enumerate(allowed) if text.strip() and text.strip() in forms]
            if len(text.strip()) == 1 and kinds and float(sure) >= 0:
                chances *= 1.0 - float(sure) / 100.0
                chances[kinds[0]] += float(sure) / 100.0
        return np.asarray(chances / chances.sum(), np.float64)

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
