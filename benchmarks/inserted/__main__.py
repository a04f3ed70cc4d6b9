"""Words put in afterwards, above a caret: `python -m benchmarks.inserted --help`.

Leaflets in drawn hands; in about every line a word or two are put in, smaller and above the gap,
with a "^" in it. Counted is what becomes of them: read in their place; read elsewhere, as a line of
their own, in a field that is marked; not read, but a word beside their place is marked; or lost
without a sign; and how many other words were lost.
Seeds below 1000 are for tuning; the figures in the README use 1000 on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click
import cv2
import numpy as np

from benchmarks.handwriting.score import FLAG_BELOW, align, bare
from benchmarks.options import conditions, seeded, workspace
from benchmarks.truth import STORY, Corrections, corrected
from scan_pipeline.demo.paper import CONDITIONS
from scan_pipeline.forms import Forms, load_forms
from scan_pipeline.reading.recognise import Recogniser, recogniser
from scan_pipeline.story import PageReading, TextValue
from scan_pipeline.worker import read_page

EVERY = 12
WORDS = (
    "not",
    "really",
    "always",
    "at first",
    "on Monday",
    "the nurse",
    "never",
    "most of the time",
)
OUTCOMES = ("in their place", "elsewhere", "marked", "lost")


def one(name: str, seed: int, index: int, forms: Forms, reader: Recogniser) -> Counter[str]:
    """What became of the words of one leaflet."""
    written, added, grey = corrected(CONDITIONS[name], seed, index, _chosen)
    reading, _ = read_page(grey, forms=forms, engine=reader)
    if not isinstance(reading, PageReading):
        return Counter({"not placed": 1})
    value = reading.fields[STORY]
    assert isinstance(value, TextValue)
    return _outcomes(written, added.inserted, value)


def _chosen(words: list[str], rng: np.random.Generator) -> Corrections:
    """What is put in before which word."""
    starts = range(1, len(words) - EVERY, EVERY)
    places = [start + int(rng.integers(EVERY)) for start in starts]
    return Corrections(inserted={at: WORDS[int(rng.integers(len(WORDS)))] for at in places})


def _outcomes(written: list[str], added: Mapping[int, str], value: TextValue) -> Counter[str]:
    truth: list[tuple[str, int]] = []  # each word, and before which word of the text it was put in
    for place, word in enumerate(written):
        truth += [(extra, place) for extra in added.get(place, "").split()]
        truth.append((word, -1))
    read = [word for line in value.lines for word in line.words]
    got = align([bare(word) for word, _ in truth], [bare(word.text) for word in read])
    extra = {bare(read[at].text) for kind, at in got if kind == "extra" and at is not None}
    found = [at for kind, at in got if kind != "extra"]
    counts: Counter[str] = Counter()
    for place in added:
        if place < len(written):
            mine = [k for k, (_, before) in enumerate(truth) if before == place]
            counts[_outcome(mine, truth, found, extra, value)] += 1
    others = [at for at, (_, place) in zip(found, truth, strict=True) if place < 0]
    counts["others"], counts["others lost"] = len(others), others.count(None)
    return counts


def _outcome(
    mine: list[int],
    truth: list[tuple[str, int]],
    found: list[int | None],
    extra: set[str],
    value: TextValue,
) -> str:
    """`mine`: which words of the truth were put in here; `found`: where each was read."""
    if all(found[k] is not None for k in mine):
        return "in their place"
    if value.review and any(bare(truth[k][0]) in extra for k in mine):
        return "elsewhere"
    read = [word for line in value.lines for word in line.words]
    near = [found[k] for k in (mine[0] - 1, *mine, mine[-1] + 1) if 0 <= k < len(found)]
    marked = any(at is not None and read[at].confidence < FLAG_BELOW for at in near)
    return "marked" if marked else "lost"


@click.command()
@conditions("flat", "photo")
@click.option("-n", "count", default=28, show_default=True, help="Leaflets of each condition.")
@seeded()
@workspace("inserted")
def main(names: tuple[str, ...], count: int, seed: int, workspace: Path) -> None:
    """In their place, elsewhere, marked or lost, by condition."""
    cv2.setNumThreads(1)
    forms, reader = load_forms(workspace), recogniser("ppocr")
    click.echo(f"| | {' | '.join(OUTCOMES)} | others lost | of |\n|---|---|---|---|---|---|---|")
    for name in names:
        counts: Counter[str] = Counter()
        for index in range(count):
            counts += one(name, seed, index, forms, reader)
        row = [*(counts[o] for o in OUTCOMES), counts["others lost"]]
        click.echo(f"| {name} | " + " | ".join(map(str, row)) + f" | {counts['others']} |")


if __name__ == "__main__":
    main()
