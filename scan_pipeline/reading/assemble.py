"""A page that lies flat -> everything that is written on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from leaflets.layout import FieldLayout
from scan_pipeline.page import PX_PER_MM, Anchor, RegisteredPage
from scan_pipeline.reading import ink, marks, register
from scan_pipeline.reading.recognise import Recogniser
from scan_pipeline.story import (
    ChoiceValue,
    FieldValue,
    LineReading,
    MarkReading,
    PageReading,
    QuadPx,
    TextValue,
)

REVIEW_BELOW = 0.90
STRAY_MM2 = 12.0
MARGIN_INK_MM2 = 30.0
CREASE_LENGTH_MM = 30.0
CREASE_WIDTH_MM = 2.3
FINGERPRINT_MM = 1.0


def read_fields(page: RegisteredPage, recogniser: Recogniser | None) -> PageReading:
    """Read every field. Without a recogniser, only ticks: text fields come back empty and to be
    reviewed where there is ink."""
    threshold = marks.page_threshold(page.grey).ink
    fields: dict[str, FieldValue] = {}
    written: list[tuple[FieldLayout, list[ink.InkLine]]] = []
    for field in page.page.fields:
        if field.kind == "text":
            written.append((field, _ink_lines(page, field, threshold)))
    fields |= _read_choices(page, written=any(lines for _, lines in written))
    crops = [line.grey for _, lines in written for line in lines]
    readings = iter(recogniser.read(crops) if recogniser and crops else [])
    for field, lines in written:
        fields[field.name] = _text_value(page, field, lines, readings, recogniser is not None)
    ordered = {f.name: fields[f.name] for f in page.page.fields}
    return PageReading(
        template=page.layout.template,
        version=page.layout.version,
        batch=page.batch,
        sheet_page=page.page.number,
        markers_found=page.placement.markers_found,
        residual_mm=round(page.placement.residual_mm, 3),
        fields=ordered,
        fingerprint=fingerprint(page, threshold),
        notices=_notices(page, threshold),
    )


def is_blank(reading: PageReading) -> bool:
    """Whether nothing at all was written: no words, no marks, no doubts, no ink elsewhere."""
    return not reading.notices and all(
        not value.lines if isinstance(value, TextValue) else _untouched(value)
        for value in reading.fields.values()
    )


def _untouched(value: ChoiceValue) -> bool:
    return not value.review and all(mark.state == "empty" for mark in value.marks)


def _ink_lines(page: RegisteredPage, field: FieldLayout, threshold: float) -> list[ink.InkLine]:
    width = round(field.box.right_mm * PX_PER_MM) - round(field.box.x_mm * PX_PER_MM)
    columns = field.box.x_mm + (np.arange(width) + 0.5) / PX_PER_MM
    shifts = np.zeros((len(field.lines_mm), width))
    for row, y in enumerate(field.lines_mm):
        seen = [
            a
            for a in page.anchors
            if not a.name
            and a.found
            and abs(a.y_mm - y) < 0.01
            and field.box.x_mm < a.x_mm < field.box.right_mm
        ]
        if seen:
            shifts[row] = np.interp(columns, [a.x_mm for a in seen], [a.dy_mm for a in seen])
    return ink.field_lines(page.grey, field, shifts, threshold)


def _text_value(
    page: RegisteredPage,
    field: FieldLayout,
    lines: Sequence[ink.InkLine],
    readings: Iterator[LineReading],
    was_read: bool,
) -> TextValue:
    done = []
    for line in lines:
        quad = _quad(page, Rect(x_mm=line.x_mm, y_mm=line.y_mm, w_mm=line.w_mm, h_mm=line.h_mm))
        if was_read:
            got = next(readings)
            done.append(
                LineReading(text=got.text, confidence=got.confidence, words=got.words, quad_px=quad)
            )
        else:
            done.append(LineReading(text="", confidence=0.0, quad_px=quad))
    confidences = [w.confidence for line in done for w in line.words] or [
        line.confidence for line in done
    ]
    confidence = float(np.mean(confidences)) if confidences else 1.0
    doubtful = any(c < REVIEW_BELOW for c in confidences) or any(not d.text for d in done)
    return TextValue(
        text=" ".join(line.text for line in done if line.text),
        confidence=round(confidence, 4),
        review=doubtful,
        lines=tuple(done),
        quad_px=_quad(page, field.box),
    )


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
                quad_px=_quad(page, _boxes(field)[value]),
            )
            for value, mark in seen.items()
        )
        doubt = stray_mm2 >= STRAY_MM2 or faint
        values[field.name] = decide(field, readings, doubt=doubt, quad=_quad(page, field.box))
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


def _quad(page: RegisteredPage, box: Rect) -> QuadPx:
    corners = register.to_picture(page.placement, np.array(box.quad_mm, dtype=np.float64))
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in corners)


def _ink_beyond_print(page: RegisteredPage, threshold: float) -> NDArray[np.uint8]:
    """Ink on a coarse grid (one cell a millimetre), where the blank form has none nearby."""
    half = cv2.resize(page.grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    blank = cv2.resize(page.blank, (half.shape[1], half.shape[0]), interpolation=cv2.INTER_AREA)
    printed = cv2.dilate((blank < 230).astype(np.uint8), np.ones((7, 7), np.uint8))
    strokes = marks.depth(np.asarray(half, np.uint8), PX_PER_MM / 2) > threshold
    beyond = (strokes & (printed == 0)).astype(np.uint8)
    height, width = (round(v / FINGERPRINT_MM) for v in (page.page.height_mm, page.page.width_mm))
    share = cv2.resize(beyond * 255, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(share, dtype=np.uint8)


def fingerprint(page: RegisteredPage, threshold: float) -> bytes:
    """One bit a square millimetre: is there ink? The same paper scanned again gives nearly the
    same bits, a photocopied blank with other writing does not."""
    return np.packbits(_ink_beyond_print(page, threshold) > 40).tobytes()


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


def _notices(page: RegisteredPage, threshold: float) -> tuple[str, ...]:
    """Writing where no field is: in the margins, between the fields, on the outside."""
    share = _ink_beyond_print(page, threshold).astype(np.float64) / 255.0
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
