"""From pictures of written lines to words: engines behind one protocol.

A recogniser reads each line by itself: what stands beside it in the list never changes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from leaflets.errors import BadInvocation
from scan_pipeline.page import Grey
from scan_pipeline.reading.recognise.confidence import Steps
from scan_pipeline.story import LineReading


class Recogniser(Protocol):
    """Reads lines of handwriting. `name`: what its readings are kept under, so that what is learned
    from them is of use to the same reader only."""

    name: str

    def read(self, lines: Sequence[Grey]) -> list[LineReading]:
        """One reading per line, in order; an empty text for a line without ink.

        `lines`: all of one hand, which may be read in the way that suits it; pictures cropped
        tight to the ink, (height, width) uint8, 0 ink, 255 paper, evenly lit. A word's confidence
        is the chance that it is right, punctuation aside.
        """
        ...

    def read_letters(self, lines: Sequence[Grey]) -> list[LineReading]:
        """The same for writing in another language: letter by letter, all Latin letters, no words
        of English put in. Every word is in doubt."""
        ...

    def read_cells(
        self, glyphs: Sequence[Grey], rises_px: Sequence[int], allowed: Sequence[str]
    ) -> NDArray[np.float64]:
        """The chances of each character for each glyph of one comb: (glyphs, views, allowed).

        `glyphs`: cropped tight, each `rises_px` rows below the top of its cell. `allowed`: each
        entry is one character in all its forms ("Aa"). Views are separate looks at the same ink.
        """
        ...


def _ppocr(words: tuple[str, ...], steps: Steps, weights: Path | None) -> Recogniser:
    from scan_pipeline.reading.recognise.ppocr import PpOcr

    return PpOcr(words=words, steps=steps, weights=weights)


def _tesseract(words: tuple[str, ...], steps: Steps, weights: Path | None) -> Recogniser:
    from scan_pipeline.reading.recognise.tesseract import Tesseract

    return Tesseract()


# Imported when asked for: a volunteer who types waits for no reading model.
ENGINES: dict[str, Callable[[tuple[str, ...], Steps, Path | None], Recogniser]] = {
    "ppocr": _ppocr,
    "tesseract": _tesseract,
}
NO_ENGINE = "none"
"""Nobody's name: only marks are read, and a person types the words."""


def ppocr_name(weights: Path | None) -> str:
    """The `name` of the `ppocr` reader with a model of the service's own, or with the one that
    comes with the program (None). The same file has the same name, wherever it lies; one that
    cannot be read has a name that no reading has.
    """
    if weights is None:
        return "ppocr"
    try:
        with weights.open("rb") as file:
            return f"ppocr {hashlib.file_digest(file, 'sha256').hexdigest()[:16]}"
    except OSError:
        return "ppocr unread"


def reader(
    name: str, words: tuple[str, ...] = (), steps: Steps = (), weights: Path | None = None
) -> Recogniser | None:
    """`recogniser`, or None for `NO_ENGINE`."""
    return None if name == NO_ENGINE else recogniser(name, words, steps, weights)


@cache
def recogniser(
    name: str, words: tuple[str, ...] = (), steps: Steps = (), weights: Path | None = None
) -> Recogniser:
    """The engine of that name, made once per process.

    `words`: what people here write that no dictionary knows (medicines, places, first names).
    `steps`: how far its confidences hold here; see `confidence.corrected`. `weights`: a reading
    model of the service's own, for `ppocr`.
    Raises `BadInvocation` for a name that does not exist, `MissingProgram` if the engine needs
    a program that is not installed, `BadTemplate` if the service's own model cannot be used.
    """
    if name not in ENGINES:
        known = ", ".join(ENGINES)
        raise BadInvocation(
            f"There is no reading engine called “{name}”.",
            remedy=f"Choose one of: {known}; or {NO_ENGINE}, and a person types the words.",
        )
    return ENGINES[name](words, steps, weights)
