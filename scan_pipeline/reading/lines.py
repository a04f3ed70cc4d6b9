"""The strokes of one text field -> its lines in the order of reading, and what in it is no text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scan_pipeline.reading import crops, ink, insertions, rows, unsaid

SQUEEZED_MM = 6.3
STRUCK_END_PX = 4
SCRAP_OF_LINE = 0.2
PIECE_MM = 6.0
BESIDE_MM = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInk:
    """The handwriting of one text field: its lines, top to bottom, and what is no text.

    `struck_out`, `drawings`: their corners on the printed page; `squeezed`: words stand above the
    others, as those do that were put in afterwards; `crossed`: a long line or an "X" runs through.
    `lost`: there may be writing that made no line, too faint or too small.
    """

    lines: tuple[crops.InkLine, ...] = ()
    struck_out: tuple[crops.QuadMm, ...] = ()
    drawings: tuple[crops.QuadMm, ...] = ()
    squeezed: bool = False
    crossed: bool = False
    lost: bool = False


class _Row(NamedTuple):
    """The ink of one line, (height, columns), that of it which is as thin as the pen, the place of
    its left top corner, and the pen's usual width in pixels."""

    mask: NDArray[np.bool_]
    core: NDArray[np.bool_]
    at: tuple[int, int]
    pen: float

    @classmethod
    def of(cls, strokes: ink.Ink, ys: NDArray[np.int64], xs: NDArray[np.int64]) -> _Row:
        top, left = int(ys.min()), int(xs.min())
        row = np.zeros((int(ys.max()) + 1 - top, int(xs.max()) + 1 - left), bool)
        row[ys - top, xs - left] = True
        small = strokes.small[top : top + row.shape[0], left : left + row.shape[1]]
        core = unsaid.core(small, row)
        return cls(row, core, (left, top), unsaid.pen_px(core.astype(np.uint8)))


class _Part(NamedTuple):
    """A line, or as much of it as stands before, between or after words put in: its ink, where it
    runs (`middle` from column `left` on), and the columns in which it may have swallowed others, or
    be crossed out."""

    row: _Row
    left: int
    middle: NDArray[np.float64]
    doubtful: tuple[slice, ...] = ()


def field_ink(strokes: ink.Ink, mine: NDArray[np.bool_]) -> FieldInk:
    """The lines that these strokes make, and what else they are."""
    if not mine.any():
        return FieldInk()
    scale = ink.INK_PX_PER_MM
    crossed = unsaid.crossings(strokes.label, strokes.boxes, mine, scale)
    drawn = mine & unsaid.drawings(strokes.boxes, strokes.area, scale)
    drawings = tuple(crops.corners_mm(strokes.boxes[k]) for k in np.flatnonzero(drawn))
    told = mine & ~drawn & ~unsaid.underlines(strokes.boxes, scale)
    carets = insertions.find(strokes.boxes, strokes.label, told, scale)
    added = carets.with_words
    beneath = np.zeros(len(told), np.int64)
    for one in added:
        told[one.caret] = False
        beneath = np.maximum(beneath, one.until)
    told &= beneath < strokes.boxes[:, 1] + strokes.boxes[:, 3]
    boxes = strokes.boxes[told]
    if not len(boxes):
        return FieldInk(drawings=drawings, crossed=bool(crossed), lost=bool(added))
    left, top = (int(v) for v in boxes[:, :2].min(axis=0))
    right = int((boxes[:, 0] + boxes[:, 2]).max())
    here = told[strokes.pixels[2]] & (strokes.pixels[0] >= beneath[strokes.pixels[2]])
    ys, xs, of = strokes.pixels[0][here], strokes.pixels[1][here], strokes.pixels[2][here]
    local = strokes.boxes - np.array([left, top, 0, 0], np.int32)
    found = rows.find_rows((ys - top, xs - left, of), local, right - left, float(scale))
    parts = _in_order(strokes, (ys, xs, of), found, (left, top), carets)
    full = max((int(part.row.mask.sum()) for part in parts), default=0)
    lines, struck = [], []
    for k, part in enumerate(parts):
        part = part._replace(doubtful=(*part.doubtful, *_crossed(part.row, crossed)))
        pen = _usual_pen([p.row for j, p in enumerate(parts) if j != k], full)
        line, gone = _line(strokes, part, pen)
        struck += gone
        if line is not None:
            lines.append(line)
    adrift = np.unique(of[found.owner == 0])
    squeezed = rows.is_squeezed(found, xs - left, SQUEEZED_MM * scale)
    return FieldInk(
        lines=tuple(lines),
        struck_out=tuple(struck),
        drawings=drawings,
        lost=bool(ink.strokes(strokes.boxes[adrift], strokes.area[adrift]).any()),
        squeezed=squeezed or bool(added),
        crossed=bool(crossed),
    )


def _in_order(
    strokes: ink.Ink,
    pixels: ink.Pixels,
    found: rows.Rows,
    corner: tuple[int, int],
    carets: insertions.Carets,
) -> list[_Part]:
    """The rows top to bottom, each parted at the carets in it, with the words put in between.

    `pixels`: row, column and stroke of the ink of `found`, whose left top corner is `corner`.
    """
    if not len(found.middle):
        return [_put_in(strokes, one) for one in carets.with_words]
    ys, xs, of = pixels
    left, top = corner
    x_of = strokes.boxes[:, 0] + strokes.boxes[:, 2] / 2
    parts = []
    into = [_row_at(found.middle, one.at, corner) for one in carets.with_words]
    beside = _beside(carets.without, [_row_at(found.middle, at, corner) for at in carets.without])
    for r, middle in enumerate(found.middle):
        mine = found.owner == r + 1
        here_in = [one for one, row in zip(carets.with_words, into, strict=True) if row == r]
        inside = _parting(here_in, xs[mine])
        # What would leave too little of the line to be read stands before it: a person places it.
        parts += [
            _put_in(strokes, one) for one in here_in if not any(one is kept for kept in inside)
        ]
        before = np.searchsorted([one.at[0] for one in inside], x_of[of])
        for k in range(len(inside) + 1):
            here = mine & (before == k)
            if here.any():
                row = _Row.of(strokes, ys[here], xs[here])
                boxes = strokes.boxes[np.unique(of[here])] - np.array([left, top, 0, 0], np.int32)
                off = insertions.off_the_line(boxes, middle, ink.INK_PX_PER_MM)
                swallowed = tuple(slice(s.start + left, s.stop + left) for s in off)
                parts.append(_Part(row, left, middle, (*swallowed, *beside.get(r, ()))))
            if k < len(inside):
                parts.append(_put_in(strokes, inside[k]))
    return parts


def _beside(
    carets: Sequence[tuple[float, float]], rows_: Sequence[int]
) -> dict[int, tuple[slice, ...]]:
    """The columns of the words on both sides of such carets, by row: what was put in there is
    missing, or stands elsewhere."""
    reach = BESIDE_MM * ink.INK_PX_PER_MM
    return {
        r: tuple(
            slice(max(0, int(x - reach)), int(x + reach))
            for (x, _), row in zip(carets, rows_, strict=True)
            if row == r
        )
        for r in set(rows_)
    }


def _parting(
    carets: Sequence[insertions.Insertion], xs: NDArray[np.int64]
) -> list[insertions.Insertion]:
    """The carets that part a line into pieces long enough to be read, or stand at an end of it.

    `xs`: the column of each pixel of the line.
    """
    kept: list[insertions.Insertion] = []
    least = PIECE_MM * ink.INK_PX_PER_MM
    for one in carets:
        before = xs[(xs < one.at[0]) & (xs >= (kept[-1].at[0] if kept else 0))]
        after = xs[xs >= one.at[0]]
        if all(not len(piece) or np.ptp(piece) >= least for piece in (before, after)):
            kept.append(one)
    return kept


def _crossed(row: _Row, crossings: Sequence[NDArray[np.int32]]) -> list[slice]:
    """The columns of a line of writing in which long lines run through it."""
    left, top = row.at
    bottom, right = top + row.mask.shape[0], left + row.mask.shape[1]
    found = []
    for x0, y0, x1, y1 in crossings:
        share = np.clip((np.array([top, bottom]) - y0) / (y1 - y0), 0.0, 1.0)
        start, end = np.sort(x0 + share * (x1 - x0))
        if min(y0, y1) < bottom and max(y0, y1) > top and start < right and end > left:
            found.append(slice(max(left, int(start)), min(right, int(end) + 1)))
    return found


def _row_at(middle: NDArray[np.float64], at: tuple[float, float], corner: tuple[int, int]) -> int:
    """Which row is nearest to a place."""
    x = min(max(0, int(at[0]) - corner[0]), middle.shape[1] - 1)
    return int(np.abs(middle[:, x] - (at[1] - corner[1])).argmin())


def _put_in(strokes: ink.Ink, one: insertions.Insertion) -> _Part:
    """The words above a caret as a line of their own, taken to be level. All of it is in doubt:
    such words are small and close to others, and parts of them get lost."""
    here = strokes.pixels[0] < one.until[strokes.pixels[2]]
    ys, xs = strokes.pixels[0][here], strokes.pixels[1][here]
    level = np.full(int(np.ptp(xs)) + 1, float(np.median(ys)))
    whole = slice(int(xs.min()), int(xs.max()) + 1)
    return _Part(_Row.of(strokes, ys, xs), whole.start, level, (whole,))


def _usual_pen(found: Sequence[_Row], full: int) -> float | None:
    """The width of the pen on these lines, in pixels, if they are no scraps beside a line
    of `full` pixels."""
    pens = sorted(
        row.pen
        for row in found
        if np.isfinite(row.pen) and int(row.mask.sum()) >= SCRAP_OF_LINE * full
    )
    return pens[len(pens) // 2] if pens else None


def _line(
    strokes: ink.Ink, part: _Part, pen: float | None
) -> tuple[crops.InkLine | None, list[crops.QuadMm]]:
    """One line of writing cut out, without what is struck out in it; and where that is.

    `pen`: how wide the pen is on the other lines.
    """
    row, core, (left, top), _ = part.row
    struck = []
    seen = unsaid.struck_out(core, float(ink.INK_PX_PER_MM), pen)
    for columns in seen.out:
        inked = np.flatnonzero(row[:, columns].any(axis=1))
        x, y = left + columns.start, top + int(inked[0])
        size = (columns.stop - columns.start, int(np.ptp(inked)) + 1)
        struck.append(crops.corners_mm(np.array([x, y, *size])))
        row[:, max(0, columns.start - STRUCK_END_PX) : columns.stop + STRUCK_END_PX] = False
    line = crops.cut_out(strokes.bare, row, (left, top), part.middle[left - part.left :])
    perhaps = [*seen.perhaps, *(slice(s.start - left, s.stop - left) for s in part.doubtful)]
    return None if line is None else _doubted(line, row, perhaps), struck


def _doubted(
    line: crops.InkLine, row: NDArray[np.bool_], perhaps: Sequence[slice]
) -> crops.InkLine:
    """The line with the places that are in doubt, as shares of what is left of it."""
    inked = np.flatnonzero(row.any(axis=0))
    start, wide = int(inked[0]), int(np.ptp(inked)) + 1
    shares = tuple(((p.start - start) / wide, (p.stop - start) / wide) for p in perhaps)
    return replace(line, doubtful=shares) if shares else line
