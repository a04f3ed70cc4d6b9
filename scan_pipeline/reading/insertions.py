"""Words put in afterwards: small ones above a gap of the line, often with a "^" in the gap.

They belong into the line below them. Where the "^" stands free of the letters beside it, it says
where; the words above it are read there. Other words that stand between two lines are for a person
to place. Lengths are pixels of the ink grid unless a name says millimetres.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

CARET_MM, NEARLY_ALL = ((1.1, 1.2), (9.0, 5.2)), 0.97
TIP, TIP_WIDE = 0.2, 0.5
EVEN_ARMS, SPREAD = 0.6, 0.3
BENT_MM, OPEN, MORE_ARMS = 0.3, 0.22, 0.1
ABOVE_MM, NEAR_MM, WORD_GAP_MM = (1.4, 6.3), 3.5, 2.6
LEAST_MM, MOST_MM, FLAT, OFF_MM = 2.5, 45.0, 0.4, 2.6
DIGIT_MM, CLEAR_MM = 1.5, 0.2
BESIDE_MM, LETTER_MM, LOWER_MM, ROW_MM = 20.0, 1.0, 0.3, 6.0
CUT_MM, STEM_MM = (3.8, 0.6), 1.9

Bools = NDArray[np.bool_]
Boxes = NDArray[np.int32]
Places = NDArray[np.int64]


class Insertion(NamedTuple):
    """A caret, the middle of it (x, y), and the words above it: the ink of each stroke that lies
    higher than row `until` (strokes,) of it; 0 where there is none."""

    caret: int
    at: tuple[float, float]
    until: Places


class Carets(NamedTuple):
    """Those with words above them, left to right; and the middles of those where no words that
    could be parted from the lines were seen."""

    with_words: tuple[Insertion, ...] = ()
    without: tuple[tuple[float, float], ...] = ()


def find(boxes: Boxes, label: NDArray[np.int32], mine: Bools, px_per_mm: float) -> Carets:
    """The carets among the strokes that are `mine`.

    `boxes` (strokes, 4): left, top, width, height; `label`: the stroke of each pixel of the page.
    """
    sides = boxes[:, 2:] / px_per_mm
    sized = mine & np.all((sides >= CARET_MM[0]) & (sides <= CARET_MM[1]), axis=1)
    found: list[tuple[Insertion, Boxes, Bools]] = []
    free = mine.copy()  # words belong to one caret
    for k in _hanging(boxes, mine, np.flatnonzero(sized), px_per_mm).tolist():
        left, top, wide, high = (int(v) for v in boxes[k])
        across, stroke = _without_rule(label[top : top + high, left : left + wide] == k)
        if is_caret(stroke, px_per_mm):
            x = left + across + stroke.shape[1] / 2
            free[k] = False
            upper, until = _cut_loose(boxes, label, free, (x, top), px_per_mm)
            over = free & _is_over(upper, top, px_per_mm)
            words = _words(upper, over, x, px_per_mm)
            free &= ~words
            one = Insertion(k, (x, top + high / 2), np.where(words, until, 0))
            found.append((one, upper, over))
    alone = [_is_alone(upper, over & free, one, px_per_mm) for one, upper, over in found]
    placed = [one for (one, _, _), is_so in zip(found, alone, strict=True) if is_so]
    return Carets(
        with_words=tuple(sorted(placed, key=lambda one: one.at)),
        without=tuple(one.at for (one, _, _), is_so in zip(found, alone, strict=True) if not is_so),
    )


def off_the_line(boxes: Boxes, middle: NDArray[np.float64], px_per_mm: float) -> list[slice]:
    """From which to which column letters stand side by side over or under the middle of their row:
    words put in without a caret that was seen, which the row has swallowed. A single one counts if
    it is as tall as a digit and wholly above the middle.

    `boxes` (strokes, 4): left, top, width, height, of one row; `middle` (columns,): where it runs.
    """
    left, top, wide, high = boxes.T
    row = middle[np.clip(left + wide // 2, 0, len(middle) - 1)]
    letters = (high >= LETTER_MM * px_per_mm) & (high >= FLAT * wide)
    away, reach = top + high / 2 - row, np.minimum(high / 2, OFF_MM * px_per_mm)
    off = []
    for astray in (letters & (away <= -reach), letters & (away >= reach)):
        order = np.flatnonzero(astray)[np.argsort(left[astray], kind="stable")]
        off += _runs(left[order], (left + wide)[order], px_per_mm)
    digit = letters & (high >= DIGIT_MM * px_per_mm) & (top + high <= row - CLEAR_MM * px_per_mm)
    return [*off, *(slice(int(left[k]), int(left[k] + wide[k])) for k in np.flatnonzero(digit))]


def _runs(starts: NDArray[np.int32], ends: NDArray[np.int32], px_per_mm: float) -> list[slice]:
    """Neighbours, left to right, put together where the gap is no wider than between words; runs
    that are narrower than a word are left out."""
    if not len(starts):
        return []
    reached = np.maximum.accumulate(ends)
    cuts = np.flatnonzero(starts[1:] - reached[:-1] > WORD_GAP_MM * px_per_mm)
    firsts, lasts = starts[np.r_[0, cuts + 1]], reached[np.r_[cuts, len(starts) - 1]]
    least = LEAST_MM * px_per_mm
    return [slice(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True) if b - a >= least]


def _hanging(boxes: Boxes, mine: Bools, sized: Places, px_per_mm: float) -> Places:
    """Which of these strokes reach lower than most of the letters beside them."""
    letters = np.flatnonzero(mine & (boxes[:, 3] >= LETTER_MM * px_per_mm))
    x, y = (boxes[:, :2] + boxes[:, 2:] / 2)[letters].T
    feet = (boxes[:, 1] + boxes[:, 3])[letters]
    left, top, wide, high = (side[:, None] for side in boxes[sized].T)
    beside = np.abs(x - left - wide / 2) < BESIDE_MM * px_per_mm
    beside &= (y > top - LETTER_MM * px_per_mm) & (y < top + high) & (letters != sized[:, None])
    above = beside & (feet < top + high - LOWER_MM * px_per_mm)
    return np.asarray(sized[2 * above.sum(axis=1) > beside.sum(axis=1)])


def _without_rule(stroke: Bools) -> tuple[int, Bools]:
    """A stroke without the thin rest of a printed rule that runs into it: its first column and what
    is left; all of it where there is more to it than that."""
    upright = cv2.morphologyEx(stroke.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 1), np.uint8))
    _, piece, stats, _ = cv2.connectedComponentsWithStats(upright, connectivity=8)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()) if len(stats) > 1 else 0
    if not largest or stats[largest, cv2.CC_STAT_AREA] < NEARLY_ALL * upright.sum():
        return 0, stroke
    left, top, wide, high = (int(v) for v in stats[largest, :4])
    return left, piece[top : top + high, left : left + wide] == largest


def is_caret(stroke: Bools, px_per_mm: float) -> bool:
    """Whether a stroke, (height, width), is two straight arms that part downwards from a tip."""
    rows = np.flatnonzero(stroke.any(axis=1))
    if len(rows) < len(stroke):
        return False
    first = stroke.argmax(axis=1)
    last = stroke.shape[1] - 1 - stroke[:, ::-1].argmax(axis=1)
    high, wide = stroke.shape
    arms = (np.diff(stroke.astype(np.int8), axis=1, prepend=0) == 1).sum(axis=1)
    if float((arms > 2).mean()) > MORE_ARMS:
        return False  # a letter hangs on it
    tip = rows < TIP * high
    if float((last - first + 1)[tip].mean()) > max(TIP_WIDE * wide, 3.0):
        return False
    x = float(((first + last) / 2)[tip].mean())
    ends = [
        int(np.flatnonzero(side.any(axis=1)).max(initial=0))
        for side in (stroke[:, : int(x)], stroke[:, int(x) + 1 :])
    ]
    if min(ends) < EVEN_ARMS * high:
        return False
    both = rows[(rows >= TIP * high) & (rows <= min(ends))]
    if len(both) < 4 or last[both[-1]] - first[both[-1]] < SPREAD * high:
        return False
    foot = both[-max(3, len(both) // 4) : -1]  # the very ends are ragged
    open_ = [_widest_gap(stroke[y, first[y] : last[y] + 1]) for y in foot]
    parting = first[both[0]] > first[both[-1]] and last[both[-1]] > last[both[0]]
    if not parting or min(open_) <= 0 or sum(open_) <= OPEN * len(open_):
        return False
    return all(_is_straight(both, arm[both], px_per_mm) for arm in (first, last))


def _widest_gap(row: Bools) -> float:
    """The widest run of paper, as a share of the row."""
    inked = np.flatnonzero(row)
    return float(np.diff(inked).max(initial=1) - 1) / len(row)


def _is_straight(rows: NDArray[np.int64], columns: NDArray[np.int64], px_per_mm: float) -> bool:
    slope, start = np.polyfit(rows, columns, 1)
    away = np.sort(np.abs(columns - slope * rows - start))
    return float(away[int(0.9 * len(away))]) < BENT_MM * px_per_mm


def _cut_loose(
    boxes: Boxes, label: NDArray[np.int32], free: Bools, tip: tuple[float, int], px_per_mm: float
) -> tuple[Boxes, Places]:
    """The boxes with those of strokes that reach from above the tip of a caret to below it cut
    where they are thinnest, if what is above is wider than the stem of a letter: words that touch
    the line. And the row of each cut, or of the end of the stroke."""
    x, row = tip
    upper, until = boxes.copy(), (boxes[:, 1] + boxes[:, 3]).astype(np.int64)
    near = np.abs(boxes[:, 0] + boxes[:, 2] / 2 - x) < BESIDE_MM * px_per_mm
    first, last = (row - round(mm * px_per_mm) for mm in CUT_MM)
    for k in np.flatnonzero(free & near & (boxes[:, 1] < first) & (until > row)).tolist():
        left, top, wide, _ = (int(v) for v in boxes[k])
        stroke = label[top : last + 1, left : left + wide] == k
        ink = stroke[first - top :].sum(axis=1)
        thin = np.flatnonzero(ink == ink.min())
        cut = first + int(thin[len(thin) // 2])
        columns = np.flatnonzero(stroke[: cut - top].any(axis=0))
        if np.ptp(columns) >= STEM_MM * px_per_mm:
            until[k] = cut
            upper[k] = left + columns[0], top, np.ptp(columns) + 1, cut - top
    return upper, until


def _is_over(boxes: Boxes, tip: int, px_per_mm: float) -> Bools:
    """Which strokes stand as high above the tip of a caret as words put in do."""
    high_mm = (tip - boxes[:, 1] - boxes[:, 3] / 2) / px_per_mm
    return np.asarray((high_mm >= ABOVE_MM[0]) & (high_mm <= ABOVE_MM[1]))


def _words(boxes: Boxes, over: Bools, x: float, px_per_mm: float) -> Bools:
    """Those of the strokes over a caret at `x` that are near it, and those beside them without a
    wide gap."""
    starts, ends = boxes[:, 0], boxes[:, 0] + boxes[:, 2]
    reach, gap = NEAR_MM * px_per_mm, WORD_GAP_MM * px_per_mm
    words = over & (starts < x + reach) & (ends > x - reach)
    while words.any():
        more = over & (starts < ends[words].max() + gap) & (ends > starts[words].min() - gap)
        if not (more & ~words).any():
            break
        words = more
    return words


def _is_alone(boxes: Boxes, others: Bools, found: Insertion, px_per_mm: float) -> bool:
    """Whether there are words, without more letters beside them further on, and not too many:
    those are a line."""
    words = found.until > 0
    if not words.any():
        return False
    starts, ends = boxes[:, 0], boxes[:, 0] + boxes[:, 2]
    first, last = int(starts[words].min()), int(ends[words].max())
    aside = BESIDE_MM * px_per_mm
    row = others & (boxes[:, 3] >= LETTER_MM * px_per_mm)
    row &= (starts < last + aside) & (ends > first - aside)
    few = int(boxes[row, 2].sum()) < ROW_MM * px_per_mm
    return few and LEAST_MM * px_per_mm <= last - first <= MOST_MM * px_per_mm
