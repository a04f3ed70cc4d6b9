"""Tick boxes: empty, ticked, filled in (changed my mind) or unsure, by ink against the blank form.

Measured in the box where it was found on this page, against the paper right around it, so that
shadows and stains are not ink. Strokes are followed: each belongs to the box that holds most of
it. When two explanations are close the answer is "unsure": a person looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.page import PX_PER_MM, Grey
from scan_pipeline.story import MarkState

INSET_MM = 0.55
EMPTY_BELOW = 0.012
SPECK_MM2 = 0.13
SHARED = 0.4
TICKED_FROM = 0.065
STRONG_FROM = 0.22
SHADED_FROM = 0.15
HEAVY_FROM = 0.80
FILLED_FROM = 0.97
FILLED_DARK = 0.45
AT_HOME = 0.72
RING_MM = 2.4
RING_INK_MM2 = 1.4
SLACK_PX = 5
BRIDGE_PX = 9
STROKE_MM = 2.6
FAINT = (0.018, 0.08)

Window = tuple[slice, slice]


class Thresholds(NamedTuple):
    """Darkness (0 paper, 1 black) from which a pixel of this page is ink."""

    ink: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one box holds: `cover` is the share of its inside that is ink."""

    state: MarkState
    confidence: float
    cover: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strokes:
    """Handwriting around a field. `label` (height, width): which stroke each ink pixel is of, 0 for
    none; `area[k]`: ink of stroke k in pixels; `homes[k]`: the boxes that hold most of it. Two
    ticks that touch are one stroke with two homes; the tail of a tick has no home where it ends."""

    label: NDArray[np.int32]
    area: NDArray[np.int64]
    homes: tuple[frozenset[str], ...]


def page_threshold(flat: Grey) -> Thresholds:
    """Ink starts well above this page's own paper noise, and never below faint pencil.

    The noise is the spread of the lighter half of the page: paper, whatever is written on it.
    """
    sample = 1.0 - flat[::5, ::5].astype(np.float32) / 255.0
    paper = sample[sample <= float(np.median(sample))]
    noise = float(paper.std()) * 1.7
    return Thresholds(ink=float(np.clip(0.10 + 4.0 * noise, 0.12, 0.40)))


def depth(grey: Grey, px_per_mm: float = PX_PER_MM) -> NDArray[np.float32]:
    """How dark each pixel is (0 to 1) against the paper within `STROKE_MM` of it, on every side.

    Shadows, tea and folds are wider than a pen and do not count; nor does a solid black area.
    """
    soft = cv2.GaussianBlur(grey, (0, 0), 1.0)  # a single dark pixel is speckle, not a pen
    size = round(STROKE_MM * px_per_mm)
    paper = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    return np.asarray(1.0 - cv2.divide(soft, paper, scale=1.0, dtype=cv2.CV_32F), np.float32)


def read_marks(
    flat: Grey, blank: Grey, boxes: dict[str, Rect], proven: dict[str, bool], hull: Rect
) -> tuple[dict[str, Mark], float]:
    """Marks of one field by option name, and stray ink (mm2) inside `hull` beside the boxes.

    `boxes` are the printed squares where they were found on this page; `blank` is the printed
    form without ink, in the same frame; a box that is not `proven` is always unsure.
    """
    threshold = page_threshold(flat).ink
    area = hull.grown(RING_MM + STROKE_MM + 1.0)
    y0, y1 = max(0, round(area.y_mm * PX_PER_MM)), round(area.bottom_mm * PX_PER_MM)
    x0, x1 = max(0, round(area.x_mm * PX_PER_MM)), round(area.right_mm * PX_PER_MM)
    grey = flat[y0:y1, x0:x1]
    printed = cv2.dilate(
        (blank[y0:y1, x0:x1] < 200).astype(np.uint8), np.ones((SLACK_PX, SLACK_PX))
    )
    insides = {name: _inside(box, x0, y0) for name, box in boxes.items()}
    deep = np.where(printed > 0, np.float32(0.0), depth(grey))
    strokes = _follow(deep, threshold, insides)
    marks = {
        name: _judge(_measure(grey, deep, strokes, window, name), proven.get(name, False))
        for name, window in insides.items()
    }
    return marks, _stray_mm2(strokes, insides)


def is_faint(found: Iterable[Mark]) -> bool:
    """Whether some mark is so weak that others may have been lost (pencil in a photocopy)."""
    low, high = FAINT
    return any(mark.state in {"ticked", "unsure"} and low <= mark.cover < high for mark in found)


def _inside(box: Rect, x0: int, y0: int) -> Window:
    inner = box.grown(-INSET_MM)
    return (
        slice(
            max(0, round(inner.y_mm * PX_PER_MM) - y0),
            max(0, round(inner.bottom_mm * PX_PER_MM) - y0),
        ),
        slice(
            max(0, round(inner.x_mm * PX_PER_MM) - x0),
            max(0, round(inner.right_mm * PX_PER_MM) - x0),
        ),
    )


def _grown(window: Window, by: int) -> Window:
    rows, cols = window
    return (
        slice(max(0, rows.start - by), rows.stop + by),
        slice(max(0, cols.start - by), cols.stop + by),
    )


def _follow(deep: NDArray[np.float32], threshold: float, insides: dict[str, Window]) -> _Strokes:
    """Strokes as connected ink, bridged where they cross the printed outline of a box."""
    ink = (deep > threshold).astype(np.uint8)
    bridged = cv2.dilate(ink, np.ones((BRIDGE_PX, BRIDGE_PX), np.uint8))
    count, pieces = cv2.connectedComponents(bridged, connectivity=8)
    label = np.where(ink > 0, pieces, 0).astype(np.int32)
    area = np.bincount(label.ravel(), minlength=count)
    specks = area < SPECK_MM2 * PX_PER_MM**2
    label[specks[label]] = 0
    held = {name: _inked(label[window], count) for name, window in insides.items()}
    most = np.max(list(held.values()), axis=0) if held else np.zeros(count, np.int64)
    homes = [
        frozenset(name for name, inside in held.items() if inside[k] >= max(1, SHARED * most[k]))
        for k in range(count)
    ]
    return _Strokes(label=label, area=area, homes=tuple(homes))


def _inked(label: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Pixels of each stroke in one window; paper is stroke 0 and has none."""
    pixels = np.bincount(label.ravel(), minlength=count)
    pixels[0] = 0
    return pixels


class _Measures(NamedTuple):
    """`own`: share of the box's inside under strokes that belong to it; `strange`: under others;
    `at_home`: share of the largest own stroke that lies in or near the box; `ring_mm2`: ink around
    the box that belongs to no box; `strength`: how dark the own strokes are at their darkest;
    `solid`: share of the inside as dark as solid ink; `shade`: how much darker it is than the
    paper around the box."""

    own: float
    strange: float
    at_home: float
    ring_mm2: float
    strength: float
    solid: float
    shade: float


def _measure(
    grey: Grey, deep: NDArray[np.float32], strokes: _Strokes, window: Window, name: str
) -> _Measures:
    count = len(strokes.homes)
    around = _grown(window, round((INSET_MM + RING_MM) * PX_PER_MM))
    inside, near = _inked(strokes.label[window], count), _inked(strokes.label[around], count)
    core = _inked(strokes.label[_grown(window, round((INSET_MM + 0.45) * PX_PER_MM))], count)
    mine = np.array([name in homes for homes in strokes.homes])
    nobody = np.array([not homes for homes in strokes.homes])
    size = max(1, grey[window].size)
    main = int(np.argmax(np.where(mine, inside, -1)))
    part = float(strokes.area[main]) / max(1, len(strokes.homes[main]))
    own_depth = deep[window][mine[strokes.label[window]]]
    dark = 1.0 - cv2.GaussianBlur(grey[around], (0, 0), 1.0).astype(np.float32) / 255.0
    rim = round((INSET_MM + RING_MM) * PX_PER_MM)
    dark_inside = dark[rim:-rim, rim:-rim]
    return _Measures(
        own=float(inside[mine].sum()) / size,
        strange=float(inside[~mine].sum()) / size,
        at_home=float(near[main]) / max(1.0, part) if mine[main] else 0.0,
        ring_mm2=float((near - core)[nobody].sum()) / PX_PER_MM**2,
        strength=float(np.percentile(own_depth, 80)) if own_depth.size else 0.0,
        solid=float((dark_inside >= FILLED_DARK).mean()) if dark_inside.size else 0.0,
        shade=float(np.median(dark_inside) - np.percentile(dark, 25)) if dark_inside.size else 0.0,
    )


def _judge(seen: _Measures, proven: bool) -> Mark:
    cover = max(seen.own + seen.strange, seen.solid)
    if not proven:
        return Mark(state="unsure", confidence=0.5, cover=cover)
    if seen.solid >= FILLED_FROM:
        return Mark(state="filled", confidence=0.97, cover=cover)
    if seen.solid >= HEAVY_FROM:
        return Mark(state="unsure", confidence=0.6, cover=cover)
    if seen.own >= TICKED_FROM and seen.at_home >= AT_HOME and seen.strength >= STRONG_FROM:
        sure = min(0.999, 0.95 + 0.6 * (seen.own - TICKED_FROM))
        return Mark(state="ticked", confidence=sure, cover=cover)
    nothing = max(seen.own, 0.25 * seen.strange) < EMPTY_BELOW and seen.shade < SHADED_FROM
    if nothing and seen.ring_mm2 < RING_INK_MM2:
        return Mark(state="empty", confidence=0.999, cover=cover)
    return Mark(state="unsure", confidence=0.6, cover=cover)


def _stray_mm2(strokes: _Strokes, insides: dict[str, Window]) -> float:
    """Ink of strokes that belong to no box and lie near none."""
    nobody = np.array([not homes for homes in strokes.homes])
    nobody[0] = False
    homeless = nobody[strokes.label]
    for window in insides.values():
        homeless[_grown(window, round(RING_MM * PX_PER_MM))] = False
    margin = round((RING_MM + STROKE_MM) * PX_PER_MM)
    inner = homeless[margin:-margin, margin:-margin]
    opened = cv2.morphologyEx(inner.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return float(opened.sum()) / PX_PER_MM**2
