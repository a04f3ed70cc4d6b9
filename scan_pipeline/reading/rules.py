"""Writing rules taken off the paper, as this page prints them; strokes that cross them stay whole.

A rule is a filter over the ink: where it lets light through, the page is divided by it, and what
was written over it is as dark as it was. Where it lets none through, a stroke seen on both sides
is carried across. In black and white a rule is what is no thicker than a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import Grey

BAND_PX = 11
RULE_PX = 6
REACH_PX = 8
THIN_PX = 5
WIDEST_PX = 8
SHORTEST_DASH_PX = 8
DASH_PX = 14
STRIP_PX = 48
SEEN = 0.05
OPAQUE = 0.42
PALE = 232
SURE_INK, THIN_RULE = 170, 0.5
BLACK = 128
LEAN_PX = 8

Floats = NDArray[np.float32]
_BESIDE = np.ones((11, 1), np.uint8)
_AWAY = np.arange(-BAND_PX, BAND_PX + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A printed rule: `rows_px[x]` is its middle in column `left_px + x` of the flat page."""

    left_px: int
    rows_px: NDArray[np.float64]


def wiped(page: Grey, rule: Rule) -> bool:
    """Take a rule off where nobody wrote near it, in place; False if somebody may have."""
    dark = cv2.threshold(_band(page, rule), PALE - 1, 1, cv2.THRESH_BINARY_INV)[1]
    alone = int(cv2.reduce(dark, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S).max()) <= WIDEST_PX
    if alone:
        for _, place in _level_parts(page, rule):
            page[place] = 255
    return alone


def traced(flat: Grey, rule: Rule, *, bilevel: bool) -> Rule:
    """The rule where it really runs, at most `REACH_PX` from where it was thought to be.

    In black and white, rules that are a little askew come out as dashes.
    """
    band = _band(flat, rule)
    profile = _dashes(band) if bilevel else 255.0 - _lighter(band, STRIP_PX)
    profile -= np.median(profile, axis=0)
    profile[np.abs(_AWAY) > REACH_PX] = 0.0
    np.clip(profile, 0.0, None, out=profile)
    near = np.abs(np.arange(len(_AWAY))[:, None] - profile.argmax(axis=0)) <= 2
    weight = np.where(near, profile, 0.0)
    seen = profile.max(axis=0) >= 255.0 * SEEN
    if not seen.any():
        return rule
    middle = (weight * _AWAY[:, None]).sum(axis=0)[seen] / weight.sum(axis=0)[seen]
    xs = (np.flatnonzero(seen) + 0.5) * STRIP_PX
    shift = np.interp(np.arange(len(rule.rows_px)), xs, _steadied(middle))
    return Rule(left_px=rule.left_px, rows_px=np.rint(rule.rows_px) + shift)


def take_off(page: Grey, rule: Rule, *, bilevel: bool) -> None:
    """Take one rule off the page, in place; `rule` as it was traced."""
    band = _band(page, rule)
    bare = _without_runs(band) if bilevel else _divided(band)
    for part, place in _level_parts(page, rule):
        page[place] = bare[part]


def zone(shape: tuple[int, ...], rules: Sequence[Rule], reach_px: int) -> NDArray[np.uint8]:
    """1 within `reach_px` of a rule, on a picture half as fine as the page; (height, width)."""
    out = np.zeros((shape[0] // 2, shape[1] // 2), np.uint8)
    for rule in rules:
        rows = np.rint(rule.rows_px[::2] / 2).astype(int)
        columns = rule.left_px // 2 + np.arange(len(rows))
        inside = (columns >= 0) & (columns < out.shape[1])
        out[np.clip(rows, 0, len(out) - 1)[inside], columns[inside]] = 1
    tall = np.ones((2 * (reach_px // 2) + 1, 1), np.uint8)
    return np.asarray(cv2.dilate(out, tall), np.uint8)


def are_dots(page: Grey, rules: Sequence[Rule]) -> bool:
    """Whether a black and white page shows its grey rules as dots, and so all that is grey."""
    ink = runs = 0
    for rule in rules:
        middle = _ink(_band(page, rule))[BAND_PX - 2 : BAND_PX + 3]
        ink += int(middle.sum())
        runs += int((middle[:, 1:] > middle[:, :-1]).sum())
    return ink < SHORTEST_DASH_PX * runs


Part = tuple[slice, slice]


def _level_parts(page: Grey, rule: Rule) -> list[tuple[Part, Part]]:
    """The paper around the rule in pieces that are level, as far as the page goes: each as a part
    of the band (see `_band`) and of the page. Whole rectangles are many times quicker to take out
    and to put back than columns."""
    height, width = page.shape
    rows = np.rint(rule.rows_px).astype(np.int64)
    ends = [*(np.flatnonzero(np.diff(rows)) + 1).tolist(), len(rows)]
    parts, start = [], 0
    for end in ends:
        top = int(rows[start]) - BAND_PX
        first, last = max(0, -top), min(len(_AWAY), height - top)
        left, right = max(start, -rule.left_px), min(end, width - rule.left_px)
        start = end
        if first < last and left < right:
            x = rule.left_px
            here = (slice(first, last), slice(left, right))
            there = (slice(first + top, last + top), slice(left + x, right + x))
            parts.append((here, there))
    return parts


def _band(page: Grey, rule: Rule) -> Grey:
    """The paper around the rule laid straight: (2 `BAND_PX` + 1, columns); white off the page."""
    band = np.full((len(_AWAY), len(rule.rows_px)), 255, np.uint8)
    for part, place in _level_parts(page, rule):
        band[part] = page[place]
    return band


def _dashes(band: Grey) -> NDArray[np.float64]:
    """How much of each row is dashes no thicker than a rule, strip by strip, smoothed along."""
    dashes = _long(_ink(band) - _thick(_ink(band))).astype(np.float32) * 255.0
    smooth = cv2.blur(dashes, (4 * STRIP_PX + 1, 1), borderType=cv2.BORDER_REFLECT)
    return np.asarray(smooth[:, STRIP_PX // 2 :: STRIP_PX], np.float64)


def _ink(band: Grey) -> NDArray[np.uint8]:
    return (band < BLACK).astype(np.uint8)


def _thick(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink that is, from top to bottom, thicker than a rule."""
    tall = np.ones((THIN_PX + 1, 1), np.uint8)
    opened = cv2.morphologyEx(ink, cv2.MORPH_OPEN, tall, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(opened, np.uint8)


def _long(thin: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Dashes: what is thin and long; letters have short level strokes at most."""
    joined = cv2.dilate(thin, np.ones((2, 1), np.uint8))  # a dash a little askew goes in steps
    long_ = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((1, DASH_PX), np.uint8))
    return np.asarray(cv2.min(long_, thin), np.uint8)


def _lighter(band: Grey, strip_px: int) -> NDArray[np.float64]:
    """How light each row of the band is in each strip, leaving out its darker three quarters:
    a rule runs through, and ink seldom covers more. (rows, strips), 0 to 255."""
    count = max(1, band.shape[1] // strip_px)
    width = min(strip_px, band.shape[1])
    strips = band[:, : count * width].reshape(len(band), count, width)[:, :, ::3]
    place = int(0.75 * (strips.shape[2] - 1))
    return np.partition(strips, place, axis=2)[:, :, place].astype(np.float64)


def _steadied(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each value the median of itself and two neighbours a side: one word moves no rule."""
    framed = np.pad(values, 2, mode="reflect" if len(values) > 2 else "edge")
    near = [framed[k : k + len(values)] for k in range(5)]
    return np.asarray(np.median(near, axis=0))


def _divided(band: Grey) -> Grey:
    """The band divided by what the bare rule lets through."""
    level = _lighter(band, 2 * STRIP_PX)
    share = np.clip(level / np.maximum(np.percentile(level, 80, axis=0), 1.0), 0.05, 1.0)
    share[np.abs(_AWAY) > RULE_PX] = 1.0
    size = (band.shape[1], len(band))
    through = cv2.resize(share.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    lit = np.minimum(255.0, band / through)
    beside = cv2.erode(np.where(through < 0.94, 255, band).min(axis=0), _BESIDE).ravel()
    # What is far darker than the rule is ink, even where the bottom of a letter lies along it.
    sure = (lit < SURE_INK) & (through > THIN_RULE)
    lit[(through < 0.94) & ((lit > PALE) | ((beside > PALE) & ~sure))] = 255.0
    opaque = through < OPAQUE
    if opaque.any():
        lit = np.where(opaque, _carried_over(lit, opaque), lit)
    return lit.astype(np.uint8)


def _carried_over(lit: Floats, opaque: NDArray[np.bool_]) -> Floats:
    """What is hidden under a black rule: as dark as the ink above and below it in one direction."""
    out = np.full_like(lit, 255.0)
    hidden = np.flatnonzero(opaque.mean(axis=1) > 0.3)
    if not len(hidden):
        return out
    above, below = max(0, int(hidden[0]) - 1), min(len(lit) - 1, int(hidden[-1]) + 1)
    for row in range(above + 1, below):
        part = (row - above) / (below - above)
        for lean in range(-LEAN_PX, LEAN_PX + 1):
            top = np.roll(lit[above], round(lean * part))
            bottom = np.roll(lit[below], -round(lean * (1 - part)))
            np.minimum(out[row], np.maximum(top, bottom), out=out[row])
    return out


def _without_runs(band: Grey) -> Grey:
    """The band without the ink that is, from top to bottom, no thicker than a rule."""
    ink = _ink(band)
    thick = _thick(ink)
    away = np.abs(_AWAY)[:, None]
    dashes = _long(ink - thick) & (away <= RULE_PX)
    ruled = cv2.blur(dashes.max(axis=0)[None, :] * 255, (2 * STRIP_PX + 1, 1)) > 255 * SEEN
    rule = dashes | ((ink - thick) & (away <= THIN_PX // 2) & ruled)
    fringe = np.ones((3, 3), np.uint8)
    gone = cv2.dilate(rule, fringe) > cv2.dilate(ink - rule, fringe[:, :1])
    return np.where(gone, 255, band).astype(np.uint8)
