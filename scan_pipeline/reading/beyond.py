"""Ink where the form has no field for it, and what a person should know of it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from leaflets.geometry import Rect
from scan_pipeline.page import COARSE_PX_PER_MM, Grey, RegisteredPage
from scan_pipeline.reading import ink, strokes, territory
from scan_pipeline.reading.measures import window_of, within
from scan_pipeline.reading.unprinted import (
    RIM_MM,
    is_print_moved,
    is_written_beyond,
    not_the_form,
)
from scan_pipeline.reading.writing import Written, is_english, quad
from scan_pipeline.story import OUTSIDE, QuadPx

TOGETHER_MM = 7
WORD_INK_MM2 = 6.0
NEAR_PRINT_MM = 0.7
HUGS = 0.35
MARK_RIM_MM = 3.0
EDGE_AFTER_MM, STRIP_MM = 0.7, 3.3
PAST_PX = round(1.0 * COARSE_PX_PER_MM**2)
A4_LONG_MM = 297.0

ELSEWHERE = "There is writing outside the writing areas: please look at the picture."
NOT_ENGLISH = (
    "This may not be English: it was read letter by letter. Please check every word, or ask "
    "somebody who reads the language."
)
OTHER_FORM = (
    "This form is in another language: it was read letter by letter. Please check every word."
)


def elsewhere(page: RegisteredPage, written: Written) -> tuple[QuadPx, ...]:
    """Where there is writing that belongs to no field, largest first."""
    if not page.page.fields:
        return ()
    ys, xs, of = written.ink.pixels
    size = 2 * round(NEAR_PRINT_MM * ink.INK_PX_PER_MM) + 1
    near = cv2.dilate(_form(page, written), np.ones((size, size), np.uint8))
    count = len(written.owner)
    touching = np.bincount(of, weights=near[ys, xs], minlength=count)
    # Crumpled paper moves the print by a millimetre: what hugs it is not writing.
    nobody = (written.owner == territory.NOBODY) & (touching <= HUGS * written.ink.area)
    mine = nobody[of]
    height, width = (int(v) + 1 for v in (page.page.height_mm, page.page.width_mm))
    places = np.stack([ys[mine], xs[mine]]) // ink.INK_PX_PER_MM
    share = np.bincount(places[0] * width + places[1], minlength=height * width)
    found = share.reshape(height, width) / ink.INK_PX_PER_MM**2
    rim = round(RIM_MM)
    found[:rim], found[-rim:], found[:, :rim], found[:, -rim:] = 0, 0, 0, 0
    joined = cv2.dilate((found > 0).astype(np.uint8), np.ones((TOGETHER_MM, TOGETHER_MM)))
    count, label, _, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    amounts = np.bincount(label.ravel(), weights=found.ravel(), minlength=count)
    quads = []
    for k in np.argsort(-amounts):
        if k and amounts[k] >= WORD_INK_MM2:
            rows, columns = np.nonzero((label == k) & (found > 0))
            x, y = float(columns.min()), float(rows.min())
            box = Rect(x_mm=x, y_mm=y, w_mm=columns.max() + 1 - x, h_mm=rows.max() + 1 - y)
            quads.append(quad(page, box))
    return tuple(quads)


def _form(page: RegisteredPage, written: Written) -> ink.Mask:
    """Where the form is printed, its corner marks whole: thumbs and tape cover those."""
    form = written.ink.form.copy()
    for marker in page.page.markers:
        box = marker.box.grown(MARK_RIM_MM)
        top, bottom, left, right = (
            max(0, round(v * ink.INK_PX_PER_MM))
            for v in (box.y_mm, box.bottom_mm, box.x_mm, box.right_mm)
        )
        form[top:bottom, left:right] = 1
    return form


def notices(
    page: RegisteredPage, written: Written | None, *, inked_beyond: bool
) -> tuple[str, ...]:
    """What a person should know of before trusting the text, in plain sentences.

    `inked_beyond`: there is writing outside the writing areas.
    """
    said = []
    if inked_beyond:
        said.append(ELSEWHERE if page.page.fields else OUTSIDE)
    fields = written.fields.values() if written is not None else ()
    if any(f.struck_out for f in fields):
        said.append("Words are struck out, and were left out of the text: please check.")
    if any(f.crossed for f in fields):
        said.append("A passage may be crossed out; it was read as it stands: please look.")
    if any(f.squeezed for f in fields):
        said.append("Words stand above a line, as if put in later: please check their place.")
    if any(f.drawings for f in fields):
        said.append("Somebody drew a picture: please look.")
    return tuple(said)


def language_notices(page: RegisteredPage, *, by_letters: bool) -> tuple[str, ...]:
    """What a person should know where words were read in no language that the reader knows."""
    if not by_letters:
        return ()
    return (NOT_ENGLISH if is_english(page.layout.language) else OTHER_FORM,)


def runs_past(page: RegisteredPage, ink: strokes.Ink) -> set[str]:
    """The text fields with ink just right of their edge: lines that go on over the fold or into the
    next box, where their ends may be taken for something else."""
    past, form = set(), not_the_form(page)
    for field in page.page.fields:
        if field.kind == "text":
            box = field.box
            strip = window_of(replace(box, x_mm=box.right_mm + EDGE_AFTER_MM, w_mm=STRIP_MM))
            inked = ink.label[strip] > 0
            for place in form:
                inked[within(window_of(place), strip)] = False
            if int(inked.sum()) < PAST_PX:
                continue
            inked &= ~is_print_moved(page.blank, ink, strip)[ink.label[strip]]
            if int(inked.sum()) >= PAST_PX:
                past.add(field.name)
    return past


def is_written_on(grey: Grey) -> bool:
    """Whether a picture without leaflet marks, taken for a sheet of A4, has as much as a word on
    it."""
    scale = A4_LONG_MM * COARSE_PX_PER_MM / max(grey.shape)
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    coarse = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    bare = np.full_like(coarse, 255)
    return is_written_beyond(bare, strokes.find_ink(coarse, bare), (), pale_too=True)


def is_inked_beyond(page: RegisteredPage, ink: strokes.Ink) -> bool:
    """Whether there is as much as a short word where no field is: in the margins, between the
    fields, on the outside."""
    fields = [f.box.grown(4.0 if f.kind == "text" else 6.0) for f in page.page.fields]
    return is_written_beyond(page.blank, ink, (*fields, *not_the_form(page)))
