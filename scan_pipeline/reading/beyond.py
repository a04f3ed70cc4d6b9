"""Ink where the form has no field for it, and the picture of the ink by which paper is known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import RegisteredPage

MARGIN_INK_MM2 = 30.0
CREASE_LENGTH_MM = 30.0
CREASE_WIDTH_MM = 2.3
FINGERPRINT_MM = 1.0


Inked = NDArray[np.bool_]
"""(height, width) of the page at `COARSE_PX_PER_MM`: is there ink?"""


def _ink_beyond_print(page: RegisteredPage, inked: Inked) -> NDArray[np.uint8]:
    """Ink on a coarse grid (one cell a millimetre), where the blank form has none nearby."""
    printed = cv2.dilate((page.blank < 230).astype(np.uint8), np.ones((7, 7), np.uint8))
    beyond = (inked & (printed == 0)).astype(np.uint8)
    height, width = (round(v / FINGERPRINT_MM) for v in (page.page.height_mm, page.page.width_mm))
    share = cv2.resize(beyond * 255, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(share, dtype=np.uint8)


def fingerprint(page: RegisteredPage, inked: Inked) -> bytes:
    """One bit a square millimetre: is there ink? The same paper scanned again gives nearly the
    same bits, a photocopied blank with other writing does not."""
    return np.packbits(_ink_beyond_print(page, inked) > 40).tobytes()


def same_paper(a: bytes, b: bytes) -> bool:
    """Whether two fingerprints are of one sheet of paper. Little ink proves nothing."""
    first = np.unpackbits(np.frombuffer(a, np.uint8)).astype(bool)
    second = np.unpackbits(np.frombuffer(b, np.uint8)).astype(bool)
    if first.size != second.size or min(int(first.sum()), int(second.sum())) < 150:
        return False
    union = int((first | second).sum())
    return int((first & second).sum()) >= 0.72 * union


def _without_creases(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without what is long and as thin as a line: the shadow of a fold, a streak of the feeder."""
    mask = (share > 0.08).astype(np.uint8)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    length = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    thin = stats[:, cv2.CC_STAT_AREA] < CREASE_WIDTH_MM * length
    crease = thin & (length >= CREASE_LENGTH_MM) & (np.arange(count) > 0)
    return np.where(crease[pieces], 0.0, share)


def notices(page: RegisteredPage, inked: Inked) -> tuple[str, ...]:
    """Writing where no field is: in the margins, between the fields, on the outside."""
    share = _ink_beyond_print(page, inked).astype(np.float64) / 255.0
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
