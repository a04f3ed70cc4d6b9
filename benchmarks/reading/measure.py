"""Real ink, line by line: character and word errors, by engine and writer, and what is flagged.

A folder holds `lines.tsv`: image, tab, the text as it was written. The lines are evened out,
enlarged where they are coarse, and cropped tight to the ink, as the scanner's own lines are.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.leaflets.measure import DOUBTFUL_BELOW, align, distance
from scan_pipeline.page import Grey
from scan_pipeline.reading.recognise import Recogniser
from scan_pipeline.reading.register import even_light

COARSE_PX = 120
INK = 205


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line read. `words`: (confidence, right) of each word that was read; `missed`: written
    words that were not read at all."""

    writer: str
    truth: str
    got: str
    words: tuple[tuple[float, bool], ...]
    missed: int
    seconds: float


def lines_of(folder: Path, limit: int | None = None) -> list[tuple[Path, str]]:
    """(image, text) of each line in the folder's list."""
    rows = (folder / "lines.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [row.split("\t", 1) for row in rows if "\t" in row]
    return [(folder / image, text.strip()) for image, text in pairs][:limit]


def writer_of(image: Path) -> str:
    """What the file name says of who wrote: its first part, up to an underscore."""
    return re.split(r"[_.]", image.name, maxsplit=1)[0]


def prepared(image: Grey) -> Grey:
    """Evenly lit, enlarged if coarse, cropped tight to the ink."""
    scale = max(1.0, COARSE_PX / image.shape[0])
    big = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    padded = cv2.copyMakeBorder(big, 24, 24, 24, 24, cv2.BORDER_REPLICATE)
    flat = even_light(np.asarray(padded, np.uint8))
    ink = cv2.GaussianBlur(flat, (0, 0), 1.0) < INK
    rows, cols = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return flat
    return np.ascontiguousarray(flat[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1])


def read_folder(folder: Path, engine: Recogniser, limit: int | None = None) -> list[Line]:
    """Read every line of a folder, one after the other, and compare."""
    out = []
    for path, truth in lines_of(folder, limit):
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise ValueError(f"{path} is no picture")
        crop = prepared(np.asarray(picture, np.uint8))
        start = time.perf_counter()
        (reading,) = engine.read([crop])
        seconds = time.perf_counter() - start
        texts = [w.text.lower() for w in reading.words]
        edits = align(truth.lower().split(), texts)
        right = {k: op == "same" for op, k in edits if k is not None}
        out.append(
            Line(
                writer=writer_of(path),
                truth=truth,
                got=reading.text,
                words=tuple((w.confidence, right[k]) for k, w in enumerate(reading.words)),
                missed=sum(k is None for _, k in edits),
                seconds=seconds,
            )
        )
    return out


def rates(lines: Sequence[Line], *, lower: bool) -> tuple[float, float]:
    """(CER, WER) in per cent over all lines together."""
    pairs = [(a.truth, a.got) for a in lines]
    if lower:
        pairs = [(truth.lower(), got.lower()) for truth, got in pairs]
    letters = sum(len(truth) for truth, _ in pairs)
    words = sum(len(truth.split()) for truth, _ in pairs)
    wrong = sum(op != "same" for truth, got in pairs for op, _ in align(truth.split(), got.split()))
    edits = sum(distance(truth, got) for truth, got in pairs)
    return 100 * edits / max(1, letters), 100 * wrong / max(1, words)


def reliability(words: NDArray[np.float64]) -> tuple[list[tuple[float, float, int]], float]:
    """Ten bins of (mean confidence, share right, words), and the expected calibration error.

    `words`: (n, 2) of confidence and 1 for right, 0 for wrong."""
    bins, error = [], 0.0
    place = np.clip((words[:, 0] * 10).astype(int), 0, 9)
    for k in range(10):
        mine = words[place == k]
        if len(mine):
            said, true = (float(v) for v in mine.mean(axis=0))
            bins.append((said, true, len(mine)))
            error += abs(said - true) * len(mine) / len(words)
    return bins, error


def summary(name: str, engine: str, lines: Sequence[Line]) -> dict[str, object]:
    """One row of the table."""
    cased, lower = rates(lines, lower=False), rates(lines, lower=True)
    writers = sorted({line.writer for line in lines})
    each = [rates([a for a in lines if a.writer == w], lower=True)[0] for w in writers]
    words = np.array([pair for line in lines for pair in line.words], np.float64).reshape(-1, 2)
    sure = words[words[:, 0] >= DOUBTFUL_BELOW]
    return {
        "folder": name,
        "engine": engine,
        "lines": len(lines),
        "CER %": round(cased[0], 1),
        "WER %": round(cased[1], 1),
        "CER lower %": round(lower[0], 1),
        "WER lower %": round(lower[1], 1),
        "writer median, worst %": f"{np.median(each):.1f}, {max(each):.1f}",
        "words flagged %": round(100 * (1 - len(sure) / max(1, len(words))), 1),
        "wrong of unflagged %": round(100 * float(1 - sure[:, 1].mean()), 1) if len(sure) else 0.0,
        "calibration error": round(reliability(words)[1], 3) if len(words) else 0.0,
        "ms a line": round(1000 * float(np.mean([line.seconds for line in lines]))),
    }
