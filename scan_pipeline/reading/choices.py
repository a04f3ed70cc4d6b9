"""Every question with tick boxes on a page: what its boxes hold, and the answer that this gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from leaflets.geometry import Rect
from leaflets.layout import FieldLayout
from scan_pipeline.page import Anchor, Grey, RegisteredPage
from scan_pipeline.reading import (
    beside,
    consent,
    highlight,
    letters,
    marks,
    outlines,
    plain,
    sentence,
    strokes,
    unprinted,
    writing,
)
from scan_pipeline.reading.marks import BoxMarks
from scan_pipeline.reading.measures import measure
from scan_pipeline.story import ChoiceValue, MarkReading, QuadPx

MOST_BOXES = 0.6


def read_choices(
    page: RegisteredPage, ink: strokes.Ink
) -> tuple[dict[str, ChoiceValue], frozenset[str]]:
    """Every field of tick boxes, and those beside whose boxes something is written. One hand has
    one pen: on a picture too poor for pencil (black and white, or without the form's pale rules)
    weak marks, or none, say that others may be lost; pale ones say so on any."""
    drawn, inked_beside = box_marks(page, ink)
    fields = _fields(page)
    all_marks = drawn.marks.values()
    ruled = [f.name for f in page.page.fields if f.lines_mm]
    poor = page.bilevel or 2 * sum(name not in page.proven for name in ruled) > len(ruled)
    lost = not any(mark.state == "ticked" for mark in all_marks)
    faint = marks.is_pale(all_marks) or (poor and (lost or marks.is_faint(all_marks)))
    printed = {f"{f.name}/{v}": box for f in fields for v, box in _boxes(f).items()}
    printed |= {f.name: f.box for f in fields}
    quads = dict(zip(printed, writing.quads(page, tuple(printed.values())), strict=True))
    values = {}
    for field in fields:
        readings = tuple(
            MarkReading(
                value=value,
                state=drawn.marks[f"{field.name}/{value}"].state,
                confidence=round(drawn.marks[f"{field.name}/{value}"].confidence, 4),
                quad_px=quads[f"{field.name}/{value}"],
            )
            for value in _boxes(field)
        )
        values[field.name] = decide(
            field,
            readings,
            faint=faint,
            beside_inked=field.name in inked_beside,
            quad=quads[field.name],
        )
    return values, inked_beside


def box_marks(page: RegisteredPage, ink: strokes.Ink) -> tuple[BoxMarks, frozenset[str]]:
    """What every tick box of a page holds, each where it was found; and the fields beside whose
    boxes something is written."""
    fields = _fields(page)
    anchors = {a.name: a for a in page.anchors if a.kind == "box"}
    boxes = {
        f"{f.name}/{value}": _moved(box, anchors[f"{f.name}/{value}"])
        for f in fields
        for value, box in _boxes(f).items()
    }
    proven = _borne_out(page.coarse, boxes, anchors)
    consents = frozenset(f"{f.name}/" for f in fields if f.kind == "tick")
    held = measure(ink, boxes)
    likely = plain.chances(ink, boxes, held.own)
    sure = consent.surely_plain(ink, boxes, held.own, likely)
    sure -= {
        name
        for name in consents & sure
        if outlines.hides_a_leg(page.coarse, ink, boxes[name], held.own[name])
    }
    found = marks.read_marks(
        held.boxes, proven, plain=sure, consents=consents, bilevel=page.bilevel
    )
    marked = {name.partition("/")[0] for name, mark in found.items() if mark.state != "empty"}
    # Where no box holds a mark, a paler line or a band may be the answer.
    counted = [(f, held.stray if f.name in marked else held.loose) for f in fields]
    inked_beside = beside.inked(page, counted, ink, held.loose, boxes.values())
    others = [field for field in fields if field.name not in marked]
    inked_beside |= highlight.marked(page, others, ink.soft)
    over = {
        name
        for name, field in ((f"{f.name}/", f) for f in fields if f.kind == "tick")
        if found[name].state == "ticked"
        and (
            field.name in inked_beside
            or sentence.is_written_over(page, field, ink, boxes[name], held.own[name])
        )
    }
    drawn = BoxMarks(
        ink=ink, boxes=boxes, held=held, plain=likely, sure=sure, consents=consents, marks=found
    )
    drawn = drawn.doubting(consent.doubted(drawn, over))
    drawn = drawn.doubting(consent.undone(drawn))
    areas = unprinted.writing_areas(page.page)
    return drawn.doubting(letters.written_on(drawn, page.blank, areas)), frozenset(inked_beside)


def _fields(page: RegisteredPage) -> list[FieldLayout]:
    return [f for f in page.page.fields if f.kind in {"choice", "tick"}]


def _borne_out(
    coarse: Grey, boxes: Mapping[str, Rect], anchors: Mapping[str, Anchor]
) -> dict[str, bool]:
    """Whether each box was found, or stands in a field most of whose boxes were (one that was
    blacked out has no outline left, but its neighbours say where it is), and nothing lies on it."""
    found = Counter(name.partition("/")[0] for name in boxes if anchors[name].found)
    count = Counter(name.partition("/")[0] for name in boxes)
    most = {field for field, n in count.items() if found[field] >= MOST_BOXES * n}
    whole = outlines.whole(coarse, boxes)
    return {
        name: whole[name] and (anchors[name].found or name.partition("/")[0] in most)
        for name in boxes
    }


def _boxes(field: FieldLayout) -> dict[str, Rect]:
    """The printed squares by option; a single tick has one, without a name."""
    return {o.value: o.box for o in field.options} or {"": field.box}


def decide(
    field: FieldLayout,
    readings: tuple[MarkReading, ...],
    *,
    faint: bool,
    beside_inked: bool,
    quad: QuadPx,
) -> ChoiceValue:
    """The answer that the marks give. Doubt about any box of the field is doubt about the field.

    `faint`: pale marks may have been missed; one mark where there can only be one is no less sure
    for it. `beside_inked`: something is written beside the boxes or on their words.
    """
    ticked = tuple(m.value for m in readings if m.state == "ticked")
    unsure = any(m.state == "unsure" for m in readings)
    value: str | tuple[str, ...] | bool | None
    review = unsure or beside_inked or (faint and (field.multiple or not ticked))
    if field.kind == "tick":
        value = None if unsure else bool(ticked)
    elif field.multiple:
        value = ticked or None
    elif len(ticked) == 1:
        value = ticked[0] if not unsure else None
    else:
        value = None
        # Blacked out and nothing else chosen: changed their mind, or a bold way to choose it?
        review = review or len(ticked) > 1 or any(m.state == "filled" for m in readings)
    return ChoiceValue(
        value=value,
        confidence=min((m.confidence for m in readings), default=0.0),
        review=review,
        marks=readings,
        quad_px=quad,
    )


def _moved(box: Rect, anchor: Anchor) -> Rect:
    if not anchor.found:
        return box
    return Rect(
        x_mm=box.x_mm + anchor.dx_mm, y_mm=box.y_mm + anchor.dy_mm, w_mm=box.w_mm, h_mm=box.h_mm
    )
