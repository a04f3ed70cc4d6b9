"""Words that are struck out: `python -m benchmarks.struck --help`.

Leaflets in drawn hands; on each line one word is struck out by a line, by two or by a zigzag.
Counted is what becomes of it: left out of the text (and shown as struck out), read but marked for a
person to look at, or read as if it were meant; and how many other words were lost.
Seeds below 1000 are for tuning; the figures in the README use 1000 on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import click
import cv2
import numpy as np

from benchmarks.handwriting.score import FLAG_BELOW, align, bare
from benchmarks.options import conditions, seeded, workspace
from benchmarks.truth import STORY, Corrections, corrected
from scan_pipeline.demo.corrections import Strike
from scan_pipeline.demo.paper import CONDITIONS
from scan_pipeline.forms import Forms, load_forms
from scan_pipeline.reading.recognise import Recogniser, recogniser
from scan_pipeline.story import PageReading, TextValue
from scan_pipeline.worker import read_page

EVERY = 6
SIZES = {"2 or 3 letters": (2, 3), "4 or 5": (4, 5), "6 and more": (6, 99)}
Counts = Counter[tuple[str, str, str]]


def one(name: str, seed: int, index: int, forms: Forms, reader: Recogniser) -> Counts:
    """What became of the words of one leaflet, by (how struck out, length, outcome)."""
    written, struck, grey = corrected(CONDITIONS[name], seed, index, _chosen)
    reading, _ = read_page(grey, forms=forms, engine=reader)
    if not isinstance(reading, PageReading):
        return Counter({("", "", "not placed"): 1})
    value = reading.fields[STORY]
    assert isinstance(value, TextValue)
    return _outcomes(written, struck.struck, value)


def _chosen(words: list[str], rng: np.random.Generator) -> Corrections:
    """About one word in `EVERY`, never two beside each other, and none of a single letter."""
    ways: tuple[Strike, ...] = get_args(Strike)
    chosen: dict[int, Strike] = {}
    for start in range(0, len(words) - EVERY, EVERY):
        at = start + int(rng.integers(EVERY - 1))
        if len(bare(words[at])) > 1:
            chosen[at] = ways[int(rng.integers(len(ways)))]
    return Corrections(struck=chosen)


def _outcomes(written: list[str], struck: Mapping[int, Strike], value: TextValue) -> Counts:
    """The words that are not in the text are "left out"; those that are, "marked" or "read"."""
    read = [word for line in value.lines for word in line.words]
    got = iter(align([bare(w) for w in written], [bare(w.text) for w in read]))
    found: dict[int, int | None] = {}
    for place in range(len(written)):
        kind, at = next(got)
        while kind == "extra":
            kind, at = next(got)
        found[place] = at
    counts: Counts = Counter()
    for place, at in found.items():
        if place not in struck:
            counts["not struck out", "", "left out" if at is None else "read"] += 1
            continue
        outcome = "left out"
        if at is not None:
            outcome = "marked" if read[at].confidence < FLAG_BELOW else "read"
        counts[struck[place], _size(written[place]), outcome] += 1
    return counts


def _size(word: str) -> str:
    return next(n for n, (least, most) in SIZES.items() if least <= len(bare(word)) <= most)


@click.command()
@conditions("flat", "photo")
@click.option("-n", "count", default=28, show_default=True, help="Leaflets of each condition.")
@seeded()
@workspace("struck")
def main(names: tuple[str, ...], count: int, seed: int, workspace: Path) -> None:
    """Left out, marked or read: by condition, way of striking out, and length of the word."""
    cv2.setNumThreads(1)
    forms, reader = load_forms(workspace), recogniser("ppocr")
    click.echo("| | | | left out | marked | read |\n|---|---|---|---|---|---|")
    for name in names:
        counts: Counts = Counter()
        for index in range(count):
            counts += one(name, seed, index, forms, reader)
        for way in (*get_args(Strike), "not struck out"):
            for size in SIZES if way != "not struck out" else ("",):
                row = [counts[way, size, o] for o in ("left out", "marked", "read")]
                click.echo(f"| {name} | {way} | {size} | " + " | ".join(map(str, row)) + " |")


if __name__ == "__main__":
    main()
