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
Places = NDArray[np.int64]


def struck_out(mine: Bools, px_per_mm: float) -> list[slice]:
    """The columns of one line of writing, (height, columns), in which it is struck out."""
    line = mine.astype(np.uint8)
    words = _words(line, WORD_GAP_MM * px_per_mm)
    if not words:
        return []
    starts = np.array([[w.start, w.stop] for w in words]).ravel()
    gone = _blacked_out(line, words, px_per_mm) | _lined_through(line, starts, px_per_mm)
    return [word for word, out in zip(words, gone, strict=True) if out]


def core(grey: Grey, mine: Bools) -> Bools:
    """The ink of `mine` at least half as dark as its darkest: strokes as thin as the pen."""
    counts = np.bincount(255 - grey[mine], minlength=256).cumsum()
    if not counts[-1]:
        return mine
    # The 95th percentile, from the counts: sorting a line's pixels takes ten times as long.
    place = 0.95 * float(counts[-1] - 1)
    below, above = np.searchsorted(counts, [int(place), int(np.ceil(place))], "right").tolist()
    least = 0.5 * (below + (above - below) * (place - int(place)))
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


def _words(line: NDArray[np.uint8], gap: float) -> list[slice]:
    """Runs of columns with ink; smaller gaps than `gap` are bridged."""
    columns = np.flatnonzero(line.any(axis=0))
    if not len(columns):
        return []
    cuts = np.flatnonzero(np.diff(columns) > gap)
    starts = columns[np.concatenate([[0], cuts + 1])]
    ends = columns[np.concatenate([cuts, [len(columns) - 1]])]
    return [slice(int(a), int(b) + 1) for a, b in zip(starts, ends, strict=True)]


def _blacked_out(line: NDArray[np.uint8], words: list[slice], px_per_mm: float) -> Bools:
    """Which words are scribbled over until little paper is left, however the scribble runs."""
    gap, solid = (max(1, round(mm * px_per_mm)) for mm in (SCRIBBLE_GAP_MM, SOLID_MM))
    framed = np.asarray(np.pad(line, solid), np.uint8)
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((solid, solid), np.uint8))
    black = cv2.reduce(opened, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel()
    out = np.zeros(len(words), bool)
    if not black.any():
        return out
    for k, word in enumerate(words):
        held = black[max(0, word.start) : word.stop + 2 * solid]
        if int((held > 0).sum()) >= BLACKED_MM * px_per_mm:
            inked = np.flatnonzero(line[:, word].any(axis=1))
            size = (int(np.ptp(inked)) + 1) * (word.stop - word.start)
            out[k] = float(held.sum()) > BLACKED_OUT * size
    return out


def _lined_through(line: NDArray[np.uint8], ends: NDArray[np.int64], px_per_mm: float) -> Bools:
    """Which words have a line through them. `ends`: first column of each, and the one after it."""
    starts, widths = ends[::2], np.diff(ends)[::2]
    out = np.zeros(len(starts), bool)
    long = widths >= STRIKE_MM * px_per_mm
    if not long.any():
        return out
    band = max(1, round(BAND_MM * px_per_mm))
    column = np.arange(line.shape[1])
    along = column - starts[np.clip(np.searchsorted(starts, column, "right") - 1, 0, None)]
    ys, xs = np.nonzero(line)
    for lean in LEANS:
        level = _levelled(line.shape, ys, xs, along, lean)
        thick = np.asarray(cv2.dilate(level, np.ones((band, 1), np.uint8)), np.uint8)
        closed = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
        joined = np.asarray(closed, np.uint8)
        sums = np.diff(cv2.integral(joined)[:, ends], axis=0)
        held = sums[:, 1::2] - sums[:, ::2]
        for row, k in np.argwhere((held >= MOST_OF_WORD * widths) & (long & ~out)):
            word = slice(int(starts[k]), int(starts[k] + widths[k]))
            out[k] |= _is_line(level[:, word], joined[row, word], int(row), band, px_per_mm)
    return out


def _is_line(
    level: NDArray[np.uint8], joined: NDArray[np.uint8], row: int, band: int, px_per_mm: float
) -> bool:
    """Whether a row of a word that is nearly all ink is a line across its strokes."""
    run = _longest_run(joined)
    if run.stop - run.start < max(STRIKE_MM * px_per_mm, MOST_OF_WORD * len(joined)):
        return False
    away = band + round(BESIDE_MM * px_per_mm)
    if row - away < 0 or row + away >= len(level):
        return False
    beside = (level[row - away, run], level[row + away, run])
    crossed = min(_strokes(part) for part in beside) >= CROSSED
    return crossed and max(float(part.mean()) for part in beside) <= OPEN


def _levelled(
    shape: tuple[int, ...], ys: Places, xs: Places, along: Places, lean: float
) -> NDArray[np.uint8]:
    """The line with a slope of `lean` taken out of every word. `ys`, `xs`: its ink; `along`: how
    far each column lies from the start of its word."""
    shift = np.rint(lean * along).astype(np.int64)
    shift -= shift.max()
    level = np.zeros((shape[0] - int(shift.min()) + 1, shape[1]), np.uint8)
    level[ys - shift[xs], xs] = 1
    return level


def _longest_run(row: NDArray[np.uint8]) -> slice:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row, [0]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    best = int(np.argmax(ends - starts))
    return slice(int(starts[best]), int(ends[best]))


def _strokes(row: NDArray[np.uint8]) -> int:
    """How many strokes a row crosses."""
    return int((np.diff(np.concatenate([[0], row]).astype(np.int8)) > 0).sum())
