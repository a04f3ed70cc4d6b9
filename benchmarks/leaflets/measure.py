"""Whole leaflets through the whole reader: ticks and words, by condition and by font."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from benchmarks.handwriting.score import FLAG_BELOW, align
from benchmarks.truth import grey_of, is_blacked_out_alone, same_answer, simulated
from scan_pipeline.demo.paper import CONDITIONS
from scan_pipeline.forms import Forms, load_forms
from scan_pipeline.reading.recognise import recogniser
from scan_pipeline.story import ChoiceValue, PageReading, TextValue
from scan_pipeline.worker import read_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaflet:
    """What became of one leaflet. `tick_due`: fields that a person must be asked about, and was;
    `tick_flags`: other fields that a person was asked about. `edits` and `letters`: character
    errors and characters; `wrong_words`, `unflagged_wrong`, `flagged`, `words` likewise."""

    condition: str
    font: str
    placed: bool
    reason: str
    ticks: int
    tick_due: int
    tick_flags: int
    tick_silent: tuple[str, ...]
    edits: int
    letters: int
    words: int
    flagged: int
    wrong_words: int
    unflagged_wrong: int
    seconds: float


@cache
def _forms(workspace: Path) -> Forms:
    cv2.setNumThreads(1)
    return load_forms(workspace)


def one_leaflet(job: tuple[str, int, int, str, str]) -> Leaflet:
    """Fill in leaflet `index` of `seed`, put it through the condition, read it, compare."""
    name, seed, index, workspace, engine = job
    forms = _forms(Path(workspace))
    filled, sheet = simulated(CONDITIONS[name], seed, index)
    grey = grey_of(sheet.image)
    reader = recogniser(engine)
    start = time.perf_counter()
    reading, _ = read_page(grey, forms=forms, engine=reader)
    seconds = time.perf_counter() - start
    if not isinstance(reading, PageReading) or not reading.fields:
        return _refused(name, filled.font, getattr(reading, "reason", ""), seconds)
    silent, flags, due = [], 0, 0
    for field, truth in filled.choices.items():
        value = reading.fields[field]
        assert isinstance(value, ChoiceValue)
        must_ask = is_blacked_out_alone(filled, field)
        due += must_ask and value.review
        flags += value.review and not must_ask
        if not value.review and (must_ask or not same_answer(value.value, truth)):
            silent.append(f"{field}: {truth} read as {value.value}")
    pairs = [(" ".join(lines), reading.fields[field]) for field, lines in filled.texts.items()]
    texts = [(truth, value) for truth, value in pairs if isinstance(value, TextValue)]
    counts = [_words(truth, value) for truth, value in texts]
    return Leaflet(
        condition=name,
        font=filled.font,
        placed=True,
        reason="",
        ticks=len(filled.choices),
        tick_due=due,
        tick_flags=flags,
        tick_silent=tuple(silent),
        edits=sum(distance(truth, value.text) for truth, value in texts),
        letters=sum(len(truth) for truth, _ in texts),
        words=sum(len(truth.split()) for truth, _ in texts),
        flagged=sum(c[0] for c in counts),
        wrong_words=sum(c[1] for c in counts),
        unflagged_wrong=sum(c[2] for c in counts),
        seconds=seconds,
    )


def _refused(name: str, font: str, reason: str, seconds: float) -> Leaflet:
    return Leaflet(
        condition=name, font=font, placed=False, reason=reason, ticks=0, tick_due=0,
        tick_flags=0, tick_silent=(), edits=0, letters=0, words=0, flagged=0, wrong_words=0,
        unflagged_wrong=0, seconds=seconds,
    )  # fmt: skip


def _words(truth: str, value: TextValue) -> tuple[int, int, int]:
    """(words flagged, words wrong, wrong and not flagged). A word that was missed altogether is
    wrong and not flagged; so is one that nobody wrote."""
    said = [w for line in value.lines for w in line.words]
    flags = [w.confidence < FLAG_BELOW for w in said]
    wrong = silent = 0
    for op, got in align(truth.split(), [w.text for w in said]):
        if op == "same":
            continue
        wrong += 1
        silent += got is None or not flags[got]
    return sum(flags), wrong, silent


def distance(truth: str, got: str) -> int:
    """Levenshtein distance in characters."""
    row = np.arange(len(got) + 1)
    letters = np.frombuffer(got.encode("utf-32-le"), np.uint32)
    for k, letter in enumerate(truth, start=1):
        change = row[:-1] + (letters != ord(letter))
        best = np.minimum(change, row[1:] + 1)
        row = np.concatenate([[k], best])
        # An insertion continues the row: the running minimum of (value - place) does it at once.
        row = np.minimum.accumulate(row - np.arange(len(row))) + np.arange(len(row))
    return int(row[-1])


def run(
    names: Sequence[str], count: int, seed: int, workspace: Path, engine: str, workers: int
) -> list[Leaflet]:
    """Every leaflet of every condition, in a pool of single-threaded processes."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    forms = load_forms(workspace)
    forms.blank(next(iter(forms)), 1)
    jobs = [(n, seed, k, str(workspace), engine) for n in names for k in range(count)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(one_leaflet, jobs, chunksize=2))


def row(label: str, mine: Sequence[Leaflet]) -> dict[str, object]:
    """One line of the table."""
    letters = max(1, sum(r.letters for r in mine))
    words = max(1, sum(r.words for r in mine))
    unflagged = max(1, words - sum(r.flagged for r in mine))
    return {
        "": label,
        "leaflets": len(mine),
        "placed": sum(r.placed for r in mine),
        "tick fields": sum(r.ticks for r in mine),
        "right": sum(r.ticks - r.tick_flags - len(r.tick_silent) for r in mine),
        "of these asked as due": sum(r.tick_due for r in mine),
        "asked": sum(r.tick_flags for r in mine),
        "silent": sum(len(r.tick_silent) for r in mine),
        "CER %": round(100 * sum(r.edits for r in mine) / letters, 2),
        "WER %": round(100 * sum(r.wrong_words for r in mine) / words, 2),
        "words flagged %": round(100 * sum(r.flagged for r in mine) / words, 1),
        "wrong of unflagged %": round(100 * sum(r.unflagged_wrong for r in mine) / unflagged, 2),
        "s a page": round(float(np.median([r.seconds for r in mine])), 2),
    }
