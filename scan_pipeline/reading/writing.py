"""The words of a page: ink of the text fields, line by line, and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from leaflets.geometry import Rect
from leaflets.layout import FieldLayout
from scan_pipeline.page import PX_PER_MM, RegisteredPage
from scan_pipeline.reading import ink, register
from scan_pipeline.reading.recognise import Recogniser
from scan_pipeline.story import LineReading, QuadPx, TextValue

REVIEW_BELOW = 0.90


def gather(page: RegisteredPage, threshold: float) -> dict[str, list[ink.InkLine]]:
    """The written lines of every text field, by its name, top to bottom."""
    return {f.name: ink_lines(page, f, threshold) for f in page.page.fields if f.kind == "text"}


def read(
    page: RegisteredPage, written: Mapping[str, list[ink.InkLine]], recogniser: Recogniser | None
) -> dict[str, TextValue]:
    """What the lines say, by field. Without a recogniser: nothing, to be reviewed."""
    crops = [line.grey for lines in written.values() for line in lines]
    readings = iter(recogniser.read(crops) if recogniser and crops else [])
    fields = {f.name: f for f in page.page.fields}
    return {
        name: text_value(page, fields[name], lines, readings, recogniser is not None)
        for name, lines in written.items()
    }


def ink_lines(page: RegisteredPage, field: FieldLayout, threshold: float) -> list[ink.InkLine]:
    """The written lines of one text field, its rules found where this page has them."""
    width = round(field.box.right_mm * PX_PER_MM) - round(field.box.x_mm * PX_PER_MM)
    columns = field.box.x_mm + (np.arange(width) + 0.5) / PX_PER_MM
    shifts = np.zeros((len(field.lines_mm), width))
    for row, y in enumerate(field.lines_mm):
        seen = [
            a
            for a in page.anchors
            if a.kind == "rule"
            and a.name == field.name
            and a.found
            and abs(a.y_mm - y) < 0.01
            and field.box.x_mm < a.x_mm < field.box.right_mm
        ]
        if seen:
            shifts[row] = np.interp(columns, [a.x_mm for a in seen], [a.dy_mm for a in seen])
    return ink.field_lines(page.grey, field, shifts, threshold)


def text_value(
    page: RegisteredPage,
    field: FieldLayout,
    lines: Sequence[ink.InkLine],
    readings: Iterator[LineReading],
    was_read: bool,
) -> TextValue:
    """The field's value; takes one of `readings` for each line if they were read."""
    done = []
    for line in lines:
        where = quad(page, Rect(x_mm=line.x_mm, y_mm=line.y_mm, w_mm=line.w_mm, h_mm=line.h_mm))
        if was_read:
            done.append(replace(next(readings), quad_px=where))
        else:
            done.append(LineReading(text="", confidence=0.0, quad_px=where))
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
        quad_px=quad(page, field.box),
    )


def quad(page: RegisteredPage, box: Rect) -> QuadPx:
    """The corners of a printed area in the original picture."""
    corners = register.to_picture(page.placement, np.array(box.quad_mm, dtype=np.float64))
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in corners)
