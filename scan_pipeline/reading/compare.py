"""Are two scans of one sheet of paper, or of two that look alike? Word by word, at full size.

Somebody who writes for several people, with the same ticks and nearly the same words, makes
leaflets that differ in one digit. So every word of either scan is looked for in the other, a little
moved as paper, scanners and phones move it; ink that stands out in one and has no trace in the
other differs.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import COARSE_PX_PER_MM, Grey, RegisteredPage
from scan_pipeline.reading import strokes

PRINT_PX, RIM_PX = 7, 30
DARK_SHARE, PALE_SHARE, TRACE_SHARE, LEAST_TRACE = 0.5, 0.6, 0.22, 15
WORD_MM = (1.6, 0.7)
LEAST_WORD_MM2 = 0.5
MOVED_MM = 1.0
TOLERANCE_PX = 1
DIFFERS_MM2, OTHER_WORD_MM2 = 0.1, 0.25
SHARED = 0.4

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """The ink of one scan at `COARSE_PX_PER_MM`: how dark it is (0 to 255), where it is as dark as
    a pen (`plain`) and where there is any trace of ink. `print_`: where the form is printed."""

    deep: Grey
    plain: Grey
    trace: Grey
    print_: Grey


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`differs_mm2`: the largest piece of ink in either scan without a trace in the other;
    `shared`: how much of the writing (0 to 1) is in words that are the same in both."""

    differs_mm2: float
    shared: float

    @property
    def is_same(self) -> bool:
        return self.differs_mm2 < DIFFERS_MM2

    @property
    def is_alike(self) -> bool:
        """Whether enough of the words are the same for one to be a version of the other."""
        return self.shared >= SHARED


def traces(page: RegisteredPage) -> Traces:
    """What is needed of a scan to compare it."""
    ink = strokes.find_ink(page.coarse, page.blank)
    written = ink.label > 0
    usual = float(np.median(ink.deep[written])) if written.any() else 255.0
    # A word that was added in pencil is no less plain than what a pen wrote before.
    pale = (ink.darkness < PALE_SHARE * usual)[ink.label]
    least = DARK_SHARE * np.where(pale, ink.darkness[ink.label], usual)
    plain = (written & (ink.deep >= least)).astype(np.uint8)
    trace = (ink.deep >= max(LEAST_TRACE, TRACE_SHARE * usual)).astype(np.uint8)
    dark = strokes.darker_than(page.blank, strokes.PRINT_BELOW)
    print_ = np.asarray(cv2.dilate(dark, np.ones((PRINT_PX, PRINT_PX), np.uint8)), np.uint8)
    return Traces(deep=ink.deep, plain=plain, trace=trace, print_=print_)


def compare(one: Traces, other: Traces, told: Bools | None = None) -> Comparison:
    """Two scans of the same form. `told`: where words count for `shared` (any size of grid)."""
    found = [_missing(a, b, told) for a, b in ((one, other), (other, one))]
    return Comparison(
        differs_mm2=max(most for most, _ in found), shared=min(share for _, share in found)
    )


def _missing(one: Traces, other: Traces, told: Bools | None) -> tuple[float, float]:
    """The largest piece of ink in one scan without a trace in the other, and the share of its
    words' ink that is all there."""
    mine = np.where(one.print_ > 0, 0, one.plain).astype(np.uint8)
    mine[:RIM_PX], mine[-RIM_PX:], mine[:, :RIM_PX], mine[:, -RIM_PX:] = 0, 0, 0, 0
    size = tuple(2 * round(mm * COARSE_PX_PER_MM / 2) + 1 for mm in WORD_MM)
    joined = cv2.morphologyEx(mine, cv2.MORPH_CLOSE, np.ones(size[::-1], np.uint8))
    count, label, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    counted = _at(told, mine.shape)
    worst, whole, same = 0.0, 0.0, 0.0
    for k in range(1, count):
        left, top, width, height = (int(v) for v in stats[k, :4])
        here = np.s_[top : top + height, left : left + width]
        word = np.where(label[here] == k, mine[here], 0).astype(np.uint8)
        if int(word.sum()) < LEAST_WORD_MM2 * COARSE_PX_PER_MM**2:
            continue
        lost = _lost_mm2(word, (left, top), one, other)
        worst = max(worst, lost)
        ink = float((word * counted[here]).sum())
        whole += ink
        same += ink * (lost < OTHER_WORD_MM2)
    return worst, same / whole if whole else 1.0


def _at(told: Bools | None, shape: tuple[int, ...]) -> Grey:
    if told is None or not told.size:
        return np.ones(shape, np.uint8)
    wide = cv2.resize(told.astype(np.uint8), shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(wide, np.uint8)


def _lost_mm2(word: Grey, at: tuple[int, int], one: Traces, other: Traces) -> float:
    """The largest piece of a word without a trace in the other scan, moved to where it fits."""
    (left, top), (height, width) = at, word.shape
    reach = round(MOVED_MM * COARSE_PX_PER_MM)
    top0, left0 = max(0, top - reach), max(0, left - reach)
    area = np.s_[top0 : top + height + reach, left0 : left + width + reach]
    seen = other.deep[area].astype(np.float32)
    near = cv2.dilate(word, np.ones((3, 3), np.uint8)) > 0
    mine = one.deep[top : top + height, left : left + width]
    drawn = np.where(near, mine, 0).astype(np.float32)
    if seen.shape[0] < height or seen.shape[1] < width or not seen.any():
        return float(word.sum()) / COARSE_PX_PER_MM**2
    fit = cv2.matchTemplate(seen, drawn, cv2.TM_CCORR)
    _, _, _, (x, y) = cv2.minMaxLoc(fit)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * TOLERANCE_PX + 1,) * 2)
    there = cv2.dilate(other.trace[area], kernel)[y : y + height, x : x + width]
    # What lies under print in the other scan is not seen there.
    hidden = other.print_[area][y : y + height, x : x + width]
    lost = np.where((there > 0) | (hidden > 0), 0, word).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(lost, connectivity=8)
    return float(stats[1:, cv2.CC_STAT_AREA].max(initial=0)) / COARSE_PX_PER_MM**2
