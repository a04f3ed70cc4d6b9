"""Words put in afterwards: small ones above a gap of the line, often with a "^" in the gap.

They belong into the line below them. Where the "^" stands free of the letters beside it, it says
where; the words above it are read there. Other words that stand between two lines are for a person
to place. Lengths are pixels of the ink grid unless a name says millimetres.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scan_pipeline.reading.ink import INK_PX_PER_MM, Ink

WIDE_MM, HIGH_MM = (1.1, 4.6), (1.2, 5.2)
TIP, TIP_WIDE = 0.2, 0.4
EVEN_ARMS, SPREAD = 0.6, 0.3
BENT_MM, OPEN = 0.3, 0.3
ABOVE_MM, NEAR_MM, WORD_GAP_MM = (1.4, 6.3), 3.5, 2.6
LEAST_MM, SMALL_MM, FLAT = 2.5, 0.8, 0.3
BESIDE_MM, LETTER_MM, LOWER_MM = 20.0, 1.0, 0.3

Bools = NDArray[np.bool_]


class Insertion(NamedTuple):
    """A caret, the middle of it (x, y), and which strokes are the words above it."""

    caret: int
    at: tuple[float, float]
    words: Bools


def find(strokes: Ink, mine: Bools) -> list[Insertion]:
    """The carets among the strokes that are `mine`, left to right, and the words above each."""
    width, height = strokes.boxes[:, 2], strokes.boxes[:, 3]
    sized = mine & _within(width, WIDE_MM) & _within(height, HIGH_MM)
    found = []
    for k in np.flatnonzero(sized).tolist():
        left, top, wide, high = (int(v) for v in strokes.boxes[k])
        if _hangs(strokes.boxes, mine, k) and is_caret(
            strokes.label[top : top + high, left : left + wide] == k
        ):
            words = _above(strokes.boxes, mine & (np.arange(len(mine)) != k), k)
            found.append(Insertion(k, (left + wide / 2, top + high / 2), words))
    return sorted(found, key=lambda insertion: insertion.at)


def off_the_line(boxes: NDArray[np.int32], middle: NDArray[np.float64]) -> list[slice]:
    """From which to which column letters stand side by side over or under the middle of their row:
    words put in without a caret that was seen, which the row has swallowed.

    `boxes` (strokes, 4): left, top, width, height, of one row; `middle` (columns,): where it runs.
    """
    left, top, wide, high = boxes.T
    row = middle[np.clip(left + wide // 2, 0, len(middle) - 1)]
    letters = (high >= SMALL_MM * INK_PX_PER_MM) & (high >= FLAT * wide)
    off = []
    for astray in (letters & (top + high <= row), letters & (top >= row)):
        order = np.flatnonzero(astray)[np.argsort(left[astray], kind="stable")]
        off += _runs(left[order], (left + wide)[order])
    return off


def _runs(starts: NDArray[np.int32], ends: NDArray[np.int32]) -> list[slice]:
    """Neighbours, left to right, put together where the gap is no wider than between words; runs
    that are narrower than a word are left out."""
    if not len(starts):
        return []
    reached = np.maximum.accumulate(ends)
    cuts = np.flatnonzero(starts[1:] - reached[:-1] > WORD_GAP_MM * INK_PX_PER_MM)
    firsts, lasts = starts[np.r_[0, cuts + 1]], reached[np.r_[cuts, len(starts) - 1]]
    least = LEAST_MM * INK_PX_PER_MM
    return [slice(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True) if b - a >= least]


def _hangs(boxes: NDArray[np.int32], mine: Bools, caret: int) -> bool:
    """Whether a stroke reaches lower than the letters beside it usually do."""
    left, top, wide, high = (int(v) for v in boxes[caret])
    x, middles = left + wide / 2, boxes[:, 1] + boxes[:, 3] / 2
    near = np.abs(boxes[:, 0] + boxes[:, 2] / 2 - x) < BESIDE_MM * INK_PX_PER_MM
    reach = LETTER_MM * INK_PX_PER_MM
    beside = mine & near & (boxes[:, 3] >= reach) & (middles > top - reach) & (middles < top + high)
    beside[caret] = False
    if not beside.any():
        return False
    feet = (boxes[:, 1] + boxes[:, 3])[beside]
    return top + high - float(np.median(feet)) > LOWER_MM * INK_PX_PER_MM


def is_caret(stroke: Bools) -> bool:
    """Whether a stroke, (height, width), is two straight arms that part downwards from a tip."""
    rows = np.flatnonzero(stroke.any(axis=1))
    first = stroke.argmax(axis=1)
    last = stroke.shape[1] - 1 - stroke[:, ::-1].argmax(axis=1)
    high, wide = stroke.shape
    tip = rows < TIP * high
    if float((last - first + 1)[tip].mean()) > max(TIP_WIDE * wide, 3.0):
        return False
    x = float(((first + last) / 2)[tip].mean())
    ends = [
        np.flatnonzero(side.any(axis=1)).max(initial=0)
        for side in (stroke[:, : int(x)], stroke[:, int(x) + 1 :])
    ]
    if min(ends) < EVEN_ARMS * high:
        return False
    both = rows[(rows >= TIP * high) & (rows <= min(ends))]
    if len(both) < 4 or last[both[-1]] - first[both[-1]] < SPREAD * high:
        return False
    if not all(_is_straight(both, arm[both]) for arm in (first, last)):
        return False
    foot = both[-max(2, len(both) // 4) :]
    open_ = [_widest_gap(stroke[y, first[y] : last[y] + 1]) for y in foot]
    parting = first[both[0]] > first[both[-1]] and last[both[-1]] > last[both[0]]
    return bool(parting and np.mean(open_) > OPEN)


def _widest_gap(row: Bools) -> float:
    """The widest run of paper, as a share of the row."""
    inked = np.flatnonzero(row)
    return float(np.diff(inked).max(initial=1) - 1) / len(row)


def _is_straight(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> bool:
    slope, start = np.polyfit(rows, columns, 1)
    away = np.abs(columns - slope * rows - start)
    return float(np.percentile(away, 90)) < BENT_MM * INK_PX_PER_MM


def _above(boxes: NDArray[np.int32], mine: Bools, caret: int) -> Bools:
    """The strokes that stand above a caret, and those beside them without a wide gap."""
    left, top, wide, _ = (int(v) for v in boxes[caret])
    x = left + wide / 2
    over = mine & _within(top - boxes[:, 1] - boxes[:, 3] / 2, ABOVE_MM)
    starts, ends = boxes[:, 0], boxes[:, 0] + boxes[:, 2]
    reach = NEAR_MM * INK_PX_PER_MM
    words = over & (starts < x + reach) & (ends > x - reach)
    gap = WORD_GAP_MM * INK_PX_PER_MM
    while words.any():
        more = over & (starts < ends[words].max() + gap) & (ends > starts[words].min() - gap)
        if not (more & ~words).any():
            break
        words = more
    wide_mm = (ends[words].max() - starts[words].min()) / INK_PX_PER_MM if words.any() else 0.0
    return words if wide_mm >= LEAST_MM else np.zeros_like(words)


def _within(
    lengths: NDArray[np.integer] | NDArray[np.floating], limits_mm: tuple[float, float]
) -> Bools:
    low, high = limits_mm
    return np.asarray((lengths >= low * INK_PX_PER_MM) & (lengths <= high * INK_PX_PER_MM))
