"""The printed form as witness: where its boxes, rules and words really lie, and whether they do.

Works on a page that is nearly flat (`register.lay_flat`), grey uint8 at so many pixels a
millimetre, beside a picture of the blank form of the same size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.flow import run_box
from leaflets.geometry import Rect
from leaflets.layout import FieldLayout, PageLayout
from leaflets.markers import MARKER_QUIET_MM
from scan_pipeline.page import Anchor, Grey, Placement

Floats = NDArray[np.float64]
BOX_FOUND = 0.45
RULE_FOUND, RULES_FROM = 0.08, 0.4
PRINT_FOUND = 0.55
END_FOUND, END_MM, END_TALL_MM = 0.9, 10.0, 3.0
"""A rule that runs on is 0.7 like the end of one, wherever that is looked for along it."""
STRIP_MM = 16.0
WIDE_MM, NEAR_MM = 24.0, 13.0
"""How far an anchor's word counts: while the whole page is straightened, and for the last bends."""
WILD_MM = 0.8
BOX_MARGIN_MM, OUTLINE_MM = 1.0, 0.5
LEAST_CONTRAST = 12
PRINT_MM = 16.0
PRINT_EVERY_MM = 30.0
LEAST_ANCHORS = 4


def tick_boxes(page: PageLayout) -> list[tuple[str, Rect]]:
    """Every printed box, as ("field/option", square); a comb's cells as ("field/0", cell), …"""
    boxes = [(f.name + "/" + o.value, o.box) for f in page.fields for o in f.options]
    boxes += [(f"{f.name}/{k}", cell) for f in page.fields for k, cell in enumerate(f.cells)]
    return boxes + [(f.name + "/", f.box) for f in page.fields if f.kind == "tick"]


def survey(
    flat: Grey, blank: Grey, page: PageLayout, reach_mm: float, px_per_mm: int
) -> list[Anchor]:
    """Look for every tick box, stretch of writing rule and piece of print within `reach_mm`."""
    anchors = survey_boxes(flat, blank, page, reach_mm, px_per_mm)
    for area in printed_details(page):
        dx, dy, score = locate(flat, blank, area, reach_mm, px_per_mm)
        anchors.append(_anchor("print", "", area.centre_mm, dx, dy, score, PRINT_FOUND))
    for field in page.fields:
        if field.lines_mm:
            anchors += _rules(flat, field, reach_mm, px_per_mm)
    return anchors


def survey_ends(
    flat: Grey, blank: Grey, page: PageLayout, reach_mm: float, px_per_mm: int
) -> list[Anchor]:
    """Look for both ends of every writing rule: what else there is at the edges of a field."""
    anchors = []
    for field in page.fields:
        for y in field.lines_mm:
            for x in (field.box.x_mm, field.box.right_mm):
                area = Rect(
                    x_mm=x - END_MM / 2, y_mm=y - END_TALL_MM / 2, w_mm=END_MM, h_mm=END_TALL_MM
                )
                dx, dy, score = locate(flat, blank, area, reach_mm, px_per_mm)
                anchors.append(_anchor("print", "", (x, y), dx, dy, score, END_FOUND))
    return anchors


def survey_boxes(
    flat: Grey, blank: Grey, page: PageLayout, reach_mm: float, px_per_mm: int
) -> list[Anchor]:
    """Look for the tick boxes only."""
    boxes = tick_boxes(page)
    found = locate_boxes(flat, blank, [box for _, box in boxes], reach_mm, px_per_mm)
    return [
        _anchor("box", name, box.centre_mm, dx, dy, score, BOX_FOUND)
        for (name, box), (dx, dy, score) in zip(boxes, found, strict=True)
    ]


def marks(
    strayed: Sequence[tuple[tuple[float, float], tuple[float, float]]],
) -> list[Anchor]:
    """The corner marks as anchors: where each is printed, and by how much it lies elsewhere."""
    return [_anchor("print", "", at, dx, dy, 1.0, PRINT_FOUND) for at, (dx, dy) in strayed]


def _anchor(
    kind: str, name: str, at: tuple[float, float], dx: float, dy: float, score: float, least: float
) -> Anchor:
    return Anchor(
        kind="box" if kind == "box" else "print",
        name=name,
        x_mm=at[0],
        y_mm=at[1],
        dx_mm=dx,
        dy_mm=dy,
        knows_x=True,
        score=score,
        found=score >= least,
    )


@lru_cache(maxsize=16)
def printed_details(page: PageLayout) -> tuple[Rect, ...]:
    """Marks and words all over the page that look like nothing else near them."""
    marks = [m.box.grown(MARKER_QUIET_MM / 2) for m in page.markers]
    words: dict[tuple[int, int], Rect] = {}
    for run in page.texts:
        box = run_box(run)
        for k in range(max(1, int(box.w_mm // PRINT_MM))):
            piece = Rect(
                x_mm=box.x_mm + k * PRINT_MM,
                y_mm=box.y_mm,
                w_mm=min(PRINT_MM, box.w_mm - k * PRINT_MM),
                h_mm=box.h_mm,
            )
            x, y = piece.centre_mm
            cell = int(x // PRINT_EVERY_MM), int(y // (PRINT_EVERY_MM / 2))
            if piece.w_mm >= PRINT_MM / 2 and cell not in words:
                words[cell] = piece.grown(0.5)
    return (*marks, *words.values())


def locate(
    flat: Grey, blank: Grey, area: Rect, reach_mm: float, px_per_mm: int
) -> tuple[float, float, float]:
    """(dx_mm, dy_mm, score -1..1) of a piece of print near where it should be."""
    pair = _windows(flat, blank, area, reach_mm, px_per_mm)
    if pair is None:
        return 0.0, 0.0, 0.0
    scores = cv2.matchTemplate(*pair, cv2.TM_CCOEFF_NORMED)
    return _best(np.asarray(scores, np.float32), reach_mm, px_per_mm)


def locate_boxes(
    flat: Grey, blank: Grey, boxes: Sequence[Rect], reach_mm: float, px_per_mm: int
) -> list[tuple[float, float, float]]:
    """The same for tick boxes: by their outlines alone, so that a tick neither moves nor hides
    them."""
    out = [(0.0, 0.0, 0.0)] * len(boxes)
    # Boxes of a size in pixels, as nearly all are, are compared all at once.
    alike: dict[tuple[int, ...], list[tuple[int, Grey, Grey]]] = {}
    for k, box in enumerate(boxes):
        pair = _windows(flat, blank, box.grown(BOX_MARGIN_MM), reach_mm, px_per_mm)
        if pair is not None:
            alike.setdefault(pair[1].shape, []).append((k, *pair))
    rim = round((BOX_MARGIN_MM + OUTLINE_MM) * px_per_mm)
    for group in alike.values():
        which, seen, printed = zip(*group, strict=True)
        for k, scores in zip(which, _outlined(np.stack(seen), np.stack(printed), rim), strict=True):
            out[k] = _best(scores, reach_mm, px_per_mm)
    return out


def _outlined(seen: Grey, printed: Grey, rim: int) -> NDArray[np.float32]:
    """How like the outlines of (n, …) printed boxes each place in (n, …) windows is, -1 to 1.

    The correlation coefficient under a hollow square, as of `cv2.matchTemplate` with a mask; sums
    over that square are those over the whole less those over its middle, which is far quicker.
    """
    tall, wide = printed.shape[1:]
    places = seen.shape[1] - tall + 1, seen.shape[2] - wide + 1
    mask = np.ones((tall, wide), np.float32)
    mask[rim:-rim, rim:-rim] = 0.0
    held = mask.sum()
    rows = seen.reshape(-1, seen.shape[2]).astype(np.float32)

    def under(values: NDArray[np.float32], inset: int) -> Floats:
        size = wide - 2 * inset, tall - 2 * inset
        sums = cv2.boxFilter(values, cv2.CV_64F, size, anchor=(0, 0), normalize=False)
        return np.asarray(
            sums.reshape(seen.shape)[:, inset : inset + places[0], inset : inset + places[1]]
        )

    def total(values: NDArray[np.float32]) -> Floats:
        return under(values, 0) - under(values, rim)

    mean = (printed * mask).sum(axis=(1, 2), keepdims=True) / held
    outline = (printed - mean) * mask
    spread = total(rows * rows) - total(rows) ** 2 / held
    windows = rows.reshape(seen.shape)
    like = [cv2.matchTemplate(*pair, cv2.TM_CCORR) for pair in zip(windows, outline, strict=True)]
    strength = (outline * outline).reshape(len(outline), -1).sum(axis=1).astype(np.float64)
    norm = np.sqrt(np.maximum(spread, 1e-6) * strength[:, None, None])
    return np.asarray(np.stack(like) / np.maximum(norm, 1e-6), np.float32)


def _windows(
    flat: Grey, blank: Grey, area: Rect, reach_mm: float, scale: int
) -> tuple[Grey, Grey] | None:
    """What is seen `reach_mm` around an area, and what is printed there; None where the page ends,
    or where either is bare."""
    x0, x1 = round(area.x_mm * scale), round(area.right_mm * scale)
    y0, y1 = round(area.y_mm * scale), round(area.bottom_mm * scale)
    reach = round(reach_mm * scale)
    height, width = flat.shape
    if min(x0, y0) < reach or x1 + reach > width or y1 + reach > height:
        return None
    printed = blank[y0:y1, x0:x1]
    seen = flat[y0 - reach : y1 + reach, x0 - reach : x1 + reach]
    if min(_contrast(seen), _contrast(printed)) < LEAST_CONTRAST:
        return None
    return seen, printed


def _best(scores: NDArray[np.float32], reach_mm: float, scale: int) -> tuple[float, float, float]:
    if not np.isfinite(scores.sum()):
        scores = np.where(np.isfinite(scores), scores, np.float32(0.0))  # flat: like nothing
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    fx, fy = _peak(scores, x, y)
    reach = round(reach_mm * scale)
    return (fx - reach) / scale, (fy - reach) / scale, float(best)


def _contrast(grey: Grey) -> float:
    darkest, lightest, _, _ = cv2.minMaxLoc(grey)
    return lightest - darkest


def _peak(scores: NDArray[np.float32], x: int, y: int) -> tuple[float, float]:
    """Sub-pixel place of the best score by a parabola each way."""

    def vertex(a: float, b: float, c: float) -> float:
        bend = a - 2 * b + c
        return 0.0 if bend >= 0 else min(max(0.5 * (a - c) / bend, -0.5), 0.5)

    height, width = scores.shape
    dx = vertex(*scores[y, x - 1 : x + 2].tolist()) if 0 < x < width - 1 else 0.0
    dy = vertex(*scores[y - 1 : y + 2, x].tolist()) if 0 < y < height - 1 else 0.0
    return x + dx, y + dy


def _rules(flat: Grey, field: FieldLayout, reach_mm: float, scale: int) -> list[Anchor]:
    """Every writing rule of a field, in strips: where each runs, and its contrast (0..1) as score.

    Each row of a strip counts as dark as its 35th percentile: a rule runs through, strokes only
    cross.
    """
    reach = round((reach_mm + 0.4) * scale)
    count = max(1, int(field.box.w_mm // STRIP_MM))
    wide = int(field.box.w_mm * scale) // count
    left = round(field.box.x_mm * scale)
    middles = np.rint(np.array(field.lines_mm) * scale).astype(int)
    rows = np.clip(middles[:, None] + np.arange(-reach, reach + 1), 0, flat.shape[0] - 1)
    strips = flat[rows, left : left + count * wide].reshape(len(middles), -1, count, wide)
    place = int(0.65 * (wide - 1))
    # NumPy finds a place in a row of floats several times as fast as in one of bytes.
    shade = np.partition(strips.astype(np.float32), place, axis=3)[..., place]
    profile = 1.0 - shade.astype(np.float64) / 255.0
    profile = np.clip(profile - np.median(profile, axis=1, keepdims=True), 0.0, None)
    best = np.clip(profile.argmax(axis=1), 2, profile.shape[1] - 3)
    near = np.take_along_axis(profile, best[:, None, :] + np.arange(-2, 3)[None, :, None], axis=1)
    total = near.sum(axis=1)
    offset = (near * np.arange(-2, 3)[None, :, None]).sum(axis=1) / np.maximum(total, 1e-6)
    dy = (middles[:, None] - reach + best + offset + 0.5) / scale - np.array(field.lines_mm)[
        :, None
    ]
    score = near.max(axis=1)
    found = score >= RULE_FOUND
    # In noise a few seem to be there; they would pull the page about.
    found &= bool(found.mean() >= RULES_FROM)
    return [
        Anchor(
            kind="rule",
            name=field.name,
            x_mm=field.box.x_mm + (k + 0.5) * field.box.w_mm / count,
            y_mm=y,
            dx_mm=0.0,
            dy_mm=float(dy[row, k]),
            knows_x=False,
            score=float(score[row, k]),
            found=bool(found[row, k]),
        )
        for row, y in enumerate(field.lines_mm)
        for k in range(count)
    ]


def correct(placement: Placement, anchors: Sequence[Anchor], spread_mm: float) -> Placement:
    """The placement with the smooth displacement that the anchors show added to its grid.

    Each grid node takes a locally weighted straight-line fit of the anchors around it, pulled
    towards zero where there are few; anchors that disagree with their neighbours are dropped.
    """
    shift = placement.shift_mm.copy()
    at, value = _places(anchors), _moves(anchors)
    weight = np.array([2.0 if a.knows_x else 1.0 for a in anchors])
    for axis in (0, 1):
        good = np.array([a.found and (axis == 1 or a.knows_x) for a in anchors], dtype=bool)
        for _ in range(3):
            if int(good.sum()) < LEAST_ANCHORS:
                break
            fitted = smooth(
                at[good], value[good, axis], weight[good], placement, spread_mm=spread_mm
            )
            wild = good & (
                np.abs(_sample(fitted, at, placement.grid_mm) - value[:, axis]) > WILD_MM
            )
            if not wild.any():
                shift[..., axis] += fitted.astype(np.float32)
                break
            good &= ~wild
    return replace(placement, shift_mm=shift)


def left_over(anchors: Sequence[Anchor], before: Placement, after: Placement) -> list[Anchor]:
    """The anchors with what is left of their displacement now that the placement was corrected."""
    moved = after.shift_mm.astype(np.float64) - before.shift_mm
    done = np.stack([_sample(moved[..., k], _places(anchors), after.grid_mm) for k in (0, 1)], 1)
    return [
        replace(a, dx_mm=float(x) if a.knows_x else 0.0, dy_mm=float(y))
        for a, (x, y) in zip(anchors, _moves(anchors) - done, strict=True)
    ]


def _places(anchors: Sequence[Anchor]) -> Floats:
    return np.array([(a.x_mm, a.y_mm) for a in anchors], dtype=np.float64).reshape(-1, 2)


def _moves(anchors: Sequence[Anchor]) -> Floats:
    return np.array([(a.dx_mm, a.dy_mm) for a in anchors], dtype=np.float64).reshape(-1, 2)


def smooth(
    at: Floats, value: Floats, weight: Floats, placement: Placement, *, spread_mm: float
) -> Floats:
    """Locally weighted linear regression with a ridge: values (rows, columns) at the grid nodes.

    Each node measures from itself, so that the value of its line there is the line's constant.
    The weights of a Gaussian are products of one for x and one for y, so every sum that a node
    needs is one matrix product for all nodes together.
    """
    rows, cols, _ = placement.shift_mm.shape
    node_x, node_y = (np.arange(n) * placement.grid_mm / spread_mm for n in (cols, rows))
    x = at[:, 0, None] / spread_mm - node_x
    y = (at[:, 1, None] / spread_mm - node_y).T
    across = np.exp(-0.5 * x**2)
    down = np.exp(-0.5 * y**2) * weight
    in_x, in_y = across * x, down * y
    valued = down * value
    # The ridge pulls the value at the node (a little) and the slopes towards zero.
    one, by_x, by_y = down @ across + 0.05, down @ in_x, in_y @ across
    xx, xy, yy = down @ (in_x * x) + 1.0, in_y @ in_x, (in_y * y) @ across + 1.0
    v, v_x, v_y = valued @ across, valued @ in_x, (valued * y) @ across
    # Without the two slopes, one equation for the constant is left.
    square = xx * yy - xy**2
    x_share, y_share = (by_x * yy - by_y * xy) / square, (by_y * xx - by_x * xy) / square
    return np.asarray((v - x_share * v_x - y_share * v_y) / (one - x_share * by_x - y_share * by_y))


def _sample(grid: Floats, at: Floats, grid_mm: float) -> Floats:
    """Values (n,) of a grid at points (n, 2) in millimetres, straight between the nodes."""
    xs = np.clip(at[:, 0] / grid_mm, 0.0, grid.shape[1] - 1.001)
    ys = np.clip(at[:, 1] / grid_mm, 0.0, grid.shape[0] - 1.001)
    x, y = xs.astype(int), ys.astype(int)
    fx, fy = xs - x, ys - y
    top = grid[y, x] * (1 - fx) + grid[y, x + 1] * fx
    bottom = grid[y + 1, x] * (1 - fx) + grid[y + 1, x + 1] * fx
    return np.asarray(top * (1 - fy) + bottom * fy)
