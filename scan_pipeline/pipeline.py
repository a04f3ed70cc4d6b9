"""The order of the stages, and the pool that runs them. Every page image ends in one state."""

from __future__ import annotations

import os
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leaflets.errors import LeafletsError
from scan_pipeline.forms import CONTACT, Forms, load_forms
from scan_pipeline.learning.learned import Known, known_here
from scan_pipeline.overlay import draw_overlay, overlay_names
from scan_pipeline.page import BlankPage, Grey, PageSource, RegisteredPage, Several, Unplaced
from scan_pipeline.pool import hand, lent
from scan_pipeline.reading import assemble, beyond, intake, register
from scan_pipeline.reading.place import NO_MARKS, place
from scan_pipeline.reading.recognise import Recogniser, reader
from scan_pipeline.recording import Recorder, Sheet, not_kept, unread
from scan_pipeline.store import Repository, open_store
from scan_pipeline.story import PageOutcome, PageReading

IN_FLIGHT = 2
SLIP_HIDDEN = (
    "A contact slip lay across this leaflet: its place is blank in the picture. Please look at the "
    "paper, and scan it by itself."
)
FAULT = (
    "The software failed at this page, by a fault of its own ({place}). Please keep the paper, and "
    "tell whoever looks after the software."
)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """`overlay`: the beginning of the path of what is drawn of the file's pages; None: nothing."""

    source: PageSource
    workspace: Path
    engine: str
    known: Known
    overlay: Path | None


_Done = tuple[Sheet, ...]
"""What a worker sends back for one picture: at least one sheet."""


def read_page(
    grey: Grey, *, forms: Forms, engine: Recogniser | None = None
) -> tuple[PageReading | BlankPage | Unplaced | Several, RegisteredPage | None]:
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


def scan(
    paths: Sequence[Path],
    *,
    workspace: Path,
    engine: str = "ppocr",
    overlay: Path | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    store: Repository | None = None,
) -> Iterator[PageOutcome]:
    """Read every page image of `paths` into the workspace; one outcome each (one for
    each leaflet, where a picture shows several), in input order.

    With `store` given the caller keeps it open; otherwise the workspace's own is used.
    """
    jobs, total = _jobs(paths, workspace, engine, overlay)
    forms = load_forms(workspace)
    if overlay is not None:
        overlay.mkdir(parents=True, exist_ok=True)
    repo = store if store is not None else open_store(workspace)
    try:
        recorder = Recorder(repo, forms)
        numbers = iter(repo.expect(_place_of(job) for job in jobs if _is_there(job)))
        for count, (job, done) in enumerate(_run(jobs, workers or _cores()), start=1):
            file, page = _place_of(job)
            sheets = _sheets(job, done)
            if _is_there(job):
                yield from recorder.record(sheets, file=file, page=page, number=next(numbers))
            else:
                yield not_kept(sheets[0], file=file, page=page)
            if progress is not None:
                progress(count, total)
    finally:
        if store is None:
            repo.close()


def _jobs(
    paths: Sequence[Path], workspace: Path, engine: str, overlay: Path | None
) -> tuple[list[_Job | intake.BadFile], int]:
    known = known_here(workspace)
    jobs: list[_Job | intake.BadFile] = []
    files = list(intake.find_files(paths))
    names = overlay_names([path for path in files if isinstance(path, Path)])
    for found in files:
        if isinstance(found, intake.BadFile):
            jobs.append(found)
            continue
        pages = intake.find_pages(found)
        if isinstance(pages, intake.BadFile):
            jobs.append(pages)
            continue
        drawn = overlay / names[found] if overlay is not None else None
        jobs.extend(
            _Job(source=page, workspace=workspace, engine=engine, known=known, overlay=drawn)
            for page in pages
        )
    return jobs, len(jobs)


def _place_of(job: _Job | intake.BadFile) -> tuple[str, int]:
    return (job.source.path, job.source.page) if isinstance(job, _Job) else (job.path, 1)


def _is_there(job: _Job | intake.BadFile) -> bool:
    """A name that was mistyped is told of, and is no page that anybody would look for later."""
    return isinstance(job, _Job) or job.there


def _sheets(job: _Job | intake.BadFile, done: _Done | None) -> _Done:
    if isinstance(job, intake.BadFile):
        return (unread(job.reason),)
    return done or (unread("This page could not be read."),)


def _run(
    jobs: Sequence[_Job | intake.BadFile], workers: int
) -> Iterator[tuple[_Job | intake.BadFile, _Done | None]]:
    """Results in input order; few pages in flight, so memory stays bounded."""
    todo = deque(jobs)
    real = sum(isinstance(job, _Job) for job in jobs)
    if real <= 1 or workers == 1:
        for job in jobs:
            yield job, work(job) if isinstance(job, _Job) else None
        return
    while todo:
        flying: deque[tuple[_Job | intake.BadFile, Future[_Done] | None]] = deque()
        try:
            with lent(min(workers, real)) as pool:
                while todo or flying:
                    while todo and len(flying) < workers * IN_FLIGHT:
                        # Taken off only once it flies: a broken pool takes nothing.
                        job = todo[0]
                        flying.append((job, _handed(pool, job)))
                        todo.popleft()
                    job, future = flying[0]
                    done = future.result() if future is not None else None
                    flying.popleft()
                    yield job, done
        except BrokenProcessPool:
            # A worker died (most likely out of memory). The page in front may be the cause: try it
            # alone, name it if it fails again, and go on with the others.
            first, _ = flying.popleft()
            todo.extendleft(job for job, _ in reversed(flying))
            yield first, _alone(first)


def _handed(pool: Executor, job: _Job | intake.BadFile) -> Future[_Done] | None:
    return hand(pool, work, job) if isinstance(job, _Job) else None


def _alone(job: _Job | intake.BadFile) -> _Done | None:
    if not isinstance(job, _Job):
        return None
    try:
        with lent(1) as pool:
            return hand(pool, work, job).result()
    except BrokenProcessPool:
        reason = "This page was too much for the computer: scan it again at 300 dpi."
        return (unread(reason),)


def _cores() -> int:
    """The cores that this process may use; a container may have fewer than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_forms: dict[Path, Forms] = {}


def work(job: _Job) -> _Done:
    """Decode and read one picture (in a worker process)."""
    page = intake.load_page(job.source)
    if isinstance(page, Unplaced):
        return (unread(page.reason),)
    if job.workspace not in _forms:
        _forms[job.workspace] = load_forms(job.workspace)
    forms = _forms[job.workspace]
    engine = reader(job.engine, job.known.words, job.known.steps, job.known.weights)
    result, placed = _read(page.grey, forms, engine)
    if not isinstance(result, Several):
        _show(job, page.grey, result, placed, 0)
        sheet = Sheet(data=page.data, suffix=page.suffix, result=result)
        return (_unkept_if_slip(sheet, page.grey, forms),)
    done = []
    sheets = list(zip(result.corners_px, result.templates, strict=True))
    slips = [corners for corners, template in sheets if template == CONTACT]
    for part, (corners, template) in enumerate(sheets, start=1):
        cut, origin = intake.cut_apart(page.grey, corners)
        alone, placed = _read(cut, forms, engine)
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


def _read(
    grey: Grey, forms: Forms, engine: Recogniser | None
) -> tuple[PageReading | BlankPage | Unplaced | Several, RegisteredPage | None]:
    """As `read_page`; a fault of ours at one page is said, and keeps no other from being read."""
    try:
        return read_page(grey, forms=forms, engine=engine)
    except LeafletsError:
        raise
    except Exception as error:  # its words may be the writer's, so only its place is told
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} in {Path(where.filename).name}, line {where.lineno}"
        return Unplaced(reason=FAULT.format(place=place)), None


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
    job: _Job,
    grey: Grey,
    result: PageReading | BlankPage | Unplaced,
    placed: RegisteredPage | None,
    part: int,
) -> None:
    if job.overlay is not None:
        letter = f"-{part}" if part else ""
        name = f"{job.overlay.name}-{job.source.page:03d}{letter}.png"
        draw_overlay(grey, result, placed, job.overlay.with_name(name))
