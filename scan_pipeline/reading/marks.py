"""Tick boxes: empty, ticked, filled in (changed my mind) or unsure, by ink against the blank form.

Measured in the box where it was found on this page. When two explanations are close the answer
is "unsure": a person looks. Thresholds are shares of the box's inside that ink covers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.page import PX_PER_MM, Grey
from scan_pipeline.story import MarkState

INSET_MM = 0.55
EMPTY_BELOW = 0.008
TICKED_FROM = 0.035
HEAVY_FROM = 0.70
FILLED_FROM = 0.93
RING_MM = 2.4
RING_INK_MM2 = 0.9
SLACK_PX = 5


class Thresholds(NamedTuple):
    """Darkness (0 paper, 1 black) from which a pixel of this page is ink."""

    ink: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one box holds: `cover` is the share of its inside that is ink."""

    state: MarkState
    confidence: float
    cover: float


def page_threshold(flat: Grey) -> Thresholds:
    """Ink starts well above this page's own paper noise, and never below faint pencil.

    The noise is the spread of the lighter half of the page: paper, whatever is written on it.
    """
    sample = 1.0 - flat[::5, ::5].astype(np.float32) / 255.0
    paper = sample[sample <= float(np.median(sample))]
    noise = float(paper.std()) * 1.7
    return Thresholds(ink=float(np.clip(0.10 + 4.0 * noise, 0.12, 0.40)))


def ink_mask(grey: Grey, threshold: float) -> NDArray[np.uint8]:
    """1 where there is ink. A light blur first: a single dark pixel is speckle, not a pen."""
    soft = cv2.GaussianBlur(grey, (0, 0), 1.0)
    return (soft < 255.0 * (1.0 - threshold)).astype(np.uint8)


def read_marks(
    flat: Grey, blank: Grey, boxes: dict[str, Rect], proven: dict[str, bool], hull: Rect
) -> tuple[dict[str, Mark], float]:
    """Marks of one field by option name, and stray ink (mm2) inside `hull` beside the boxes.

    `boxes` are the printed squares where they were found on this page; `blank` is the printed
    form without ink, in the same frame; a box that is not `proven` is always unsure.
    """
    threshold = page_threshold(flat).ink
    area = hull.grown(RING_MM + 1.0)
    y0, y1 = max(0, round(area.y_mm * PX_PER_MM)), round(area.bottom_mm * PX_PER_MM)
    x0, x1 = max(0, round(area.x_mm * PX_PER_MM)), round(area.right_mm * PX_PER_MM)
    ink = ink_mask(flat[y0:y1, x0:x1], threshold)
    print_dilated = cv2.dilate(
        (blank[y0:y1, x0:x1] < 200).astype(np.uint8), np.ones((SLACK_PX, SLACK_PX))
    )
    _, pieces = cv2.connectedComponents(ink, connectivity=8)
    insides = {name: _inside(box, x0, y0) for name, box in boxes.items()}
    home = _homes(pieces, insides)
    marks = {}
    handwriting = ink & (1 - print_dilated)
    claimed = np.zeros_like(ink)
    for name, window in insides.items():
        patch = ink[window]
        cover = float(patch.mean()) if patch.size else 0.0
        strange = _cover_of_others(pieces[window], home, name)
        ring = _ring_ink(handwriting, window)
        marks[name] = _judge(cover, strange, ring, proven.get(name, False))
        claimed[_grown(window, round(RING_MM * PX_PER_MM))] = 1
    stray = handwriting & (1 - claimed)
    stray = cv2.morphologyEx(stray, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return marks, float(stray.sum()) / PX_PER_MM**2


def _inside(box: Rect, x0: int, y0: int) -> tuple[slice, slice]:
    inner = box.grown(-INSET_MM)
    return (
        slice(round(inner.y_mm * PX_PER_MM) - y0, round(inner.bottom_mm * PX_PER_MM) - y0),
        slice(round(inner.x_mm * PX_PER_MM) - x0, round(inner.right_mm * PX_PER_MM) - x0),
    )


def _grown(window: tuple[slice, slice], by: int) -> tuple[slice, slice]:
    rows, cols = window
    return (
        slice(max(0, rows.start - by), rows.stop + by),
        slice(max(0, cols.start - by), cols.stop + by),
    )


def _homes(pieces: NDArray[np.int32], insides: dict[str, tuple[slice, slice]]) -> dict[int, str]:
    """For each stroke, the box that holds most of it: a long tick may cross a neighbour's box."""
    best: dict[int, tuple[int, str]] = {}
    for name, window in insides.items():
        labels, counts = np.unique(pieces[window], return_counts=True)
        for label, count in zip(labels.tolist(), counts.tolist(), strict=True):
            if label and count > best.get(label, (0, ""))[0]:
                best[label] = (count, name)
    return {label: name for label, (_, name) in best.items()}


def _cover_of_others(patch: NDArray[np.int32], home: dict[int, str], name: str) -> float:
    if not patch.size:
        return 0.0
    labels, counts = np.unique(patch, return_counts=True)
    strangers = sum(
        count
        for label, count in zip(labels.tolist(), counts.tolist(), strict=True)
        if label and home.get(label) != name
    )
    return float(strangers) / patch.size


def _ring_ink(handwriting: NDArray[np.uint8], window: tuple[slice, slice]) -> float:
    """Ink (mm2) just outside the printed square, where the blank form has none."""
    outer = _grown(window, round((INSET_MM + RING_MM) * PX_PER_MM))
    core = _grown(window, round((INSET_MM + 0.45) * PX_PER_MM))
    total = int(handwriting[outer].sum()) - int(handwriting[core].sum())
    return max(0, total) / PX_PER_MM**2


def _judge(cover: float, strange: float, ring_mm2: float, proven: bool) -> Mark:
    own = cover - strange
    if not proven:
        return Mark(state="unsure", confidence=0.5, cover=cover)
    if own >= FILLED_FROM:
        return Mark(state="filled", confidence=0.97, cover=cover)
    if own >= HEAVY_FROM:
        return Mark(state="unsure", confidence=0.6, cover=cover)
    if own >= TICKED_FROM:
        return Mark(
            state="ticked", confidence=min(0.999, 0.95 + 0.6 * (own - TICKED_FROM)), cover=cover
        )
    if cover < EMPTY_BELOW and ring_mm2 < RING_INK_MM2:
        return Mark(state="empty", confidence=0.999, cover=cover)
    return Mark(state="unsure", confidence=0.6, cover=cover)
