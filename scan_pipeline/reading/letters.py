"""Letters that touch a mark in a tick box, or stand close to it: a "no" takes a tick back.

The tail of a tick, the arms of a cross and a blot are narrow, or as thick as the pen; letters leave
paper between their lines.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.page import Grey
from scan_pipeline.reading import unprinted
from scan_pipeline.reading.marks import BoxMarks
from scan_pipeline.reading.measures import (
    INSET_MM,
    Window,
    grown,
    inside,
    window_of,
)
from scan_pipeline.reading.pens import Bits
from scan_pipeline.reading.shapes import depths
from scan_pipeline.reading.strokes import Ink

AROUND_MM, OUTLINE_MM = 6.0, 0.9
CUT = np.ones((5, 5), np.uint8)  # the form's own lines cut letters in pieces
PIECE_PX = 12
BARE_PX, BARE_IF_CONSENT_PX, BROAD = 5.0, 4.0, 0.2
"""By how many pixels of `Ink` a piece is broader than its pen, and its breadth by its length."""


def written_on(drawn: BoxMarks, blank: Grey, writing: Iterable[Rect]) -> set[str]:
    """The ticked boxes that have letters on their mark or close to it. `blank`: the printed form;
    `writing`: where people write."""
    ink, held = drawn.ink, drawn.held
    boxed = np.zeros(ink.label.shape, np.bool_)
    for box in drawn.boxes.values():
        boxed[grown(inside(box), INSET_MM + OUTLINE_MM)] = True
    words = [window_of(box) for box in writing]
    homes = np.sum(list(held.own.values()), axis=0) if held.own else 0
    found = set()
    for name in drawn.ticked:
        around = grown(inside(drawn.boxes[name]), AROUND_MM)
        alone = held.own[name] & (homes == 1)  # not joined to the mark in another box
        near = alone | _close_by(ink, blank, around, held.loose, words)
        here = (near[ink.label[around]] & ~boxed[around]).astype(np.uint8)
        if _has_letters(here, BARE_IF_CONSENT_PX if name in drawn.consents else BARE_PX):
            found.add(name)
    return found


def _close_by(
    ink: Ink, blank: Grey, around: Window, loose: NDArray[np.bool_], words: Iterable[Window]
) -> NDArray[np.bool_]:
    """Which strokes may be letters: they are of no mark, reach into this window, and into no place
    where people write."""
    there = np.zeros(len(loose), np.bool_)
    there[ink.label[around]] = True
    there &= loose & unprinted.is_dark(ink)
    if not there.any():
        return there
    there &= ~unprinted.is_print_moved(blank, ink, around)
    at = there[ink.of]
    ys, xs = np.divmod(ink.at[at], ink.label.shape[1])
    for rows, columns in words:
        meant = (rows.start <= ys) & (ys < rows.stop) & (columns.start <= xs) & (xs < columns.stop)
        there[ink.of[at][meant]] = False
    return there


def _has_letters(drawn: Bits, bare_px: float) -> bool:
    """Whether a piece of ink is broader than the pen that drew it, but not as one that is long and
    bent."""
    if int(np.count_nonzero(drawn)) < PIECE_PX:
        return False
    deep = depths(drawn)
    joined = cv2.morphologyEx(drawn, cv2.MORPH_CLOSE, CUT)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    for k in np.flatnonzero(stats[1:count, cv2.CC_STAT_AREA] >= PIECE_PX) + 1:
        left, top, wide, high = stats[k, : cv2.CC_STAT_AREA].tolist()
        part = (slice(top, top + high), slice(left, left + wide))
        piece = pieces[part] == k
        _, sides, _ = cv2.minAreaRect(np.flip(np.argwhere(piece), axis=1).astype(np.int32))
        pen_px = 2.0 * float(deep[part][piece].max()) - 1.0
        if min(sides) - pen_px >= bare_px and min(sides) >= BROAD * max(sides):
            return True
    return False
