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

from leaflets.layout import PageLayout
from scan_pipeline.page import PX_PER_MM, Grey, Placement

DETECT_SIDES_PX = (1800, 3600)
MIN_MARKERS = 3
RANSAC_MM = 1.2
GRID_MM = 6.0
SPREAD_MM = 28.0
FOUND = 0.45
Floats = NDArray[np.float64]


def find_markers(grey: Grey) -> list[tuple[int, Floats]]:
    """Fiducials as (id, corners (4, 2) in pixels, top left first as printed)."""
    best: list[tuple[int, Floats]] = []
    for side in DETECT_SIDES_PX:
        scale = min(1.0, side / max(grey.shape))
        small: Grey = grey
        if scale < 1.0:
            smaller = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            small = np.asarray(smaller, np.uint8)
        for picture in (small, np.asarray(cv2.GaussianBlur(small, (0, 0), 1.6), np.uint8)):
            found = _detect(picture, scale)
            if len(found) > len(best):
                best = found
            if len(best) >= 6:
                return best
        if scale == 1.0:
            break
    return best


def _detect(grey: Grey, scale: float) -> list[tuple[int, Floats]]:
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    settings.adaptiveThreshWinSizeMin = 9
    settings.adaptiveThreshWinSizeMax = 45
    settings.adaptiveThreshWinSizeStep = 18
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


def lay_flat(grey: Grey, placement: Placement, page: PageLayout) -> Grey:
    """The page at `PX_PER_MM`, evenly lit: paper 255 whatever its shade, ink keeps its contrast."""
    width, height = round(page.width_mm * PX_PER_MM), round(page.height_mm * PX_PER_MM)
    to_px = placement.px_from_mm @ _mm_from_flat()
    paper = int(np.percentile(grey[::16, ::16], 80))
    if not placement.shift_mm.any():
        even = cv2.warpPerspective(
            _softened(grey, placement),
            to_px,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderValue=(paper,),
        )
        return even_light(np.asarray(even, np.uint8))
    # The map is smooth: computed on every 12th pixel and stretched, it costs a hundredth.
    xs = np.arange(0, width + PX_PER_MM, PX_PER_MM, dtype=np.float64)
    ys = np.arange(0, height + PX_PER_MM, PX_PER_MM, dtype=np.float64)
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    px = to_picture(placement, (grid + 0.5) / PX_PER_MM).reshape(len(ys), len(xs), 2)
    scale = np.array([[1 / PX_PER_MM, 0, 0], [0, 1 / PX_PER_MM, 0]])
    maps = cv2.warpAffine(
        px.astype(np.float32),
        scale,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    flat = cv2.remap(  # type: ignore[call-overload]
        _softened(grey, placement),
        maps,
        None,  # both coordinates are in the first map
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(paper,),
    )
    return even_light(np.asarray(flat, np.uint8))


def _softened(grey: Grey, placement: Placement) -> Grey:
    """A picture finer than the flat page is softened first, so that no stroke is skipped."""
    h = placement.px_from_mm
    px_per_mm = float(np.sqrt(abs(np.linalg.det(h[:2, :2] / h[2, 2]))))
    ratio = px_per_mm / PX_PER_MM
    if ratio < 1.3:
        return grey
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.35 * ratio), np.uint8)


def _mm_from_flat() -> Floats:
    s = 1.0 / PX_PER_MM
    return np.array([[s, 0, s / 2], [0, s, s / 2], [0, 0, 1.0]])


def even_light(flat: Grey) -> Grey:
    """Divide by the paper's own brightness, estimated on a coarse grid (closing, then blur)."""
    small = cv2.resize(flat, None, fx=1 / 12, fy=1 / 12, interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), 4)
    full = cv2.resize(paper, (flat.shape[1], flat.shape[0]), interpolation=cv2.INTER_LINEAR)
    even = cv2.divide(flat, cv2.max(full, np.full_like(full, 40)), scale=255.0)
    return np.asarray(even, np.uint8)
