"""Find the leaflet in a picture and lay it flat, or say why not. Never a guess.

1. fiducials (ArUco) anywhere, any way up -> homography by RANSAC, with outliers refused;
2. the printed form itself (tick boxes, writing rules) -> a smooth local correction for folds,
   crumples and uneven feeding;
3. the same printed form, looked at again, as proof: too little agreement and the page is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from leaflets.layout import PageLayout
from scan_pipeline.page import Grey, Placement

DETECT_PX = 1000
ENOUGH_MARKERS = 6
FILLS_PICTURE = 0.55
"""A leaflet whose marks span more than half of the picture leaves no room for another."""
REFINE_PX = 4
GLANCE_PX, WINDOWS_PX = (15, 15, 1), (9, 45, 18)
MIN_MARKERS = 3
RANSAC_MM, FARTHEST_MM = 1.2, 6.0
GRID_MM = 6.0
Floats = NDArray[np.float64]
Levels = tuple[Grey, ...]
"""One picture at full, half, quarter … of its size: shrinking is done once for all stages."""


def levels(grey: Grey) -> Levels:
    """The picture and its halvings, down to `DETECT_PX`."""
    out = [grey]
    while max(out[-1].shape) > DETECT_PX:
        half = cv2.resize(out[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        out.append(np.asarray(half, np.uint8))
    return tuple(out)


def find_markers(picture: Levels) -> list[tuple[int, Floats]]:
    """Fiducials as (id, corners (4, 2) in pixels, top left first as printed).

    A glance at the coarsest picture is enough for most. Otherwise it is looked at again, and
    softened and finer ones add what that one lacks.
    """
    coarsest = len(picture) - 1
    finer = max(0, coarsest - 1)
    found = _detect(picture[coarsest], 0.5**coarsest, GLANCE_PX)
    if len(found) >= ENOUGH_MARKERS and _span(found, picture[0]) >= FILLS_PICTURE:
        return _refined(found, picture[finer], 0.5**finer)
    found = []
    for level in range(coarsest, -1, -1):
        for soften in (False, True):
            grey = picture[level]
            if soften:
                grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.6), np.uint8)
            new = _detect(grey, 0.5**level, WINDOWS_PX)
            found += [one for one in new if not _is_known(one, found)]
            if len(found) >= ENOUGH_MARKERS and level < coarsest:
                return found
        if level == coarsest:
            found = _refined(found, picture[finer], 0.5**finer)
        elif len(found) < MIN_MARKERS:
            break  # twice as fine showed no more: no leaflet is so small in its picture
    return found


def _span(found: Sequence[tuple[int, Floats]], grey: Grey) -> float:
    """The share of the picture between the marks."""
    corners = np.concatenate([c for _, c in found]).astype(np.float32)
    return float(cv2.contourArea(cv2.convexHull(corners))) / grey.size


def _refined(
    found: Sequence[tuple[int, Floats]], grey: Grey, scale: float
) -> list[tuple[int, Floats]]:
    """The same corners, found again where the picture is finer."""
    if not found:
        return []
    corners = (np.concatenate([c for _, c in found]) + 0.5) * scale - 0.5
    until = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 0.01)
    window = (REFINE_PX, REFINE_PX)
    start = np.ascontiguousarray(corners[:, None], np.float32)
    finer = cv2.cornerSubPix(grey, start, window, (-1, -1), until)
    quads = (finer.reshape(-1, 4, 2).astype(np.float64) + 0.5) / scale - 0.5
    return [(number, quad) for (number, _), quad in zip(found, quads, strict=True)]


def _is_known(marker: tuple[int, Floats], found: Sequence[tuple[int, Floats]]) -> bool:
    number, corners = marker
    side = float(np.linalg.norm(corners[1] - corners[0]))
    middle = corners.mean(axis=0)
    return any(
        i == number and float(np.linalg.norm(c.mean(axis=0) - middle)) < side for i, c in found
    )


def _detect(grey: Grey, scale: float, windows_px: tuple[int, int, int]) -> list[tuple[int, Floats]]:
    """`windows_px`: sizes of the neighbourhoods that say what is dark: least, largest, step."""
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    settings.adaptiveThreshWinSizeMin, settings.adaptiveThreshWinSizeMax = windows_px[:2]
    settings.adaptiveThreshWinSizeStep = windows_px[2]
    settings.minMarkerPerimeterRate = 0.02
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    corners, ids, _ = cv2.aruco.ArucoDetector(dictionary, settings).detectMarkers(grey)
    if ids is None:
        return []
    # Pixel centres: a resized picture's coordinates shift by half a pixel each way.
    return [
        (int(i), (c.reshape(4, 2).astype(np.float64) + 0.5) / scale - 0.5)
        for i, c in zip(ids.ravel(), corners, strict=True)
    ]


def split(
    found: Sequence[tuple[int, Floats]], pages: Sequence[PageLayout]
) -> list[list[tuple[int, Floats]]]:
    """The marks of each leaflet by itself, where a picture shows several.

    Each mark says roughly where the others of its page must be. Marks of no leaflet are left out.
    Leaflets come in reading order.
    """
    ids = [i for i, _ in found]
    pages_shown = [p for p in pages if len({m.id for m in p.markers} & set(ids)) >= MIN_MARKERS]
    if len(set(ids)) == len(ids) and len({p.markers for p in pages_shown}) <= 1:
        return [list(found)]
    groups: list[list[tuple[int, Floats]]] = []
    rest = list(range(len(found)))
    while rest:
        best = max((_around(found, k, rest, pages) for k in rest), key=len)
        if len(best) < MIN_MARKERS:
            break
        groups.append([found[k] for k in best])
        rest = [k for k in rest if k not in best]
    return _in_reading_order(groups)


def _in_reading_order(
    groups: Sequence[list[tuple[int, Floats]]],
) -> list[list[tuple[int, Floats]]]:
    """Row by row; a leaflet starts a new row if its marks lie half a leaflet lower."""
    corners = [np.concatenate([c for _, c in group]) for group in groups]
    tall = max((float(np.ptp(c[:, 1])) for c in corners), default=0.0)
    places = [c.mean(axis=0) for c in corners]
    rows: list[list[int]] = []
    for k in sorted(range(len(groups)), key=lambda k: float(places[k][1])):
        if not rows or places[k][1] - places[rows[-1][0]][1] > tall / 2:
            rows.append([])
        rows[-1].append(k)
    return [groups[k] for row in rows for k in sorted(row, key=lambda k: float(places[k][0]))]


def _around(
    found: Sequence[tuple[int, Floats]], seed: int, rest: Sequence[int], pages: Sequence[PageLayout]
) -> list[int]:
    """Of `rest`, the marks that lie where the mark `seed` says that those of its page are."""
    number, corners = found[seed]
    best: list[int] = []
    for page in pages:
        at = {m.id: np.array(m.box.quad_mm, dtype=np.float64) for m in page.markers}
        if number not in at:
            continue
        near, _ = cv2.estimateAffinePartial2D(at[number], corners)
        if near is None:
            continue
        group = []
        for other, quad in at.items():
            there = near[:, :2] @ quad.mean(axis=0) + near[:, 2]
            away = float(np.linalg.norm(there - corners.mean(axis=0)))
            off = {
                k: float(np.linalg.norm(found[k][1].mean(axis=0) - there))
                for k in rest
                if found[k][0] == other
            }
            if off and min(off.values()) <= 0.25 * away + float(np.linalg.norm(near[:, :2])):
                group.append(min(off, key=lambda k: off[k]))
        best = max(best, group, key=len)
    return best


def fit_markers(
    found: Sequence[tuple[int, Floats]], page: PageLayout
) -> tuple[Floats, int, float] | None:
    """(px_from_mm, markers used, residual in mm) for this page, or None without enough evidence."""
    at = {m.id: np.array(m.box.quad_mm, dtype=np.float64) for m in page.markers}
    seen = [(i, c) for i, c in found if i in at]
    if len({i for i, _ in seen}) < MIN_MARKERS:
        return None
    mm = np.concatenate([at[i] for i, _ in seen])
    px = np.concatenate([c for _, c in seen])
    mm_from_px, mask = cv2.findHomography(px, mm, cv2.RANSAC, RANSAC_MM, maxIters=4000)
    if mm_from_px is None:
        return None
    whole = mask.reshape(-1, 4).all(axis=1)
    if len({seen[k][0] for k in np.flatnonzero(whole)}) < MIN_MARKERS:
        return None
    keep = np.repeat(whole, 4)
    px_from_mm, _ = cv2.findHomography(mm[keep], px[keep], 0)
    if px_from_mm is None or np.linalg.det(px_from_mm[:2, :2]) <= 0:
        return None
    fit = np.asarray(px_from_mm, np.float64)
    back = apply(np.asarray(np.linalg.inv(fit)), px[keep])
    residual = float(np.sqrt(np.mean(np.sum((back - mm[keep]) ** 2, axis=1))))
    return fit, int(whole.sum()), residual


def held_out_mm(found: Sequence[tuple[int, Floats]], page: PageLayout) -> float:
    """How far each mark lies from where the others alone say it is: the median, in millimetres.

    Evidence that the fit did not make for itself. 0 where too few marks are left to tell."""
    at = {m.id: np.array(m.box.quad_mm, dtype=np.float64) for m in page.markers}
    seen = [(at[i], c) for i, c in found if i in at]
    off = []
    for k, (mm, px) in enumerate(seen):
        rest = seen[:k] + seen[k + 1 :]
        if len(rest) < MIN_MARKERS:
            return 0.0
        there, _ = cv2.findHomography(
            np.concatenate([c for _, c in rest]), np.concatenate([m for m, _ in rest]), 0
        )
        if there is not None:
            said = apply(np.asarray(there, np.float64), px).mean(axis=0)
            off.append(float(np.linalg.norm(said - mm.mean(axis=0))))
    return float(np.median(off)) if off else 0.0


def strayed_mm(
    found: Sequence[tuple[int, Floats]], page: PageLayout, placement: Placement, farthest_mm: float
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Of each mark of the page: where it is printed, and by how much it lies elsewhere than
    `placement` says, (x, y) in millimetres. Marks beyond `farthest_mm` are not of this sheet."""
    at = {m.id: m.box.centre_mm for m in page.markers}
    mine = [(at[number], corners) for number, corners in found if number in at]
    if not mine:
        return []
    back = np.asarray(np.linalg.inv(placement.px_from_mm), np.float64)
    said = apply(back, to_picture(placement, np.array([mm for mm, _ in mine])))
    off = [apply(back, corners).mean(axis=0) for _, corners in mine] - said
    return [
        (mm, (float(x), float(y)))
        for (mm, _), (x, y) in zip(mine, off, strict=True)
        if np.hypot(x, y) <= farthest_mm
    ]


def apply(homography: Floats, points: Floats) -> Floats:
    """Points (n, 2) through a 3x3 homography."""
    out = np.column_stack([points, np.ones(len(points))]) @ homography.T
    return np.asarray(out[:, :2] / out[:, 2:3])


def flat_placement(px_from_mm: Floats, page: PageLayout, found: int, residual: float) -> Placement:
    rows = int(np.ceil(page.height_mm / GRID_MM)) + 1
    cols = int(np.ceil(page.width_mm / GRID_MM)) + 1
    return Placement(
        px_from_mm=px_from_mm,
        shift_mm=np.zeros((rows, cols, 2), dtype=np.float32),
        grid_mm=GRID_MM,
        markers_found=found,
        residual_mm=residual,
    )


def to_picture(placement: Placement, points_mm: Floats) -> Floats:
    """Printed millimetres (n, 2) to pixels of the original picture."""
    grid = placement.shift_mm
    last = np.array([grid.shape[1] - 1, grid.shape[0] - 1], dtype=np.float64)
    where = np.clip(points_mm / placement.grid_mm, 0.0, last)
    low = np.minimum(where.astype(np.int64), last.astype(np.int64) - 1)
    part = (where - low)[:, :, None]
    (x, y), (fx, fy) = low.T, (part[:, 0], part[:, 1])
    top = grid[y, x] * (1 - fx) + grid[y, x + 1] * fx
    bottom = grid[y + 1, x] * (1 - fx) + grid[y + 1, x + 1] * fx
    shift = top * (1 - fy) + bottom * fy
    return apply(placement.px_from_mm, points_mm + shift)


def px_per_mm(placement: Placement) -> float:
    """Pixels of the picture per printed millimetre, in the middle of the page."""
    h = placement.px_from_mm
    return float(np.sqrt(abs(np.linalg.det(h[:2, :2] / h[2, 2]))))


def lay_flat(picture: Levels, placement: Placement, page: PageLayout, scale: int) -> Grey:
    """The page at `scale` pixels a millimetre, evenly lit: paper is 255 whatever its shade, and
    ink keeps its contrast."""
    whole = Rect(x_mm=0.0, y_mm=0.0, w_mm=page.width_mm, h_mm=page.height_mm)
    return even_light(cut_out(picture, placement, whole, scale), scale)


def cut_out(picture: Levels, placement: Placement, area: Rect, scale: int) -> Grey:
    """A part of the page laid flat at `scale` pixels a millimetre, in the picture's own light."""
    width, height = round(area.w_mm * scale), round(area.h_mm * scale)
    # The coarsest picture that is still as fine as wanted: no stroke is skipped, no work wasted.
    ratio = px_per_mm(placement) / scale
    level = int(np.clip(np.floor(np.log2(max(ratio, 1e-6) * 1.12)), 0, len(picture) - 1))
    source = picture[level]
    shrink = 0.5**level
    paper = _shade_of_paper(source)
    to_level = np.array([[shrink, 0, shrink / 2 - 0.5], [0, shrink, shrink / 2 - 0.5], [0, 0, 1.0]])
    if not placement.shift_mm.any():
        to_px = to_level @ placement.px_from_mm @ _mm_from_flat(area, scale)
        flat = cv2.warpPerspective(
            source,
            to_px,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderValue=(paper,),
        )
        return np.asarray(flat, np.uint8)
    # The map is smooth: computed every two millimetres and stretched, it costs next to nothing.
    # `resize` stretches between the middles of cells, so the nodes lie at those; one more on each
    # side, cut off again, keeps its clamped rim out of the page.
    step = 2 * scale
    x_mm, y_mm = (
        np.asarray(start + (np.arange(-1, -(-side // step) + 1) + 0.5) * (step / scale), np.float64)
        for start, side in ((area.x_mm, width), (area.y_mm, height))
    )
    nodes = _net_in_picture(placement, to_level, x_mm, y_mm).astype(np.float32)
    maps = cv2.resize(nodes, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
    maps = maps[step : step + height, step : step + width]
    flat = cv2.remap(  # type: ignore[call-overload]
        source,
        maps,
        None,  # both coordinates are in the first map
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(paper,),
    )
    return np.asarray(flat, np.uint8)


def _shade_of_paper(grey: Grey) -> int:
    """The shade that four fifths of a picture do not pass."""
    sample = grey[::8, ::8]
    counts = cv2.calcHist([sample], [0], None, [256], [0.0, 256.0])
    return int(np.searchsorted(counts.cumsum(), 0.8 * (sample.size - 1), side="right"))


def _net_in_picture(placement: Placement, to_level: Floats, x_mm: Floats, y_mm: Floats) -> Floats:
    """`to_picture` where columns at `x_mm` cross rows at `y_mm`, and on to a shrunk picture by
    the homography `to_level`: (rows, columns, x and y).

    What lies between the nodes of the placement's grid is the same for a whole row or column.
    """
    rows, cols, _ = placement.shift_mm.shape
    down, across = (
        _between(at / placement.grid_mm, count) for at, count in ((y_mm, rows), (x_mm, cols))
    )
    dx, dy = (down @ placement.shift_mm[..., axis] @ across.T for axis in (0, 1))
    points = np.stack([x_mm + dx, y_mm[:, None] + dy, np.ones_like(dx)], axis=-1)
    there = points @ (to_level @ placement.px_from_mm).T
    return np.asarray(there[..., :2] / there[..., 2:])


def _between(at: Floats, count: int) -> Floats:
    """How much each of `count` nodes, one apart, weighs at each place: straight between two."""
    inside = np.clip(at, 0.0, count - 1)
    return np.asarray(np.maximum(1.0 - np.abs(inside[:, None] - np.arange(count)), 0.0))


def _mm_from_flat(area: Rect, scale: int) -> Floats:
    s = 1.0 / scale
    return np.array([[s, 0, area.x_mm + s / 2], [0, s, area.y_mm + s / 2], [0, 0, 1.0]])


def even_light(flat: Grey, scale: int) -> Grey:
    """Divide by the paper's own brightness, estimated once a millimetre (closing, then blur)."""
    step = 1 / scale
    small = cv2.resize(flat, None, fx=step, fy=step, interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), 4)
    full = cv2.resize(paper, (flat.shape[1], flat.shape[0]), interpolation=cv2.INTER_LINEAR)
    even = cv2.divide(flat, cv2.max(full, np.full_like(full, 40)), scale=255.0)
    return np.asarray(even, np.uint8)
