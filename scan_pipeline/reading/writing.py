"""The words of a page: whose the strokes are, the lines they make, and what those say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from leaflets.layout import FieldLayout
from scan_pipeline.page import PX_PER_MM, Grey, RegisteredPage
from scan_pipeline.reading import ink, register, rules, territory
from scan_pipeline.reading.language.foreign import seems_foreign
from scan_pipeline.reading.lines import FieldInk, field_ink
from scan_pipeline.reading.recognise import Recogniser
from scan_pipeline.story import LineReading, QuadPx, TextValue

REVIEW_BELOW = 0.90
DOTS_SOFT_PX = 1.4
RULE_END_MM = 1.2
RULED_PX = 8
NEAR_STRUCK, PERHAPS_STRUCK = 0.03, 0.5
FAINT_LETTERS = 3


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
            held = field_ink(strokes, owner == k)
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
    doubtful = doubtful or bool(found.struck_out or found.drawings)
    doubtful = doubtful or found.squeezed or found.crossed
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
