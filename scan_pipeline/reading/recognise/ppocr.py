"""Handwriting by PP-OCRv6 (small), on one core.

Lines are read one at a time: on a CPU a batch is no faster, and the white that fills a batch up to
its widest line would change what is read.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import Grey
from scan_pipeline.reading.recognise.model import BLANK, Model, Posteriors
from scan_pipeline.reading.recognise.picture import has_ink
from scan_pipeline.story import LineReading, WordReading

HEIGHT_PX = 48
STRETCH = 1.25
NARROWEST_PX, WIDEST_PX = 16, 2400
NOTHING = LineReading(text="", confidence=0.0)


class PpOcr:
    """Reads a line of handwriting letter by letter."""

    name = "ppocr"

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        self._model = Model()

    def read(self, lines: Sequence[Grey]) -> list[LineReading]:
        """See `Recogniser.read`."""
        return [self._read_line(line) if has_ink(line) else NOTHING for line in lines]

    def _read_line(self, line: Grey) -> LineReading:
        words = greedy_words(self._model.posteriors(scaled(line)), self._model.letters)
        return LineReading(
            text=" ".join(word.text for word in words),
            confidence=float(np.mean([w.confidence for w in words])) if words else 0.0,
            words=tuple(words),
        )


def scaled(line: Grey, stretch: float = STRETCH) -> NDArray[np.float32]:
    """The line as the model wants it: `HEIGHT_PX` high, stretched in width, -1 ink to 1 paper.

    The model was trained on print; drawn apart, joined-up letters come nearer to it.
    """
    height, width = line.shape
    wide = int(np.clip(round(width * HEIGHT_PX / height * stretch), NARROWEST_PX, WIDEST_PX))
    small = cv2.resize(line, (wide, HEIGHT_PX), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / 127.5 - 1.0


def greedy_words(posteriors: Posteriors, letters: Sequence[str]) -> list[WordReading]:
    """The likeliest letter of every step, parted into words; a word is as sure as its letters."""
    best = posteriors.argmax(axis=1)
    sure = posteriors.max(axis=1)
    words: list[WordReading] = []
    text, chance = "", 1.0
    starts = (best != BLANK) & (best != np.concatenate([[BLANK], best[:-1]]))
    for step in [*np.flatnonzero(starts).tolist(), None]:
        letter = " " if step is None else letters[best[step]]
        if letter == " ":
            if text:
                words.append(WordReading(text=text, confidence=round(chance, 4)))
            text, chance = "", 1.0
        elif step is not None:
            text += letter
            chance *= float(sure[step])
    return words
