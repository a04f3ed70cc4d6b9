"""Comb fields: each character lifted out of its own printed cell, and a verdict on the whole.

The cells are known places: nothing has to be segmented by guessing. What is read in them is
checked against what the field may hold, and every doubt is a flag: to look at a number again costs
a minute, to ring a wrong one may tell a stranger that somebody uses this service.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import phonenumbers
from numpy.typing import NDArray

from leaflets.geometry import Rect, hull
from leaflets.layout import FieldLayout
from scan_pipeline.page import PX_PER_MM, Anchor, Grey
from scan_pipeline.story import CharacterReading, CombValue, QuadPx

OUTLINE_HALF_MM = 0.3
AROUND_MM = 2.0
REACH_MM = (1.0, 1.6)
"""How far the middle of a stroke may lie outside the cell (across, down) and still belong to it."""
SPECK_MM2 = 0.06
WRITTEN_MM2, WRITTEN_MM = 0.45, 1.3
"""Less ink, and lower, than this is no character but a speck or a slip of the pen."""
STRAY_MM2 = 0.8
PROVEN_FROM, WORST_MM = 0.6, 1.5
WIDE_MM = 2.4
"""A stroke this much wider than its cell has run into the next one."""

LETTERS = tuple(c + c.lower() for c in string.ascii_uppercase)
ALLOWED: dict[str, tuple[str, ...]] = {
    "digits": tuple(string.digits),
    "phone": tuple(string.digits),
    "letters": (*LETTERS, "-", "'"),
    "postcode": (*string.digits, *LETTERS),
}
"""What a field may hold: each entry is one character in all its forms, the kept form first."""

SURE_FROM = 0.95
ALIKE_FROM = dict.fromkeys("17CKT", 0.995)
"""What other characters are taken for: a 1 with a flag and a 7 without a bar can be one drawing,
an O that is not closed is a C, and so on. These need more than the others."""

REGION = "GB"
DRAMA = re.compile(
    r"07700900\d{3}|01632960\d{3}|02079460\d{3}|01(?:1[3-8]|[2-6]1)4960\d{3}|0191498\d{4}"
)
"""Numbers that Ofcom keeps for drama: no directory knows them, examples and tests use no others."""
POSTCODE = ("LDDLL", "LDDDLL", "LLDDLL", "LDLDLL", "LLDDDLL", "LLDLDLL")
"""Letters and digits of a British postcode, without its space."""

Floats = NDArray[np.float64]
Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in one cell: `glyph` cropped tight, (height, width) uint8, 0 ink, 255 paper;
    None for an empty cell. `rise_mm`: the glyph's top below the cell's. `doubt`: there is ink that
    is no whole character, or ran over from next door.
    """

    box: Rect
    glyph: Grey | None
    rise_mm: float = 0.0
    doubt: bool = False


def cells(
    flat: Grey, field: FieldLayout, anchors: Sequence[Anchor], threshold: float
) -> tuple[Cell, ...]:
    """The cells of `field` on a flat page, left to right, their printed outlines taken away.

    `anchors`: where each printed cell was found (named "field/0", "field/1", …).
    """
    boxes = _where(field, anchors)
    area = hull(boxes).grown(AROUND_MM)
    x0, y0 = max(0, round(area.x_mm * PX_PER_MM)), max(0, round(area.y_mm * PX_PER_MM))
    patch = flat[y0 : round(area.bottom_mm * PX_PER_MM), x0 : round(area.right_mm * PX_PER_MM)]
    level = 255.0 * (1.0 - threshold)
    local = [
        Rect(
            x_mm=b.x_mm * PX_PER_MM - x0,
            y_mm=b.y_mm * PX_PER_MM - y0,
            w_mm=b.w_mm * PX_PER_MM,
            h_mm=b.h_mm * PX_PER_MM,
        )
        for b in boxes
    ]
    bare = without_outlines(patch, local, level)
    mask = (cv2.GaussianBlur(bare, (0, 0), 0.8) < level).astype(np.uint8)
    owner, doubts = _shared_out(mask, local)
    return tuple(
        _cell(bare, owner == k + 1, box, local[k].y_mm, doubts[k]) for k, box in enumerate(boxes)
    )


def _where(field: FieldLayout, anchors: Sequence[Anchor]) -> list[Rect]:
    """The cells where they were found; one that was not found goes with the others."""
    seen = {a.name: a for a in anchors if a.found and a.name.startswith(field.name + "/")}
    dx = float(np.median([a.dx_mm for a in seen.values()])) if seen else 0.0
    dy = float(np.median([a.dy_mm for a in seen.values()])) if seen else 0.0
    out = []
    for k, cell in enumerate(field.cells):
        found = seen.get(f"{field.name}/{k}")
        x = cell.x_mm + (found.dx_mm if found else dx)
        y = cell.y_mm + (found.dy_mm if found else dy)
        out.append(Rect(x_mm=x, y_mm=y, w_mm=cell.w_mm, h_mm=cell.h_mm))
    return out


def without_outlines(patch: Grey, boxes_px: Sequence[Rect], level: float) -> Grey:
    """The patch without the printed outlines; where a stroke crosses one it stays whole.

    `boxes_px`: the cells in pixels of the patch. `level`: darker than this is ink.
    """
    out = patch.copy()
    turned = out.T
    for box in boxes_px:
        for x in (box.x_mm, box.right_mm):
            _erase(out, patch, x, box.y_mm, box.bottom_mm, level)
        for y in (box.y_mm, box.bottom_mm):
            _erase(turned, patch.T, y, box.x_mm, box.right_mm, level)
    return out


def _erase(
    out: NDArray[np.uint8],
    patch: NDArray[np.uint8],
    at: float,
    start: float,
    end: float,
    level: float,
) -> None:
    """Clear an upright line at column `at` from row `start` to `end`, crossings excepted."""
    half = round(OUTLINE_HALF_MM * PX_PER_MM)
    centre = round(at - 0.5)
    rows = slice(max(0, round(start) - half), min(out.shape[0], round(end) + half))
    if centre - half - 2 < 0 or centre + half + 3 > out.shape[1]:
        return
    before = patch[rows, centre - half - 2 : centre - half].min(axis=1)
    after = patch[rows, centre + half + 1 : centre + half + 3].min(axis=1)
    crossing = ((before < level) & (after < level)).astype(np.uint8).reshape(-1, 1)
    crossing = cv2.dilate(crossing, np.ones((3, 1), np.uint8)).astype(bool)
    band = out[rows, centre - half : centre + half + 1]
    band[~crossing.ravel()] = 255


def _shared_out(mask: Mask, boxes_px: Sequence[Rect]) -> tuple[Mask, list[bool]]:
    """Which cell (1, 2, …) each ink pixel belongs to, and for each cell whether there is doubt."""
    count, pieces, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    table = np.zeros(count, np.uint8)
    doubts = [False] * len(boxes_px)
    across, down = (reach * PX_PER_MM for reach in REACH_MM)
    middles = np.array([b.centre_mm[0] for b in boxes_px])
    for label in range(1, count):
        area = stats[label, cv2.CC_STAT_AREA] / PX_PER_MM**2
        if area < SPECK_MM2:
            continue
        x, y = centres[label]
        k = int(np.abs(middles - x).argmin())
        box = boxes_px[k]
        inside = (
            box.x_mm - across < x < box.right_mm + across
            and box.y_mm - down < y < box.bottom_mm + down
        )
        if inside:
            table[label] = k + 1
        wide = stats[label, cv2.CC_STAT_WIDTH] > box.w_mm + WIDE_MM * PX_PER_MM
        if wide or (not inside and area > STRAY_MM2):
            last = min(len(doubts), k + 2) if wide else k + 1
            for near in range(max(0, k - 1) if wide else k, last):
                doubts[near] = True
    return np.asarray(table[pieces], np.uint8), doubts


def _cell(bare: Grey, mine: NDArray[np.bool_], box: Rect, top_px: float, doubt: bool) -> Cell:
    rows, cols = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
    if not len(rows):
        return Cell(box=box, glyph=None, doubt=doubt)
    tall = max(len(rows), len(cols)) / PX_PER_MM
    if mine.sum() < WRITTEN_MM2 * PX_PER_MM**2 or tall < WRITTEN_MM:
        return Cell(box=box, glyph=None, doubt=True)
    top, left = max(0, int(rows[0]) - 1), max(0, int(cols[0]) - 1)
    window = (slice(top, int(rows[-1]) + 2), slice(left, int(cols[-1]) + 2))
    near = cv2.dilate(mine[window].astype(np.uint8), np.ones((5, 5), np.uint8))
    glyph = np.where(near > 0, bare[window], 255).astype(np.uint8)
    return Cell(box=box, glyph=glyph, rise_mm=(top - top_px) / PX_PER_MM, doubt=doubt)


def is_proven(field: FieldLayout, anchors: Sequence[Anchor]) -> bool:
    """Whether enough of the printed cells lie where they should be to trust what stands in them."""
    seen = [a for a in anchors if a.name.startswith(field.name + "/")]
    there = [a.found and float(np.hypot(a.dx_mm, a.dy_mm)) < WORST_MM for a in seen]
    return bool(seen) and float(np.mean(there)) >= PROVEN_FROM


def glyphs(found: Sequence[Cell]) -> tuple[list[Grey], list[int]]:
    """The written cells' glyphs, and how many pixels each begins below the top of its cell."""
    written = [c for c in found if c.glyph is not None]
    rises = [round(c.rise_mm * PX_PER_MM) for c in written]
    return [c.glyph for c in written if c.glyph is not None], rises


def judge(
    field: FieldLayout, found: Sequence[Cell], chances: Floats | None, quad: QuadPx
) -> CombValue:
    """What the comb says. `chances`: (written cells, views, `ALLOWED[field.allows]`), each view an
    independent look at the same ink; None when nobody has read it.

    A character is as sure as the view that believes in it least.
    """
    marked = [k for k, cell in enumerate(found) if cell.glyph is not None or cell.doubt]
    if not marked:
        return CombValue(value=None, confidence=1.0, review=False, characters=(), quad_px=quad)
    read = iter(() if chances is None else _read(field, chances))
    characters = []
    for cell in found[marked[0] : marked[-1] + 1]:
        if cell.glyph is None and not cell.doubt:
            # A space in a name, or a stroke so faint that the scanner lost it: nobody can tell.
            characters.append(CharacterReading(text=" ", confidence=0.5, review=True))
        elif cell.glyph is None or chances is None:
            characters.append(CharacterReading(text="", confidence=0.0, review=True))
        else:
            one = next(read)
            characters.append(replace(one, review=one.review or cell.doubt))
    text = "".join(c.text for c in characters)
    value = " ".join(text.split()) if field.allows == "letters" else text.replace(" ", "")
    return CombValue(
        value=value or None,
        confidence=min(c.confidence for c in characters),
        review=any(c.review for c in characters) or not fits(field.allows, value),
        characters=tuple(characters),
        quad_px=quad,
    )


def _read(field: FieldLayout, chances: Floats) -> list[CharacterReading]:
    together = np.log(chances.mean(axis=1) + 1e-9)
    chosen = together.argmax(axis=1)
    if field.allows == "postcode":
        chosen = _as_postcode(together)
    out = []
    for k, kind in enumerate(chosen):
        text = ALLOWED[field.allows][int(kind)][0]
        sure = float(chances[k, :, kind].min())
        enough = ALIKE_FROM.get(text, SURE_FROM)
        out.append(
            CharacterReading(text=text, confidence=round(sure, 4), review=bool(sure < enough))
        )
    return out


def _as_postcode(together: Floats) -> NDArray[np.int64]:
    """The likeliest characters that make a postcode: 0 and O, 1 and I are told apart by place."""
    digit = np.arange(together.shape[1]) < len(string.digits)
    best, score = together.argmax(axis=1), -np.inf
    for shape in POSTCODE:
        if len(shape) == len(together):
            wanted = np.array([digit if kind == "D" else ~digit for kind in shape])
            held = np.where(wanted, together, -np.inf)
            if float(held.max(axis=1).sum()) > score:
                best, score = held.argmax(axis=1), float(held.max(axis=1).sum())
    return np.asarray(best, np.int64)


def fits(allows: str, text: str) -> bool:
    """Whether the text can be what the field asks for, as a whole."""
    if allows == "phone":
        return _is_phone(text)
    if allows == "postcode":
        shape = "".join("D" if c.isdigit() else "L" for c in text)
        return shape in POSTCODE
    return bool(text)


def _is_phone(text: str) -> bool:
    """A number that can be rung in full, from anywhere in the country."""
    if DRAMA.fullmatch(text):
        return True
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return False
    # Without its 0 a number may still be parsed, but nobody can say that no digit is missing.
    return text.startswith("0") and phonenumbers.is_valid_number(number)
