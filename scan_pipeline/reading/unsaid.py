"""Ink on the lines that says nothing: words struck out, underlines, drawings.

A line through a word has ink above and below it all along; an underline has none below, the bar of
a “t” crosses one stroke. A thick pen makes lines of its own: the arches of “me” run together, and
bold letters leave as little paper as a scribble. So a word is out only where the stroke is seen by
itself between the letters, or the scribble is wider than this pen's letters; else it is in doubt.
Lengths are pixels of the ink grid unless a name says millimetres.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import Grey

WORD_GAP_MM = 1.5
STRUCK_GAP_MM, TOUCHING_MM, STICKS_OUT_MM = 1.0, 0.2, 0.25
STRIKE_MM = 4.5
MOST_OF_WORD = 0.8
BAND_MM = 0.34
OPEN = 0.6
LEANS = (-0.12, -0.09, -0.06, -0.03, 0.0, 0.03, 0.06, 0.09, 0.12)
BOWS_MM = (-0.33, 0.0, 0.33)
CROSSED = 4
BESIDE_MM, BESIDE_PX = 0.55, 2
BLACKED_OUT = 0.45
BLACKED_MM = 4.0
SCRIBBLE_GAP_MM, SOLID_MM = 0.6, 1.7
THICK_PEN_MM, BOLD_PEN_MM, SOLID_PENS, MOST_SCRIBBLES = 0.55, 0.66, 2.5, 2
LETTER_PX, FREE_INK = 7, 0.2
LINE_MM, LINE_PENS, UNEVEN = 1.2, 1.3, 1.35
STROKE_EVERY_MM = 4.0
UNDERLINE_MM, UNDERLINE_HIGH_MM, UNDERLINE_RISE = 8.0, 1.5, 0.15
DRAWN_MM = 12.0
CROSSING_MM, CROSSING_HIGH_MM, CROSSING_GAP_MM = 20.0, 6.0, 0.7
DRAWN_LONGEST = 3.0
DRAWN_INK = 0.13

Bools = NDArray[np.bool_]
Places = NDArray[np.int64]


class Struck(NamedTuple):
    """Columns of a line of writing: `out`, struck out for sure; `perhaps`, only maybe."""

    out: list[slice]
    perhaps: list[slice]


class _Stroke(NamedTuple):
    """A line through a word: how much of the word it runs through, the share of its columns where
    it is alone and that of the third where this is least, how far it strays from straight
    (pixels), how many strokes of letters there are on the side with fewer, and how far it sticks
    out of the word at the end where that is less (pixels). Also: the least that is asked of one."""

    run: float
    alone: float
    in_thirds: float
    stray_px: float
    crossed: float
    out_px: float = 0.0

    def is_at_least(self, needed: _Stroke) -> bool:
        return (
            self.run >= needed.run
            and self.alone >= needed.alone
            and self.in_thirds >= needed.in_thirds
            and self.stray_px <= needed.stray_px
            and self.crossed >= needed.crossed
            and self.out_px >= needed.out_px
        )


EVIDENT = _Stroke(run=0.92, alone=0.3, in_thirds=0.1, stray_px=1.2, crossed=4)
# A thick stroke's edges are uneven, but what a thick pen wrote makes strokes of its own.
EVIDENT_THICK = _Stroke(run=0.97, alone=0.45, in_thirds=0.3, stray_px=1.6, crossed=6)
POSSIBLE = _Stroke(run=0.85, alone=0.15, in_thirds=0.0, stray_px=2.0, crossed=3)


def struck_out(mine: Bools, px_per_mm: float, field_pen: float | None = None) -> Struck:
    """The columns of one line of writing, (height, columns), in which it is struck out.

    `field_pen`: how wide the pen is elsewhere in the field (pixels), for a line that is nothing but
    a scribble or two; None if there is nothing else."""
    line = mine.astype(np.uint8)
    words = _words(line, WORD_GAP_MM * px_per_mm)
    if not words:
        return Struck([], [])
    black = _blacked_out(line, words, (SCRIBBLE_GAP_MM, SOLID_MM), px_per_mm)
    free = line.copy()
    for word, scribbled in zip(words, black, strict=True):
        free[:, word] *= not scribbled
    some = int(free.sum()) >= FREE_INK * int(line.sum())
    pen = pen_px(free) if some else float("inf")
    if np.isfinite(pen):
        pen = max(pen, field_pen or 0.0)
    elif field_pen is not None and len(words) <= MOST_SCRIBBLES:
        pen = field_pen
    else:
        pen = max(pen_px(line), field_pen or 0.0)
    thick = pen >= THICK_PEN_MM * px_per_mm
    bold = pen >= BOLD_PEN_MM * px_per_mm
    solid = max(SOLID_MM, SOLID_PENS * min(pen / px_per_mm, BOLD_PEN_MM))
    sure = black & _blacked_out(line, words, (0.0 if thick else SCRIBBLE_GAP_MM, solid), px_per_mm)
    # Bold letters are as black as a scribble; a fine pen that makes them everywhere is no scribble.
    if bold or black.sum() > max(MOST_SCRIBBLES, len(words) / 3):
        sure[:] = False
    out = [w for w, gone in zip(words, sure, strict=True) if gone]
    doubts = [w for w, may in zip(words, black, strict=True) if may]
    for gap in (STRUCK_GAP_MM, TOUCHING_MM):
        pieces = [p for p in _words(line, gap * px_per_mm) if not _within(p, out)]
        lined, perhaps = _lined_through(line, pieces, pen, px_per_mm)
        out += [p for p, gone in zip(pieces, lined, strict=True) if gone]
        doubts += [p for p, may in zip(pieces, perhaps, strict=True) if may]
    return Struck(out, [d for d in doubts if not _within(d, out)])


def _within(piece: slice, words: list[slice]) -> bool:
    return any(w.start <= piece.start and piece.stop <= w.stop for w in words)


def pen_px(line: NDArray[np.uint8]) -> float:
    """How wide this pen's strokes usually are; infinite where nothing is as high as a letter. Flat
    pieces, like those of a printed rule, are left out."""
    _, label, stats, _ = cv2.connectedComponentsWithStats(line, connectivity=8)
    letters = stats[:, cv2.CC_STAT_HEIGHT] >= LETTER_PX
    letters[0] = False
    if not letters.any():
        return float("inf")
    away = cv2.distanceTransform(np.pad(letters[label].astype(np.uint8), 1), cv2.DIST_L2, 3)
    ridge = (away > 0) & (away >= cv2.dilate(away, np.ones((3, 3), np.uint8)))
    return 2.0 * float(np.median(away[ridge])) - 0.5


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


def crossings(
    label: NDArray[np.int32], boxes: NDArray[np.int32], mine: Bools, px_per_mm: float
) -> list[NDArray[np.int32]]:
    """Long straight lines, no underlines, that run through the writing: a passage crossed out by an
    "X" or a slanting line. Each: the x and y of both its ends.

    `label`: the stroke of each pixel of the page; `boxes` (strokes, 4): left, top, width, height.
    """
    wide, high = boxes[:, 2], boxes[:, 3]
    long = np.hypot(wide, high) >= CROSSING_MM * px_per_mm
    rises = high >= CROSSING_HIGH_MM * px_per_mm
    found = []
    for k in np.flatnonzero(mine & long & rises).tolist():
        left, top, width, height = (int(v) for v in boxes[k])
        stroke = (label[top : top + height, left : left + width] == k).astype(np.uint8)
        lines = cv2.HoughLinesP(
            stroke, 1, np.pi / 360, 60,
            minLineLength=CROSSING_MM * px_per_mm, maxLineGap=CROSSING_GAP_MM * px_per_mm,
        )  # fmt: skip
        for line in [] if lines is None else lines.reshape(-1, 4):
            if abs(int(line[3] - line[1])) >= CROSSING_HIGH_MM * px_per_mm:
                found.append(line + np.array([left, top, left, top], np.int32))
    return found


def _words(line: NDArray[np.uint8], gap: float) -> list[slice]:
    """Runs of columns with ink; smaller gaps than `gap` are bridged."""
    columns = np.flatnonzero(line.any(axis=0))
    if not len(columns):
        return []
    cuts = np.flatnonzero(np.diff(columns) > gap)
    starts = columns[np.concatenate([[0], cuts + 1])]
    ends = columns[np.concatenate([cuts, [len(columns) - 1]])]
    return [slice(int(a), int(b) + 1) for a, b in zip(starts, ends, strict=True)]


def _blacked_out(
    line: NDArray[np.uint8], words: list[slice], sizes_mm: tuple[float, float], px_per_mm: float
) -> Bools:
    """Which words are scribbled over until little paper is left, however the scribble runs.
    `sizes_mm`: of gaps that are bridged, and of what counts as solid then."""
    gap, solid = (max(1, round(mm * px_per_mm)) for mm in sizes_mm)
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


def _lined_through(
    line: NDArray[np.uint8], words: list[slice], pen: float, px_per_mm: float
) -> tuple[Bools, Bools]:
    """Which words have a line through them for sure, and which perhaps. What does not stick out of
    a word at both ends may be its letters'."""
    ends = np.array([[w.start, w.stop] for w in words]).ravel()
    starts, widths = ends[::2], np.diff(ends)[::2]
    out, perhaps = np.zeros((2, len(starts)), bool)
    long = widths >= STRIKE_MM * px_per_mm
    if not long.any():
        return out, perhaps
    band = max(1, round(BAND_MM * px_per_mm))
    column = np.arange(line.shape[1])
    of = np.clip(np.searchsorted(starts, column, "right") - 1, 0, None)
    along = column - starts[of]
    share = np.clip(along / np.maximum(1, widths[of] - 1), 0.0, 1.0)
    ys, xs = np.nonzero(line)
    for lean, bow in product(LEANS, BOWS_MM):
        slope = lean * along + bow * px_per_mm * 4 * share * (1 - share)
        level = _levelled(line.shape, ys, xs, slope)
        thick = np.asarray(cv2.dilate(level, np.ones((band, 1), np.uint8)), np.uint8)
        closed = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
        joined = np.asarray(closed, np.uint8)
        sums = np.diff(cv2.integral(joined)[:, ends], axis=0)
        held = sums[:, 1::2] - sums[:, ::2]
        around = np.pad(held, ((1, 1), (0, 0)))
        best = (around[:-2] + 2 * held + around[2:]).argmax(axis=0)
        for k in np.flatnonzero(long & ~out & (held.max(axis=0) >= MOST_OF_WORD * widths)):
            row = int(best[k])
            word = slice(int(starts[k]), int(starts[k] + widths[k]))
            found = level[:, word], joined[row, word], row
            stroke = _stroke(*found, pen, px_per_mm)
            if stroke is not None:
                evident = stroke.is_at_least(EVIDENT_THICK) or (
                    pen < BOLD_PEN_MM * px_per_mm and stroke.is_at_least(EVIDENT)
                )
                out[k] = evident and stroke.out_px >= STICKS_OUT_MM * px_per_mm
                perhaps[k] = True
            elif bow == 0.0 and not perhaps[k]:
                perhaps[k] = _is_line(*found, band, px_per_mm)
    return out, perhaps & ~out


def _stroke(
    level: NDArray[np.uint8], joined: NDArray[np.uint8], row: int, pen: float, px_per_mm: float
) -> _Stroke | None:
    """The stroke that makes a row of a word nearly all ink, if it may be one of its own: as thin
    as a pen between the letters, straight, and with strokes of letters on both its sides."""
    run = _longest_run(joined)
    length = run.stop - run.start
    if length < max(STRIKE_MM * px_per_mm, POSSIBLE.run * len(joined)):
        return None
    part = level[:, run]
    inked, first, last = _through(part, row)
    high = last - first + 1
    line = float(np.percentile(high[inked], 20)) if inked.any() else np.inf
    alone = inked & (high <= UNEVEN * line + 1)
    share = float(alone.mean())
    if line > max(LINE_PENS * pen + 1, LINE_MM * px_per_mm) or share < POSSIBLE.alone:
        return None
    middle = (first + last)[alone] / 2
    above = round(float(np.median(first[alone]))) - BESIDE_PX
    below = round(float(np.median(last[alone]))) + BESIDE_PX
    if above < 0 or below >= len(level):
        return None
    beside = part[above], part[below]
    crossed = min(_strokes(side) for side in beside)
    # What is left of a printed rule has only a few tails below it.
    often = crossed * STROKE_EVERY_MM * px_per_mm >= length
    found = _Stroke(
        run=length / len(joined),
        alone=share,
        in_thirds=min(float(third.mean()) for third in np.array_split(alone, 3)),
        stray_px=float(np.percentile(np.abs(middle - np.median(middle)), 90)),
        crossed=crossed,
        out_px=min(_leading(alone), _leading(alone[::-1])),
    )
    solid = max(float(side.mean()) for side in beside) > OPEN
    return found if often and not solid and found.is_at_least(POSSIBLE) else None


def _leading(columns: Bools) -> int:
    """How many columns are set before the first one that is not."""
    return int(np.argmin(np.append(columns, False)))


def _through(part: NDArray[np.uint8], row: int) -> tuple[Bools, Places, Places]:
    """For each column: is there ink at `row` or next to it; first and last row of that ink."""
    framed = np.pad(part, 1)[:, 1:-1] > 0
    at = np.full(part.shape[1], -1)
    for near in (row + 1, row, row + 2):
        if 0 <= near < len(framed):
            at = np.where((at < 0) & framed[near], near, at)
    place = np.arange(len(framed))[:, None]
    first = np.where(~framed & (place < at), place, -1).max(axis=0)  # paper above, framed
    last = np.where(~framed & (place > at), place, len(framed)).min(axis=0) - 2
    return at >= 0, first, last


def _is_line(
    level: NDArray[np.uint8], joined: NDArray[np.uint8], row: int, band: int, px_per_mm: float
) -> bool:
    """Whether a row of a word that is nearly all ink may be a line across its strokes."""
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
    shape: tuple[int, ...], ys: Places, xs: Places, slope: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """The line with the slope of every word taken out. `ys`, `xs`: its ink; `slope`: how far each
    column lies below the start of its word."""
    shift = np.rint(slope).astype(np.int64)
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
