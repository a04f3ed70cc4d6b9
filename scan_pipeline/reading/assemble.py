"""A page that lies flat -> everything that is written on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np

from leaflets.layout import FieldLayout
from scan_pipeline.page import COARSE_PX_PER_MM, RegisteredPage
from scan_pipeline.reading import (
    beside,
    beyond,
    comb,
    faint,
    prints,
    strokes,
    writing,
)
from scan_pipeline.reading.choices import read_choices
from scan_pipeline.reading.language.evidence import core
from scan_pipeline.reading.measures import window_of
from scan_pipeline.reading.recognise import Recogniser
from scan_pipeline.story import (
    ChoiceValue,
    CombValue,
    FieldValue,
    PageReading,
    TextValue,
    WordReading,
)

INKED_MM2 = 0.6
NO_INK_MM2 = 2.0
MOST_BOXES = 0.6
NOT_READ = "A line could not be read at all: please type what stands there."
RUNS_PAST = (
    "Writing runs past the edge of its box, perhaps into the next: please check that nothing is "
    "missing."
)
NOT_WHOLE = (
    "Part of a writing area is not in the picture: the page may be folded over, covered or cut "
    "off. Please look at the paper."
)
FAINT = "There may be writing that is too faint to read: please look at the paper."


def read_fields(page: RegisteredPage, recogniser: Recogniser | None) -> PageReading:
    """Read every field. Without a recogniser, only ticks: text fields come back empty and to be
    reviewed where there is ink."""
    ink = strokes.find_ink(page.coarse, page.blank)
    inked = {f.name for f in page.page.fields if f.kind == "text" and _is_inked(ink, f)}
    combs = _read_combs(page, recogniser)
    choices, inked_beside = read_choices(page, ink)
    fields: dict[str, FieldValue] = {**choices, **combs}
    share = prints.ink_beyond_print(page, ink)
    written, by_letters = None, False
    inked_beyond = beyond.is_inked_beyond(page, ink)
    if recogniser is not None and (inked or (page.page.fields and inked_beyond)):
        written = writing.gather(page, strokes.ink_threshold(page.grey))
        words, by_letters = writing.read(page, written, recogniser)
        fields |= words
    strays = beyond.elsewhere(page, written) if written is not None else ()
    for field in page.page.fields:
        if field.kind == "text" and field.name not in fields:
            fields[field.name] = _unread(page, field, inked=field.name in inked)
    too_faint = _too_faint(page, ink, fields)
    fields |= too_faint
    past = beyond.runs_past(page, ink)
    fields |= {name: replace(fields[name], review=True) for name in past}
    reading = PageReading(
        template=page.layout.template,
        version=page.layout.version,
        batch=page.batch,
        sheet_page=page.page.number,
        markers_found=page.placement.markers_found,
        residual_mm=round(page.placement.residual_mm, 3),
        held_out_mm=round(page.held_out_mm, 3),
        agreement=round(page.agreement, 3),
        fields={f.name: _trusted(page, fields[f.name], f.name) for f in page.page.fields},
        fingerprint=prints.fingerprint(share),
        notices=(
            *beyond.notices(page, written, inked_beyond=inked_beyond or bool(strays)),
            *([beside.NOTICE] if inked_beside else []),
            *([RUNS_PAST] if past else []),
            *beyond.language_notices(page, by_letters=by_letters),
            *([FAINT] if too_faint else []),
            *([NOT_WHOLE] if any(isinstance(fields[name], TextValue) for name in page.cut) else []),
            *([NOT_READ] if any(_has_unread_line(value) for value in fields.values()) else []),
        ),
        elsewhere=strays,
        reader=recogniser.name if recogniser is not None else "",
        by_letters=by_letters,
    )
    # Of a page on which nothing shows at all it is said that all of it may be hidden.
    if is_blank(reading):
        return reading
    return replace(reading, fields=reading.fields | _lost(page, reading.fields))


def _is_inked(ink: strokes.Ink, field: FieldLayout) -> bool:
    """Whether anything at all may be written in a text field."""
    inked = int(np.count_nonzero(ink.label[window_of(field.box)]))
    return inked >= INKED_MM2 * COARSE_PX_PER_MM**2


def _unread(page: RegisteredPage, field: FieldLayout, *, inked: bool) -> TextValue:
    """A text field that nobody has read; where there is ink a person must."""
    return TextValue(
        text="",
        confidence=0.0 if inked else 1.0,
        review=inked,
        lines=(),
        quad_px=writing.quad(page, field.box),
    )


def _too_faint(
    page: RegisteredPage, ink: strokes.Ink, fields: Mapping[str, FieldValue]
) -> dict[str, FieldValue]:
    """Text fields that seem blank, yet may hold writing too faint to read: a person must look. In
    black and white such writing is gone from the picture."""
    blank = [f for f in page.page.fields if _seems_blank(fields[f.name])]
    if page.bilevel:
        return {}
    other = [f.box for f in page.page.fields if f.kind == "text" and f not in blank]
    boxes = [f.box for f in blank]
    held = faint.may_hold(ink.deep, page.blank, boxes, other, COARSE_PX_PER_MM)
    return {
        f.name: replace(fields[f.name], confidence=0.0, review=True)
        for f, written in zip(blank, held, strict=True)
        if written
    }


def _lost(page: RegisteredPage, fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Fields that seem blank where writing may be lost: without the form's own pale rules in the
    picture nothing shows that pencil would be seen there, and scanners that make black and white
    drop a whole number in a comb at once."""
    lost = {
        name
        for name, value in fields.items()
        if (_seems_blank(value) and name not in page.proven)
        or (page.bilevel and isinstance(value, CombValue) and not value.characters)
    }
    return {name: replace(fields[name], confidence=0.5, review=True) for name in lost}


def _has_unread_line(value: FieldValue) -> bool:
    return isinstance(value, TextValue) and any(not line.text for line in value.lines)


def _seems_blank(value: FieldValue) -> bool:
    return isinstance(value, TextValue) and not (
        value.review or value.lines or value.struck_out or value.drawings
    )


def _trusted(page: RegisteredPage, value: FieldValue, name: str) -> FieldValue:
    """A field that is not whole in the picture, or holds ink without evidence that this is the
    field, is for a person to look at."""
    inked = isinstance(value, TextValue) and (value.lines or value.review)
    if name in page.cut or (inked and name not in page.proven):
        return replace(value, review=True)
    return value


def is_blank(reading: PageReading) -> bool:
    """Whether nothing at all was written: no words, no marks, no doubts, no ink elsewhere."""
    bare = prints.ink_mm2(reading.fingerprint) < NO_INK_MM2
    return not reading.notices and all(
        _untouched(value, bare=bare) for value in reading.fields.values()
    )


def may_be_hidden(reading: PageReading) -> bool:
    """Whether a page that shows nothing was scanned so that pencil would not show either."""
    return is_blank(reading) and any(value.review for value in reading.fields.values())


def same_marks(one: PageReading, other: PageReading) -> bool:
    """Whether two readings agree on every question with boxes that neither is in doubt about."""
    pairs = [(v, other.fields.get(name)) for name, v in one.fields.items()]
    return all(
        a.review or b.review or a.value == b.value
        for a, b in pairs
        if isinstance(a, ChoiceValue) and isinstance(b, ChoiceValue)
    )


def same_words(one: PageReading, other: PageReading) -> bool:
    """Whether two readings have the same words, but for those that either is in doubt about."""
    pairs = [(v, other.fields.get(name)) for name, v in one.fields.items()]
    return not any(
        _differ([w for line in a.lines for w in line.words], [w for n in b.lines for w in n.words])
        for a, b in pairs
        if isinstance(a, TextValue) and isinstance(b, TextValue)
    )


def _differ(words: Sequence[WordReading], others: Sequence[WordReading]) -> bool:
    """Whether one has a word for sure where the other has another for sure, or none."""
    one, other = ([core(w.text) for w in each] for each in (words, others))
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        sure = [
            all(w.confidence >= writing.REVIEW_BELOW for w in part)
            for part in (words[a:b], others[c:d])
        ]
        if kind != "equal" and all(sure):
            return True
    return False


def _untouched(value: FieldValue, *, bare: bool) -> bool:
    """`bare`: there is no ink on the whole page; then a doubt is about the scan, not the box."""
    if isinstance(value, TextValue):
        return not (value.lines or value.review)
    if isinstance(value, CombValue):
        return not (value.characters or value.review)
    return (bare or not value.review) and all(mark.state == "empty" for mark in value.marks)


def _read_combs(page: RegisteredPage, recogniser: Recogniser | None) -> dict[str, CombValue]:
    """Every comb. One whose cells were not found where they should be is for a person to read."""
    fields: dict[str, CombValue] = {}
    for field in page.page.fields:
        if field.kind != "comb":
            continue
        found = comb.cells(page.grey, field, page.anchors, strokes.ink_threshold(page.grey))
        glyphs, rises_px = comb.glyphs(found)
        chances = None
        if recogniser is not None and glyphs:
            chances = recogniser.read_cells(glyphs, rises_px, comb.ALLOWED[field.allows])
        value = comb.judge(field, found, chances, writing.quad(page, field.box))
        proven = comb.is_proven(field, page.anchors)
        fields[field.name] = value if proven else replace(value, review=True)
    return fields
