"""A page that lies flat -> everything that is written on it."""

from __future__ import annotations

from leaflets.geometry import Rect
from leaflets.layout import FieldLayout
from scan_pipeline.page import Anchor, RegisteredPage
from scan_pipeline.reading import beyond, marks, writing
from scan_pipeline.reading.recognise import Recogniser
from scan_pipeline.story import (
    ChoiceValue,
    FieldValue,
    MarkReading,
    PageReading,
    QuadPx,
    TextValue,
)

STRAY_MM2 = 12.0


def read_fields(page: RegisteredPage, recogniser: Recogniser | None) -> PageReading:
    """Read every field. Without a recogniser, only ticks: text fields come back empty and to be
    reviewed where there is ink."""
    threshold = marks.page_threshold(page.grey).ink
    written = writing.gather(page, threshold)
    fields = _read_choices(page, written=any(written.values()))
    fields |= writing.read(page, written, recogniser)
    ordered = {f.name: fields[f.name] for f in page.page.fields}
    return PageReading(
        template=page.layout.template,
        version=page.layout.version,
        batch=page.batch,
        sheet_page=page.page.number,
        markers_found=page.placement.markers_found,
        residual_mm=round(page.placement.residual_mm, 3),
        fields=ordered,
        fingerprint=beyond.fingerprint(page, threshold),
        notices=beyond.notices(page, threshold),
    )


def is_blank(reading: PageReading) -> bool:
    """Whether nothing at all was written: no words, no marks, no doubts, no ink elsewhere."""
    return not reading.notices and all(
        not value.lines if isinstance(value, TextValue) else _untouched(value)
        for value in reading.fields.values()
    )


def _untouched(value: ChoiceValue) -> bool:
    return not value.review and all(mark.state == "empty" for mark in value.marks)


def _read_choices(page: RegisteredPage, *, written: bool) -> dict[str, FieldValue]:
    """Every field of tick boxes. Faint marks anywhere put the unanswered fields in doubt too, and
    so does a black and white page with writing but no mark: scanners drop faint pencil there."""
    fields = [f for f in page.page.fields if f.kind in {"choice", "tick"}]
    found = {f.name: _read_marks(page, f) for f in fields}
    all_marks = [mark for seen, _ in found.values() for mark in seen.values()]
    lost = written and page.bilevel and not any(mark.state == "ticked" for mark in all_marks)
    faint = marks.is_faint(all_marks) or lost
    values: dict[str, FieldValue] = {}
    for field in fields:
        seen, stray_mm2 = found[field.name]
        readings = tuple(
            MarkReading(
                value=value,
                state=mark.state,
                confidence=round(mark.confidence, 4),
                quad_px=writing.quad(page, _boxes(field)[value]),
            )
            for value, mark in seen.items()
        )
        doubt = stray_mm2 >= STRAY_MM2 or faint
        values[field.name] = decide(
            field, readings, doubt=doubt, quad=writing.quad(page, field.box)
        )
    return values


def _read_marks(page: RegisteredPage, field: FieldLayout) -> tuple[dict[str, marks.Mark], float]:
    where = {a.name: a for a in page.anchors if a.name.startswith(field.name + "/")}
    boxes, proven = {}, {}
    for value, box in _boxes(field).items():
        anchor = where[f"{field.name}/{value}"]
        boxes[value] = _moved(box, anchor)
        proven[value] = anchor.found
    return marks.read_marks(page.grey, page.blank, boxes, proven, field.box)


def _boxes(field: FieldLayout) -> dict[str, Rect]:
    """The printed squares by option; a single tick has one, without a name."""
    return {o.value: o.box for o in field.options} or {"": field.box}


def decide(
    field: FieldLayout, readings: tuple[MarkReading, ...], *, doubt: bool, quad: QuadPx
) -> ChoiceValue:
    """The answer that the marks give. Doubt about any box of the field is doubt about the field.

    `doubt`: marks may have been missed (stray ink, a faint pen); it matters where none was found.
    """
    ticked = tuple(m.value for m in readings if m.state == "ticked")
    unsure = any(m.state == "unsure" for m in readings)
    value: str | tuple[str, ...] | bool | None
    review = unsure or (doubt and not ticked)
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
