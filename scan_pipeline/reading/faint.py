"""Writing too faint to be read, noticed all the same: a hard pencil, a pen that runs dry.

Such strokes are below what counts as ink, but well above the noise of the page once a stroke's
width is averaged, and they have the shape of letters: thin, bent, with edges. Dirt is round, tea
and folds have soft edges or run straight. What shines through from the other side of the paper, and
crumpled paper, look alike everywhere: a field must hold more of it than the paper around.
Lengths are pixels unless a name says millimetres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.page import Grey

SOFT_PX = 0.8
ABOVE_NOISE = 5.0
FAINTEST = 0.015
DARKEST = 0.25
LEAST_MM2 = 0.33
LONG, BENT = 1.7, 1.4
LONGEST = 24.0
FULL = 0.78
EDGE = 0.38
WIDE = 3.4
LETTERS, LETTERS_MM2, ROW_MM = 3, 2.5, 7.0
BLUNT_EDGE, BLUNT_WIDE = 0.28, 6.0
BLUNT_LETTERS, BLUNT_LETTERS_MM2 = 6, 12.0
"""A blunt pencil runs small letters into one another. Folds and tea may look so, not in rows."""
MORE_THAN_AROUND = 3.0
AROUND_MM = 3.0
SAMPLE = 9
NEAR_PRINT_MM, SLACK_PX, PRINTED = 2.0, 3, 245

Depth = NDArray[np.float32]
"""(height, width): how dark each pixel is against the paper around it, 0 to 1, smoothed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letters:
    """What has the shape of faint letters: the middle of each, and how many pixels of ink; those
    that are not `fine` may be letters in a blunt pencil."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    area: NDArray[np.float64]
    fine: NDArray[np.bool_]

    def only(self, these: NDArray[np.bool_]) -> _Letters:
        return _Letters(
            x=self.x[these], y=self.y[these], area=self.area[these], fine=self.fine[these]
        )


NONE = _Letters(x=np.zeros(0), y=np.zeros(0), area=np.zeros(0), fine=np.zeros(0, np.bool_))


def may_hold(
    deep: Grey, form: Grey, blank: Sequence[Rect], other: Sequence[Rect], px_per_mm: float
) -> list[bool]:
    """Whether each of the fields that seem `blank` may hold faint writing.

    `deep` (height, width): how dark each pixel is against the paper around it, 0 to 255, 0 on the
    form; `form`: what is printed there, as large; `other`: fields with writing to be seen.
    """
    windows = [_window(box, px_per_mm) for box in blank]
    softened = [_softened(deep[window]) for window in windows]
    bare = [
        soft[_taken(form[w], SLACK_PX) == 0][::SAMPLE]
        for soft, w in zip(softened, windows, strict=True)
    ]
    if not sum(map(len, bare)):
        return [False] * len(blank)
    paper = np.concatenate(bare)
    usual = float(np.median(paper))
    noise = 1.4826 * float(np.median(np.abs(paper - usual)))
    least = max(FAINTEST, ABOVE_NOISE * noise)
    found = [_letters(soft - usual, least, px_per_mm) for soft in softened]
    fine = [_is_row(f.only(f.fine), px_per_mm, LETTERS, LETTERS_MM2) for f in found]
    blunt = [_is_row(f, px_per_mm, BLUNT_LETTERS, BLUNT_LETTERS_MM2) for f in found]
    if not any(fine) and not any(blunt):
        return [False] * len(blank)
    everywhere = _letters(_softened(deep) - usual, least, px_per_mm)
    rows = [is_fine or is_blunt for is_fine, is_blunt in zip(fine, blunt, strict=True)]
    apart = (*(box for box, is_row in zip(blank, rows, strict=True) if is_row), *other)
    around_fine = _around(everywhere.only(everywhere.fine), form, apart, px_per_mm)
    around = _around(everywhere, form, apart, px_per_mm)

    def is_more(letters: _Letters, elsewhere: float, box: Rect) -> bool:
        mm2 = float(letters.area.sum()) / px_per_mm**2
        return mm2 > MORE_THAN_AROUND * elsewhere * box.w_mm * box.h_mm

    return [
        (is_fine and is_more(f.only(f.fine), around_fine, box))
        or (is_blunt and is_more(f, around, box))
        for f, is_fine, is_blunt, box in zip(found, fine, blunt, blank, strict=True)
    ]


def _is_row(found: _Letters, px_per_mm: float, letters: int, letters_mm2: float) -> bool:
    """Whether so many letters stand in one row, as writing does."""
    order = np.argsort(found.y)
    y, total = found.y[order], np.concatenate([[0.0], np.cumsum(found.area[order])])
    ends = np.searchsorted(y, y + ROW_MM * px_per_mm, "right")
    starts = np.arange(len(y))
    many = ends - starts >= letters
    return bool((many & (total[ends] - total[starts] >= letters_mm2 * px_per_mm**2)).any())


def _window(box: Rect, px_per_mm: float) -> tuple[slice, slice]:
    left, right, top, bottom = (
        max(0, round(v * px_per_mm)) for v in (box.x_mm, box.right_mm, box.y_mm, box.bottom_mm)
    )
    return slice(top, bottom), slice(left, right)


def _softened(deep: Grey) -> Depth:
    depth = deep.astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(depth, (0, 0), SOFT_PX), np.float32)


def _taken(form: Grey, reach_px: int) -> Grey:
    """1 where the form is printed, and up to `reach_px` around it."""
    square = np.ones((2 * reach_px + 1, 2 * reach_px + 1), np.uint8)
    return np.asarray(cv2.dilate((form < PRINTED).astype(np.uint8), square), np.uint8)


def _around(found: _Letters, form: Grey, fields: Sequence[Rect], px_per_mm: float) -> float:
    """Share of the bare paper, away from print and these fields, that looks like letters."""
    taken = _taken(form, round(NEAR_PRINT_MM * px_per_mm))
    for box in fields:
        taken[_window(box.grown(AROUND_MM), px_per_mm)] = 1
    free = taken[found.y.astype(int), found.x.astype(int)] == 0
    paper = taken.size - int(np.count_nonzero(taken))
    return float(found.area[free].sum()) / max(1, paper)


def _letters(soft: Depth, least: float, px_per_mm: float) -> _Letters:
    """What has the shape of letters among all that is darker than `least`."""
    mask = cv2.threshold(soft, least, 1, cv2.THRESH_BINARY)[1].astype(np.uint8)
    where = np.flatnonzero(mask.view(np.bool_))
    if len(where) < LEAST_MM2 * px_per_mm**2:
        return NONE
    count, label = cv2.connectedComponents(mask, connectivity=8)
    of = np.asarray(label, np.int32).ravel()[where]
    depth = soft.ravel()[where]
    peak = np.zeros(count)
    np.maximum.at(peak, of, depth)
    # A stroke's own width is where it is half as dark as at its darkest.
    half = (depth > 0.5 * peak[of]) & (peak[of] < DARKEST)
    mask.ravel()[where[~half]] = 0
    where, depth = where[half], depth[half]
    count, label = cv2.connectedComponents(mask, connectivity=8)
    of = np.asarray(label, np.int32).ravel()[where]
    peak = np.zeros(count)
    np.maximum.at(peak, of, depth)
    ys, xs = np.divmod(where, mask.shape[1])
    area = np.bincount(of, minlength=count).astype(np.float64)
    large = area >= LEAST_MM2 * px_per_mm**2
    if not large.any():
        return NONE
    x, y, long, bent = _shape(xs, ys, of, area)
    full = area / (4 * np.pi * long * bent)
    edge, wide = _profile(soft, (ys, xs, of), count)
    like = large & (long >= LONG) & (long <= LONGEST) & (bent >= BENT) & (full < FULL)
    fine = (wide <= WIDE) & (edge >= EDGE * area * peak)
    like &= fine | ((wide <= BLUNT_WIDE) & (edge >= BLUNT_EDGE * area * peak))
    return _Letters(x=x, y=y, area=area, fine=fine).only(like)


def _shape(
    xs: NDArray[np.int64], ys: NDArray[np.int64], of: NDArray[np.int32], area: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Middle (x, y) of each piece, and how far its pixels spread along and across it."""
    count, size = len(area), np.maximum(area, 1.0)
    x, y = (np.bincount(of, v, count) / size for v in (xs, ys))
    across, down = xs - x[of], ys - y[of]
    xx, yy, xy = (np.bincount(of, v, count) / size for v in (across**2, down**2, across * down))
    middle, apart = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    pixel = 1 / 12  # the spread of a single one
    return x, y, np.sqrt(middle + apart + pixel), np.sqrt(np.maximum(middle - apart, 0) + pixel)


def _profile(
    soft: Depth, pixels: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each piece: how fast its depth changes, summed over its pixels, and half its width."""
    ys, xs, of = pixels
    around = np.ones((3, 3), np.uint8)
    steep = np.asarray(cv2.morphologyEx(soft, cv2.MORPH_GRADIENT, around), np.float64)
    thin = np.zeros(soft.shape, np.uint8)
    thin[ys, xs] = 1
    away = np.asarray(cv2.distanceTransform(thin, cv2.DIST_L2, 3), np.float64)
    wide = np.zeros(count)
    np.maximum.at(wide, of, away[ys, xs])
    return np.asarray(np.bincount(of, steep[ys, xs], count), np.float64), wide
