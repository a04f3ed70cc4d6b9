"""The words of a page: whose the strokes are, the lines they make, and what those say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from leaflets.layout import FieldLayout
from scan_pipeline.page import PX_PER_MM, Grey, RegisteredPage
from scan_pipeline.reading import (
    crops,
    ink,
    insertions,
    register,
    rows,
    rules,
    territory,
    unsaid,
)
from scan_pipeline.reading.language.foreign import seems_foreign
from scan_pipeline.reading.recognise import Recogniser
from scan_pipeline.story import LineReading, QuadPx, TextValue

REVIEW_BELOW = 0.90
DOTS_SOFT_PX = 1.4
RULE_END_MM = 1.2
RULED_PX = 8
SQUEEZED_MM = 6.3
STRUCK_END_PX = 4
SCRAP_OF_LINE = 0.2
NEAR_STRUCK, PERHAPS_STRUCK = 0.03, 0.5
FAINT_LETTERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInk:
    """The handwriting of one text field: its lines, top to bottom, and what is no text.

    `struck_out`, `drawings`: their corners on the printed page; `squeezed`: words stand above the
    others, as those do that were put in afterwards. `lost`: there may be writing that
    made no line, too faint or too small.
    """

    lines: tuple[crops.InkLine, ...] = ()
    struck_out: tuple[crops.QuadMm, ...] = ()
    drawings: tuple[crops.QuadMm, ...] = ()
    squeezed: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """All handwriting of a page: its strokes, whose they are, and the text fields by name."""

    ink: ink.Ink
    owner: territory.Owners
    fields: dict[str, FieldInk]

    def __bool__(self) -> bool:
        return any(f.lines or f.struck_out or f.drawings or f.lost for f in self.fields.values())


def gather(page: RegisteredPage, threshold: float) -> Written:
    """Lift the handwriting off the form and part it into lines."""
    bare, found = _bare(page)
    strokes = ink.lifted(bare, _form(page), rules.zone(bare.shape, found, RULED_PX), threshold)
    owner = _owners(strokes, page)
    fields = {}
    for k, field in enumerate(page.page.fields):
        if field.kind == "text":
            held = _field_ink(strokes, owner == k)
            lost = held.lost or _is_lost(strokes, owner == k, field.box, held)
            fields[field.name] = replace(held, lost=lost)
    return Written(ink=strokes, owner=owner, fields=fields)


def read(
    page: RegisteredPage, written: Written, recogniser: Recogniser
) -> tuple[dict[str, TextValue], bool]:
    """What the lines say, by field, and whether they were read letter by letter: on a form in
    another language, or where what was written is clearly not English."""
    pictures = [line.grey for f in written.fields.values() for line in f.lines]
    foreign = bool(pictures) and not is_english(page.layout.language)
    told = [] if foreign or not pictures else recogniser.read(pictures)
    if foreign or seems_foreign(told):
        foreign, told = True, recogniser.read_letters(pictures)
    readings = iter(told)
    fields = {f.name: f for f in page.page.fields}
    return {
        name: text_value(page, fields[name], found, readings)
        for name, found in written.fields.items()
    }, foreign


def is_english(language: str) -> bool:
    """Whether a form's language ("en", "en-GB", "cy") is the one that we have words of."""
    return language.lower().partition("-")[0] == "en"


def _bare(page: RegisteredPage) -> tuple[Grey, list[rules.Rule]]:
    """The flat page without its writing rules, and where those are."""
    bare, bilevel = page.grey.copy(), page.bilevel
    thought = [_rule(page, f, y) for f in page.page.fields for y in f.lines_mm]
    if bilevel and rules.are_dots(bare, thought):
        bare, bilevel = np.asarray(cv2.GaussianBlur(bare, (0, 0), DOTS_SOFT_PX), np.uint8), False
    found = []
    for rule in thought:
        if rules.wiped(bare, rule):
            found.append(rule)
            continue
        found.append(rules.traced(bare, rule, bilevel=bilevel))
        rules.take_off(bare, found[-1], bilevel=bilevel)
    return bare, found


def _rule(page: RegisteredPage, field: FieldLayout, y_mm: float) -> rules.Rule:
    """A writing rule where the anchors along it were found."""
    box = field.box.grown(RULE_END_MM)
    left = round(box.x_mm * PX_PER_MM)
    columns = np.arange(left, round(box.right_mm * PX_PER_MM))
    seen = [
        (a.x_mm, a.dy_mm)
        for a in page.anchors
        if a.kind == "rule"
        and a.name == field.name
        and a.found
        and abs(a.y_mm - y_mm) < 0.01
        and field.box.x_mm < a.x_mm < field.box.right_mm
    ]
    shift = np.zeros(len(columns))
    if seen:
        at, away = np.array(seen).T
        shift = np.interp((columns + 0.5) / PX_PER_MM, at, away)
    return rules.Rule(left_px=left, rows_px=(y_mm + shift) * PX_PER_MM - 0.5)


def _form(page: RegisteredPage) -> ink.Mask:
    lines = [(f.box.x_mm, f.box.right_mm, y) for f in page.page.fields for y in f.lines_mm]
    return ink.printed(page.blank, lines)


def _owners(strokes: ink.Ink, page: RegisteredPage) -> territory.Owners:
    left_top = strokes.boxes[:, :2]
    boxes = np.hstack([left_top, left_top + strokes.boxes[:, 2:]]) / ink.INK_PX_PER_MM
    ys, xs, of = strokes.pixels
    x, y = (np.asarray((v + 0.5) / ink.INK_PX_PER_MM, np.float64) for v in (xs, ys))
    owner = territory.share_out(boxes, (of, x, y), page.page.fields)
    owner[strokes.area == 0] = territory.TICKS  # paper, and what is no ink
    return owner


def _field_ink(strokes: ink.Ink, mine: NDArray[np.bool_]) -> FieldInk:
    """The lines that these strokes make, and what else they are."""
    if not mine.any():
        return FieldInk()
    scale = ink.INK_PX_PER_MM
    drawn = mine & unsaid.drawings(strokes.boxes, strokes.area, scale)
    drawings = tuple(crops.corners_mm(strokes.boxes[k]) for k in np.flatnonzero(drawn))
    told = mine & ~drawn & ~unsaid.underlines(strokes.boxes, scale)
    added = [i for i in insertions.find(strokes, told) if i.words.any()]
    for one in added:
        told &= ~one.words
        told[one.caret] = False
    boxes = strokes.boxes[told]
    if not len(boxes):
        return FieldInk(drawings=drawings)
    left, top = (int(v) for v in boxes[:, :2].min(axis=0))
    right = int((boxes[:, 0] + boxes[:, 2]).max())
    here = told[strokes.pixels[2]]
    ys, xs, of = strokes.pixels[0][here], strokes.pixels[1][here], strokes.pixels[2][here]
    local = strokes.boxes - np.array([left, top, 0, 0], np.int32)
    found = rows.find_rows((ys - top, xs - left, of), local, right - left, float(scale))
    parts = _in_order(strokes, (ys, xs, of), found, (left, top), added)
    full = max((int(part.row.mask.sum()) for part in parts), default=0)
    lines, struck = [], []
    for k, part in enumerate(parts):
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
    )


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
    runs (`middle` from column `left` on), and the columns in which it may have swallowed others."""

    row: _Row
    left: int
    middle: NDArray[np.float64]
    swallowed: tuple[slice, ...] = ()


def _in_order(
    strokes: ink.Ink,
    pixels: ink.Pixels,
    found: rows.Rows,
    corner: tuple[int, int],
    added: Sequence[insertions.Insertion],
) -> list[_Part]:
    """The rows top to bottom, each parted at the carets in it, with the words put in between.

    `pixels`: row, column and stroke of the ink of `found`, whose left top corner is `corner`.
    """
    ys, xs, of = pixels
    left, top = corner
    x_of = strokes.boxes[:, 0] + strokes.boxes[:, 2] / 2
    parts = []
    into = [_row_at(found.middle, one.at, corner) for one in added]
    for r, middle in enumerate(found.middle):
        mine = found.owner == r + 1
        inside = [one for one, row in zip(added, into, strict=True) if row == r]
        before = np.searchsorted([one.at[0] for one in inside], x_of[of])
        for k in range(len(inside) + 1):
            here = mine & (before == k)
            if here.any():
                row = _Row.of(strokes, ys[here], xs[here])
                boxes = strokes.boxes[np.unique(of[here])] - np.array([left, top, 0, 0], np.int32)
                off = insertions.off_the_line(boxes, middle)
                swallowed = tuple(slice(s.start + left, s.stop + left) for s in off)
                parts.append(_Part(row, left, middle, swallowed))
            if k < len(inside):
                parts.append(_put_in(strokes, inside[k]))
    return parts


def _row_at(middle: NDArray[np.float64], at: tuple[float, float], corner: tuple[int, int]) -> int:
    """Which row is nearest to a place."""
    x = min(max(0, int(at[0]) - corner[0]), middle.shape[1] - 1)
    return int(np.abs(middle[:, x] - (at[1] - corner[1])).argmin())


def _put_in(strokes: ink.Ink, one: insertions.Insertion) -> _Part:
    """The words above a caret as a line of their own, taken to be level."""
    here = one.words[strokes.pixels[2]]
    ys, xs = strokes.pixels[0][here], strokes.pixels[1][here]
    level = np.full(int(np.ptp(xs)) + 1, float(np.median(ys)))
    return _Part(_Row.of(strokes, ys, xs), int(xs.min()), level)


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
    perhaps = [*seen.perhaps, *(slice(s.start - left, s.stop - left) for s in part.swallowed)]
    return None if line is None else _doubted(line, row, perhaps), struck


def _doubted(
    line: crops.InkLine, row: NDArray[np.bool_], perhaps: Sequence[slice]
) -> crops.InkLine:
    """The line with the places that are in doubt, as shares of what is left of it."""
    inked = np.flatnonzero(row.any(axis=0))
    start, wide = int(inked[0]), int(np.ptp(inked)) + 1
    shares = tuple(((p.start - start) / wide, (p.stop - start) / wide) for p in perhaps)
    return replace(line, doubtful=shares) if shares else line


def _is_lost(strokes: ink.Ink, mine: NDArray[np.bool_], box: Rect, found: FieldInk) -> bool:
    """Whether a field may hold writing that made no line: a stroke by itself, or several pieces as
    large as letters but with edges as soft as a stain's. Never so on blank paper of any kind."""
    x, y = (strokes.boxes[:, :2] + strokes.boxes[:, 2:] / 2).T / ink.INK_PX_PER_MM
    inside = (x >= box.x_mm) & (x < box.right_mm) & (y >= box.y_mm) & (y < box.bottom_mm)
    if int((strokes.faint & inside).sum()) >= FAINT_LETTERS:
        return True
    seen = bool(found.lines or found.struck_out or found.drawings)
    return not seen and bool((mine & ink.strokes(strokes.boxes, strokes.area)).any())


def text_value(
    page: RegisteredPage,
    field: FieldLayout,
    found: FieldInk,
    readings: Iterator[LineReading],
) -> TextValue:
    """The field's value; takes one of `readings` for each line. More lines than are printed may be
    another text, written in the margin below."""
    done = [
        replace(held_back(next(readings), f.doubtful), quad_px=in_picture(page, f.quad_mm))
        for f in found.lines
    ]
    confidences = [w.confidence for line in done for w in line.words] or [
        line.confidence for line in done
    ]
    confidence = float(np.mean(confidences)) if confidences else 1.0
    doubtful = any(c < REVIEW_BELOW for c in confidences) or any(not d.text for d in done)
    doubtful = doubtful or bool(found.struck_out or found.drawings or found.squeezed)
    doubtful = doubtful or found.lost or any(line.doubtful for line in found.lines)
    doubtful = doubtful or len(done) > max(1, len(field.lines_mm))
    if found.lost and not confidences:
        confidence = 0.0
    return TextValue(
        text=" ".join(line.text for line in done if line.text),
        confidence=round(confidence, 4),
        review=doubtful,
        lines=tuple(done),
        quad_px=quad(page, field.box),
        struck_out=tuple(in_picture(page, q) for q in found.struck_out),
        drawings=tuple(in_picture(page, q) for q in found.drawings),
    )


def held_back(line: LineReading, doubtful: Sequence[tuple[float, float]]) -> LineReading:
    """The line with the words in doubt that stand where something may be struck out.

    Nobody says where on the line a word stands, so its letters tell: each is as wide as the next,
    and a word's width more or less is in doubt as well.
    """
    if not doubtful or not line.words:
        return line
    ends = np.cumsum([len(w.text) + 1 for w in line.words])
    starts = np.concatenate([[0], ends[:-1]])
    reach = ends[-1] * NEAR_STRUCK
    words = tuple(
        replace(word, confidence=min(word.confidence, PERHAPS_STRUCK))
        if any(a * ends[-1] - reach < end - 1 and start < b * ends[-1] + reach for a, b in doubtful)
        else word
        for word, start, end in zip(line.words, starts, ends, strict=True)
    )
    confidence = round(float(np.mean([w.confidence for w in words])), 4)
    return replace(line, words=words, confidence=min(line.confidence, confidence))


def quad(page: RegisteredPage, box: Rect) -> QuadPx:
    """The corners of a printed area in the original picture."""
    return in_picture(page, box.quad_mm)


def quads(page: RegisteredPage, boxes: Sequence[Rect]) -> tuple[QuadPx, ...]:
    """The corners of many printed areas, at the price of one."""
    corners = in_picture(page, [point for box in boxes for point in box.quad_mm])
    return tuple(corners[k : k + 4] for k in range(0, len(corners), 4))


def in_picture(page: RegisteredPage, points_mm: Sequence[tuple[float, float]]) -> QuadPx:
    """Points of the printed page in the original picture."""
    corners = register.to_picture(
        page.placement, np.array(points_mm, dtype=np.float64).reshape(-1, 2)
    )
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in corners)
