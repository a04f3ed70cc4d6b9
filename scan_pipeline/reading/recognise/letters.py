"""Lines in no language that we have words for: the likeliest letters, every word in doubt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scan_pipeline.reading.recognise.model import BLANK, ENGLISH, Posteriors
from scan_pipeline.story import LineReading, WordReading

OF_NO_LANGUAGE = "ĸŉſĲĳĿŀ"
_EUROPE = (chr(code) for code in range(0xC0, 0x180))
LATIN = "".join(
    dict.fromkeys((*ENGLISH, *(c for c in _EUROPE if c.isalpha() and c not in OF_NO_LANGUAGE)))
)
LATIN += "ȘșȚț"
"""The letters of the languages that are written in Latin letters in Europe, and those of English
with its signs and digits; the model knows them all."""
MOST_SURE = 0.8
"""No word is surer than this: below what a person need not look at. No list of words has looked."""


def greedy(posteriors: Posteriors, letters: Sequence[str]) -> str:
    """The likeliest letter of every step and nothing else: as it was spelt, right or wrong."""
    return " ".join(word for word, _ in spelt(posteriors, letters))


def spelt(posteriors: Posteriors, letters: Sequence[str]) -> list[tuple[str, float]]:
    """The same word by word, each with the chance of all its letters together by the model."""
    best = posteriors.argmax(axis=1)
    chances = np.log(np.maximum(posteriors.max(axis=1).astype(np.float64), 1e-30))
    starts = (best != BLANK) & (best != np.concatenate([[BLANK], best[:-1]]))
    words: list[tuple[str, float]] = []
    word, chance = "", 0.0
    for k, begins, step in zip(best.tolist(), starts.tolist(), chances.tolist(), strict=True):
        if begins and letters[k] == " ":
            words.append((word, chance))
            word, chance = "", 0.0
        else:
            word += letters[k] if begins else ""
            chance += step
    words.append((word, chance))
    return [(text, float(np.exp(sure))) for text, sure in words if text]


def by_letters(posteriors: Posteriors, letters: Sequence[str]) -> LineReading:
    """The line as it is spelt. A word's confidence is the model's, held below `MOST_SURE`."""
    words = tuple(
        WordReading(text=text, confidence=round(MOST_SURE * chance, 4))
        for text, chance in spelt(posteriors, letters)
    )
    return LineReading(
        text=" ".join(word.text for word in words),
        confidence=round(float(np.mean([w.confidence for w in words])), 4) if words else 0.0,
        words=words,
    )
