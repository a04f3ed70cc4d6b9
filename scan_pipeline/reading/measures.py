"""What each tick box of a page holds, measured: ink, where it lies, how dark it is.

Measured in the box where it was found on this page, against the paper right around it, so that
shadows and stains are not ink. Strokes are followed: each belongs to the box that holds most of
it. What the figures mean is for `marks` to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.page import COARSE_PX_PER_MM, Grey
from scan_pipeline.reading.strokes import Ink

INSET_MM = 0.55
CORE_MM = 0.45
RING_MM, REACH_MM = 2.4, 6.0
RING_INK_MM2 = 0.6
SHARED = 0.4
HOUSED, AWAY = 0.2, 0.72
AS_DARK = 0.6
FEW_MARKS, BLACKED_OUT = 3, 0.9
FILLED_DARK = 0.45
PALEST_FILL = 0.12
PARTS, PART_INKED = 5, 0.12
DIAGONALS = np.eye(PARTS, dtype=bool) | np.eye(PARTS, dtype=bool)[::-1]
SIDES = (0, 2, 2, 4), (2, 0, 4, 2)
CROSS_ARMS, CROSS_ARM, CROSS_GAPS = 0.4, 0.15, 0.3
PALE_PX, PALE_LEVEL, TRACE_PX, TRACE_LEVEL = 1.0, 3.0, 1.5, 1.5
PALE_AROUND, PALE_RIM_PX = 2.0, 2

Window = tuple[slice, slice]


class Measures(NamedTuple):
    """`own`: share of the box's inside under strokes that belong to it; `strange`: under others;
    `at_home`: share of the largest own stroke that lies in or near the boxes it belongs to (a tick
    may touch a box that was blacked out); `ring_mm2`: ink around the box of stray strokes, and of
    those that reach far out of another box, as a second tick joined to its tick does; `guests_mm2`:
    of strokes that are at home in other boxes, which lie in `guests_around` of eight directions: a
    tail in two, a ring in all; `loose_around`: the same of strokes that are at home in no box,
    however pale; `strength`: how dark the own strokes are at their darkest; `overhang_mm2`: own ink
    beyond the box on its left and on its right, the lesser of both; `solid`: share of the inside as
    dark as solid ink of this pen; `shade`: how much darker it is than the paper around the box;
    `spread`: share of 25 parts of the inside with own ink; `is_cross`: it lies on both diagonals,
    with bare paper between them; `crumbs`: in how many pieces the ink inside is; `long_mm`: how
    long its own ink is, across or down, and `away_mm`: how far outside the box the middle of its
    own ink lies, 0 within; `other_mm`: how far that is from the nearest other box; `pale_mm2`: what
    is darker than the paper inside, and thin, be it too pale for ink; `pale_mm`: how long the
    longest piece of it is that a pen's width of smoothing leaves: a copier's grain breaks up."""

    own: float
    strange: float
    at_home: float
    ring_mm2: float
    guests_mm2: float
    guests_around: int
    loose_around: int
    strength: float
    overhang_mm2: float
    solid: float
    shade: float
    spread: float
    is_cross: bool
    crumbs: int
    long_mm: float
    away_mm: float
    other_mm: float
    pale_mm2: float
    pale_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What all boxes of a page hold, by name; which strokes belong to each (True, `own`); which are
    `loose`: most of such a stroke lies in no box, as of writing, or of a ring around one; and which
    of these are `stray`: as dark as this hand's marks.
    """

    boxes: dict[str, Measures]
    own: dict[str, NDArray[np.bool_]]
    loose: NDArray[np.bool_]
    stray: NDArray[np.bool_]


def measure(ink: Ink, boxes: Mapping[str, Rect]) -> Measured:
    """Every tick box of a page at once, so that each stroke is given to the box it belongs to.

    `boxes` are the printed squares where they were found on this page.
    """
    insides = [inside(box) for box in boxes.values()]
    held = _inked(ink, insides)
    # Two ticks that touch are one stroke with two homes; a tick's tail has no home where it ends.
    own = (held >= SHARED * held.max(axis=0, initial=0)) & (held > 0)
    loose = (held * own).sum(axis=0) < HOUSED * ink.area
    loose[0] = False
    # Specks of a copier do not add up to a mark.
    large = loose & (ink.area >= RING_INK_MM2 * COARSE_PX_PER_MM**2)
    stray = large & (ink.darkness >= AS_DARK * _usual_darkness(ink, held, own, insides))
    near = _inked(ink, [grown(window, INSET_MM + RING_MM) for window in insides])
    housed = (near * own).sum(axis=0) / np.maximum(ink.area, 1)
    rims = grounds(insides)
    cores = _inked(ink, [grown(window, INSET_MM + CORE_MM) for window in insides])
    around = _inked(ink, rims) - cores
    guests = ~loose & ~own
    guests[:, 0] = False
    rings = (around * (stray | (guests & (housed < AWAY)))).sum(axis=1)
    amounts = zip(
        (held * own).sum(axis=1).tolist(),
        (held * ~own).sum(axis=1).tolist(),
        (housed[np.where(own, held, -1).argmax(axis=1)] * own.any(axis=1)).tolist(),
        (rings / COARSE_PX_PER_MM**2).tolist(),
        ((around * guests).sum(axis=1) / COARSE_PX_PER_MM**2).tolist(),
        *_extents_mm(ink, insides, own),
        strict=True,
    )
    seen = [
        _measure(ink, window, ground, _Strokes(mine, others, loose, *amount))
        for window, ground, mine, others, amount in zip(
            insides, rims, own, guests, amounts, strict=True
        )
    ]
    return Measured(
        boxes=dict(zip(boxes, seen, strict=True)),
        own=dict(zip(boxes, own, strict=True)),
        loose=large,
        stray=stray,
    )


def _usual_darkness(
    ink: Ink, held: NDArray[np.int64], own: NDArray[np.bool_], insides: Sequence[Window]
) -> float:
    """How dark this hand's marks are: the median of them, 0 if there are few. The rim of a stain is
    far paler; a box that was blacked out is darker than any stroke, and does not count.
    """
    sizes = np.array([ink.label[window].size for window in insides])
    mine = held * own
    strokes = own.any(axis=1) & (mine.sum(axis=1) < BLACKED_OUT * sizes)
    main = mine[strokes].argmax(axis=1)
    return float(np.median(ink.darkness[main])) if len(main) >= FEW_MARKS else 0.0


def window_of(box: Rect) -> Window:
    """The pixels of an area of the page."""
    scale = COARSE_PX_PER_MM
    return (
        slice(max(0, round(box.y_mm * scale)), max(0, round(box.bottom_mm * scale))),
        slice(max(0, round(box.x_mm * scale)), max(0, round(box.right_mm * scale))),
    )


def within(part: Window, whole: Window) -> Window:
    """Where a window of the page lies in the picture of another."""
    rows, cols = (
        slice(max(0, p.start - w.start), max(0, p.stop - w.start))
        for p, w in zip(part, whole, strict=True)
    )
    return rows, cols


def inside(box: Rect) -> Window:
    """The pixels of a box within its printed outline."""
    return window_of(box.grown(-INSET_MM))


def grown(window: Window, by_mm: float) -> Window:
    """A window with a margin on every side."""
    rows, cols = window
    by = round(by_mm * COARSE_PX_PER_MM)
    return (
        slice(max(0, rows.start - by), rows.stop + by),
        slice(max(0, cols.start - by), cols.stop + by),
    )


def grounds(windows: Sequence[Window]) -> list[Window]:
    """The rim around each box, up to half-way to its neighbours: what lies there belongs to it."""
    rims = [grown(window, INSET_MM + RING_MM) for window in windows]
    starts = np.array([[side.start for side in rim] for rim in rims]).reshape(-1, 2)
    stops = np.array([[side.stop for side in rim] for rim in rims]).reshape(-1, 2)
    middles = np.array([_middle(window) for window in windows]).reshape(-1, 2)
    away = middles - middles[:, None]  # from each box to each, down and across
    half = np.rint(middles[:, None] + away / 2).astype(int)
    across = np.abs(away[..., 1:]) > np.abs(away[..., :1])
    beside = np.concatenate([~across, across], axis=2)
    before = half.max(axis=1, initial=0, where=beside & (away < 0))
    behind = half.min(axis=1, initial=stops.max(initial=0), where=beside & (away > 0))
    (tops, lefts), (bottoms, rights) = np.maximum(starts, before).T, np.minimum(stops, behind).T
    sides = zip(*(edge.tolist() for edge in (tops, bottoms, lefts, rights)), strict=True)
    return [(slice(top, bottom), slice(left, right)) for top, bottom, left, right in sides]


def _middle(window: Window) -> tuple[float, float]:
    rows, cols = window
    return (rows.start + rows.stop) / 2, (cols.start + cols.stop) / 2


def _inked(ink: Ink, windows: Sequence[Window]) -> NDArray[np.int64]:
    """(windows, strokes): pixels of each stroke in each window; paper is stroke 0 and has none."""
    pixels = np.zeros((len(windows), len(ink.area)), np.int64)
    for k, window in enumerate(windows):
        pixels[k] = np.bincount(ink.label[window].ravel(), minlength=len(ink.area))
    pixels[:, 0] = 0
    return pixels


class _Strokes(NamedTuple):
    """Which strokes of a page belong to a box, which to others, and which to none; and how much of
    them is in and around it: pixels inside, and what `Measures` says of them."""

    mine: NDArray[np.bool_]
    guests: NDArray[np.bool_]
    loose: NDArray[np.bool_]
    own_px: int
    strange_px: int
    at_home: float
    ring_mm2: float
    guests_mm2: float
    long_mm: float
    away_mm: float
    other_mm: float


def _measure(ink: Ink, window: Window, ground: Window, strokes: _Strokes) -> Measures:
    mine, size = strokes.mine, max(1, ink.label[window].size)
    inked = mine[ink.label[window]]
    own_depth = ink.deep[window][inked]
    paper = at_share(ink.soft[ground], 0.75)
    paper = min(paper, _washed(ink.soft, window))
    darker = (paper - ink.soft[window].astype(np.float32)) / 255.0
    darkest_paper = int(255 * ink.threshold) + 1
    parts = _parts(inked)
    shade = at_share(darker, 0.5)
    around, ways = _around(ink.label, window, ground)
    return Measures(
        own=strokes.own_px / size,
        strange=strokes.strange_px / size,
        at_home=min(1.0, strokes.at_home),
        ring_mm2=strokes.ring_mm2,
        guests_mm2=strokes.guests_mm2,
        guests_around=_directions(ways[strokes.guests[around]]),
        loose_around=_directions(ways[strokes.loose[around]]),
        strength=max(at_share(own_depth, 0.8) / 255.0, shade),
        overhang_mm2=_overhang_mm2(ink.label, window, mine),
        solid=_solid(darker),
        shade=shade,
        spread=float((parts > PART_INKED).mean()),
        is_cross=_is_cross(parts),
        crumbs=cv2.connectedComponents(cv2.inRange(ink.deep[window], darkest_paper, 255))[0] - 1,
        long_mm=strokes.long_mm,
        away_mm=strokes.away_mm,
        other_mm=strokes.other_mm,
        pale_mm2=_pale_mm2(ink.deep[window]),
        pale_mm=_pale_mm(ink.deep[window]),
    )


def _extents_mm(
    ink: Ink, windows: Sequence[Window], own: NDArray[np.bool_]
) -> tuple[list[float], list[float], list[float]]:
    """How long each mark is, across or down, and how far its middle lies outside its box, and
    outside the nearest other one."""
    middles = np.array([_middle(window) for window in windows]).reshape(-1, 2)
    longest = np.zeros(len(windows))
    for k, window in enumerate(windows):
        around = grown(window, INSET_MM + REACH_MM)
        at = np.argwhere(own[k][ink.label[around]])
        if len(at):
            middles[k] = at.mean(axis=0) + [side.start for side in around]
            longest[k] = (np.ptp(at, axis=0).max() + 1) / COARSE_PX_PER_MM
    starts = np.array([[side.start for side in window] for window in windows]).reshape(-1, 2)
    stops = np.array([[side.stop for side in window] for window in windows]).reshape(-1, 2)
    beyond = np.maximum(starts - middles[:, None], middles[:, None] - stops).max(initial=0, axis=2)
    away = np.maximum(beyond / COARSE_PX_PER_MM - INSET_MM, 0.0)
    mine = np.eye(len(away), dtype=bool)
    others = np.min(away, axis=1, initial=np.inf, where=~mine)
    return longest.tolist(), away[mine].tolist(), others.tolist()


def _pale_mm2(deep: Grey) -> float:
    """What of a box is a few levels darker than around it, and as thin as a stroke, once the grain
    is smoothed out; the rim of a tea stain is wider."""
    return float(np.count_nonzero(_pale(deep, PALE_PX, PALE_LEVEL))) / COARSE_PX_PER_MM**2


def _pale_mm(deep: Grey) -> float:
    """How long the longest trace in a box is that is hardly darker than around it."""
    traces = _pale(deep, TRACE_PX, TRACE_LEVEL)
    _, _, stats, _ = cv2.connectedComponentsWithStats(traces, connectivity=8)
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    return float(np.hypot(*sides.T).max(initial=0.0)) / COARSE_PX_PER_MM


def _pale(deep: Grey, smooth_px: float, level: float) -> Grey:
    """1 where a box is at least `level` (of 255) darker than around it, both smoothed."""
    smooth = cv2.GaussianBlur(deep.astype(np.float32), (0, 0), smooth_px)
    darker = smooth - cv2.GaussianBlur(smooth, (0, 0), PALE_AROUND * smooth_px)
    inner = darker[PALE_RIM_PX:-PALE_RIM_PX, PALE_RIM_PX:-PALE_RIM_PX]
    return (inner >= level).astype(np.uint8)


def _parts(inked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(`PARTS`, `PARTS`): the share of ink in each part of a box. A tick leaves some of them bare;
    filling in, with pencil too, and crossing out do not."""
    if not inked.any():
        return np.zeros((PARTS, PARTS))
    ends = [np.linspace(0, side, PARTS + 1).astype(int) for side in inked.shape]
    corner = cv2.integral(inked.astype(np.uint8))[np.ix_(*ends)].astype(np.float64)
    size = np.outer(*(np.diff(end) for end in ends))
    return np.asarray(np.diff(np.diff(corner, axis=0), axis=1) / np.maximum(size, 1), np.float64)


def _is_cross(parts: NDArray[np.float64]) -> bool:
    """A cross in a broad pen covers as much as a tick that was crossed out, but not at the middle
    of the sides."""
    arms = parts[DIAGONALS]
    reached = arms.mean() >= CROSS_ARMS and arms.min() >= CROSS_ARM
    return bool(reached and parts[SIDES].max() <= CROSS_GAPS)


def _washed(soft: Grey, window: Window) -> float:
    """The lighter of the paper to the left and to the right of a box: a highlighter that was drawn
    across darkens both, a pencil that fills the box does not."""
    cols = grown(window, INSET_MM + CORE_MM)[1]
    reach = round((RING_MM - CORE_MM) * COARSE_PX_PER_MM)
    sides = (slice(max(0, cols.start - reach), cols.start), slice(cols.stop, cols.stop + reach))
    return max(at_share(soft[window[0], side], 0.5) for side in sides)


def _around(
    label: NDArray[np.int32], window: Window, ground: Window
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Of each pixel of ink around a box: which stroke it is of, and in which of eight directions it
    lies."""
    rim = label[ground].copy()
    rim[within(grown(window, INSET_MM + CORE_MM), ground)] = 0
    ys, xs = np.nonzero(rim)
    (top, left), (y, x) = (side.start for side in ground), _middle(window)
    way = np.floor(np.arctan2(ys + top + 0.5 - y, xs + left + 0.5 - x) / (np.pi / 4)).astype(int)
    return rim[ys, xs], way % 8


def _directions(ways: NDArray[np.int64]) -> int:
    """How many of the eight directions have ink in them; one pixel is none."""
    return int((np.bincount(ways, minlength=8) >= 2).sum())


def at_share(values: NDArray[np.float32] | Grey, share: float) -> float:
    """The value that `share` of them do not pass, 0 of none: `np.percentile`, far quicker."""
    if not values.size:
        return 0.0
    place = round(share * (values.size - 1))
    return float(np.partition(values.ravel(), place)[place])


def _solid(inside: NDArray[np.float32]) -> float:
    """Share of a box's inside that is as dark as this pen or pencil makes solid ink."""
    darkest = at_share(inside, 0.9)
    if darkest < PALEST_FILL:
        return 0.0
    return float((inside >= min(FILLED_DARK, 0.6 * darkest)).mean())


def _overhang_mm2(label: NDArray[np.int32], window: Window, mine: NDArray[np.bool_]) -> float:
    """Strokes that cross a tick out run past the box on both sides; ticks and crosses do not."""
    rows, cols = grown(window, INSET_MM + CORE_MM)
    reach = round(RING_MM * COARSE_PX_PER_MM)
    sides = (slice(max(0, cols.start - reach), cols.start), slice(cols.stop, cols.stop + reach))
    ink = [int(mine[label[rows, side]].sum()) for side in sides]
    return float(min(ink)) / COARSE_PX_PER_MM**2
