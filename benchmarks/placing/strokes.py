"""Single strokes of real pens, cut from pictures of handwriting.

A stroke is a piece of the ink's middle line that is nearly straight and has no branch, with the
ink on both sides of it: the stem of a letter, a dash, the bar of a "t".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.placing.middles import Floats, Mask, Piece, pieces
from leaflets.errors import UnreadableInput
from scan_pipeline.demo.ink import Cover
from scan_pipeline.page import Grey

PEN_PX = 5.3
"""A ball-point's line in a scan at 300 dpi: what coarser pictures are enlarged to."""
FEWEST = 12
_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
_LEAST_PX = 8
_LARGEST = 4.0
_GRAIN = 0.35
_SHORTEST = 4.0
"""Pen widths; what is shorter is a dot or a comma."""
_BOW = 0.09
"""Share of its length by which a stroke may bend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """One stroke as if it were drawn along a ruler, from left to right.

    `cover`: shape (across, length), 0 is bare paper and 1 is full ink; its middle row is the
    stroke's own middle line. `width_px`: of the ink. `bow_px`: shape (length,), how far to the
    right of its way (in a picture: below it) the middle line lay off the straight one.
    """

    cover: Cover
    width_px: float
    bow_px: Floats

    @property
    def length_px(self) -> int:
        return int(self.cover.shape[1])


@cache
def strokes_of(folder: str) -> tuple[Stroke, ...]:
    """Every stroke that can be cut from the pictures in a folder. Raises `UnreadableInput`."""
    paths = sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in _ENDINGS)
    if not paths:
        raise UnreadableInput(f"{folder} has no pictures of handwriting (PNG, JPEG or TIFF).")
    found: list[Stroke] = []
    for path in paths:
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if grey is None:
            raise UnreadableInput(f"{path} is no picture that can be opened.")
        found += cut(np.asarray(grey, np.uint8))
    if len(found) < FEWEST:
        raise UnreadableInput(
            f"{folder} shows {len(found)} single strokes of a pen; {FEWEST} are needed at least."
        )
    return tuple(found)


def cut(grey: Grey) -> list[Stroke]:
    """The single strokes in one picture of handwriting, enlarged to a leaflet's scan."""
    if min(grey.shape) < _LEAST_PX:
        return []
    dark = _darkness(grey)
    scale, pen = _enlarging(dark)
    dark = _enlarged(dark, scale)
    mask, paper, full = _ink(dark)
    # Grain of the paper that is nearly as dark as the ink would be taken for its edge.
    if not mask.any() or paper > _GRAIN * full:
        return []
    lines = pieces(mask, pen)
    cover = np.clip(_sharper((dark - paper) / (full - paper), scale), 0.0, 1.0)
    straight = [part for line in lines for part in _straight(line, pen)]
    strokes = [_upright(np.asarray(cover, np.float32), part, pen) for part in straight]
    return [stroke for stroke in strokes if stroke is not None and _is_single(stroke, pen)]


def _darkness(grey: Grey) -> Cover:
    """Shape (height, width): 0 is the paper around, whatever its shade, and 1 is black."""
    side = min(grey.shape) // 2 * 2 + 1
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    soft = np.asarray(cv2.GaussianBlur(paper, (0, 0), side / 4), np.float32)
    shade = grey.astype(np.float32) / np.maximum(soft, 40.0)
    return np.asarray(np.clip(1.0 - shade, 0.0, 1.0), np.float32)


def _enlarged(dark: Cover, scale: float) -> Cover:
    large = cv2.resize(dark, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(large, 0.0, 1.0), np.float32)


def _enlarging(dark: Cover) -> tuple[float, float]:
    """By how much a picture is enlarged, and how wide its pen is then, in px."""
    # Measured on a large picture, as a line one or two pixels wide has no inside.
    mask, _, _ = _ink(_enlarged(dark, _LARGEST))
    if not mask.any():
        return 1.0, PEN_PX
    inside = np.asarray(cv2.distanceTransform(mask, cv2.DIST_L2, 5))[mask > 0] - 0.5
    # From 0 at its edge to half the width in its middle: a quarter of it on average.
    width = max(4.0 * float(inside.mean()) / _LARGEST, 0.5)
    scale = float(np.clip(PEN_PX / width, 1.0, _LARGEST))
    return scale, scale * width


def _ink(dark: Cover) -> tuple[Mask, float, float]:
    """Where it is at least half as dark as its ink is, the grain of its paper, its full ink."""
    eight = np.asarray(cv2.GaussianBlur(dark, (0, 0), 0.8) * 255, np.uint8)
    first = np.asarray(eight > max(20.0, _otsu(eight)), np.uint8)
    if not first.any():
        return first, 0.0, 1.0
    full = float(np.percentile(dark[first > 0], 90))
    around = np.asarray(cv2.dilate(first, np.ones((5, 5), np.uint8)))
    bare = dark[around == 0]
    paper = float(np.percentile(bare, 95)) if bare.size else 0.0
    half = np.asarray(eight > 255 * (paper + full) / 2, np.uint8)
    return half, paper, full


def _otsu(eight: Grey) -> float:
    return float(cv2.threshold(eight, 0, 255, cv2.THRESH_OTSU)[0])


def _sharper(cover: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """A coarse picture's soft edges as steep as those of a finer scan, in the same place."""
    return np.asarray(0.5 + (cover - 0.5) * min(scale, 1.6), np.float32)


def _straight(piece: Piece, pen_px: float) -> Iterator[Piece]:
    """The nearly straight parts of a piece, without the ink of the bend between them."""
    points = piece.points
    if len(points) < (_SHORTEST - 1) * pen_px:
        return
    off = _off_chord(points)
    worst = int(np.abs(off).argmax())
    if abs(off[worst]) <= _BOW * len(points):
        yield piece
        return
    gap = round(0.6 * pen_px)
    first = Piece(points=points[: max(worst - gap, 0)], free=(piece.free[0], False))
    second = Piece(points=points[worst + gap :], free=(False, piece.free[1]))
    yield from _straight(first, pen_px)
    yield from _straight(second, pen_px)


def _off_chord(points: Floats) -> Floats:
    """How far each point (n, 2) lies to the right of the way from the first to the last."""
    chord = points[-1] - points[0]
    along = chord / max(float(np.hypot(*chord)), 1e-9)
    off = points - points[0]
    return np.asarray(along[0] * off[:, 1] - along[1] * off[:, 0])


def _upright(cover: Cover, piece: Piece, pen_px: float) -> Stroke | None:
    """The ink along a piece, straightened; nothing if none is left."""
    line = _extended(_smooth(piece.points, pen_px), piece.free, pen_px)
    way = np.gradient(line, axis=0)
    way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    reach = round(1.8 * pen_px)
    across = np.arange(-reach, reach + 1)[:, None]
    x = line[:, 0] - across * way[:, 1]
    y = line[:, 1] + across * way[:, 0]
    seen = np.asarray(
        cv2.remap(cover, x.astype(np.float32), y.astype(np.float32), cv2.INTER_CUBIC), np.float32
    )
    alone = _alone(np.clip(seen, 0.0, 1.0), round(0.5 * pen_px))
    inked = alone.max(axis=0) > 0.3
    middle = inked.size // 2
    if not inked[middle]:
        return None
    gaps = np.flatnonzero(~inked)
    start = int(max((g + 1 for g in gaps if g < middle), default=0))
    stop = int(min((g for g in gaps if g > middle), default=inked.size))
    # A line spreads before it branches.
    spread = round(0.3 * pen_px)
    start, stop = start + spread * (not piece.free[0]), stop - spread * (not piece.free[1])
    if stop - start < _SHORTEST * 0.8 * pen_px:
        return None
    alone = alone[:, start:stop]
    width = float(np.median(alone.sum(axis=0)))
    return Stroke(
        cover=np.ascontiguousarray(alone * _round_ends(alone.shape, width, piece.free)),
        width_px=width,
        bow_px=_off_chord(line[start:stop]),
    )


def _round_ends(shape: tuple[int, ...], width_px: float, free: tuple[bool, bool]) -> Cover:
    """0 in the corners where a stroke was cut off: no pen ends square. The others stay."""
    radius = 0.55 * width_px
    rows, columns = np.indices(shape, np.float32)
    left = np.maximum(radius - columns, 0) * (not free[0])
    right = np.maximum(radius - (shape[1] - 1 - columns), 0) * (not free[1])
    corner = np.maximum(left, right)
    away = np.hypot(corner, rows - shape[0] // 2)
    return np.where(corner > 0, np.clip(radius - away + 0.5, 0, 1), 1.0).astype(np.float32)


def _smooth(points: Floats, pen_px: float) -> Floats:
    """The middle line in steps of one px, without what the edge's wobble does to it."""
    reach = max(2, min(round(3 * pen_px), len(points) - 1))
    # Mirrored in its ends, so that they stay where they are.
    before = 2 * points[0] - points[reach:0:-1]
    after = 2 * points[-1] - points[-2 : -reach - 2 : -1]
    long = np.vstack([before, points, after])
    steps = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (steps / (0.5 * reach)) ** 2)
    weights /= weights.sum()
    soft = np.column_stack([np.convolve(long[:, k], weights, "valid") for k in range(2)])
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(soft, axis=0).T))])
    even = np.arange(0.0, run[-1], 1.0)
    return np.column_stack([np.interp(even, run, soft[:, k]) for k in range(2)])


def _extended(line: Floats, free: tuple[bool, bool], pen_px: float) -> Floats:
    """On past the ends of the middle line, which lie half a pen's width inside the ink's."""
    back = min(len(line) - 1, round(2 * pen_px))
    steps = np.arange(1, round(1.5 * pen_px) + 1)[:, None]
    parts = [line]
    if free[0]:
        parts.insert(0, line[0] + steps[::-1] * (line[0] - line[back]) / back)
    if free[1]:
        parts.append(line[-1] + steps * (line[-1] - line[-1 - back]) / back)
    return np.vstack(parts)


def _alone(seen: Cover, slack: int) -> Cover:
    """Without ink that lies on the other side of bare paper, seen from the middle line."""
    middle = seen.shape[0] // 2
    ridge = middle - slack + seen[middle - slack : middle + slack + 1].argmax(axis=0)
    rows = np.arange(seen.shape[0])[:, None]
    bare = seen < 0.1
    below = np.logical_or.accumulate(bare & (rows >= ridge), axis=0)
    above = np.logical_or.accumulate((bare & (rows <= ridge))[::-1], axis=0)[::-1]
    return np.where(below | above, 0.0, seen).astype(np.float32)


def _is_single(stroke: Stroke, pen_px: float) -> bool:
    """Whether it is as wide as one line of the pen all along, long for its width, and one."""
    cover, width = stroke.cover, stroke.width_px
    if stroke.length_px < _SHORTEST * max(width, 0.8 * pen_px):
        return False
    if not 0.5 * pen_px < width < 1.6 * pen_px:
        return False
    wide, ends = cover.sum(axis=0), round(width)
    if wide.max() > 1.5 * width or wide[ends:-ends].min() < 0.45 * width:
        return False
    rows = np.arange(cover.shape[0]) - cover.shape[0] // 2
    off = (cover * rows[:, None]).sum(axis=0) / np.maximum(wide, 1e-6)
    if np.abs(off[wide > 0.5]).max() > 0.45 * width:
        return False  # another one leaves it sideways
    if np.abs(rows[cover.max(axis=1) > 0.25]).max() > 1.05 * width:
        return False
    # Two lines side by side have paper between them.
    high = np.minimum(
        np.maximum.accumulate(cover, axis=0), np.maximum.accumulate(cover[::-1], axis=0)[::-1]
    )
    return bool(np.mean((high - cover).max(axis=0) > 0.35) < 0.1)
