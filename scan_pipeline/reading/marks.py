"""Tick boxes: empty, ticked, filled in (changed my mind) or unsure, by ink against the blank form.

Measured in the box where it was found on this page, against the paper right around it, so that
shadows and stains are not ink. Strokes are followed: each belongs to the box that holds most of
it. When two explanations are close the answer is "unsure": a person looks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.page import COARSE_PX_PER_MM, Grey
from scan_pipeline.reading.strokes import Ink
from scan_pipeline.story import MarkState

INSET_MM = 0.55
EMPTY_BELOW, TRACE_FROM, TRACE_BELOW = 0.025, 0.014, 0.2
FAINT_PX, FAINT_AROUND_PX, FAINT_LEVEL, FAINT_RIM_PX = 1.0, 2.0, 3.0, 2
FAINT_MM2, FAINT_MM2_IF_BILEVEL, FAINT_USUAL, FAINT_OVER = 0.55, 0.25, 0.75, 4.0
SHARED = 0.4
TICKED_FROM = 0.065
STRONG_FROM = 0.22
SHADED_FROM = 0.15
HEAVY_FROM = 0.80
FILLED_FROM = 0.97
FILLED_DARK = 0.45
PALEST_FILL = 0.12
SIDE_SEEN, SIDE_SHARE, NEAR_PX, CORNER_PX = 0.27, 0.3, 2, 3
AT_HOME = 0.72
CORE_MM = 0.45
RING_MM = 2.4
RING_INK_MM2 = 0.6
GUESTS_MM2_AROUND = 8.0
HOUSED = 0.2
PALE = 0.6
HEAVIER = 1.95
SCRIBBLER_FROM, SCRIBBLED_FROM = 0.6, 0.9
CROSSED_FROM = 0.35
FEW_MARKS, UNUSUAL = 3, 0.5
OVERHANG_MM2, OVERHUNG, OVERHUNG_FROM = 0.4, 1.25, 0.45
FAR_OVER_MM2 = 2.0
CROSSED_MM2, CROSSED_SPREAD, SPREAD_OF_CONSENT = 0.3, 0.6, 0.84
RINGED_AROUND = 4
SPREAD_OVER, SPREAD_IF_BILEVEL, PARTS, PART_INKED = 0.94, 0.86, 5, 0.12
LEAST_SURE = 0.9
FAINT_FROM, FAINT_BELOW, FAINT_STRENGTH = 0.018, 0.08, 0.3
FAINT_IF_POOR, FAINT_USUAL_IF_POOR = 0.2, 0.18

Window = tuple[slice, slice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one box holds: `cover` is the share of its inside that is ink, `strength` how dark that
    is (see `Measures`).

    `confidence`: the chance that this box was meant to be chosen if it is ticked or unsure; that
    it was not, if it is empty or filled in."""

    state: MarkState
    confidence: float
    cover: float
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMarks:
    """The marks by box name, and which strokes (True) are stray: as dark as this hand's marks, but
    most of such a stroke lies in no box, as of writing, or of a ring around one."""

    marks: dict[str, Mark]
    measures: dict[str, Measures]
    stray: NDArray[np.bool_]


def read_marks(
    ink: Ink,
    boxes: dict[str, Rect],
    proven: dict[str, bool],
    *,
    consents: Set[str] = frozenset(),
    bilevel: bool = False,
) -> PageMarks:
    """Every tick box of a page at once, so that each stroke is given to the box it belongs to.

    `boxes` are the printed squares where they were found on this page; one that is not `proven`
    is always unsure. `consents` are boxes where to read a tick that was taken back would harm, so
    that a slighter doubt is enough. `bilevel`: the picture is black and white, where filling in
    with a pencil comes out mottled.
    """
    insides = {name: _inside(box) for name, box in boxes.items()}
    count = len(ink.area)
    held = {name: _inked(ink.label[window], count) for name, window in insides.items()}
    most = np.max(list(held.values()), axis=0) if held else np.zeros(count, np.int64)
    # Two ticks that touch are one stroke with two homes; a tick's tail has no home where it ends.
    own = {name: (inside >= SHARED * most) & (inside > 0) for name, inside in held.items()}
    near = {
        name: _inked(ink.label[_grown(window, INSET_MM + RING_MM)], count)
        for name, window in insides.items()
    }
    loose = _of_homes(held, own, count) < HOUSED * ink.area
    loose[0] = False
    stray = loose & (ink.darkness >= PALE * _usual_darkness(ink, held, own))
    # Specks of a copier do not add up to a mark.
    stray &= ink.area >= RING_INK_MM2 * COARSE_PX_PER_MM**2
    grounds = {name: _ground(window, insides.values()) for name, window in insides.items()}
    housed = _of_homes(near, own, count) / np.maximum(ink.area, 1)
    seen = {
        name: _measure(ink, window, grounds[name], own[name], housed, loose, stray, held[name])
        for name, window in insides.items()
    }
    usual = _usual_cover(seen.values())
    most_spread = SPREAD_IF_BILEVEL if bilevel else SPREAD_OVER
    states = {n: _state(s, proven.get(n, False), usual, most_spread) for n, s in seen.items()}
    states |= {n: "unsure" for n in consents if states[n] == "ticked" and _may_be_undone(seen[n])}
    least_mm2 = FAINT_MM2_IF_BILEVEL if bilevel else FAINT_MM2
    states |= dict.fromkeys(_with_faint_marks(states, seen, least_mm2), "unsure")
    marks = {n: _judged(s, states[n], proven.get(n, False)) for n, s in seen.items()}
    return PageMarks(marks=marks, measures=seen, stray=stray)


def _may_be_undone(seen: Measures) -> bool:
    """Whether a mark is as wide and as full as one that was crossed out or filled in."""
    crossed = seen.overhang_mm2 >= CROSSED_MM2 and seen.spread >= CROSSED_SPREAD
    return crossed or seen.spread >= SPREAD_OF_CONSENT


def _with_faint_marks(
    states: Mapping[str, MarkState], seen: Mapping[str, Measures], least_mm2: float
) -> list[str]:
    """Which boxes without ink hold more that is paler or smaller than ink, as a hard pencil or what
    a scanner left of a pen, than most such boxes do: what shines through from the other side, or a
    copier's grain, is in many of them."""
    empty = [name for name, state in states.items() if state == "empty"]
    amounts = np.array([seen[name].faint_mm2 for name in empty], np.float32)
    least = max(least_mm2, FAINT_OVER * _at_share(amounts, FAINT_USUAL))
    return [name for name, mm2 in zip(empty, amounts, strict=True) if mm2 >= least]


def _of_homes(
    pixels: Mapping[str, NDArray[np.int64]], own: Mapping[str, NDArray[np.bool_]], count: int
) -> NDArray[np.int64]:
    """How much of each stroke lies in the windows of the boxes that it belongs to."""
    total = np.zeros(count, np.int64)
    for name, mine in own.items():
        total += pixels[name] * mine
    return total


def _usual_darkness(
    ink: Ink, held: Mapping[str, NDArray[np.int64]], own: Mapping[str, NDArray[np.bool_]]
) -> float:
    """How dark this hand's marks are: the median of them, 0 if there are few. The rim of a stain is
    far paler."""
    main = [int(np.argmax(np.where(own[name], held[name], 0))) for name in held if own[name].any()]
    return float(np.median(ink.darkness[main])) if len(main) >= FEW_MARKS else 0.0


def _usual_cover(seen: Iterable[Measures]) -> float:
    """How much ink this hand puts in a box: the median of its marks; a guess where they are few."""
    covers = [s.own for s in seen if s.own >= TICKED_FROM]
    return float(np.median(covers)) if len(covers) >= FEW_MARKS else UNUSUAL


def is_faint(found: Iterable[Mark], *, poor: bool) -> bool:
    """Whether marks are so weak that others may have been lost.

    `poor`: the picture does not show the form's own pale lines either, so pencil may be gone. A
    pen that it does show leaves a box well covered, most times; one weak mark is no sign then.
    Elsewhere a mark is weak if it is small and pale: a dot in ink is only small."""
    chosen = [m for m in found if m.state in {"ticked", "unsure"} and m.cover >= FAINT_FROM]
    if not poor:
        return any(m.cover < FAINT_BELOW and m.strength < FAINT_STRENGTH for m in chosen)
    if len(chosen) >= FEW_MARKS:
        return float(np.median([m.cover for m in chosen])) < FAINT_USUAL_IF_POOR
    return any(m.cover < FAINT_IF_POOR for m in chosen)


def whole_outlines(coarse: Grey, boxes: Mapping[str, Rect]) -> dict[str, bool]:
    """Whether all four sides of each printed square can be seen: where one cannot, a note or a
    folded edge lies on the box, and what it holds nobody knows. Ink hides no side, it is darker.
    """
    sides = {name: _sides(coarse, box) for name, box in boxes.items()}
    usual = float(np.median([max(dark) for dark in sides.values()])) if sides else 0.0
    return {name: min(dark) >= SIDE_SEEN * usual for name, dark in sides.items()}


def _sides(coarse: Grey, box: Rect) -> tuple[float, ...]:
    """How dark (0 to 255) the four sides of a square are for most of their length."""
    scale = COARSE_PX_PER_MM
    left, right, top, bottom = (
        round(v * scale) for v in (box.x_mm, box.right_mm, box.y_mm, box.bottom_mm)
    )
    along = slice(left + CORNER_PX, right - CORNER_PX), slice(top + CORNER_PX, bottom - CORNER_PX)
    near = [slice(max(0, at - NEAR_PX), at + NEAR_PX + 1) for at in (top, bottom, left, right)]
    bands = [coarse[rows, along[0]] for rows in near[:2]]
    bands += [coarse[along[1], columns].T for columns in near[2:]]
    return tuple(
        255.0 - _at_share(band.min(axis=0), 1.0 - SIDE_SHARE) if band.size else 0.0
        for band in bands
    )


def _inside(box: Rect) -> Window:
    inner, scale = box.grown(-INSET_MM), COARSE_PX_PER_MM
    return (
        slice(max(0, round(inner.y_mm * scale)), max(0, round(inner.bottom_mm * scale))),
        slice(max(0, round(inner.x_mm * scale)), max(0, round(inner.right_mm * scale))),
    )


def _grown(window: Window, by_mm: float) -> Window:
    rows, cols = window
    by = round(by_mm * COARSE_PX_PER_MM)
    return (
        slice(max(0, rows.start - by), rows.stop + by),
        slice(max(0, cols.start - by), cols.stop + by),
    )


def _ground(window: Window, boxes: Iterable[Window]) -> Window:
    """The rim around one box, up to half-way to its neighbours: what lies there belongs to it."""
    bounds = [[side.start, side.stop] for side in _grown(window, INSET_MM + RING_MM)]
    middle = _middle(window)
    for other in boxes:
        away = [there - here for there, here in zip(_middle(other), middle, strict=True)]
        axis = int(abs(away[1]) > abs(away[0]))
        half = round(middle[axis] + away[axis] / 2)
        if away[axis] > 0:
            bounds[axis][1] = min(bounds[axis][1], half)
        elif away[axis] < 0:
            bounds[axis][0] = max(bounds[axis][0], half)
    return slice(*bounds[0]), slice(*bounds[1])


def _middle(window: Window) -> tuple[float, float]:
    rows, cols = window
    return (rows.start + rows.stop) / 2, (cols.start + cols.stop) / 2


def _inked(label: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Pixels of each stroke in one window; paper is stroke 0 and has none."""
    pixels = np.bincount(label.ravel(), minlength=count)
    pixels[0] = 0
    return pixels


class Measures(NamedTuple):
    """`own`: share of the box's inside under strokes that belong to it; `strange`: under others;
    `at_home`: share of the largest own stroke that lies in or near the boxes it belongs to (a tick
    may touch a box that was blacked out); `ring_mm2`: ink around the box of stray strokes;
    `guests_mm2`: of strokes that are at home in other boxes, which lie in `guests_around` of eight
    directions: a tail in two, a ring in all; `loose_around`: the same of strokes that are at home
    in no box, however pale; `strength`: how dark the own strokes are at their
    darkest; `overhang_mm2`: own ink beyond the box on its left and on its right, the lesser of
    both; `solid`: share of the inside as dark as solid ink of this pen; `shade`: how much darker it
    is than the paper around the box; `spread`: share of 25 parts of the inside with own ink;
    `faint_mm2`: what is darker than the paper inside, and thin, be it too pale for ink."""

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
    faint_mm2: float


def _measure(
    ink: Ink,
    window: Window,
    ground: Window,
    mine: NDArray[np.bool_],
    housed: NDArray[np.float64],
    loose: NDArray[np.bool_],
    stray: NDArray[np.bool_],
    inside: NDArray[np.int64],
) -> Measures:
    count = len(ink.area)
    held = _inked(ink.label[ground], count)
    core = _inked(ink.label[_grown(window, INSET_MM + CORE_MM)], count)
    size = max(1, ink.label[window].size)
    main = int(np.argmax(np.where(mine, inside, -1)))
    own_depth = ink.deep[window][mine[ink.label[window]]]
    paper = _at_share(ink.soft[ground], 0.75)
    guests = ~loose & ~mine
    guests[0] = False
    paper = min(paper, _washed(ink.soft, window))
    darker = (paper - ink.soft[window].astype(np.float32)) / 255.0
    shade = _at_share(darker, 0.5)
    return Measures(
        own=float(inside[mine].sum()) / size,
        strange=float(inside[~mine].sum()) / size,
        at_home=min(1.0, float(housed[main])) if mine[main] else 0.0,
        ring_mm2=float((held - core)[stray].sum()) / COARSE_PX_PER_MM**2,
        guests_mm2=float((held - core)[guests].sum()) / COARSE_PX_PER_MM**2,
        guests_around=_around(guests, ink.label, window, ground),
        loose_around=_around(loose, ink.label, window, ground),
        strength=max(_at_share(own_depth, 0.8) / 255.0, shade),
        overhang_mm2=_overhang_mm2(ink.label, window, mine),
        solid=_solid(darker),
        shade=shade,
        spread=_spread(mine[ink.label[window]]),
        faint_mm2=_faint_mm2(ink.deep[window]),
    )


def _faint_mm2(deep: Grey) -> float:
    """What of a box is a few levels darker than around it, and as thin as a stroke, once the grain
    is smoothed out; the rim of a tea stain is wider."""
    smooth = cv2.GaussianBlur(deep.astype(np.float32), (0, 0), FAINT_PX)
    darker = smooth - cv2.GaussianBlur(smooth, (0, 0), FAINT_AROUND_PX)
    inner = darker[FAINT_RIM_PX:-FAINT_RIM_PX, FAINT_RIM_PX:-FAINT_RIM_PX]
    return float(np.count_nonzero(inner >= FAINT_LEVEL)) / COARSE_PX_PER_MM**2


def _spread(inked: NDArray[np.bool_]) -> float:
    """A tick leaves parts of its box bare; filling in, with pencil too, and crossing out do not."""
    ends = [np.linspace(0, side, PARTS + 1).astype(int) for side in inked.shape]
    corner = cv2.integral(inked.astype(np.uint8))[np.ix_(*ends)].astype(np.float64)
    held = np.diff(np.diff(corner, axis=0), axis=1)
    size = np.outer(*(np.diff(end) for end in ends))
    return float((held > PART_INKED * np.maximum(size, 1)).mean())


def _washed(soft: Grey, window: Window) -> float:
    """The lighter of the paper to the left and to the right of a box: a highlighter that was drawn
    across darkens both, a pencil that fills the box does not."""
    cols = _grown(window, INSET_MM + CORE_MM)[1]
    reach = round((RING_MM - CORE_MM) * COARSE_PX_PER_MM)
    sides = (slice(max(0, cols.start - reach), cols.start), slice(cols.stop, cols.stop + reach))
    return max(_at_share(soft[window[0], side], 0.5) for side in sides)


def _around(
    strokes: NDArray[np.bool_], label: NDArray[np.int32], window: Window, ground: Window
) -> int:
    """In how many of eight directions there is ink of these strokes around a box."""
    rim = strokes[label[ground]]
    (top, left), core = (side.start for side in ground), _grown(window, INSET_MM + CORE_MM)
    rows, cols = (
        slice(max(0, c.start - at), c.stop - at) for c, at in zip(core, (top, left), strict=True)
    )
    rim[rows, cols] = False
    ys, xs = np.nonzero(rim)
    y, x = _middle(window)
    way = np.floor(np.arctan2(ys + top + 0.5 - y, xs + left + 0.5 - x) / (np.pi / 4)).astype(int)
    return int((np.bincount(way % 8, minlength=8) >= 2).sum())


def _at_share(values: NDArray[np.float32] | Grey, share: float) -> float:
    """The value that `share` of them do not pass, 0 of none: `np.percentile`, far quicker."""
    if not values.size:
        return 0.0
    place = round(share * (values.size - 1))
    return float(np.partition(values.ravel(), place)[place])


def _solid(inside: NDArray[np.float32]) -> float:
    """Share of a box's inside that is as dark as this pen or pencil makes solid ink."""
    darkest = _at_share(inside, 0.9)
    if darkest < PALEST_FILL:
        return 0.0
    return float((inside >= min(FILLED_DARK, 0.6 * darkest)).mean())


def _overhang_mm2(label: NDArray[np.int32], window: Window, mine: NDArray[np.bool_]) -> float:
    """Strokes that cross a tick out run past the box on both sides; ticks and crosses do not."""
    rows, cols = _grown(window, INSET_MM + CORE_MM)
    reach = round(RING_MM * COARSE_PX_PER_MM)
    sides = (slice(max(0, cols.start - reach), cols.start), slice(cols.stop, cols.stop + reach))
    ink = [int(mine[label[rows, side]].sum()) for side in sides]
    return float(min(ink)) / COARSE_PX_PER_MM**2


def _judged(seen: Measures, state: MarkState, proven: bool) -> Mark:
    chance = chance_chosen(seen)
    if state == "ticked":
        sure = max(chance, LEAST_SURE)
    elif state == "unsure":
        sure = chance if proven else min(chance, 0.5)
    else:
        sure = max(1.0 - chance, LEAST_SURE)
    return Mark(
        state=state,
        confidence=sure,
        cover=max(seen.own + seen.strange, seen.solid),
        strength=seen.strength,
    )


def _state(seen: Measures, proven: bool, usual: float, most_spread: float) -> MarkState:
    """`usual`: the cover of this hand's other marks. Far more than that may be a tick that was
    crossed out; so may one that reaches `most_spread` of the box's parts."""
    if not proven:
        return "unsure"
    if seen.solid >= FILLED_FROM:
        return "filled"
    heavy_from = HEAVY_FROM if usual < SCRIBBLER_FROM else SCRIBBLED_FROM
    if seen.solid >= heavy_from or seen.own >= max(HEAVIER * usual, CROSSED_FROM):
        return "unsure"
    if seen.spread >= most_spread and usual < SCRIBBLER_FROM:
        return "unsure"
    if seen.overhang_mm2 >= FAR_OVER_MM2:
        return "unsure"
    if seen.overhang_mm2 >= OVERHANG_MM2 and seen.own >= max(OVERHUNG * usual, OVERHUNG_FROM):
        return "unsure"
    if seen.own >= TICKED_FROM and seen.at_home >= AT_HOME and seen.strength >= STRONG_FROM:
        return "ticked"
    nothing = max(seen.own, 0.25 * seen.strange) < EMPTY_BELOW and seen.shade < SHADED_FROM
    # A trace of ink is dark where a copier left it, and pale where a pencil did.
    nothing &= seen.own < TRACE_FROM or seen.strength >= TRACE_BELOW
    passing = seen.guests_mm2 * seen.guests_around < GUESTS_MM2_AROUND
    ringed = seen.ring_mm2 >= RING_INK_MM2 or seen.loose_around >= RINGED_AROUND
    if nothing and passing and not ringed:
        return "empty"
    return "unsure"


def signals(seen: Measures) -> tuple[float, ...]:
    """What speaks for a box to be chosen, in the order of the weights in `marks.json`."""
    return (
        float(np.log(seen.own + 0.01)),
        seen.at_home,
        min(seen.strength, 0.6),
        min(seen.ring_mm2, 12.0),
        min(seen.guests_mm2, 6.0),
        seen.solid,
        float(seen.solid >= FILLED_FROM),
        min(seen.overhang_mm2, 1.5),
        seen.spread,
    )


@cache
def _fitted() -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    stored = json.loads(Path(__file__).with_name("marks.json").read_text("utf-8"))
    return float(stored["constant"]), np.array(stored["weights"]), np.array(stored["steps"]).T


def chance_chosen(seen: Measures) -> float:
    """How often a box like this was meant to be chosen, on pages whose truth is known.

    A logistic model, its odds set right by a rising table; `python -m benchmarks.placing.fit` makes
    both. It says how sure the state is; the state itself follows from rules that a person can
    check."""
    constant, weights, (odds, chances) = _fitted()
    return float(np.interp(constant + float(np.dot(weights, signals(seen))), odds, chances))


def stray_mm2(ink: Ink, found: PageMarks, hull: Rect, boxes: Iterable[Rect]) -> float:
    """Ink within `hull` (a field) of stray strokes that lie near none of `boxes`."""
    scale = COARSE_PX_PER_MM
    rows = slice(max(0, round(hull.y_mm * scale)), round(hull.bottom_mm * scale))
    cols = slice(max(0, round(hull.x_mm * scale)), round(hull.right_mm * scale))
    homeless = found.stray[ink.label[rows, cols]]
    for box in boxes:
        near = _grown(_inside(box), RING_MM)
        homeless[
            max(0, near[0].start - rows.start) : max(0, near[0].stop - rows.start),
            max(0, near[1].start - cols.start) : max(0, near[1].stop - cols.start),
        ] = False
    return float(homeless.sum()) / scale**2
