"""Pictures of the writing, cut from the kept original. They never leave the desk."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.errors import LeafletsError, StorageFailure
from scan_pipeline.desk.printed import Reach
from scan_pipeline.page import Grey, PageSource, Unplaced
from scan_pipeline.reading import intake
from scan_pipeline.store import Repository
from scan_pipeline.story import ChoiceValue, FieldValue, PageReading, QuadPx

WIDEST_PX = 1500
PAGE_SIDE_PX = 2200
LINE_RIM = 0.2
JPEG = [cv2.IMWRITE_JPEG_QUALITY, 88]


@lru_cache(maxsize=4)
def _original(path: Path) -> Grey:
    page = intake.load_page(PageSource(path=str(path), page=1, kind="image"))
    if isinstance(page, Unplaced):
        raise StorageFailure("The picture of this leaflet cannot be opened any more.")
    return page.grey


def can_be_shown(repo: Repository, sha256: str) -> bool:
    """Whether the kept original is there, and opens."""
    try:
        _original(repo.original_path(sha256))
    except LeafletsError:
        return False
    return True


def field_picture(path: Path, value: FieldValue, around: Reach | None = None) -> bytes:
    """JPEG of one field, straightened; with a margin, since people write over the edge, and for
    boxes with the words that are printed beside them, as far as `around` says."""
    corners = np.array(value.quad_px, dtype=np.float64)
    width = float(np.linalg.norm(corners[1] - corners[0]))
    height = float(np.linalg.norm(corners[3] - corners[0]))
    if not isinstance(value, ChoiceValue):
        margins = (0.02 * width, 0.02 * width, 0.03 * width, 0.02 * width)
    else:
        boxes = [np.array(mark.quad_px, dtype=np.float64) for mark in value.marks]
        side = max((float(np.linalg.norm(box[1] - box[0])) for box in boxes), default=height)
        beside = max(0.45 * width, (16.0 if width < 1.5 * height else 10.0) * side)
        margins = (30.0, 0.4 * min(width, 80.0), 30.0, beside)
    quad = value.quad_px
    if around is not None:
        top, left, bottom, right = (reach * width for reach in around)
        margins = (top, left, bottom, right)
        # From a small box to far beyond it: lines stay parallel, and nothing is blown up.
        quad = (*quad[:2], tuple(corners[1] + corners[3] - corners[0]), quad[3])
    return _jpeg(_straightened(_original(path), quad, width, height, margins))


def line_picture(path: Path, quad: QuadPx) -> bytes:
    """JPEG of one written line, straightened, with a rim."""
    corners = np.array(quad, dtype=np.float64)
    width = float(np.linalg.norm(corners[1] - corners[0]))
    height = float(np.linalg.norm(corners[3] - corners[0]))
    margins = (LINE_RIM * height,) * 4
    return _jpeg(_straightened(_original(path), quad, width, height, margins))


def _straightened(
    grey: Grey,
    quad: QuadPx,
    width: float,
    height: float,
    margins: tuple[float, float, float, float],
) -> Grey:
    """`margins`: top, left, bottom, right, in pixels of the original."""
    top, left, bottom, right = margins
    out_w, out_h = left + width + right, top + height + bottom
    scale = min(1.0, WIDEST_PX / max(out_w, 1.0))
    target = np.array(
        [[left, top], [left + width, top], [left + width, top + height], [left, top + height]]
    )
    matrix = cv2.getPerspectiveTransform(
        np.array(quad, dtype=np.float32), (target * scale).astype(np.float32)
    )
    size = (max(1, round(out_w * scale)), max(1, round(out_h * scale)))
    cut = cv2.warpPerspective(grey, matrix, size, flags=cv2.INTER_AREA, borderValue=(235,))
    there = cv2.warpPerspective(np.full_like(grey, 1), matrix, size, flags=cv2.INTER_NEAREST)
    columns = np.flatnonzero(there.any(axis=0))  # a margin may reach beyond the paper
    last = int(columns[-1]) + 1 if columns.size else size[0]
    return np.ascontiguousarray(cut[:, :last], np.uint8)


def forget() -> None:
    """Keep no picture in memory: one of them was deleted."""
    _original.cache_clear()


def whole_page(path: Path, reading: PageReading) -> bytes:
    """JPEG of the whole page, turned so that it can be read."""
    return turned_page(path, _quarter_turns(reading))


def turned_page(path: Path, turns: int) -> bytes:
    """JPEG of a whole page after `turns` quarter turns to the left."""
    grey = _original(path)
    upright = np.ascontiguousarray(np.rot90(grey, turns))
    scale = min(1.0, PAGE_SIDE_PX / max(upright.shape))
    small = cv2.resize(upright, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return _jpeg(np.asarray(small, np.uint8))


def _quarter_turns(reading: PageReading) -> int:
    quad = next((v.quad_px for v in reading.fields.values() if v.quad_px), None)
    if quad is None:
        return 0
    (x0, y0), (x1, y1) = quad[0], quad[1]
    return round(float(np.degrees(np.arctan2(y1 - y0, x1 - x0))) / 90.0) % 4


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    done, data = cv2.imencode(".jpg", picture, JPEG)
    if not done:
        raise StorageFailure("The picture of this leaflet cannot be shown.")
    return bytes(data.tobytes())
