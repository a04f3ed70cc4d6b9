"""The strokes on a page that lies flat: all ink that is not of the blank form, followed from end to
end. Speckle, folds and streaks are no strokes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import COARSE_PX_PER_MM, Grey

SLACK_PX, SLACKER_PX, RIM_INKED, PRINT_BELOW = 3, (5, 7, 9), 0.1, 200
SOLID_BELOW = 140
SMOOTH_PX, DOT_BELOW, STREWN = 0.6, 160, 0.025
DITHERED_PX, DITHERED_INK = 1.5, 0.13
PALE_BLACK, USUAL_BLACK, MOST_GAIN = 0.65, 0.85, 2.5
SPECK_MM2 = 0.2
STROKE_MM = 2.6
BRIDGE_PX, OVER_PRINT_PX = 5, 9
CREASE_LONG_MM, CREASE_WIDE_MM = 30.0, 2.5
PEN_DARK, PEN_MM = 46.0, 0.5
FOLD_LONG_MM, FOLD_HALF_MM, FOLD_INKED = 80.0, 1.5, 0.5
FOLD_SHARE, FOLD_SPREAD = 0.7, 12
FOLD_PART_MM, FOLD_EVERY = 30.0, 4
FOLD_ANGLES, LINE_PX, MANY_POINTS = 720, 1.5, 3000
PIECE_LONG_MM, PIECE_WIDE_MM = 8.0, 0.7
MOST_FOLDS = 4
FORMS_KEPT, MASKS_KEPT = 4, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """All that is on the page and not on the blank form, at `COARSE_PX_PER_MM`.

    `soft` (height, width): the page without speckle. `deep`: how dark (0 to 255) beside the paper
    around it, 0 where the form is printed; `unfolded`: the same with the folds in it. `label`:
    which stroke each ink pixel is of, 0 for none; `at`: where those pixels are, counted row by row,
    and `of`: the stroke of each; `area[k]`: ink of stroke k in pixels, `darkness[k]` its mean depth
    (0 to 255); strokes are followed across the printed outlines.
    """

    soft: Grey
    deep: Grey
    unfolded: Grey
    label: NDArray[np.int32]
    at: NDArray[np.intp]
    of: NDArray[np.int32]
    area: NDArray[np.int64]
    darkness: NDArray[np.float64]
    threshold: float


def ink_threshold(flat: Grey) -> float:
    """Darkness (0 paper, 1 black) from which a pixel of this page is ink.

    It starts well above this page's own paper noise, and never below faint pencil. The noise is
    the spread of the lighter half of the page: paper, whatever is written on it.
    """
    sample = 1.0 - flat[::5, ::5].astype(np.float32) / 255.0
    paper = sample[sample <= float(np.median(sample))]
    noise = float(paper.std()) * 1.7
    return float(np.clip(0.10 + 4.0 * noise, 0.12, 0.40))


def depth(soft: Grey, px_per_mm: float) -> Grey:
    """How dark each pixel is (0 to 255) against the paper within `STROKE_MM` of it, on every side.

    Shadows, tea and folds are wider than a pen and do not count; nor does a solid black area.
    """
    size = round(STROKE_MM * px_per_mm)
    paper = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    return np.asarray(cv2.bitwise_not(cv2.divide(soft, paper, scale=255.0)), np.uint8)


def find_ink(coarse: Grey, blank: Grey) -> Ink:
    """What was written on a page that lies flat; `blank` is the printed form in the same frame."""
    coarse = _as_dark_as_usual(coarse, blank)
    # A single dark pixel is speckle, not a pen.
    grain = _grain_px(coarse)
    soft = np.asarray(cv2.GaussianBlur(coarse, (0, 0), grain), np.uint8)
    deep = depth(soft, COARSE_PX_PER_MM)
    # Inside a box that was blacked out there is no paper to compare with.
    _, solid = cv2.threshold(cv2.bitwise_not(soft), 255 - SOLID_BELOW, 0, cv2.THRESH_TOZERO)
    cv2.max(deep, solid, deep)
    threshold = ink_threshold(coarse) if grain == SMOOTH_PX else DITHERED_INK
    printed = _printed(deep, blank, threshold)
    cv2.subtract(deep, printed, deep)
    found, unfolded = _follow(deep, printed, threshold), deep.copy()
    for _ in range(MOST_FOLDS):
        fold = _fold(found, deep.shape)
        if fold is None or not _take_out(deep, printed, fold, threshold):
            break
        found = _follow(deep, printed, threshold)
    area = np.bincount(found.of, minlength=found.how_many)
    darkness = np.bincount(found.of, deep.ravel()[found.at], found.how_many) / np.maximum(area, 1)
    unwritten = area < SPECK_MM2 * COARSE_PX_PER_MM**2
    unwritten |= _creases(found, area, darkness)
    kept = ~unwritten[found.of]
    at, of = found.at[kept], found.of[kept]
    label = np.zeros(deep.shape, np.int32)
    label.ravel()[at] = of
    return Ink(
        soft=soft,
        deep=deep,
        unfolded=unfolded,
        label=label,
        at=at,
        of=of,
        area=area,
        darkness=darkness,
        threshold=threshold,
    )


def _grain_px(coarse: Grey) -> float:
    """How far to smooth: paper that a black and white scanner dithered is strewn with dots."""
    height, width = coarse.shape
    part = coarse[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4]
    dots = (part < DOT_BELOW) & (cv2.medianBlur(part, 5) >= PRINT_BELOW)
    return DITHERED_PX if float(dots.mean()) >= STREWN else SMOOTH_PX


def _as_dark_as_usual(coarse: Grey, blank: Grey) -> Grey:
    """The page with all its ink made darker if even its black print is pale: a scanner set too
    light makes pens as pale as pencil, and pencil as pale as paper."""
    print_ = _solid_print(_Form(blank))
    black = 1.0 - float(np.median(coarse.ravel()[print_])) / 255.0 if len(print_) else 1.0
    if black >= PALE_BLACK:
        return coarse
    gain = min(USUAL_BLACK / max(black, 1e-3), MOST_GAIN)
    levels = np.clip(255.0 - (255.0 - np.arange(256)) * gain, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(coarse, levels), np.uint8)


def _printed(deep: Grey, blank: Grey, threshold: float) -> Grey:
    """Where the form is printed (255), as wide as this picture shows it: moved by a shaking hand or
    out of focus, print has a rim that no pen made."""
    _, ink = cv2.threshold(deep, 255 * threshold, 255, cv2.THRESH_BINARY)
    wider = around_print(blank, PRINT_BELOW, SLACK_PX)
    for slack in SLACKER_PX:
        printed, wider = wider, around_print(blank, PRINT_BELOW, slack)
        rim = cv2.bitwise_xor(wider, printed)
        if cv2.countNonZero(cv2.bitwise_and(ink, rim)) <= RIM_INKED * cv2.countNonZero(rim):
            return printed
    return wider


class _Form:
    """The picture of a blank form, as a key: all pages of a form share one, which never changes, so
    that what is known of it need not be found out again for every page."""

    def __init__(self, blank: Grey) -> None:
        self.blank = blank

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Form) and other.blank is self.blank

    def __hash__(self) -> int:
        return id(self.blank)


def around_print(blank: Grey, level: int, side_px: int) -> Grey:
    """255 where a form is darker than `level`, and in a square of `side_px` around. Shared, so it
    cannot be written to."""
    return _around_print(_Form(blank), level, side_px)


@lru_cache(MASKS_KEPT)
def _around_print(form: _Form, level: int, side_px: int) -> Grey:
    around = np.asarray(cv2.dilate(darker_than(form.blank, level), _square(side_px)), np.uint8)
    around.flags.writeable = False
    return around


@lru_cache(FORMS_KEPT)
def _solid_print(form: _Form) -> NDArray[np.intp]:
    """Where the form is black, in the midst of its print: pixels, counted row by row."""
    solid = cv2.erode(darker_than(form.blank, SOLID_BELOW), _square(SLACK_PX))
    return np.flatnonzero(np.asarray(solid))


class _Strokes(NamedTuple):
    """Ink pixel by pixel: little of a page is ink, the rest need not be counted. `at`: where each
    is, counted row by row; `of`: its stroke, from 1; `reach_px[k]`: how long stroke k is at least.
    """

    at: NDArray[np.intp]
    xs: NDArray[np.int32]
    ys: NDArray[np.int32]
    of: NDArray[np.int32]
    how_many: int
    reach_px: NDArray[np.float64]


def _follow(deep: Grey, printed: Grey, threshold: float) -> _Strokes:
    _, ink = cv2.threshold(deep, 255 * threshold, 1, cv2.THRESH_BINARY)
    # A stroke that runs into an outline at a slant comes out of it further on.
    bridged = cv2.dilate(ink, _square(BRIDGE_PX))
    cv2.copyTo(cv2.dilate(ink, _square(OVER_PRINT_PX)), printed, bridged)
    count, pieces = cv2.connectedComponents(bridged, connectivity=8)
    at = np.flatnonzero(np.asarray(ink).view(np.bool_))  # of numbers it takes ten times as long
    ys, xs = (v.astype(np.int32) for v in np.divmod(at, deep.shape[1]))
    of = np.asarray(pieces.ravel()[at], np.int32)
    reach = [np.zeros(count, np.int32), np.zeros(count, np.int32)]
    for far, along in zip(reach, (xs, ys), strict=True):
        near = np.full(count, along.max(initial=0), np.int32)
        np.minimum.at(near, of, along)
        np.maximum.at(far, of, along)
        far -= near
    return _Strokes(at=at, xs=xs, ys=ys, of=of, how_many=count, reach_px=np.hypot(*reach))


def _fold(found: _Strokes, shape: tuple[int, ...]) -> tuple[float, float] | None:
    """The straight line (distance from the corner in pixels, angle of its normal) that most of the
    longest strokes' ink, and that of thin pieces, lies on, if it is as long as only folds and
    streaks are.

    Every fourth pixel of that ink votes: the line is the same, and the time a quarter."""
    long = found.reach_px >= FOLD_LONG_MM * COARSE_PX_PER_MM
    # Print that lies across it breaks a streak into thin pieces.
    area = np.bincount(found.of, minlength=found.how_many)
    long |= (found.reach_px >= PIECE_LONG_MM * COARSE_PX_PER_MM) & (
        area <= PIECE_WIDE_MM * COARSE_PX_PER_MM * found.reach_px
    )
    mine = long[found.of]
    if not mine.any():
        return None
    xs, ys = found.xs[mine][::FOLD_EVERY], found.ys[mine][::FOLD_EVERY]
    least = round(FOLD_INKED * FOLD_LONG_MM * COARSE_PX_PER_MM / FOLD_EVERY)
    if not _may_line_up(xs, ys, least):
        return None
    mask = np.zeros(shape, np.uint8)
    mask[ys, xs] = 1
    lines = cv2.HoughLines(mask, 1.0, np.pi / FOLD_ANGLES, least)
    if lines is None:
        return None
    distance, angle = np.asarray(lines, np.float64).reshape(-1, lines.shape[-1])[0, :2]
    return float(distance), float(angle)


def _may_line_up(xs: NDArray[np.int32], ys: NDArray[np.int32], least: int) -> bool:
    """Whether more than `least` points may lie on one straight line.

    On most pages they do not, and to see that takes a fifth of the time of counting votes for each
    line there could be, unless the points are many. `LINE_PX` is more than a pixel, as the angles
    of those lines are a little off."""
    if not least < len(xs) < MANY_POINTS:
        return len(xs) > least
    angles = np.arange(FOLD_ANGLES, dtype=np.float32)[:, None] * np.float32(np.pi / FOLD_ANGLES)
    away = np.cos(angles) * xs.astype(np.float32) + np.sin(angles) * ys.astype(np.float32)
    away.sort(axis=1)
    return bool((away[:, least:] - away[:, :-least] <= LINE_PX).any())


def _take_out(deep: Grey, printed: Grey, fold: tuple[float, float], threshold: float) -> bool:
    """Take a fold out of `deep`, in place: what is there all along its line. Darker ink that
    crosses it stays. False where the line is not that dark for most of its length."""
    distance, angle = fold
    across, along = np.cos(angle), np.sin(angle)
    if abs(across) > abs(along):
        deep, printed, across, along = deep.T, printed.T, along, across
    half = round(FOLD_HALF_MM * COARSE_PX_PER_MM)
    xs = np.arange(deep.shape[1])
    ys = np.rint((distance - xs * across) / along).astype(int)[:, None] + np.arange(-half, half + 1)
    there = (ys >= 0) & (ys < deep.shape[0])
    ys = np.clip(ys, 0, deep.shape[0] - 1)
    band = deep[ys, xs[:, None]]
    bare = there & (printed[ys, xs[:, None]] == 0)
    inked = np.flatnonzero(((band > 255 * threshold) & bare).any(axis=1))
    if not len(inked):
        return False
    reached = slice(int(inked[0]), int(inked[-1]) + 1)
    if reached.stop - reached.start < FOLD_LONG_MM * COARSE_PX_PER_MM * abs(along):
        return False  # as long as a pen draws under an answer
    seen = np.where(bare, band, np.nan)
    usual = _usual(seen[reached])
    if usual.max() <= 255 * threshold:
        return False
    part = round(FOLD_PART_MM * COARSE_PX_PER_MM)
    usual = np.concatenate(
        [_here(seen[k : k + part], usual, threshold) for k in range(0, len(seen), part)]
    )
    fading = there & (band <= usual + FOLD_SPREAD)
    deep[ys[fading], np.broadcast_to(xs[:, None], ys.shape)[fading]] = 0
    return True


def _here(
    seen: NDArray[np.float64], usual: NDArray[np.float64], threshold: float
) -> NDArray[np.float64]:
    """How dark a fold is at each place along a part of it: as it usually is, or darker. Where
    nothing of it shows, what lies on its line is none of it: a tick may."""
    mine = _usual(seen)
    dark = np.maximum(usual, mine) if mine.max() > 255 * threshold else np.full_like(usual, -np.inf)
    return np.repeat(dark[None], len(seen), axis=0)


def darker_than(grey: Grey, level: int) -> Grey:
    """255 where a picture is darker than `level`, 0 elsewhere."""
    return np.asarray(cv2.threshold(grey, level - 1, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)


def _square(side_px: int) -> Grey:
    return np.ones((side_px, side_px), np.uint8)


def _usual(band: NDArray[np.float64]) -> NDArray[np.float64]:
    """How dark a band (places along it, places across it) is for most of its length, at each place
    across it; NaN is print."""
    known = ~np.isnan(band)
    return np.array([
        np.quantile(column[there], FOLD_SHARE) if there.any() else 0.0
        for column, there in zip(band.T, known.T, strict=True)
    ])  # fmt: skip


def _creases(
    found: _Strokes, area: NDArray[np.int64], darkness: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which strokes are long, straight and thin: short folds. With writing joined to it, such a
    line is no longer thin, and stays; so does one as dark and as broad as a pen draws under an
    answer."""
    out = np.zeros(found.how_many, dtype=bool)
    for k in np.flatnonzero(found.reach_px >= CREASE_LONG_MM * COARSE_PX_PER_MM):
        mine = found.of == k
        points = np.column_stack([found.xs[mine], found.ys[mine]]).astype(np.float32)
        wide, long = sorted(cv2.minAreaRect(points)[1])
        drawn = darkness[k] >= PEN_DARK and area[k] >= PEN_MM * COARSE_PX_PER_MM * long
        out[k] = (
            long >= CREASE_LONG_MM * COARSE_PX_PER_MM
            and wide <= CREASE_WIDE_MM * COARSE_PX_PER_MM
            and not drawn
        )
    return out
