"""Handwriting lifted off the form: rules removed, ink shared out to its lines, cropped tight.

The recogniser wants crops tight to the ink: ten per cent of white above and below a line raises
its character errors by half.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.layout import FieldLayout
from scan_pipeline.page import PX_PER_MM, Grey

RULE_HALF_MM = 0.32
SPECK_MM2 = 0.07
LINE_INK_MM2 = 0.8
LINE_WIDTH_MM = 1.2
ABOVE_MM = 8.0
BELOW_MM = 3.0
CENTRE_ABOVE_RULE_MM = 2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class InkLine:
    """One line of writing: `grey` cropped tight; `index` is the writing line it stands on.

    (`x_mm`, `y_mm`, `w_mm`, `h_mm`) is where the crop lies on the printed page.
    """

    index: int
    grey: Grey
    x_mm: float
    y_mm: float
    w_mm: float
    h_mm: float


def erase_rules(patch: Grey, rules_px: list[NDArray[np.float64]], threshold: float) -> Grey:
    """The writing area without its printed rules; strokes that cross a rule stay whole.

    `rules_px[i][x]` is the row of rule i in each column. A rule's pixel is kept where ink stands
    both above and below it (a stroke crosses), or where it is much darker than the rule itself.
    """
    out = patch.copy()
    height, width = patch.shape
    columns = np.arange(width)
    half = round(RULE_HALF_MM * PX_PER_MM)
    ink_level = 255.0 * (1.0 - threshold)
    for rule in rules_px:
        centre = np.clip(np.rint(rule).astype(int), half + 3, height - half - 4)
        above = np.minimum(patch[centre - half - 1, columns], patch[centre - half - 2, columns])
        below = np.minimum(patch[centre + half + 1, columns], patch[centre + half + 2, columns])
        crossing = (above < ink_level) & (below < ink_level)
        on_rule = np.stack([patch[centre + k, columns] for k in range(-1, 2)]).min(axis=0)
        darkest = float(np.percentile(on_rule, 40)) - 45.0
        touching = (above < ink_level) | (below < ink_level)
        keep = crossing | (touching & (on_rule < darkest))
        for k in range(-half, half + 1):
            row = centre + k
            out[row[~keep], columns[~keep]] = 255
    return out


def field_lines(
    flat: Grey, field: FieldLayout, rule_shift_mm: NDArray[np.float64], threshold: float
) -> list[InkLine]:
    """The written lines of a text field, top to bottom; nothing for a field left blank.

    `rule_shift_mm`: (lines, columns of the crop) how far each rule lies below its printed place.
    """
    x0, x1 = round(field.box.x_mm * PX_PER_MM), round(field.box.right_mm * PX_PER_MM)
    y0 = round(field.box.y_mm * PX_PER_MM)
    y1 = round((max(field.lines_mm[-1] + BELOW_MM, field.box.bottom_mm)) * PX_PER_MM)
    patch = flat[y0:y1, x0:x1]
    rules = [
        (y + shift[: patch.shape[1]]) * PX_PER_MM - 0.5 - y0
        for y, shift in zip(field.lines_mm, rule_shift_mm, strict=True)
    ]
    bare = erase_rules(patch, rules, threshold)
    mask = (cv2.GaussianBlur(bare, (0, 0), 0.8) < 255.0 * (1.0 - threshold)).astype(np.uint8)
    owner = share_out(mask, [float(np.median(r)) for r in rules])
    lines = []
    for index in range(len(rules)):
        crop = _crop(bare, owner == index + 1)
        if crop is not None:
            grey, left, top = crop
            lines.append(
                InkLine(
                    index=index,
                    grey=grey,
                    x_mm=(x0 + left) / PX_PER_MM,
                    y_mm=(y0 + top) / PX_PER_MM,
                    w_mm=grey.shape[1] / PX_PER_MM,
                    h_mm=grey.shape[0] / PX_PER_MM,
                )
            )
    return lines


def share_out(mask: NDArray[np.uint8], rules_px: list[float]) -> NDArray[np.uint8]:
    """Which line (1, 2, ...) each ink pixel belongs to; 0 for paper and specks.

    A stroke goes whole to the line nearest its middle; one tall enough to join two lines of
    writing is parted half-way between the rules.
    """
    count, pieces, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    middles = np.array(rules_px) - CENTRE_ABOVE_RULE_MM * PX_PER_MM
    pitch = float(np.median(np.diff(rules_px))) if len(rules_px) > 1 else 9.0 * PX_PER_MM
    rows = np.arange(mask.shape[0])
    line_of_row = np.abs(rows[:, None] - middles[None, :]).argmin(axis=1).astype(np.uint8) + 1
    table = np.zeros(count, np.uint8)
    tall = []
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < SPECK_MM2 * PX_PER_MM**2:
            continue
        if stats[label, cv2.CC_STAT_HEIGHT] > 1.25 * pitch and len(rules_px) > 1:
            tall.append(label)
            continue
        table[label] = np.abs(middles - centres[label, 1]).argmin() + 1
    owner = table[pieces]
    for label in tall:
        left, top, width, height = stats[label, :4]
        window = (slice(top, top + height), slice(left, left + width))
        inside = pieces[window] == label
        owner[window][inside] = np.broadcast_to(
            line_of_row[top : top + height, None], inside.shape
        )[inside]
    return np.asarray(owner)


def _crop(bare: Grey, mine: NDArray[np.bool_]) -> tuple[Grey, int, int] | None:
    """One line's own ink on white, cropped tight, with its (left, top); None if next to nothing."""
    if int(mine.sum()) < LINE_INK_MM2 * PX_PER_MM**2:
        return None
    rows = np.flatnonzero(mine.any(axis=1))
    cols = np.flatnonzero(mine.any(axis=0))
    top, bottom = max(0, int(rows[0]) - 1), int(rows[-1]) + 2
    left, right = max(0, int(cols[0]) - 1), int(cols[-1]) + 2
    if right - left < LINE_WIDTH_MM * PX_PER_MM:
        return None
    near = cv2.dilate(mine[top:bottom, left:right].astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.where(near > 0, bare[top:bottom, left:right], 255).astype(np.uint8), left, top
