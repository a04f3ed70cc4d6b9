"""How likely each word is right: a table fitted to other people's handwriting, not a feeling.

The chances that a reading model gives are far too high on hands it does not know. What tells
truth is taken together: whether the letters alone say the same, whether other readings of the line
do, how well the letters bear the word out, whether the word is to be expected there, and how
well the whole line went. `python -m benchmarks.handwriting.fit` makes the table.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
        """(words, signals) -> the chance of each word to be right."""
        odds = self.weights[0] + signals @ self.weights[1:]
        return np.asarray(np.interp(odds, self.steps[0], self.steps[1]))


def corrected(chances: Floats, steps: Steps) -> Floats:
    """What the table's chances (words,) are worth here. `steps`: (chance by the table, chance
    here), both rising; without any, the same."""
    if not steps:
        return chances
    by_table, here = np.array(steps).T
    return np.asarray(np.interp(chances, by_table, here))


@cache
def table() -> Table:
    """The table that travels with the program."""
    stored = json.loads(TABLE.read_text("utf-8"))
    weights = [stored["constant"], *(stored["weights"][name] for name in SIGNALS)]
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
    share = np.clip(np.array(readings), 0.002, 0.998)
    after = [e.language for e in evidence[1:]] + [UNKNOWN_LOG / 2]
    rows = [
        (
            float(np.log(s / (1.0 - s))),
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
            words, evidence, share, letters, after, strict=True
        )
    ]
    return np.array(rows, dtype=np.float64).reshape(len(words), len(SIGNALS))
