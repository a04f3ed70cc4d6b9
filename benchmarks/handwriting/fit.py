"""Fits the confidence tables: `python -m benchmarks.handwriting.fit FOLDER…`.

The weights are a logistic regression; what its odds are worth is then learnt on writers left out
one after another, as a rising line (isotonic), because every hand is new to the reader. Every
writer of the folders teaches the tables that travel with the program. So the benchmark judges no
writer by those, but by ones fitted in the same way on all the others (`left_out`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.handwriting.lines import TrueLine, by_hand, from_folder
from benchmarks.handwriting.score import bare, right_letters, right_words
from benchmarks.handwriting.strained import strained
from scan_pipeline.reading.recognise.confidence import (
    LETTER_SIGNALS,
    SIGNALS,
    TABLE,
    Table,
    Tables,
)
from scan_pipeline.reading.recognise.ppocr import Judged, PpOcr

STRAINED = (28, 12, 501)
RIDGE = 1.0
KNOTS = 24
CAUTION = 2.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was read on lines whose truth is known: signals (n, signals), right or not (n,), and the
    writer, of each of n words or letters."""

    signals: Floats
    right: Floats
    writers: NDArray[np.str_]

    def without(self, writer: str) -> Lesson:
        """What the other writers teach."""
        others = self.writers != writer
        return Lesson(
            signals=self.signals[others], right=self.right[others], writers=self.writers[others]
        )


class Lessons(NamedTuple):
    words: Lesson
    letters: Lesson


def lessons(lines: Sequence[TrueLine], judged: Sequence[Judged]) -> Lessons:
    """The words of all lines in one, and their letters."""
    words: list[bool] = []
    letters: list[bool] = []
    of_words: list[str] = []
    of_letters: list[str] = []
    for line, found in zip(lines, judged, strict=True):
        words += right_words([bare(w) for w in line.text.split()], [bare(w) for w in found.words])
        letters += right_letters(line.text, found.words)
        of_words += [line.writer] * len(found.words)
        of_letters += [line.writer] * sum(map(len, found.words))
    return Lessons(
        Lesson(
            signals=np.concatenate([found.signals for found in judged]),
            right=np.array(words, np.float64),
            writers=np.array(of_words),
        ),
        Lesson(
            signals=np.concatenate([found.letter_signals for found in judged]),
            right=np.array(letters, np.float64),
            writers=np.array(of_letters),
        ),
    )


def left_out(taught: Lessons, writer: str) -> Tables:
    """The tables that the other writers teach."""
    return Tables(*(fitted(lesson.without(writer)) for lesson in taught))


def fitted(taught: Lesson) -> Table:
    """The table that all these words, or letters, teach."""
    odds = np.zeros(len(taught.right))
    for writer in sorted(set(taught.writers.tolist())):
        mine = taught.writers == writer
        weights = logistic(taught.signals[~mine], taught.right[~mine])
        odds[mine] = weights[0] + taught.signals[mine] @ weights[1:]
    return Table(
        weights=logistic(taught.signals, taught.right),
        steps=np.array(rising(odds, taught.right)).T,
    )


def logistic(signals: Floats, right: Floats) -> Floats:
    """Weights of the constant and the signals, by Newton's method with a ridge."""
    design = np.column_stack([np.ones(len(signals)), signals])
    ridge = RIDGE * np.eye(design.shape[1])
    ridge[0, 0] = 1e-3
    weights = np.zeros(design.shape[1])
    for _ in range(25):
        chance = 1.0 / (1.0 + np.exp(-design @ weights))
        spread = chance * (1.0 - chance) + 1e-6
        slope = design.T @ (right - chance) - ridge @ weights
        weights += np.linalg.solve(design.T @ (design * spread[:, None]) + ridge, slope)
    return weights


def rising(odds: Floats, right: Floats) -> list[tuple[float, float]]:
    """(odds, chance) steps that only rise: neighbours that fall are pooled, ends are cautious."""
    order = np.argsort(odds)
    groups = np.array_split(order, KNOTS)
    pools = [[float(odds[g].mean()), float(right[g].sum()), float(len(g))] for g in groups]
    done: list[list[float]] = []
    for pool in pools:
        done.append(pool)
        while len(done) > 1 and done[-2][1] / done[-2][2] > done[-1][1] / done[-1][2]:
            (a, r, n), (b, q, m) = done[-2:]
            done[-2:] = [[(a * n + b * m) / (n + m), r + q, n + m]]
    # Caution takes more from a small pool, which may lie above a large one.
    chances = [(r + CAUTION / 2) / (n + CAUTION) for _, r, n in done]
    lowest = np.minimum.accumulate(chances[::-1])[::-1]
    return [(round(x, 3), round(float(c), 4)) for (x, _, _), c in zip(done, lowest, strict=True)]


def _stored(table: Table, names: Sequence[str]) -> dict[str, object]:
    constant, *weights = (round(float(v), 4) for v in table.weights)
    return {
        "constant": constant,
        "weights": dict(zip(names, weights, strict=True)),
        "steps": [[round(float(x), 3), round(float(y), 4)] for x, y in table.steps.T],
    }


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("-o", "--output", default=TABLE, type=click.Path(path_type=Path))
def main(folders: tuple[Path, ...], output: Path) -> None:
    """Learn how far the reader may be trusted, from lines whose truth is known."""
    reader = PpOcr()
    lines = [*(line for folder in folders for line in from_folder(folder)), *strained(*STRAINED)]
    taught = lessons(lines, by_hand(lines, reader.judge_hand))
    stored = {
        "words": _stored(fitted(taught.words), SIGNALS),
        "letters": _stored(fitted(taught.letters), LETTER_SIGNALS),
        "learnt_from": {
            "lines": len(lines),
            "words": len(taught.words.right),
            "letters": len(taught.letters.right),
            "writers": len(set(taught.words.writers.tolist())),
        },
    }
    output.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    click.echo(f"{stored['learnt_from']} -> {output}")


if __name__ == "__main__":
    main()
