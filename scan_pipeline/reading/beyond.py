"""Ink where the form has no field for it, and the picture of the ink by which paper is known."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import RegisteredPage

MARGIN_INK_MM2 = 30.0
CREASE_LENGTH_MM = 30.0
CREASE_WIDTH_MM = 2.3
CELL_MM, CELL_INKED = 0.5, 0.24
EDGE_MM = 5.0
LEAST_INK_MM2 = 10.0
CONTAINED = 0.9
CHANGED_MM2 = 3.0
ALIKE = 0.85

Likeness = Literal["same", "changed", "other"]


Inked = NDArray[np.bool_]
"""(height, width) of the page at `COARSE_PX_PER_MM`: is there ink?"""


def _ink_beyond_print(page: RegisteredPage, inked: Inked, cell_mm: float) -> NDArray[np.uint8]:
    """How much ink each cell of the page holds (0 to 255), where the blank form has none nearby."""
    printed = cv2.dilate((page.blank < 230).astype(np.uint8), np.ones((7, 7), np.uint8))
    beyond = (inked & (printed == 0)).astype(np.uint8)
    height, width = (round(v / cell_mm) for v in (page.page.height_mm, page.page.width_mm))
    share = cv2.resize(beyond * 255, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(share, dtype=np.uint8)


def fingerprint(page: RegisteredPage, inked: Inked) -> bytes:
    """One bit a quarter of a square millimetre: is there ink? Without the edges of the paper, folds
    and streaks, which every scan shows differently. The width in cells comes first, in two bytes.
    """
    share = _ink_beyond_print(page, inked, CELL_MM).astype(np.float64) / 255.0
    ink = _without_creases(share, CELL_MM) > CELL_INKED
    edge = round(EDGE_MM / CELL_MM)
    inner = np.zeros_like(ink)
    inner[edge:-edge, edge:-edge] = ink[edge:-edge, edge:-edge]
    return bytes(inner.shape[1].to_bytes(2, "big") + np.packbits(inner).tobytes())


def likeness(a: bytes, b: bytes) -> Likeness:
    """Whether two fingerprints are of one sheet of paper, and whether something was added to it or
    taken away in between. Little ink proves nothing."""
    first, second = _unpacked(a), _unpacked(b)
    least = min(int(first.sum()), int(second.sum()))
    if first.shape != second.shape or least < LEAST_INK_MM2 / CELL_MM**2:
        return "other"
    only_first = int((first & ~_wider(second)).sum())
    only_second = int((second & ~_wider(first)).sum())
    smaller = only_first if int(first.sum()) == least else only_second
    if smaller > (1.0 - CONTAINED) * least:
        return "other"
    return "same" if (only_first + only_second) * CELL_MM**2 <= CHANGED_MM2 else "changed"


class Papers:
    """Which of many fingerprints may be of the same paper as one more, without a look at each.

    Keeps of each only where on the page its ink lies, in squares of a centimetre.
    """

    def __init__(self) -> None:
        self._names: list[str] = []
        self._sketches: list[NDArray[np.float32]] = []

    def add(self, name: str, print_: bytes) -> None:
        self._names.append(name)
        self._sketches.append(_sketch(print_))

    def similar(self, print_: bytes) -> list[str]:
        """Names of those that may be the same paper, most alike first."""
        sketch = _sketch(print_)
        alike = [
            (float(known @ sketch), name)
            for known, name in zip(self._sketches, self._names, strict=True)
            if known.shape == sketch.shape
        ]
        return [name for score, name in sorted(alike, reverse=True) if score >= ALIKE]


def _sketch(print_: bytes) -> NDArray[np.float32]:
    ink = _unpacked(print_).astype(np.float32)
    size = (max(1, round(ink.shape[1] * CELL_MM / 10)), max(1, round(ink.shape[0] * CELL_MM / 10)))
    coarse = np.sqrt(cv2.resize(ink, size, interpolation=cv2.INTER_AREA)).ravel()
    return np.asarray(coarse / max(float(np.linalg.norm(coarse)), 1e-6), np.float32)


def _unpacked(print_: bytes) -> Inked:
    width = int.from_bytes(print_[:2], "big") or 1
    flat = np.unpackbits(np.frombuffer(print_[2:], np.uint8)).astype(bool)
    return flat[: len(flat) // width * width].reshape(-1, width)


def _wider(ink: Inked) -> Inked:
    return cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def _without_creases(share: NDArray[np.float64], cell_mm: float = 1.0) -> NDArray[np.float64]:
    """Without what is long and as thin as a line: the shadow of a fold, a streak of the feeder."""
    mask = (share > 0.08).astype(np.uint8)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    length = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    thin = stats[:, cv2.CC_STAT_AREA] * cell_mm < CREASE_WIDTH_MM * length
    crease = thin & (length * cell_mm >= CREASE_LENGTH_MM) & (np.arange(count) > 0)
    return np.where(crease[pieces], 0.0, share)


def notices(page: RegisteredPage, inked: Inked) -> tuple[str, ...]:
    """Writing where no field is: in the margins, between the fields, on the outside."""
    share = _ink_beyond_print(page, inked, 1.0).astype(np.float64) / 255.0
    for field in page.page.fields:
        area = field.box.grown(4.0 if field.kind == "text" else 6.0)
        share[
            max(0, int(area.y_mm)) : int(area.bottom_mm) + 1,
            max(0, int(area.x_mm)) : int(area.right_mm) + 1,
        ] = 0.0
    edge = 4  # shadows of the scanner lid and torn edges are not writing
    inner = _without_creases(share)[edge:-edge, edge:-edge]
    if float(inner.sum()) < MARGIN_INK_MM2:
        return ()
    where = "outside the writing areas" if page.page.fields else "on the outside of the leaflet"
    return (f"There is writing {where}: please look at the picture.",)
