"""Ink on the lines that says nothing: words struck out, underlines, drawings.

A line through a word has ink above and below it all along; an underline has none below, the bar of
a “t” crosses one stroke. Lengths are pixels of the ink grid unless a name says millimetres.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import Grey

WORD_GAP_MM = 1.5
STRIKE_MM = 4.5
MOST_OF_WORD = 0.8
BAND_MM = 0.34
OPEN = 0.6
LEANS = (-0.12, -0.06, 0.0, 0.06, 0.12)
CROSSED = 4
BESIDE_MM = 0.55
BLACKED_OUT = 0.45
BLACKED_MM = 4.0
SCRIBBLE_GAP_MM, SOLID_MM = 0.6, 1.7
UNDERLINE_MM, UNDERLINE_HIGH_MM, UNDERLINE_RISE = 8.0, 1.5, 0.15
DRAWN_MM = 12.0
DRAWN_LONGEST = 3.0
DRAWN_INK = 0.13

Bools = NDArray[np.bool_]


def struck_out(mine: Bools, px_per_mm: float) -> list[slice]:
    """The columns of one line of writing, (height, columns), in which it is struck out."""
    found = []
    for columns in _words(mine, WORD_GAP_MM * px_per_mm):
        part = mine[:, columns]
        inked = np.flatnonzero(part.any(axis=1))
        word = part[inked[0] : inked[-1] + 1].astype(np.uint8)
        if _blacked_out(word, px_per_mm) or _lined_through(word, px_per_mm):
            found.append(columns)
    return found


def core(grey: Grey, mine: Bools) -> Bools:
    """The ink of `mine` at least half as dark as its darkest: strokes as thin as the pen."""
    dark = 255 - grey[mine].astype(np.int16)
    least = 0.5 * float(np.percentile(dark, 95)) if dark.size else 0.0
    return np.asarray(mine & (grey < 255 - least))


def drawings(boxes: NDArray[np.int32], area: NDArray[np.int32], px_per_mm: float) -> Bools:
    """Which strokes are larger than letters and emptier than writing: a face, a heart, a flower.

    `boxes` (strokes, 4): left, top, width, height; `area`: their pixels.
    """
    width, height = boxes[:, 2], boxes[:, 3]
    large = np.minimum(width, height) >= DRAWN_MM * px_per_mm
    return np.asarray(
        large
        & (np.maximum(width, height) <= DRAWN_LONGEST * np.minimum(width, height))
        & (area <= DRAWN_INK * width * height)
        & (area > 0)
    )


def underlines(boxes: NDArray[np.int32], px_per_mm: float) -> Bools:
    """Which strokes are long level lines that touch no word."""
    width, height = boxes[:, 2], boxes[:, 3]
    level = height <= np.minimum(UNDERLINE_HIGH_MM * px_per_mm, UNDERLINE_RISE * width)
    return np.asarray(level & (width >= UNDERLINE_MM * px_per_mm))


def _words(mine: Bools, gap: float) -> list[slice]:
    """Runs of columns with ink; smaller gaps than `gap` are bridged."""
    columns = np.flatnonzero(mine.any(axis=0))
    if not len(columns):
        return []
    cuts = np.flatnonzero(np.diff(columns) > gap)
    starts = columns[np.concatenate([[0], cuts + 1])]
    ends = columns[np.concatenate([cuts, [len(columns) - 1]])]
    return [slice(int(a), int(b) + 1) for a, b in zip(starts, ends, strict=True)]


def _blacked_out(word: NDArray[np.uint8], px_per_mm: float) -> bool:
    """Scribbled over until little paper is left, however the scribble runs."""
    gap, solid = (max(1, round(mm * px_per_mm)) for mm in (SCRIBBLE_GAP_MM, SOLID_MM))
    framed = np.asarray(np.pad(word, solid), np.uint8)
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((solid, solid), np.uint8))
    covered = int(opened.any(axis=0).sum())
    return covered >= BLACKED_MM * px_per_mm and float(opened.sum()) > BLACKED_OUT * word.size


def _lined_through(word: NDArray[np.uint8], px_per_mm: float) -> bool:
    width = word.shape[1]
    if width < STRIKE_MM * px_per_mm:
        return False
    band = max(1, round(BAND_MM * px_per_mm))
    for lean in LEANS:
        level = _levelled(word, lean)
        thick = np.asarray(cv2.dilate(level, np.ones((band, 1), np.uint8)), np.uint8)
        joined = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
        for row in np.flatnonzero(joined.mean(axis=1) >= MOST_OF_WORD):
            run = _longest_run(joined[row])
            if run.stop - run.start < max(STRIKE_MM * px_per_mm, MOST_OF_WORD * width):
                continue
            away = band + round(BESIDE_MM * px_per_mm)
            above, below = int(row) - away, int(row) + away
            if above < 0 or below >= len(level):
                continue
            beside = (level[above, run], level[below, run])
            crossed = min(_strokes(part) for part in beside) >= CROSSED
            if crossed and max(float(part.mean()) for part in beside) <= OPEN:
                return True
    return False


def _levelled(word: NDArray[np.uint8], lean: float) -> NDArray[np.uint8]:
    """The word with a slope of `lean` taken out."""
    height, width = word.shape
    reach = abs(lean) * width
    matrix = np.array([[1.0, 0.0, 0.0], [-lean, 1.0, reach if lean > 0 else 0.0]])
    size = (width, int(height + reach) + 1)
    return np.asarray(cv2.warpAffine(word, matrix, size, flags=cv2.INTER_NEAREST), np.uint8)


def _longest_run(row: NDArray[np.uint8]) -> slice:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row, [0]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    best = int(np.argmax(ends - starts))
    return slice(int(starts[best]), int(ends[best]))


def _strokes(row: NDArray[np.uint8]) -> int:
    """How many strokes a row crosses."""
    return int((np.diff(np.concatenate([[0], row]).astype(np.int8)) > 0).sum())
