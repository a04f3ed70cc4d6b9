"""Whether a mark in a box that gives consent may say No: by its shape, and by ink over its words.

People answer a box with "N", "no", "0" or "?", strike the sentence out, or write across it. None of
this may put a story on the wall. A tick, a slash and a cross are ways to say yes; anything else is
for a person to look at, unless this hand scribbles in its other boxes, too. Lengths are pixels of
`Ink` unless a name says millimetres.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.fonts import text_width_mm
from leaflets.geometry import Rect
from leaflets.layout import FieldLayout, PageLayout
from scan_pipeline.page import COARSE_PX_PER_MM
from scan_pipeline.reading.marks import Mark
from scan_pipeline.reading.measures import (
    CORE_MM,
    INSET_MM,
    Measured,
    Window,
    grown,
    inside,
    window_of,
    within,
)
from scan_pipeline.reading.strokes import Ink

AROUND_MM = 1.5
AS_DARK_AS_PEN = 0.5, 0.35
OUTLINE_PX = 9
SPECK_PX, PART = 3, 0.05
FOOT_PX = 3
DOT_PX, DOT_FULL = 18, 0.6
HOLE_PX = 4
FLAT = 0.4
BRANCH_PX = 3
ARM, CROSSING, WAIST = 0.13, 0.12, 0.6
EVEN_ARMS = 0.7
FEW_OTHERS, MOST_OTHERS, SCRIBBLED_FROM = 2, 0.6, 0.55
WORDS_ABOVE_MM, WORDS_GROWN_MM = 4.5, 2.0
TAIL_MM = 8.0
OVER_DARKEST, OVER_AS_PEN = 0.3, 0.6
OVER_SPECK_MM2, OVER_MM2 = 0.2, 0.4
HALF_SURE = 0.5

Bits = NDArray[np.uint8]
"""1 where there is ink."""


def doubted(
    page: PageLayout, ink: Ink, boxes: Mapping[str, Rect], held: Measured, found: Mapping[str, Mark]
) -> dict[str, Mark]:
    """The marks of `found` that give consent and may say No, as "unsure". `boxes`, `found`: by
    "field/option"."""
    ticked = [name for name, mark in found.items() if mark.state == "ticked"]
    unlike: dict[str, bool] = {}

    def is_unlike(name: str) -> bool:
        if name not in unlike:
            looks = (pen(ink, boxes[name], held.own[name], share) for share in AS_DARK_AS_PEN)
            unlike[name] = not all(says_yes(*look) for look in looks)
        return unlike[name]

    def is_habit(name: str) -> bool:
        if found[name].cover < SCRIBBLED_FROM:
            return False
        others = [is_unlike(n) for n in ticked if n != name]
        return len(others) >= FEW_OTHERS and sum(others) >= MOST_OTHERS * len(others)

    out = {}
    for field in page.fields:
        name = f"{field.name}/"
        if field.kind == "tick" and name in ticked:
            words = words_of(page, field)
            over = over_mm2(ink, words, boxes[name], held.own[name]) if words else 0.0
            if over >= OVER_MM2 or (is_unlike(name) and not is_habit(name)):
                sure = min(found[name].confidence, HALF_SURE)
                out[name] = replace(found[name], state="unsure", confidence=sure)
    return out


def words_of(page: PageLayout, field: FieldLayout) -> Rect | None:
    """Where the sentence beside a tick box is printed."""
    runs, rest = [], field.caption
    for text in page.texts:
        if text.text and rest.startswith(text.text):
            runs.append(text)
            rest = rest[len(text.text) :].lstrip()
    if not runs or rest:
        return None
    left = min(t.x_mm for t in runs)
    right = max(t.x_mm + text_width_mm(t.text, t.size_pt, t.bold) for t in runs)
    top = min(t.y_mm for t in runs) - WORDS_ABOVE_MM
    bottom = max(t.y_mm for t in runs) + WORDS_GROWN_MM
    return Rect(x_mm=left, y_mm=top, w_mm=right + WORDS_GROWN_MM - left, h_mm=bottom - top)


def over_mm2(ink: Ink, words: Rect, box: Rect, mine: NDArray[np.bool_]) -> float:
    """How much ink as dark as the mark's own lies over and between printed `words`. Folds are not
    told from lines here: a line through a sentence is as straight. `mine`: the strokes of the mark,
    whose tail may run over the first words."""
    beside = window_of(words)
    pen_dark = float(ink.darkness[mine].max(initial=0.0)) / 255.0
    level = max(ink.threshold, min(OVER_DARKEST, OVER_AS_PEN * pen_dark))
    over = (ink.unfolded[beside] > 255 * level).astype(np.uint8)
    tail = within(window_of(box.grown(TAIL_MM)), beside)
    over[tail][mine[ink.label[beside][tail]]] = 0
    # A pencil on a rough paper is in crumbs.
    _, pieces = cv2.connectedComponents(cv2.dilate(over, np.ones((3, 3), np.uint8)))
    sizes = np.bincount(pieces[over > 0])
    return float(sizes[sizes >= OVER_SPECK_MM2 * COARSE_PX_PER_MM**2].sum()) / COARSE_PX_PER_MM**2


def pen(ink: Ink, box: Rect, mine: NDArray[np.bool_], share: float) -> tuple[Bits, Window]:
    """The strokes of one mark, as thin as the pen, in and around its box, across the printed
    outline; and where in this picture the box's inside is. What is at least `share` as dark as the
    darkest is of the stroke: of a thin pen on a copy a little more, of a broad one a little less.
    """
    inner = inside(box)
    outer, around = grown(inner, INSET_MM + CORE_MM), grown(inner, INSET_MM + AROUND_MM)
    own = mine[ink.label[around]]
    thin = np.zeros(own.shape, np.uint8)
    depth = ink.deep[around]
    if own.any():
        darkest = float(np.percentile(depth[own], 95))
        thin = (own & (depth >= share * darkest)).astype(np.uint8)
    whole, at = thin.copy(), within(inner, around)
    across = (OUTLINE_PX, 1), (1, OUTLINE_PX)
    for axis, (size, far, near) in enumerate(zip(across, within(outer, around), at, strict=True)):
        closed = _closed(thin, size)
        for side in (slice(far.start, near.start), slice(near.stop, far.stop)):
            band = (side, slice(None)) if axis == 0 else (slice(None), side)
            whole[band] = np.maximum(whole[band], closed[band])
    return whole, at


def _closed(ink: Bits, size: tuple[int, int]) -> Bits:
    framed = np.asarray(np.pad(ink, OUTLINE_PX), np.uint8)
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, np.ones(size, np.uint8))
    return np.asarray(closed[OUTLINE_PX:-OUTLINE_PX, OUTLINE_PX:-OUTLINE_PX], np.uint8)


def says_yes(mark: Bits, at: Window) -> bool:
    """Whether a mark is a tick, a slash, a cross or a dot: one piece without a hole, not flat, that
    nowhere parts downwards, unless it is where the lines of a cross meet. An "n" does, an "N" at
    its top, a "?" at its bow; an "o" has a hole, "no" two pieces."""
    framed, at = np.pad(mark, 1), (_moved(at[0], 1), _moved(at[1], 1))
    drawn = _main_piece(framed, at)
    if drawn is None:
        return False
    ys, xs = np.nonzero(drawn)
    height, width = int(np.ptp(ys)) + 1, int(np.ptp(xs)) + 1
    if height < FLAT * width:
        return False
    if max(height, width) <= DOT_PX and len(ys) >= DOT_FULL * height * width:
        return True
    if _holes(drawn):
        return False
    parts = partings(drawn)
    meets = [len(drawn) - 1 - row for row in partings(drawn[::-1])]
    if not parts:
        above = framed[: at[0].start] & ~drawn[: at[0].start]
        return not any(_are_even(drawn, row, above) for row in meets)
    if not meets:
        return False
    upper, lower = max(meets), min(parts)
    waist = np.flatnonzero(drawn[(upper + lower) // 2])
    return (
        lower >= upper - CROSSING * height
        and upper - int(ys.min()) >= ARM * height
        and int(ys.max()) - lower >= ARM * height
        and int(np.ptp(waist)) + 1 <= WAIST * width
    )


def _are_even(drawn: Bits, foot: int, above: Bits) -> bool:
    """Whether the arms that meet in row `foot` are nearly as high as each other, as those of a "0"
    whose top lies on the outline, or of a "U". The second arm of a tick is longer, and its end may
    lie `above` the outline."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(drawn[:foot], connectivity=8)
    ends = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT]
    arms = [k for k in range(1, count) if ends[k] >= foot]
    heights = {k: int(stats[k, cv2.CC_STAT_HEIGHT]) for k in arms}
    if len(arms) < 2:
        return False
    rows, columns = np.nonzero(above)
    if len(rows):
        for k in arms:
            tip = int(np.argwhere(pieces == k)[0, 1])
            others = [int(np.argwhere(pieces == o)[0, 1]) for o in arms if o != k]
            if all(abs(tip - column) < abs(o - column) for o in others for column in columns):
                heights[k] = foot - int(rows.min())
    shorter, longer = sorted(heights.values())[-2:]
    return shorter >= EVEN_ARMS * longer


def _moved(side: slice, by: int) -> slice:
    return slice(side.start + by, side.stop + by)


def _main_piece(mark: Bits, at: Window) -> Bits | None:
    """The one piece of ink that a mark consists of; None if there are several, or none. A tick
    whose foot stands on the outline is in two pieces that both end there."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mark, connectivity=8)
    within = np.bincount(pieces[at].ravel(), minlength=count)
    within[0] = 0
    least = max(SPECK_PX, PART * float(within.sum()))
    kept = np.flatnonzero((within >= least) & (stats[:, cv2.CC_STAT_AREA] >= SPECK_PX))
    drawn = np.isin(pieces, kept).astype(np.uint8)
    if len(kept) == 2:
        feet = [np.argwhere(pieces == k)[-1] for k in kept]
        if all(foot[0] >= at[0].stop - FOOT_PX for foot in feet):
            (y1, x1), (y2, x2) = ((int(y), int(x)) for y, x in feet)
            return np.asarray(cv2.line(drawn, (x1, y1), (x2, y2), 1), np.uint8)
    return drawn if len(kept) == 1 else None


def _holes(drawn: Bits) -> bool:
    count, _, stats, _ = cv2.connectedComponentsWithStats(1 - drawn, connectivity=4)
    return int((stats[1:count, cv2.CC_STAT_AREA] >= HOLE_PX).sum()) > 1  # one is the paper around


def partings(drawn: Bits) -> list[int]:
    """The rows in which ink parts downwards into pieces that do not meet again, each at least
    `BRANCH_PX` high."""
    height = len(drawn)
    parent: list[int] = []
    lowest: list[int] = []

    def root(k: int) -> int:
        while parent[k] != k:
            k = parent[k]
        return k

    found: list[int] = []
    below: list[tuple[int, int, int]] = []  # first and last column of each run, its piece
    for row in range(height - 1, -1, -1):
        runs = []
        for start, stop in _runs(drawn[row]):
            met = {root(k) for a, b, k in below if a <= stop and b >= start - 1}
            if sum(lowest[k] - row >= BRANCH_PX for k in met) >= 2:
                found.append(row)
            piece = len(parent)
            parent.append(piece)
            lowest.append(max((lowest[k] for k in met), default=row))
            for k in met:
                parent[k] = piece
            runs.append((start, stop - 1, piece))
        below = runs
    return found


def _runs(row: Bits) -> Iterable[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row, [0]]).astype(np.int8)))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
