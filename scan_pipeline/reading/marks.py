"""Tick boxes: empty, ticked, filled in (changed my mind) or unsure, by ink against the blank form.

Measured in the box where it was found on this page, against the paper right around it, so that
shadows and stains are not ink. Strokes are followed: each belongs to the box that holds most of
it. When two explanations are close the answer is "unsure": a person looks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.page import COARSE_PX_PER_MM, Grey
from scan_pipeline.story import MarkState

INSET_MM = 0.55
EMPTY_BELOW = 0.02
SPECK_MM2 = 0.2
CREASE_LONG_MM, CREASE_WIDE_MM = 30.0, 2.5
SHARED = 0.4
TICKED_FROM = 0.065
STRONG_FROM = 0.22
SHADED_FROM = 0.15
HEAVY_FROM = 0.80
FILLED_FROM = 0.97
FILLED_DARK = 0.45
PALEST_FILL = 0.12
SOLID_BELOW = round(255 * (1 - FILLED_DARK))
AT_HOME = 0.72
CORE_MM = 0.45
RING_MM = 2.4
RING_INK_MM2 = 1.9
GUESTS_MM2 = 3.0
HOUSED = 0.2
HEAVIER = 1.95
SCRIBBLER_FROM, SCRIBBLED_FROM = 0.6, 0.9
CROSSED_FROM = 0.35
FEW_MARKS, UNUSUAL = 3, 0.5
OVERHANG_MM2, OVERHUNG, OVERHUNG_FROM = 0.4, 1.1, 0.45
LEAST_SURE = 0.9
SLACK_PX = 3
BRIDGE_PX, OVER_PRINT_PX = 5, 9
STROKE_MM = 2.6
FAINT_FROM, FAINT_BELOW, FAINT_IF_POOR = 0.018, 0.08, 0.2

Window = tuple[slice, slice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one box holds: `cover` is the share of its inside that is ink.

    `confidence`: the chance that this box was meant to be chosen if it is ticked or unsure; that
    it was not, if it is empty or filled in."""

    state: MarkState
    confidence: float
    cover: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """All that is on the page and not on the blank form, at `COARSE_PX_PER_MM`.

    `deep` (height, width): how dark (0 to 1) beside the paper around it, 0 where the form is
    printed. `label`: which stroke each ink pixel is of, 0 for none; `area[k]`: ink of stroke k in
    pixels; strokes are followed across the printed outlines of boxes.
    """

    deep: NDArray[np.float32]
    label: NDArray[np.int32]
    area: NDArray[np.int64]
    threshold: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMarks:
    """The marks by box name, and which strokes (True) are loose: most of such a stroke lies in no
    box, as of writing, or of a ring around one."""

    marks: dict[str, Mark]
    measures: dict[str, Measures]
    loose: NDArray[np.bool_]


def ink_threshold(flat: Grey) -> float:
    """Darkness (0 paper, 1 black) from which a pixel of this page is ink.

    It starts well above this page's own paper noise, and never below faint pencil. The noise is
    the spread of the lighter half of the page: paper, whatever is written on it.
    """
    sample = 1.0 - flat[::5, ::5].astype(np.float32) / 255.0
    paper = sample[sample <= float(np.median(sample))]
    noise = float(paper.std()) * 1.7
    return float(np.clip(0.10 + 4.0 * noise, 0.12, 0.40))


def depth(grey: Grey, px_per_mm: float, soft_px: float = 1.0) -> NDArray[np.float32]:
    """How dark each pixel is (0 to 1) against the paper within `STROKE_MM` of it, on every side.

    Shadows, tea and folds are wider than a pen and do not count; nor does a solid black area.
    """
    soft = cv2.GaussianBlur(grey, (0, 0), soft_px)  # a single dark pixel is speckle, not a pen
    size = round(STROKE_MM * px_per_mm)
    paper = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    return np.asarray(1.0 - cv2.divide(soft, paper, scale=1.0, dtype=cv2.CV_32F), np.float32)


def find_ink(coarse: Grey, blank: Grey) -> Ink:
    """What was written on a page that lies flat; `blank` is the printed form in the same frame."""
    printed = cv2.dilate((blank < 200).astype(np.uint8), np.ones((SLACK_PX, SLACK_PX), np.uint8))
    deep = depth(coarse, COARSE_PX_PER_MM, 0.6)
    # Inside a box that was blacked out there is no paper to compare with.
    solid = coarse < SOLID_BELOW
    deep[solid] = np.maximum(deep[solid], 1.0 - coarse[solid].astype(np.float32) / 255.0)
    deep[printed > 0] = 0.0
    threshold = ink_threshold(coarse)
    ink = (deep > threshold).astype(np.uint8)
    # A stroke that runs into an outline at a slant comes out of it further on.
    near = cv2.dilate(ink, np.ones((BRIDGE_PX, BRIDGE_PX), np.uint8))
    over = cv2.dilate(ink, np.ones((OVER_PRINT_PX, OVER_PRINT_PX), np.uint8))
    bridged = np.where(printed > 0, over, near)
    count, pieces = cv2.connectedComponents(bridged, connectivity=8)
    where = np.flatnonzero(ink)  # little of a page is ink: the rest need not be counted
    stroke = np.asarray(pieces.ravel()[where], np.int32)
    area = np.bincount(stroke, minlength=count)
    unwritten = area < SPECK_MM2 * COARSE_PX_PER_MM**2
    unwritten |= _creases(where, stroke, area, ink.shape[1])
    kept = ~unwritten[stroke]
    label = np.zeros(ink.shape, np.int32)
    label.ravel()[where[kept]] = stroke[kept]
    return Ink(deep=deep, label=label, area=area, threshold=threshold)


def _creases(
    where: NDArray[np.int64], stroke: NDArray[np.int32], area: NDArray[np.int64], width: int
) -> NDArray[np.bool_]:
    """Which strokes are long, straight and thin: folds and streaks. With writing joined to it, such
    a line is no longer thin, and stays. `where`: flat places of the ink pixels; `width` of the
    picture."""
    out = np.zeros(len(area), dtype=bool)
    long = np.flatnonzero(area >= CREASE_LONG_MM * COARSE_PX_PER_MM)
    for k in long[long > 0]:
        places = where[stroke == k]
        points = np.column_stack([places % width, places // width]).astype(np.float32)
        sides = sorted(cv2.minAreaRect(points)[1])
        out[k] = (
            sides[1] >= CREASE_LONG_MM * COARSE_PX_PER_MM
            and sides[0] <= CREASE_WIDE_MM * COARSE_PX_PER_MM
        )
    return out


def read_marks(
    coarse: Grey, ink: Ink, boxes: dict[str, Rect], proven: dict[str, bool]
) -> PageMarks:
    """Every tick box of a page at once, so that each stroke is given to the box it belongs to.

    `boxes` are the printed squares where they were found on this page; one that is not `proven`
    is always unsure.
    """
    insides = {name: _inside(box) for name, box in boxes.items()}
    count = len(ink.area)
    held = {name: _inked(ink.label[window], count) for name, window in insides.items()}
    most = np.max(list(held.values()), axis=0) if held else np.zeros(count, np.int64)
    # Two ticks that touch are one stroke with two homes; a tick's tail has no home where it ends.
    own = {name: (inside >= SHARED * most) & (inside > 0) for name, inside in held.items()}
    homes = np.sum(list(own.values()), axis=0) if own else np.zeros(count, np.int64)
    at_home = np.sum([held[name] * own[name] for name in own], axis=0) if own else homes
    loose = at_home < HOUSED * ink.area
    loose[0] = False
    seen = {
        name: _measure(coarse, ink, window, own[name], homes, loose, held[name])
        for name, window in insides.items()
    }
    usual = _usual_cover(seen.values())
    marks = {name: _judge(s, proven.get(name, False), usual) for name, s in seen.items()}
    return PageMarks(marks=marks, measures=seen, loose=loose)


def _usual_cover(seen: Iterable[Measures]) -> float:
    """How much ink this hand puts in a box: the median of its marks; a guess where they are few."""
    covers = [s.own for s in seen if s.own >= TICKED_FROM]
    return float(np.median(covers)) if len(covers) >= FEW_MARKS else UNUSUAL


def is_faint(found: Iterable[Mark], *, poor: bool) -> bool:
    """Whether some mark is so weak that others may have been lost.

    `poor`: the picture does not show the form's own pale lines either, so pencil may be gone."""
    below = FAINT_IF_POOR if poor else FAINT_BELOW
    return any(
        mark.state in {"ticked", "unsure"} and FAINT_FROM <= mark.cover < below for mark in found
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


def _inked(label: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Pixels of each stroke in one window; paper is stroke 0 and has none."""
    pixels = np.bincount(label.ravel(), minlength=count)
    pixels[0] = 0
    return pixels


class Measures(NamedTuple):
    """`own`: share of the box's inside under strokes that belong to it; `strange`: under others;
    `at_home`: share of the largest own stroke that lies in or near the box; `ring_mm2`: ink around
    the box of loose strokes; `guests_mm2`: of strokes that are at home in other boxes; `strength`:
    how dark the own strokes are at their darkest; `overhang_mm2`: own ink beyond the box on its
    left and on its right, the lesser of both; `solid`: share of the inside as dark as solid
    ink of this pen; `shade`: how much darker it is than the paper around the box."""

    own: float
    strange: float
    at_home: float
    ring_mm2: float
    guests_mm2: float
    strength: float
    overhang_mm2: float
    solid: float
    shade: float


def _measure(
    coarse: Grey,
    ink: Ink,
    window: Window,
    mine: NDArray[np.bool_],
    homes: NDArray[np.int64],
    loose: NDArray[np.bool_],
    inside: NDArray[np.int64],
) -> Measures:
    count = len(ink.area)
    rim = round((INSET_MM + RING_MM) * COARSE_PX_PER_MM)
    around = _grown(window, INSET_MM + RING_MM)
    near = _inked(ink.label[around], count)
    core = _inked(ink.label[_grown(window, INSET_MM + CORE_MM)], count)
    size = max(1, coarse[window].size)
    main = int(np.argmax(np.where(mine, inside, -1)))
    part = float(ink.area[main]) / max(1, int(homes[main]))
    own_depth = ink.deep[window][mine[ink.label[window]]]
    dark = 1.0 - cv2.GaussianBlur(coarse[around], (0, 0), 0.6).astype(np.float32) / 255.0
    dark_inside = dark[rim:-rim, rim:-rim]
    return Measures(
        own=float(inside[mine].sum()) / size,
        strange=float(inside[~mine].sum()) / size,
        at_home=float(near[main]) / max(1.0, part) if mine[main] else 0.0,
        ring_mm2=float((near - core)[loose].sum()) / COARSE_PX_PER_MM**2,
        guests_mm2=float((near - core)[~loose & ~mine].sum()) / COARSE_PX_PER_MM**2,
        strength=float(np.percentile(own_depth, 80)) if own_depth.size else 0.0,
        overhang_mm2=_overhang_mm2(ink.label, window, mine),
        solid=_solid(dark_inside - np.percentile(dark, 25)),
        shade=float(np.median(dark_inside) - np.percentile(dark, 25)) if dark_inside.size else 0.0,
    )


def _solid(inside: NDArray[np.float32]) -> float:
    """Share of a box's inside that is as dark as this pen or pencil makes solid ink."""
    darkest = float(np.percentile(inside, 90)) if inside.size else 0.0
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


def _judge(seen: Measures, proven: bool, usual: float) -> Mark:
    chance = chance_chosen(seen)
    state = _state(seen, proven, usual)
    if state == "ticked":
        sure = max(chance, LEAST_SURE)
    elif state == "unsure":
        sure = chance if proven else min(chance, 0.5)
    else:
        sure = max(1.0 - chance, LEAST_SURE)
    return Mark(state=state, confidence=sure, cover=max(seen.own + seen.strange, seen.solid))


def _state(seen: Measures, proven: bool, usual: float) -> MarkState:
    """`usual`: the cover of this hand's other marks. Far more than that may be a tick that was
    crossed out."""
    if not proven:
        return "unsure"
    if seen.solid >= FILLED_FROM:
        return "filled"
    heavy_from = HEAVY_FROM if usual < SCRIBBLER_FROM else SCRIBBLED_FROM
    if seen.solid >= heavy_from or seen.own >= max(HEAVIER * usual, CROSSED_FROM):
        return "unsure"
    if seen.overhang_mm2 >= OVERHANG_MM2 and seen.own >= max(OVERHUNG * usual, OVERHUNG_FROM):
        return "unsure"
    if seen.own >= TICKED_FROM and seen.at_home >= AT_HOME and seen.strength >= STRONG_FROM:
        return "ticked"
    nothing = max(seen.own, 0.25 * seen.strange) < EMPTY_BELOW and seen.shade < SHADED_FROM
    if nothing and seen.ring_mm2 < RING_INK_MM2 and seen.guests_mm2 < GUESTS_MM2:
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
    """Ink within `hull` (a field) of loose strokes that lie near none of `boxes`."""
    scale = COARSE_PX_PER_MM
    rows = slice(max(0, round(hull.y_mm * scale)), round(hull.bottom_mm * scale))
    cols = slice(max(0, round(hull.x_mm * scale)), round(hull.right_mm * scale))
    homeless = found.loose[ink.label[rows, cols]]
    for box in boxes:
        near = _grown(_inside(box), RING_MM)
        homeless[
            max(0, near[0].start - rows.start) : max(0, near[0].stop - rows.start),
            max(0, near[1].start - cols.start) : max(0, near[1].stop - cols.start),
        ] = False
    return float(homeless.sum()) / scale**2
