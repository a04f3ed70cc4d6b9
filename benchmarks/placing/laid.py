"""Marks put together from strokes of real pens: each is laid along a part of the mark's way."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.placing.middles import Floats
from benchmarks.placing.strokes import Stroke, strokes_of
from scan_pipeline.demo.ink import Cover
from scan_pipeline.demo.ticks import LayStroke

_CORNER = np.radians(50)
_TURN = np.radians(120)
"""A longer bend is put together from several strokes."""
_DOZEN = 12
_STRETCH = 2.0
_THICKER = 1.6
"""A pen that is wider than a stroke by more than this is dilated: its edge is not coarser."""


End = Literal["free", "corner", "joint"]
"""The mark's own end; where it turns sharply; where one stroke goes on as another."""


class Part(NamedTuple):
    """A part of a way: `points` (n, 2), about a px apart; what is at its two ends."""

    points: Floats
    ends: tuple[End, End]


def layer(folder: str, seed: Sequence[int]) -> LayStroke:
    """Lays strokes cut from the pictures in `folder`; the same `seed` chooses the same ones.

    Raises `UnreadableInput`.
    """
    strokes = strokes_of(folder)
    ratios = _ratios(folder)
    longest = _STRETCH * float(np.percentile(ratios, 95))
    rng = np.random.default_rng(list(seed))

    def lay(cover: Cover, px: Floats, width_px: float, lifts: bool) -> None:
        # How a real stroke is lifted is in its picture.
        for corner_to_corner in parts(px, width_px):
            laid = np.zeros_like(cover)
            chain = _chain(corner_to_corner, width_px, longest)
            # One for all: where two are joined, nobody presses otherwise all at once.
            stroke = strokes[_like(ratios, len(chain[0].points) / width_px, rng)]
            for part in chain:
                _lay_one(laid, part, width_px, stroke, rng)
            # Ink that is gone over gets darker.
            cover[:] = 1 - (1 - cover) * (1 - laid)

    return lay


def parts(px: Floats, width_px: float) -> list[Part]:
    """A way (n, 2), cut where a pen `width_px` wide turns sharply."""
    points = _even(px)
    reach = max(3, round(width_px))
    turns = _turns(points, reach)
    cuts: list[int] = []
    for k in np.argsort(-turns):
        if turns[k] < _CORNER:
            break
        near = [turns[j] for j in (k - 2 * reach, k + 2 * reach) if 0 <= j < len(turns)]
        # A corner is sharper than what is before and after it; a small ring is no corner.
        if max(near, default=0.0) < 0.6 * turns[k] and all(abs(k - c) > 1.5 * reach for c in cuts):
            cuts.append(int(k))
    bounds = [0, *sorted(cuts), len(points) - 1]
    found = []
    for start, stop in pairwise(bounds):
        first: End = "free" if start == 0 else "corner"
        last: End = "free" if stop == bounds[-1] else "corner"
        if stop > start:
            found.append(Part(points[start : stop + 1], (first, last)))
    return found


def _even(px: Floats) -> Floats:
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(px, axis=0).T))])
    at = np.linspace(0.0, run[-1], max(2, round(run[-1]) + 1))
    return np.column_stack([np.interp(at, run, px[:, k]) for k in range(2)])


def _turns(points: Floats, reach: int) -> Floats:
    """By how much the way turns around each point, in radians, never negative."""
    turns = np.zeros(len(points))
    if len(points) > 2 * reach:
        into = points[reach:-reach] - points[: -2 * reach]
        out = points[2 * reach :] - points[reach:-reach]
        cross = into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0]
        turns[reach:-reach] = np.abs(np.arctan2(cross, (into * out).sum(axis=1)))
    return turns


@cache
def _ratios(folder: str) -> Floats:
    """How long each stroke is, in its widths."""
    return np.array([stroke.length_px / stroke.width_px for stroke in strokes_of(folder)])


def _chain(part: Part, width_px: float, longest: float) -> list[Part]:
    """The part, or several in a row where it bends far or is longer than strokes are: `longest`,
    in their widths."""
    step = np.diff(part.points[:: max(1, round(width_px / 2))], axis=0)
    bend = float(np.abs(np.diff(np.unwrap(np.arctan2(step[:, 1], step[:, 0])))).sum())
    count = max(1, int(np.ceil(bend / _TURN)), int(np.ceil(len(part.points) / width_px / longest)))
    bounds = np.linspace(0, len(part.points) - 1, count + 1).round().astype(int)
    return [
        Part(
            part.points[a : b + 1],
            (part.ends[0] if k == 0 else "joint", part.ends[1] if k == count - 1 else "joint"),
        )
        for k, (a, b) in enumerate(pairwise(bounds))
        if b > a
    ]


def _like(ratios: Floats, ratio: float, rng: np.random.Generator) -> int:
    """The number of one of the dozen whose length, in their widths, is nearest to `ratio`."""
    unlike = np.abs(np.log(ratios / ratio))
    best = np.argsort(unlike, kind="stable")[:_DOZEN]
    return int(best[int(rng.integers(0, len(best)))])


def _lay_one(
    laid: Cover, part: Part, width_px: float, stroke: Stroke, rng: np.random.Generator
) -> None:
    """Lay one stroke along one part, in place."""
    length = len(part.points) - 1.0
    inked = min(width_px, _THICKER * stroke.width_px)
    more = {
        "free": lambda: rng.uniform(-0.06, 0.06) * length - (width_px - inked) / 2,
        "corner": lambda: rng.uniform(0.0, 0.03) * length + 0.3 * width_px,
        "joint": lambda: 0.4 * width_px,
    }
    before, after = more[part.ends[0]](), more[part.ends[1]]()
    # Round ends belong to the ends of a mark; where strokes are joined they are left off.
    skip = round(0.8 * stroke.width_px)
    first = skip if part.ends[0] == "joint" else 0
    last = stroke.length_px - 1 - (skip if part.ends[1] == "joint" else 0)
    whole = length + before + after
    # What is far too long for its part is used up to there, not squeezed.
    last = min(last, first + round(_STRETCH * whole * stroke.width_px / inked))
    scale = whole / max(last - first, 1)
    way = _way(part.points, before, after)
    columns = np.linspace(first, last, len(way))
    if "joint" not in part.ends:
        way = way + _bow(stroke, columns)[:, None] * scale * _normals(way)
    seen = _sampled(laid.shape, way, columns, stroke, inked)
    excess = round(width_px - inked)
    if excess >= 1:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (excess + 1, excess + 1))
        seen = np.asarray(cv2.dilate(seen, disc), np.float32)
    np.maximum(laid, seen, out=laid)


def _way(points: Floats, before: float, after: float) -> Floats:
    """The way made longer (or shorter, if negative) at its ends, in steps of about a px."""
    run = np.arange(len(points), dtype=np.float64)
    at = np.linspace(-before, run[-1] + after, max(2, round(run[-1] + before + after) + 1))
    back = min(len(points) - 1, 4)
    inside = np.column_stack([np.interp(at, run, points[:, k]) for k in range(2)])
    out = np.maximum(at - run[-1], 0)[:, None] * (points[-1] - points[-1 - back]) / back
    return np.asarray(inside + out + np.minimum(at, 0)[:, None] * (points[back] - points[0]) / back)


def _normals(way: Floats) -> Floats:
    """To the right of the way (below it, if it goes to the right)."""
    along = np.gradient(way, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return np.column_stack([-along[:, 1], along[:, 0]])


def _bow(stroke: Stroke, columns: Floats) -> Floats:
    bow = np.interp(columns, np.arange(stroke.length_px), stroke.bow_px)
    return np.asarray(bow - np.linspace(bow[0], bow[-1], len(bow)))


def _sampled(
    shape: tuple[int, ...], way: Floats, columns: Floats, stroke: Stroke, inked_px: float
) -> Cover:
    """The stroke on an empty picture: each pixel near the way shows what is as far along and
    across in the stroke's own picture."""
    near = np.zeros(shape, np.uint8)
    fixed = np.round(way * 16).astype(np.int32)
    cv2.polylines(near, [fixed], False, 1, round(4 * inked_px) + 2, cv2.LINE_8, 4)
    rows, cols = np.nonzero(near)
    pixels = np.column_stack([cols, rows]).astype(np.float64)
    nearest = _nearest(shape, way)[rows, cols]
    normals = _normals(way)
    along = np.column_stack([normals[:, 1], -normals[:, 0]])
    off = pixels - way[nearest]
    per_step = (columns[-1] - columns[0]) / (len(columns) - 1)
    x = columns[nearest] + (off * along[nearest]).sum(axis=1) * per_step
    across = (off * normals[nearest]).sum(axis=1) * stroke.width_px / inked_px
    y = across + stroke.cover.shape[0] // 2
    seen = cv2.remap(
        stroke.cover, x[None].astype(np.float32), y[None].astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=0,
    )  # fmt: skip
    out = np.zeros(shape, np.float32)
    # A stroke that is used in part ends where its part ends.
    within = (x >= columns[0] - 0.5) & (x <= columns[-1] + 0.5)
    out[rows, cols] = np.where(within, np.asarray(seen)[0], 0.0)
    return out


def _nearest(shape: tuple[int, ...], way: Floats) -> NDArray[np.int64]:
    """For every pixel of a picture the number of the nearest point of the way; of points in the
    same pixel, the last."""
    x, y = np.round(way).astype(np.int64).T
    within = np.flatnonzero((x >= 0) & (x < shape[1]) & (y >= 0) & (y < shape[0]))
    at = y[within], x[within]
    off = np.ones(shape, np.uint8)
    off[at] = 0
    _, labels = cv2.distanceTransformWithLabels(
        off, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    number = np.zeros(int(labels.max()) + 1, np.int64)
    number[labels[at]] = within
    return np.asarray(number[labels])
