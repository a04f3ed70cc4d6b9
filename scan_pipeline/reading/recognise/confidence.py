"""How likely each word and letter is right: tables fitted to other people's handwriting.

The chances that a reading model gives are far too high on hands it does not know. What tells
truth is taken together: whether the letters alone say the same, whether other readings of the line
do, how well the letters bear the word out, whether the word is to be expected there, and how
well the whole line went. A letter is judged by all that tells of its word, and by its own place.
`python -m benchmarks.handwriting.fit` makes the tables.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scan_pipeline.reading.language.evidence import UNKNOWN_LOG, WordEvidence

TABLE = Path(__file__).with_name("confidence.json")
SIGNALS = (
    "readings",
    "letters",
    "length",
    "line",
    "path",
    "best",
    "gap",
    "weakest",
    "listed",
    "language",
    "next",
)
LETTER_SIGNALS = (
    *SIGNALS,
    "letter readings",
    "letter alone",
    "letter surest",
    "letter rival",
    "letter sign",
    "letter capital",
    "letter first",
)

Floats = NDArray[np.float64]
Steps = tuple[tuple[float, float], ...]

CAUTIOUS: Steps = ((0.0, 0.0), (0.9, 0.6), (0.98, 0.9), (1.0, 1.0))
"""What the table's chances count for with a reading model that it was not made for, until more is
learned: every doubt counts five times. PP-OCRv4 left twice as many mistakes unmarked as the model
of the table where 0.9 was enough, and none of them above 0.98 on modern hands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`weights`: of the constant and of each signal, in log odds. `steps`: (log odds, chance),
    rising: what such odds were worth on lines that the weights had not seen."""

    weights: Floats
    steps: Floats

    def chances(self, signals: Floats) -> Floats:
        """(n, signals) -> the chance of each of n words, or letters, to be right."""
        odds = self.weights[0] + signals @ self.weights[1:]
        return np.asarray(np.interp(odds, self.steps[0], self.steps[1]))


def corrected(chances: Floats, steps: Steps) -> Floats:
    """What the table's chances (words,) are worth here. `steps`: (chance by the table, chance
    here), both rising; without any, the same."""
    if not steps:
        return chances
    by_table, here = np.array(steps).T
    return np.asarray(np.interp(chances, by_table, here))


class Tables(NamedTuple):
    """How sure words are, by `SIGNALS`, and their letters, by `LETTER_SIGNALS`."""

    words: Table
    letters: Table


@cache
def tables() -> Tables:
    """The tables that travel with the program."""
    stored = json.loads(TABLE.read_text("utf-8"))
    return Tables(_table(stored["words"], SIGNALS), _table(stored["letters"], LETTER_SIGNALS))


def _table(stored: dict[str, Any], names: Sequence[str]) -> Table:
    weights = [stored["constant"], *(stored["weights"][name] for name in names)]
    return Table(weights=np.array(weights), steps=np.array(stored["steps"]).T)


def signals(
    words: Sequence[str],
    evidence: Sequence[WordEvidence],
    *,
    readings: Sequence[float],
    letters: Sequence[bool],
    line: float,
) -> Floats:
    """(words, `SIGNALS`). `words`: bare of punctuation. `readings`: share of the line's likely
    readings with the word; `letters`: whether the letter-by-letter reading has it; `line`: log
    score of the line per letter."""
    after = [e.language for e in evidence[1:]] + [UNKNOWN_LOG / 2]
    rows = [
        (
            s,
            float(by_letters),
            float(min(len(word), 8)),
            max(line, -4.0),
            max(e.path, -3.0),
            max(e.best, -3.0),
            float(np.log1p(-e.gap)),
            max(e.weakest, -6.0),
            float(e.listed),
            e.language,
            following if len(words) > 1 else UNKNOWN_LOG / 2,
        )
        for word, e, s, by_letters, following in zip(
            words, evidence, _odds(readings), letters, after, strict=True
        )
    ]
    return np.array(rows, dtype=np.float64).reshape(len(words), len(SIGNALS))


def letter_signals(
    words: Sequence[str],
    evidence: Sequence[WordEvidence],
    of_words: Floats,
    *,
    readings: Sequence[float],
    letters: Sequence[bool],
) -> Floats:
    """(letters of all words, `LETTER_SIGNALS`). `words`: as they are read; `of_words`: their
    `signals`. `readings`, `letters`: see there, of each letter at its place."""
    rows = [
        (*row, max(own, -6.0), max(rival, -6.0), not c.isalnum(), c.isupper(), k == 0)
        for word, e, row in zip(words, evidence, of_words.tolist(), strict=True)
        for k, (c, own, rival) in enumerate(zip(word, e.letters, e.rivals, strict=True))
    ]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(LETTER_SIGNALS) - 2)
    agreed = np.column_stack([_odds(readings), np.array(letters, np.float64)])
    return np.hstack([table[:, : len(SIGNALS)], agreed, table[:, len(SIGNALS) :]])


def _odds(shares: Sequence[float]) -> Floats:
    share = np.clip(np.array(shares, dtype=np.float64), 0.002, 0.998)
    return np.asarray(np.log(share / (1.0 - share)))
