"""What one reading process does: a picture comes in, and goes back as the sheets on it.

Knows no store: a process that reads need not load one.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leaflets.errors import LeafletsError
from scan_pipeline.forms import CONTACT, Forms, load_forms
from scan_pipeline.learning.learned import Known
from scan_pipeline.overlay import draw_overlay
from scan_pipeline.page import BlankPage, Grey, PageSource, RegisteredPage, Several, Unplaced
from scan_pipeline.reading import assemble, beyond, intake, register
from scan_pipeline.reading.place import NO_MARKS, place
from scan_pipeline.reading.recognise import Recogniser, reader
from scan_pipeline.story import PageReading

SLIP_HIDDEN = (
    "A contact slip lay across this leaflet: its place is blank in the picture. Please look at the "
    "paper, and scan it by itself."
)
DAMAGED_PDF = (
    "The PDF is damaged, and some of the picture may be missing: please compare it with the paper."
)
FAULT = (
    "The software failed at this page, by a fault of its own ({place}). Please keep the paper, and "
    "tell whoever looks after the software."
)
Result = PageReading | BlankPage | Unplaced
Found = tuple[Result | Several, RegisteredPage | None]
"""What a picture says, or why it says nothing; and the page, where it could be placed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One leaflet or page, as it is kept, and what became of it; see `PageOutcome`."""

    data: bytes
    suffix: str
    result: Result
    part: int = 0
    origin_px: tuple[int, int] = (0, 0)


def unread(reason: str) -> Sheet:
    """A page of which there is nothing to keep, and why."""
    return Sheet(data=b"", suffix="", result=Unplaced(reason=reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`overlay`: the beginning of the path of what is drawn of the file's pages; None: nothing."""

    source: PageSource
    workspace: Path
    engine: str
    known: Known
    overlay: Path | None


Done = tuple[Sheet, ...]
"""What a worker sends back for one picture: at least one sheet."""


def read_page(grey: Grey, *, forms: Forms, engine: Recogniser | None = None) -> Found:
    """One grey page image (height, width), uint8 -> its reading, or why there is none.

    Without `engine` only marks are read.
    """
    placed = place(grey, forms)
    if isinstance(placed, BlankPage) and beyond.is_written_on(grey):
        return Unplaced(reason=NO_MARKS), None
    if not isinstance(placed, RegisteredPage):
        return placed, None
    reading = assemble.read_fields(placed, engine)
    if not reading.fields and reading.notices:
        return Unplaced(reason=reading.notices[0]), placed
    return reading, placed


_forms: dict[Path, Forms] = {}


def work(job: Job) -> Done:
    """Decode and read one picture (in a worker process)."""
    page = intake.load_page(job.source)
    if isinstance(page, Unplaced):
        return (unread(page.reason),)
    if job.workspace not in _forms:
        _forms[job.workspace] = load_forms(job.workspace)
    forms = _forms[job.workspace]
    engine = reader(job.engine, job.known.words, job.known.steps, job.known.weights)
    result, placed = _read(page.grey, forms, engine, partial=page.partial)
    if not isinstance(result, Several):
        _show(job, page.grey, result, placed, 0)
        sheet = Sheet(data=page.data, suffix=page.suffix, result=result)
        return (_unkept_if_slip(sheet, page.grey, forms),)
    done = []
    sheets = list(zip(result.corners_px, result.templates, strict=True))
    slips = [corners for corners, template in sheets if template == CONTACT]
    for part, (corners, template) in enumerate(sheets, start=1):
        cut, origin = intake.cut_apart(page.grey, corners)
        alone, placed = _read(cut, forms, engine, partial=page.partial)
        if isinstance(alone, Several):
            alone = Unplaced(reason="These leaflets overlap in the picture: scan them one by one.")
        _show(job, cut, alone, placed, part)
        sheet = Sheet(
            data=intake.as_png(cut),
            suffix=".png",
            result=alone,
            part=part,
            origin_px=origin,
        )
        if template != CONTACT:
            done.append(_without_slips(sheet, cut, slips, forms))
        else:
            done.append(_unkept(sheet, alone) if isinstance(alone, Unplaced) else sheet)
    return tuple(done)


def _read(grey: Grey, forms: Forms, engine: Recogniser | None, *, partial: bool) -> Found:
    """As `read_page`; a fault of ours at one page is said, and keeps no other from being read."""
    try:
        found = read_page(grey, forms=forms, engine=engine)
    except LeafletsError:
        raise
    except Exception as error:  # its words may be the writer's, so only its place is told
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} in {Path(where.filename).name}, line {where.lineno}"
        return Unplaced(reason=FAULT.format(place=place)), None
    return _not_whole(found) if partial else found


def _not_whole(found: Found) -> Found:
    """What is said of a picture that is white where it could not be decoded: nothing there is no
    proof that nothing was written."""
    result, placed = found
    if isinstance(result, PageReading):
        return replace(result, notices=(*result.notices, DAMAGED_PDF)), placed
    if placed is None and not isinstance(result, Several):
        return Unplaced(reason=intake.DAMAGED_PAGE), None
    return found


def _without_slips(
    sheet: Sheet, cut: Grey, slips: Sequence[NDArray[np.float64]], forms: Forms
) -> Sheet:
    """A leaflet's picture without the contact slips that overlap it: theirs are kept by
    themselves, and deleting those has to be enough."""
    hidden, any_there = intake.without(cut, sheet.origin_px, slips)
    if not any_there:
        return _unkept_if_slip(sheet, cut, forms)
    result = sheet.result
    if isinstance(result, PageReading):
        result = replace(result, notices=(*result.notices, SLIP_HIDDEN))
    elif isinstance(result, Unplaced):
        result = Unplaced(reason=f"{result.reason} {SLIP_HIDDEN}")
    sheet = replace(sheet, data=intake.as_png(hidden), result=result)
    return _unkept_if_slip(sheet, hidden, forms)


def _unkept_if_slip(sheet: Sheet, grey: Grey, forms: Forms) -> Sheet:
    """Without its picture, if it shows a contact slip that could not be placed: nobody would know
    that there is a number to delete. One mark among those of a leaflet may be a mistake; two are
    none. The paper is still there, and has to be scanned again anyway.
    """
    if not isinstance(sheet.result, Unplaced):
        return sheet
    slips = {m.id for f in forms if f.template == CONTACT for p in f.pages for m in p.markers}
    seen = {number for number, _ in register.find_markers(register.levels(grey))}
    if not seen & slips or len(seen & slips) < min(2, len(seen - slips)):
        return sheet
    return _unkept(sheet, sheet.result)


def _unkept(sheet: Sheet, result: Unplaced) -> Sheet:
    reason = f"{result.reason} (A contact slip, it seems: no picture of it was kept.)"
    return replace(sheet, data=b"", suffix="", result=Unplaced(reason=reason))


def _show(
    job: Job,
    grey: Grey,
    result: Result,
    placed: RegisteredPage | None,
    part: int,
) -> None:
    if job.overlay is not None:
        letter = f"-{part}" if part else ""
        name = f"{job.overlay.name}-{job.source.page:03d}{letter}.png"
        draw_overlay(grey, result, placed, job.overlay.with_name(name))
