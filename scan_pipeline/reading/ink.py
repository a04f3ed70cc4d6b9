"""Handwriting lifted off the form: what is ink and was not printed, stained, folded or shadowed.

Found on a grid of `INK_PX_PER_MM`, half as fine as the flat page: a pen is three pixels wide there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import COARSE_PX_PER_MM, Grey

INK_PX_PER_MM = COARSE_PX_PER_MM
PEN_MM = 2.6
NEAR_PRINT_MM = 0.35
PRINTED = 225
SOLID = 0.55
SPECK_MM2 = 0.05
DOT_MM2 = 0.28
STROKE_MM, RIM_MM = 0.9, 2.0
DOT_REACH_MM = 2.2
SOFT_EDGE = 0.42
DARK_ENOUGH = 0.45
FLAT_MM = 0.5
LONG_MM = 22.0
STRAIGHT_MM = 0.5
LETTER_MM = (1.0, 9.0)

Mask = NDArray[np.uint8]
Labels = NDArray[np.int32]
Pixels = tuple[NDArray[np.int64], NDArray[np.int64], Labels]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """The handwriting of a page.

    `bare`: the flat page without its rules, (height, width) at `PX_PER_MM`; `small`: the same at
    `INK_PX_PER_MM`. `label`: which stroke each of its pixels is of, 0 for paper; `pixels`: row,
    column and stroke of those that are ink, row by row. `boxes` (strokes + 1, 4): left, top, width,
    height; `area`: pixels; row 0 of each is the paper. `faint`: which were left out for their soft
    edges (`area` 0), yet are as large as letters. `form`: 1 where the form is printed.
    """

    bare: Grey
    small: Grey
    label: Labels
    pixels: Pixels
    boxes: NDArray[np.int32]
    area: NDArray[np.int32]
    faint: NDArray[np.bool_]
    form: Mask


def halved(grey: Grey) -> Grey:
    """The flat page at `INK_PX_PER_MM`."""
    return np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))


def printed(blank: Grey, rules_mm: Sequence[tuple[float, float, float]]) -> Mask:
    """Where the form itself is printed, and a little around it; its writing rules are left out.

    `blank` at `INK_PX_PER_MM`; `rules_mm`: (left, right, y) of each writing rule.
    """
    form = blank.copy()
    for left, right, y in rules_mm:
        top, bottom = (round((y + d) * INK_PX_PER_MM) for d in (-0.5, 0.5))
        form[top : bottom + 1, int(left * INK_PX_PER_MM) - 1 : int(right * INK_PX_PER_MM) + 2] = 255
    reach = 2 * round(NEAR_PRINT_MM * INK_PX_PER_MM) + 1
    mask = (form < PRINTED).astype(np.uint8)
    return np.asarray(cv2.dilate(mask, np.ones((reach, reach), np.uint8)), np.uint8)


def lifted(bare: Grey, form: Mask, ruled: Mask, threshold: float) -> Ink:
    """The strokes on a page whose rules are taken off.

    `form`: where the form is printed; `ruled`: close to a rule, where what is left of it may lie.
    """
    small = halved(bare)
    deep, edge = _depth(small)
    mask = np.asarray(cv2.threshold(deep, 255 * threshold, 1, cv2.THRESH_BINARY)[1], np.uint8)
    mask[form > 0] = 0
    _, found = cv2.connectedComponents(mask, connectivity=8, ltype=cv2.CV_32S)
    label = np.asarray(found, np.int32)
    # Little of a page is ink: from here on nothing looks at the rest.
    where = np.flatnonzero(mask.view(np.bool_))
    rows, columns = np.divmod(where, mask.shape[1])
    pixels = (rows, columns, label.ravel()[where])
    boxes, area = _measured(pixels)
    drop, faint = _not_ink(pixels, boxes, area, label, (deep, edge, ruled))
    kept = ~drop[pixels[2]]
    label.ravel()[where[~kept]] = 0
    area[drop] = 0
    return Ink(
        bare=bare,
        small=small,
        label=label,
        pixels=(rows[kept], columns[kept], pixels[2][kept]),
        boxes=boxes,
        area=area,
        faint=faint,
        form=form,
    )


def _measured(pixels: Pixels) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Left, top, width and height of each piece, (pieces + 1, 4), and how many pixels it has."""
    ys, xs, of = pixels
    count = int(of.max(initial=0)) + 1
    first = np.full((2, count), np.iinfo(np.int32).max, np.int64)
    last = np.full((2, count), -1, np.int64)
    for side, places in enumerate((xs, ys)):
        np.minimum.at(first[side], of, places)
        np.maximum.at(last[side], of, places)
    first[:, 0], last[:, 0] = 0, -1
    boxes = np.vstack([first, last - first + 1]).T
    return np.ascontiguousarray(boxes, np.int32), np.bincount(of, minlength=count).astype(np.int32)


def _depth(small: Grey) -> tuple[Grey, Grey]:
    """How dark each pixel is against the paper around it (0 to 255), and how fast that changes."""
    soft = cv2.GaussianBlur(small, (0, 0), 0.6)
    size = round(PEN_MM * INK_PX_PER_MM)
    paper = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    deep = cv2.bitwise_not(cv2.divide(soft, paper, scale=255.0))
    # Blacked out words are wider than a pen: what is very dark is ink, however wide.
    _, solid = cv2.threshold(cv2.bitwise_not(soft), 255 * SOLID, 0, cv2.THRESH_TOZERO)
    edge = cv2.morphologyEx(soft, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.max(deep, solid), np.uint8), np.asarray(edge, np.uint8)


def _not_ink(
    pixels: Pixels,
    boxes: NDArray[np.int32],
    area: NDArray[np.int32],
    label: Labels,
    pictures: tuple[Grey, Grey, Mask],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pieces are no handwriting: soft edges (tea, folds), straight lines, specks, the desk
    around the paper. And which of those with soft edges may be after all: as large as letters, and
    not a rule's remains.

    `pictures`: depth, edges, what is ruled.
    """
    ys, xs, of = pixels
    width, height = boxes[:, 2], boxes[:, 3]
    deep, edge, ruled = (
        np.bincount(of, weights=picture[ys, xs], minlength=len(boxes)) / np.maximum(1, area)
        for picture in pictures
    )
    soft = (edge < SOFT_EDGE * deep) & (deep < 255 * DARK_ENOUGH)
    drop = soft.copy()
    flat = (height <= FLAT_MM * INK_PX_PER_MM) & (width >= 2 * height)
    drop |= flat & (ruled >= 0.9)
    drop |= area < SPECK_MM2 * INK_PX_PER_MM**2
    drop |= _furthest_inside((ys, xs, of), label.shape, len(boxes)) < RIM_MM * INK_PX_PER_MM
    sides = np.maximum(width, height) / INK_PX_PER_MM
    for k in np.flatnonzero((sides >= LONG_MM) & ~drop):
        if k and _is_straight(label, boxes[k], int(k)):
            drop[k] = True
    real = strokes(boxes, area) & ~drop
    near = np.zeros(label.shape, np.uint8)
    near[ys, xs] = real[of]
    reach = 2 * round(DOT_REACH_MM * INK_PX_PER_MM) + 1
    near = np.asarray(cv2.dilate(near, np.ones((reach, reach), np.uint8)), np.uint8)
    drop |= np.bincount(of, weights=near[ys, xs], minlength=len(boxes)) == 0
    drop[0] = False
    least, most = LETTER_MM
    letters = (boxes[:, 2:4].min(axis=1) >= least * INK_PX_PER_MM) & (sides <= most)
    return np.asarray(drop), np.asarray(soft & letters & (ruled < 0.9))


def _furthest_inside(pixels: Pixels, shape: tuple[int, ...], count: int) -> NDArray[np.int64]:
    """How far from the edge of the paper each piece reaches, in pixels."""
    ys, xs, of = pixels
    from_edge = np.minimum(np.minimum(ys, shape[0] - 1 - ys), np.minimum(xs, shape[1] - 1 - xs))
    furthest = np.zeros(count, np.int64)
    np.maximum.at(furthest, of, from_edge)
    return furthest


def strokes(boxes: NDArray[np.int32], area: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which pieces are as large as a stroke of a pen; dots and specks are not.

    `boxes` (pieces, 4 or more): left, top, width, height; `area`: their pixels.
    """
    sides = np.maximum(boxes[:, 2], boxes[:, 3]) / INK_PX_PER_MM
    return np.asarray((area >= DOT_MM2 * INK_PX_PER_MM**2) & (sides >= STROKE_MM))


def _is_straight(label: NDArray[np.int32], box: NDArray[np.int32], k: int) -> bool:
    """Whether a long piece is one straight line: a fold, a streak, a ruler; never a word."""
    left, top, width, height = (int(v) for v in box[:4])
    ys, xs = np.nonzero(label[top : top + height, left : left + width] == k)
    along, across = (xs, ys) if width >= height else (ys, xs)
    slope, start = np.polyfit(along, across, 1)
    away = np.abs(across - slope * along - start) / INK_PX_PER_MM
    return float(np.percentile(away, 95)) < STRAIGHT_MM
