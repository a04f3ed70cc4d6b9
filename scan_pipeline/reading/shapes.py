"""The shapes of marks in tick boxes: a tick, a cross, a slash, a dot, or none of them.

Pictures are `Bits`; lengths are pixels of `Ink` unless a name says millimetres.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.reading.measures import Window
from scan_pipeline.reading.pens import SPECK_PX, Bits

PART = 0.05
FOOT_PX = 3
DOT_PX, DOT_FULL, DOT_HOLE, DOT_ROUND = 18, 0.6, 0.1, 0.6
HOLE_PX, ENCLOSED_PX = 4, 10
THROUGH_PX, LEVEL_PX = 8, 6
SLOPES, ACROSS, CORE = np.arange(-0.25, 0.51, 0.05), 0.8, 0.5
FLAT, SMALLEST, HEART = 0.4, 0.55, 0.3
BRANCH_PX = 3
ARM, CROSSING, WAIST, CROSS_BOW_PX = 0.13, 0.12, 0.6, 3.3
EVEN_ARMS, LEANING_FAR, LEANING_LEAST = 0.7, 0.75, 0.1
POINTED, SPREADING = 0.7, 0.15
PLAIN_BOW_PX, PLAIN_WIDE, PLAIN_LONG, PLAIN_LEANING = 2.0, 0.5, 0.7, (0.2, 1.5)
HOOK_PX, ABOVE_PX, LEANING, LEANING_IF_SEEN = 3, 6, 0.6, 0.4
BROADEST_PX = 4.0
LINE_PX, GAP_PX, MIDDLE = 12, 7, 0.25
NARROW = 3

Points = NDArray[np.float64]
Line = tuple[Points, Points]
"""Where a line starts and ends, (x, y)."""


def is_straight(mark: Bits, bow_px: float) -> bool:
    """Whether a mark is one line, or two from corner to corner that cross in the middle, straight
    but for `bow_px`. A tick is not, with or without a line through it."""
    lines = _diagonals(mark)
    return _is_line(mark, lines, bow_px) or _is_cross(mark, lines, bow_px)


def _diagonals(mark: Bits) -> tuple[Line, Line]:
    """From the ink that is farthest to one corner to that farthest to the opposite, both ways."""
    at = _points(mark)
    if not len(at):
        nowhere = np.zeros(2)
        return (nowhere, nowhere), (nowhere, nowhere)
    down, up = at @ (1.0, 1.0), at @ (1.0, -1.0)
    one, other = ((at[np.argmin(way)], at[np.argmax(way)]) for way in (down, up))
    return one, other


def _points(mark: Bits) -> Points:
    """Where there is ink, (x, y) each."""
    return np.flip(np.argwhere(mark), axis=1).astype(np.float64)


def _is_line(mark: Bits, lines: tuple[Line, Line], bow_px: float) -> bool:
    longest = max(lines, key=lambda ends: float(np.hypot(*(ends[1] - ends[0]))))
    return _are_drawn([longest], mark, bow_px)


def _is_cross(mark: Bits, lines: tuple[Line, Line], bow_px: float) -> bool:
    return _are_drawn(lines, mark, bow_px) and _cross_in_the_middle(*lines)


def depths(mark: Bits) -> Points:
    """How deep in the ink each pixel is."""
    away = cv2.distanceTransform(_padded(mark), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(away[1:-1, 1:-1], np.float64)


def _padded(mark: Bits) -> Bits:
    """A mark with a margin of a pixel; numpy's own way takes ten times as long."""
    return np.asarray(cv2.copyMakeBorder(mark, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0), np.uint8)


def _ridge(depths: Points) -> Points:
    """Half the width of the strokes, all along their middle."""
    middle = (depths >= cv2.dilate(depths, np.ones((3, 3)))) & (depths > 0)
    return np.asarray(depths[middle])


def _are_drawn(lines: Sequence[Line], mark: Bits, bow_px: float) -> bool:
    """Whether all ink is of these lines, but for `bow_px`, and along all of each there is some; no
    pen is as broad as some blots."""
    if not mark.any():
        return False
    half_px = float(np.median(_ridge(depths(mark))))
    if half_px > BROADEST_PX:
        return False
    ink, most = _points(mark), half_px + bow_px
    away = []
    for start, end in lines:
        long = float(np.hypot(*(end - start)))
        if long < LINE_PX:
            return False
        along = (ink - start) @ (end - start) / long
        beside = np.abs(_across(ink - start, (end - start) / long))
        reached = np.unique(np.rint(along[beside <= most]).astype(int))
        if np.diff(reached).max(initial=0) > GAP_PX:
            return False
        away.append(beside)
    return bool(np.min(away, axis=0).max() <= most)


def _cross_in_the_middle(one: Line, other: Line) -> bool:
    (a, b), (c, d) = one, other
    turn = float(_across(b - a, d - c))
    if turn == 0.0:
        return False
    shares = (float(_across(c - a, d - c)) / turn, float(_across(c - a, b - a)) / turn)
    return all(MIDDLE <= share <= 1 - MIDDLE for share in shares)


def _across(at: Points, by: Points) -> Points:
    """The cross product of vectors (…, 2)."""
    return np.asarray(at[..., 0] * by[..., 1] - at[..., 1] * by[..., 0])


def says_yes(mark: Bits, at: Window) -> bool:
    """Whether a mark is a tick, a slash, a cross or a dot: one piece without a hole, not flat, that
    nowhere parts downwards, unless it is where the lines of a cross meet. An "n" does, an "N" at
    its top, a "?" at its bow; an "o" has a hole, "no" two pieces."""
    drawn, at = _main_piece(mark, at)
    if drawn is None:
        return False
    ys, xs = np.nonzero(drawn)
    height, width = int(np.ptp(ys)) + 1, int(np.ptp(xs)) + 1
    if height < FLAT * width:
        return False
    hole = _hole_px(drawn)
    small = max(height, width) <= DOT_PX and hole <= DOT_HOLE * height * width
    if small and len(ys) >= DOT_FULL * height * width:
        if drawn[at].sum() != drawn.sum():
            return False  # what the outline hides may make it a letter
        return min(height, width) >= DOT_ROUND * max(height, width)  # else a dash, or a hook
    side = min(window.stop - window.start for window in at)
    if hole >= HOLE_PX or max(height, width) < SMALLEST * side:
        return False
    if _is_plain(drawn, at):
        return True
    parts = partings(drawn)
    meets = [len(drawn) - 1 - row for row in partings(drawn[::-1])]
    if not parts:
        if _runs_through(drawn, at):
            return False
        return (
            all(_is_tick(drawn, row, at[0].start) for row in meets)
            or all(_is_tick(drawn[:, ::-1], row, at[0].start) for row in meets)
            if meets
            else _leans(drawn, at[0].start) and bool(drawn[_heart(at)].any())
        )
    if not meets:
        return False
    if _meet_twice(meets, height):
        return False
    upper, lower = max(meets), min(parts)
    waist = np.flatnonzero(drawn[(upper + lower) // 2])
    return (
        lower >= upper - CROSSING * height
        and upper - int(ys.min()) >= ARM * height
        and int(ys.max()) - lower >= ARM * height
        and int(np.ptp(waist)) + 1 <= WAIST * width
    )


def _is_plain(drawn: Bits, at: Window) -> bool:
    """Whether a mark is a cross of two straight lines, or a slash through the middle of its box: of
    a "?" whose bow lies on the outline less is left, and it is upright; an "N" would have to be
    narrow to look like a cross."""
    high, wide = (int(np.ptp(v)) + 1 for v in np.nonzero(drawn))
    lines = _diagonals(drawn)
    if not _is_line(drawn, lines, PLAIN_BOW_PX):
        return _is_cross(drawn, lines, PLAIN_BOW_PX) and wide >= PLAIN_WIDE * high
    tip, foot = (np.flatnonzero(drawn[row]).mean() for row in _first_and_last(drawn))
    least, most = PLAIN_LEANING
    leans = bool(least * high <= tip - foot <= most * high)
    long = high >= PLAIN_LONG * (at[0].stop - at[0].start)
    return leans and long and bool(drawn[_heart(at)].any())


def _first_and_last(drawn: Bits) -> tuple[int, int]:
    """The rows of the highest and of the lowest ink."""
    rows = np.flatnonzero(drawn.any(axis=1))
    return int(rows[0]), int(rows[-1])


def _meet_twice(meets: Sequence[int], height: int) -> bool:
    """Whether arms meet at the foot of a tick, and again where a line crosses it: the rows in which
    they do are far apart."""
    return max(meets) - min(meets) > CROSSING * height


def is_lined(mark: Bits, at: Window) -> bool:
    """Whether a mark may be a tick with a line through it; a tick, a cross and a slash are none."""
    drawn, at = _main_piece(mark, at)
    if drawn is None:
        return False
    if not partings(drawn):
        return _is_crossed(drawn, at)
    meets = [len(drawn) - 1 - row for row in partings(drawn[::-1])]
    height = int(np.ptp(np.flatnonzero(drawn.any(axis=1)))) + 1
    return bool(meets) and _meet_twice(meets, height)


def passes(mark: Bits) -> bool:
    """Whether a mark is nothing but a line that comes in on one side of the picture and goes out on
    the other, upright or level: the shadow of a fold, a streak of the scanner's glass."""
    ys, xs = np.nonzero(mark)
    if not len(ys):
        return False
    (rows, columns), (high, wide) = mark.shape, (int(np.ptp(v)) + 1 for v in (ys, xs))
    upright = high == rows and NARROW * wide <= high
    return upright or (wide == columns and NARROW * high <= wide)


def is_bent_cross(mark: Bits, at: Window) -> bool:
    """Whether the lines of a cross are not two straight ones: a tick whose foot lies on the line
    through it makes such a cross."""
    drawn, _ = _main_piece(mark, at)
    return drawn is not None and bool(partings(drawn)) and not is_straight(drawn, CROSS_BOW_PX)


def _heart(at: Window) -> Window:
    """The middle of a box, which a slash crosses; a line that slipped over a corner does not."""
    rows, columns = (
        slice(side.start + round(HEART * long), side.stop - round(HEART * long))
        for side, long in ((side, side.stop - side.start) for side in at)
    )
    return rows, columns


def _leans(drawn: Bits, top: int) -> bool:
    """Whether a stroke without arms is a slash, or a tick whose first arm is short. A question mark
    whose bow lies on the outline leaves one, too, but upright, and none that comes straight out of
    the box, whose inside begins in row `top`."""
    rows = np.flatnonzero(drawn.any(axis=1))
    tip, foot = (np.flatnonzero(drawn[row]) for row in _first_and_last(drawn))
    lower = drawn[int(rows.mean()) :]
    hooked = int(np.flatnonzero(lower.any(axis=0))[0]) <= int(foot[0]) - HOOK_PX
    leaning = LEANING_IF_SEEN if hooked or rows[0] <= top - ABOVE_PX else LEANING
    return float(tip.mean() - foot.mean()) >= leaning * (len(rows) - 1)


def _is_tick(drawn: Bits, foot: int, top: int) -> bool:
    """Whether of the arms that meet in row `foot` the right one is longer than the left one, or
    leans far over, or both lean away from a point. Those of a "U" are even; those of a "0" both
    come to the outline, which hides how they go on: the box's inside begins in row `top`."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(drawn[:foot], connectivity=8)
    ends = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT]
    arms = [k for k in range(1, count) if ends[k] >= foot]
    if len(arms) < 2:
        return True
    tips = {k: np.argwhere(pieces == k)[[0, -1], 1] for k in arms}
    tops = {k: int(stats[k, cv2.CC_STAT_TOP]) for k in arms}
    heights = {k: int(stats[k, cv2.CC_STAT_HEIGHT]) for k in arms}
    longer, shorter = sorted(arms, key=lambda k: heights[k])[:-3:-1]
    lowest = int(np.argwhere(drawn)[-1, 1])
    away = {k: abs(int(tips[k][0]) - lowest) for k in arms}
    leans = np.ptp(tips[longer]) >= LEANING_FAR * heights[longer]
    longest = leans or heights[shorter] < EVEN_ARMS * heights[longer]
    spread = all(away[k] >= SPREADING * heights[k] for k in (longer, shorter))
    pointed = spread and _is_pointed(pieces == longer, pieces == shorter, tops[shorter], foot)
    goes_on = tops[longer] < top - ABOVE_PX and away[longer] >= LEANING_IF_SEEN * heights[longer]
    begins = goes_on or not top - ABOVE_PX < tops[shorter] <= top
    upright = tips[longer][0] - lowest < LEANING_LEAST * heights[longer]
    right = tips[longer][0] > tips[shorter][0]
    return bool((longest or pointed) and begins and not upright and right)


def _is_pointed(one: NDArray[np.bool_], other: NDArray[np.bool_], top: int, foot: int) -> bool:
    """Whether the paper between two arms grows narrower all the way from row `top` to their foot,
    as in a "V", and not only at the end, as in a "U" or the lower half of a "0"."""
    gaps = []
    for row in (min(top + 1, foot - 1), (top + foot) // 2):
        a, b = (np.flatnonzero(arm[row]) for arm in (one, other))
        if not (len(a) and len(b)):
            return False
        gaps.append(max(int(a[0] - b[-1]), int(b[0] - a[-1])))
    return gaps[1] <= POINTED * gaps[0]


def _moved(side: slice, by: int) -> slice:
    return slice(side.start + by, side.stop + by)


def _main_piece(mark: Bits, at: Window) -> tuple[Bits | None, Window]:
    """The one piece of ink that a mark consists of, with a margin of a pixel, and where the box is
    in it; None if there are several, or none. A tick whose foot stands on the outline is in two
    pieces that both end there."""
    mark, at = _padded(mark), (_moved(at[0], 1), _moved(at[1], 1))
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mark, connectivity=8)
    within = np.bincount(pieces[at].ravel(), minlength=count)
    within[0] = 0
    least = max(SPECK_PX, PART * float(within.sum()))
    kept = np.flatnonzero((within >= least) & (stats[:, cv2.CC_STAT_AREA] >= SPECK_PX))
    is_kept = np.zeros(count, np.uint8)
    is_kept[kept] = 1
    drawn = is_kept[pieces]
    if len(kept) == 2:
        feet = [np.argwhere(pieces == k)[-1] for k in kept]
        if all(foot[0] >= at[0].stop - FOOT_PX for foot in feet):
            (y1, x1), (y2, x2) = ((int(y), int(x)) for y, x in feet)
            return np.asarray(cv2.line(drawn, (x1, y1), (x2, y2), 1), np.uint8), at
    return (drawn if len(kept) == 1 else None), at


def is_broken(mark: Bits, at: Window) -> bool:
    """Whether a mark is in several pieces that a tick would not be in."""
    return bool(mark.any()) and _main_piece(mark, at)[0] is None


def _runs_through(mark: Bits, at: Window) -> bool:
    """Whether a mark leaves its box on the left and on the right at the same height, or crosses
    it, as a line through a tick does; a tick leaves it higher on the right."""
    if _is_crossed(mark, at):
        return True
    left, right = (
        np.argwhere(side)[:, 0] for side in (mark[:, : at[1].start], mark[:, at[1].stop :])
    )
    if min(len(left), len(right)) < THROUGH_PX:
        return False
    return abs(float(np.median(left) - np.median(right))) <= LEVEL_PX


def _is_crossed(mark: Bits, at: Window) -> bool:
    """Whether there is ink all along a line from side to side of the box that slopes less than the
    arms of a tick do. The middle of the strokes is looked at: of a bold tick, such a line would
    meet both arms and little between them."""
    away = depths(mark)
    inner = (away > CORE * np.median(_ridge(away)))[:, at[1]]
    return bool(inner.take(_lines_across(*inner.shape)).mean(axis=0).max() >= ACROSS)


@cache
def _lines_across(high: int, wide: int) -> NDArray[np.int64]:
    """(`wide`, lines): the pixels of all lines from side to side of a picture that slope less than
    the arms of a tick do, counted row by row. One that runs out of the picture keeps to its edge.
    """
    rows, columns = np.arange(high)[:, None], np.arange(wide)[:, None, None]
    down = np.rint(SLOPES * (columns - (wide - 1) / 2)).astype(int)
    return np.asarray(np.clip(rows + down, 0, high - 1) * wide + columns).reshape(wide, -1)


def has_hole(mark: Bits) -> bool:
    """Whether a mark encloses more paper than a dot does that was drawn round and round."""
    ys, xs = np.nonzero(mark)
    if not len(ys):
        return False
    hole, height, width = _hole_px(_padded(mark)), int(np.ptp(ys)) + 1, int(np.ptp(xs)) + 1
    if max(height, width) <= DOT_PX and hole <= DOT_HOLE * height * width:
        return False
    return hole >= ENCLOSED_PX


def _hole_px(drawn: Bits) -> int:
    """How large the largest hole is; the paper around is none."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(1 - drawn, connectivity=4)
    return int(np.sort(stats[1:count, cv2.CC_STAT_AREA])[:-1].max(initial=0))


def partings(drawn: Bits) -> list[int]:
    """The rows in which ink parts downwards into pieces that do not meet again, each at least
    `BRANCH_PX` high."""
    edges = np.flatnonzero(np.diff(_padded(drawn).ravel()))
    starts, stops = edges[::2], edges[1::2]  # of each run of ink, row by row
    wide = drawn.shape[1] + 2
    first = np.searchsorted(stops, starts + wide)  # of the runs below that touch it
    past = np.searchsorted(starts, stops + wide, side="right")
    if (past - first).max(initial=0) < 2:
        return []
    rows = starts // wide - 1
    above, lowest = list(range(len(rows))), rows.tolist()

    def root(k: int) -> int:
        while above[k] != k:
            k = above[k]
        return k

    found: list[int] = []
    upwards = np.argsort(-rows, kind="stable")
    each = np.column_stack([upwards, rows[upwards], first[upwards], past[upwards]]).tolist()
    for run, row, start, stop in each:
        met = {root(k) for k in range(start, stop)}
        if sum(lowest[k] - row >= BRANCH_PX for k in met) >= 2:
            found.append(row)
        for k in met:
            above[k] = run
            lowest[run] = max(lowest[run], lowest[k])
    return found
