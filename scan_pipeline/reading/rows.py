"""Lines of writing as people write them: on the rules, between them, across them, uphill.

Ink smeared along the line makes ridges, one for each line, wherever it runs. Strokes go whole to
the ridge they stand on; one that joins two lines is parted where it is thinnest between them.
Lengths are pixels of the ink grid unless a name says millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

COARSE = 3
SMEAR_MM = 7.0
THICK = 0.27
THICK_MM = (0.75, 2.5)
FAINTEST_RIDGE = 0.16
STEP_MM = 0.9
JOIN_MM = 2.3
CLOSE = 0.55
SHALLOW = 0.72
OVERLAP_MM = 6.0
DOTS_HANG = 0.12
BOTH = 0.15
CHUNK_MM = 4.0
SCRAPS = 0.25
CROWDED = 1.3
WORD_GAP_MM = 2.0
WORD_MM = 4.0
SHORT = 0.5
FAR_MM = 12.0

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.uint8]
Pixels = tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.integer]]
"""Row, column and stroke of each pixel of ink."""


@dataclass(slots=True)
class _Track:
    """A ridge while it is followed: columns and rows of the coarse grid, and how strong it is."""

    xs: list[float]
    ys: list[float]
    strength: list[float]

    def at(self, x: Floats | float) -> Floats:
        return np.asarray(np.interp(x, self.xs, self.ys))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """`middle[r]` (columns,): where row r runs, top to bottom; `owner`: the row of each pixel of
    ink, counted from 1; 0 for strokes far from every row. `tall`: usual height of a stroke."""

    middle: Floats
    owner: Mask
    tall: float


def find_rows(pixels: Pixels, boxes: NDArray[np.int32], width: int, px_per_mm: float) -> Rows:
    """The rows of one field's strokes.

    `pixels`: of these strokes, in a picture of `width`; `boxes` (strokes + 1, 4): left, top, width,
    height of each stroke there; stroke 0 is none.
    """
    ys, xs, of = pixels
    if not len(of):
        return Rows(middle=np.zeros((0, width)), owner=np.zeros(0, np.uint8), tall=0.0)
    tall = _usual_height(of, boxes)
    middle = _ridges(ys, xs, width, tall, px_per_mm)
    owner = _share_out(pixels, boxes, middle, px_per_mm)
    scraps = _scraps(owner, xs, middle, tall, px_per_mm)
    if scraps:
        middle = np.delete(middle, scraps, axis=0)
        owner = _share_out(pixels, boxes, middle, px_per_mm)
    kept = np.flatnonzero(np.bincount(owner, minlength=len(middle) + 1)[1:])
    table = np.zeros(len(middle) + 1, np.uint8)
    table[kept + 1] = np.arange(1, len(kept) + 1)
    return Rows(middle=middle[kept], owner=table[owner], tall=tall)


def is_squeezed(rows: Rows, xs: NDArray[np.integer], pitch: float) -> bool:
    """Whether a short row stands nearer than `pitch` over or under a longer one. `xs`: the column
    of each pixel of ink."""
    inked = [_columns(rows.owner, xs, r, rows.middle.shape[1]) for r in range(len(rows.middle))]
    for r, (a, b) in enumerate(pairwise(inked)):
        short = min(a.sum(), b.sum()) < SHORT * max(a.sum(), b.sum())
        here = a if a.sum() < b.sum() else b
        apart = np.abs(rows.middle[r + 1] - rows.middle[r])[here]
        if short and len(apart) and float(np.median(apart)) < pitch:
            return True
    return False


def _columns(owner: Mask, xs: NDArray[np.integer], r: int, width: int) -> NDArray[np.bool_]:
    """The columns in which row `r` has ink."""
    inked = np.zeros(width, bool)
    inked[xs[owner == r + 1]] = True
    return inked


def _usual_height(of: NDArray[np.integer], boxes: NDArray[np.int32]) -> float:
    """Height of a stroke, the median over the ink's width."""
    seen = np.flatnonzero(np.bincount(of))
    order = seen[np.argsort(boxes[seen, 3], kind="stable")]
    widths = np.cumsum(boxes[order, 2])
    return float(boxes[order[int(np.searchsorted(widths, widths[-1] / 2))], 3])


def _ridges(
    ys: NDArray[np.integer], xs: NDArray[np.integer], width: int, tall: float, px_per_mm: float
) -> Floats:
    """(rows, columns): where each line of writing runs, top to bottom."""
    scale = px_per_mm / COARSE
    low, high = THICK_MM
    thick = float(np.clip(THICK * tall / px_per_mm, low, high)) * scale
    pad = round(3 * thick)
    mask = np.zeros((int(ys.max()) + 1, width), np.uint8)
    mask[ys, xs] = 255
    size = (max(2, -(-width // COARSE)), max(2, -(-len(mask) // COARSE)))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    framed = np.pad(small, ((pad, pad), (0, 0)))
    smeared = cv2.GaussianBlur(framed, (0, 0), SMEAR_MM * scale, sigmaY=thick)
    dense = np.asarray(smeared, np.float32)
    tracks = _followed(dense, scale)
    pitch = max(1.6, CLOSE * tall / px_per_mm) * scale
    tracks = _joined(_merged(tracks, dense, pitch), scale)
    at = (np.arange(width) + 0.5) / COARSE - 0.5
    rows = [(t.at(at) - pad + 0.5) * COARSE - 0.5 for t in tracks]
    rows.sort(key=lambda row: float(row.mean()))
    return np.array(rows).reshape(-1, width)


def _followed(dense: NDArray[np.float32], scale: float) -> list[_Track]:
    """Crests followed from left to right."""
    columns = np.arange(0, dense.shape[1], max(1, round(scale)))
    picked = dense[:, columns]
    crest = np.zeros(picked.shape, bool)
    crest[1:-1] = (picked[1:-1] > picked[:-2]) & (picked[1:-1] >= picked[2:])
    usual = float(np.percentile(picked.max(axis=0), 75))
    crest &= picked > FAINTEST_RIDGE * usual
    open_: list[_Track] = []
    done: list[_Track] = []
    for k, x in enumerate(columns.tolist()):
        free = np.flatnonzero(crest[:, k]).tolist()
        going = []
        for track in open_:
            gaps = [abs(y - track.ys[-1]) for y in free]
            if not gaps or min(gaps) > STEP_MM * scale:
                done.append(track)
                continue
            near = free.pop(gaps.index(min(gaps)))
            _extend(track, x, near, float(picked[near, k]))
            going.append(track)
        going += [_Track([x], [y], [float(picked[y, k])]) for y in free]
        open_ = going
    return done + open_


def _extend(track: _Track, x: float, y: float, strength: float) -> None:
    track.xs.append(x)
    track.ys.append(y)
    track.strength.append(strength)


def _merged(tracks: list[_Track], dense: NDArray[np.float32], pitch: float) -> list[_Track]:
    """Without a crest that runs close beside a stronger one: the two halves of tall letters."""
    kept: list[_Track] = []
    for track in sorted(tracks, key=lambda t: -sum(t.strength)):
        if not any(_beside(track, other, dense, pitch) for other in kept):
            kept.append(track)
    return kept


def _beside(track: _Track, other: _Track, dense: NDArray[np.float32], pitch: float) -> bool:
    xs = np.array([x for x in track.xs if other.xs[0] <= x <= other.xs[-1]])
    if len(xs) < 0.5 * len(track.xs):
        return False
    mine, theirs = track.at(xs), other.at(xs)
    apart = float(np.median(np.abs(mine - theirs)))
    if apart < pitch or apart > 2 * pitch:
        return apart < pitch
    at = xs.astype(int)
    between = np.stack([dense[np.rint(mine + f * (theirs - mine)).astype(int), at]
                        for f in np.linspace(0, 1, 9)])  # fmt: skip
    lower = np.minimum(between[0], between[-1])
    return float(np.median(between.min(axis=0) / np.maximum(lower, 1e-6))) > SHALLOW


def _joined(tracks: list[_Track], scale: float) -> list[_Track]:
    """Pieces of one line, parted by wide gaps, put together; a gap is bridged straight."""
    pieces = sorted(tracks, key=lambda t: t.xs[0])
    out: list[_Track] = []
    for piece in pieces:
        ends = [t for t in out if t.xs[-1] <= piece.xs[0] + OVERLAP_MM * scale]
        near = min(ends, key=lambda t: abs(_ahead(t, piece) - piece.ys[0]), default=None)
        if near is None or abs(_ahead(near, piece) - piece.ys[0]) > JOIN_MM * scale:
            out.append(piece)
            continue
        start = near.xs[-1]
        for x, y, s in zip(piece.xs, piece.ys, piece.strength, strict=True):
            if x > start:
                _extend(near, x, y, s)
    return out


def _ahead(track: _Track, piece: _Track) -> float:
    """Where a track would be at the start of another, half believing its slope."""
    if len(track.xs) < 12:
        return track.ys[-1]
    slope = float(np.polyfit(track.xs[-40:], track.ys[-40:], 1)[0])
    return track.ys[-1] + 0.5 * slope * (piece.xs[0] - track.xs[-1])


def _share_out(pixels: Pixels, boxes: NDArray[np.int32], middle: Floats, px_per_mm: float) -> Mask:
    """The row (from 1) of each pixel of ink; 0 where there are no rows, or none is near."""
    ys, xs, of = pixels
    count = len(boxes)
    if not len(middle):
        return np.zeros(len(of), np.uint8)
    area, core = _in_cores(pixels, count, middle)
    x = np.clip(boxes[:, 0] + boxes[:, 2] // 2, 0, middle.shape[1] - 1)
    y = boxes[:, 1] + boxes[:, 3] / 2.0
    away = np.abs(y[None, :] - middle[:, x] + DOTS_HANG * 9.0 * px_per_mm * 0.5)
    firm = core.max(axis=0) >= 0.3 * np.maximum(1, area)
    table = np.where(firm, core.argmax(axis=0), away.argmin(axis=0)).astype(np.uint8) + 1
    table[~firm & (away.min(axis=0) > FAR_MM * px_per_mm)] = 0
    owner: Mask = table[of]
    shared = (core >= BOTH * area) & (core >= 0.35 * px_per_mm**2)
    for k in np.flatnonzero(shared.sum(axis=0) >= 2):
        mine = np.flatnonzero(of == k)
        between = np.flatnonzero(shared[:, k])
        owner[mine] = _parted((ys[mine], xs[mine]), boxes[k], middle, between, px_per_mm)
    return owner


def _scraps(
    owner: Mask, xs: NDArray[np.integer], middle: Floats, tall: float, px_per_mm: float
) -> list[int]:
    """Rows that are only the tails and tops of the lines around them: little ink, no word."""
    ink = np.bincount(owner, minlength=len(middle) + 1)[1:]
    usual = float(np.median(ink)) if len(ink) else 0.0
    gap = np.ones((1, round(WORD_GAP_MM * px_per_mm)), np.uint8)
    found = []
    for r in np.flatnonzero(ink < SCRAPS * usual):
        apart = [float(np.abs(middle[o] - middle[r]).mean()) for o in (r - 1, r + 1)
                 if 0 <= o < len(middle)]  # fmt: skip
        if min(apart, default=np.inf) > CROWDED * max(tall, 5.0 * px_per_mm):
            continue
        columns = _columns(owner, xs, int(r), middle.shape[1]).astype(np.uint8)[None, :]
        closed = cv2.morphologyEx(columns, cv2.MORPH_CLOSE, gap)
        _, _, stats, _ = cv2.connectedComponentsWithStats(closed)
        widest = stats[1:, cv2.CC_STAT_WIDTH].max(initial=0)
        if widest < WORD_MM * px_per_mm:
            found.append(int(r))
    return found


def _in_cores(pixels: Pixels, count: int, middle: Floats) -> tuple[Ints, Ints]:
    """(strokes,) pixels of each stroke, and (rows, strokes) those in the core of each row: the
    quarter of the way to its neighbours on either side."""
    ys, xs, of = pixels
    core = np.zeros((len(middle), count), np.int64)
    apart = np.abs(np.diff(middle, axis=0))
    for r, row in enumerate(middle):
        near = apart[max(0, r - 1) : r + 1]
        reach = 0.27 * near.min(axis=0) if len(near) else np.full(len(row), 1e9)
        # Whole pixels within it; only those that can be are looked at one by one.
        span = (ys >= (row - reach).min()) & (ys <= (row + reach).max())
        y, x = ys[span], xs[span]
        inside = np.abs(y - row[x]) <= reach[x]
        core[r] = np.bincount(of[span][inside], minlength=count)
    return np.bincount(of, minlength=count), core


def _parted(
    places: tuple[NDArray[np.integer], NDArray[np.integer]],
    box: NDArray[np.int32],
    middle: Floats,
    rows: Ints,
    px_per_mm: float,
) -> Mask:
    """The row of each pixel of a stroke that joins `rows`, parted chunk by chunk where it is
    thinnest between them."""
    left, top, width, height = (int(v) for v in box)
    y, x = places[0] - top, places[1] - left
    mine = np.zeros((height, width), bool)
    mine[y, x] = True
    part = np.full(len(y), rows[0] + 1, np.uint8)
    chunk = max(1, round(CHUNK_MM * px_per_mm))
    for above, below in pairwise(rows):
        half = (middle[above, left : left + width] + middle[below, left : left + width]) / 2
        gap = float(np.mean(middle[below, left : left + width] - half)) * 2
        cuts = [
            _thinnest(mine[:, here], half[here] - top, gap)
            for here in (slice(s, min(width, s + chunk)) for s in range(0, width, chunk))
        ]
        part[y > np.concatenate(cuts)[x]] = below + 1
    return part


def _thinnest(mine: NDArray[np.bool_], half: Floats, gap: float) -> Floats:
    """Where to cut: the line parallel to `half` that crosses the least ink, the middle if equal."""
    columns = np.arange(mine.shape[1])
    best, cost = half, np.inf
    for away in np.linspace(-0.24, 0.24, 13) * gap:
        at = np.clip(np.rint(half + away).astype(int), 0, len(mine) - 1)
        crossed = float(mine[at, columns].sum()) + 2.0 * abs(away) / max(1.0, gap)
        if crossed < cost:
            best, cost = half + away, crossed
    return np.asarray(best)
