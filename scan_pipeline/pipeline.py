"""The order of the stages, and the pool that runs them. Every page image ends in one state."""

from __future__ import annotations

import hashlib
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from scan_pipeline.forms import CONTACT, Forms, load_forms
from scan_pipeline.learning.learned import Known, known_here
from scan_pipeline.overlay import draw_overlay, overlay_names
from scan_pipeline.page import BlankPage, Grey, PageSource, RegisteredPage, Several, Unplaced
from scan_pipeline.reading import assemble, beyond, intake, register
from scan_pipeline.reading.place import place
from scan_pipeline.reading.recognise import Recogniser, reader
from scan_pipeline.store import Repository, open_store
from scan_pipeline.story import CombValue, PageOutcome, PageReading

IN_FLIGHT = 2
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """`overlay`: the beginning of the path of what is drawn of the file's pages; None: nothing."""

    source: PageSource
    workspace: Path
    engine: str
    known: Known
    overlay: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """One leaflet or page, as it is kept, and what became of it; see `PageOutcome`."""

    data: bytes
    suffix: str
    result: PageReading | BlankPage | Unplaced
    part: int = 0
    origin_px: tuple[int, int] = (0, 0)


_Done = tuple[_Sheet, ...]
"""What a worker sends back for one picture: at least one sheet."""


def read_page(
    grey: Grey, *, forms: Forms, engine: Recogniser | None = None
) -> tuple[PageReading | BlankPage | Unplaced | Several, RegisteredPage | None]:
    """One grey page image (height, width), uint8 -> its reading, or why there is none.

    Without `engine` only marks are read.
    """
    placed = place(grey, forms)
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
        known_papers = beyond.Papers()
        for story_id, print_ in repo.fingerprints():
            known_papers.add(story_id, print_)
        numbers = repo.expect(_place_of(job) for job in jobs)
        for count, (job, done) in enumerate(_run(jobs, workers or _cores()), start=1):
            outcomes = _record(repo, known_papers, forms, job, done)
            repo.arrived(numbers[count - 1])
            yield from outcomes
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
        pool = _pool(min(workers, real))
        flying: deque[tuple[_Job | intake.BadFile, Future[_Done] | None]] = deque()
        try:
            while todo or flying:
                while todo and len(flying) < workers * IN_FLIGHT:
                    job = todo.popleft()
                    flying.append((job, pool.submit(work, job) if isinstance(job, _Job) else None))
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
        finally:
            pool.shutdown(cancel_futures=True)


def _alone(job: _Job | intake.BadFile) -> _Done | None:
    if not isinstance(job, _Job):
        return None
    pool = _pool(1)
    try:
        return pool.submit(work, job).result()
    except BrokenProcessPool:
        reason = "This page was too much for the computer: scan it again at 300 dpi."
        return (_Sheet(data=b"", suffix="", result=Unplaced(reason=reason)),)
    finally:
        pool.shutdown()


def _pool(workers: int) -> ProcessPoolExecutor:
    # "spawn" everywhere: the same on Windows and macOS, and no locks inherited from threads.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_single_thread)


def _cores() -> int:
    """The cores that this process may use; a container may have fewer than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _single_thread() -> None:
    cv2.setNumThreads(1)
    # Ctrl+C reaches every process of a terminal: the one that asked says what was kept.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_forms: dict[Path, Forms] = {}


def work(job: _Job) -> _Done:
    """Decode and read one picture (in a worker process)."""
    page = intake.load_page(job.source)
    if isinstance(page, Unplaced):
        return (_Sheet(data=b"", suffix="", result=page),)
    if job.workspace not in _forms:
        _forms[job.workspace] = load_forms(job.workspace)
    forms = _forms[job.workspace]
    engine = reader(job.engine, job.known.words, job.known.steps, job.known.weights)
    result, placed = read_page(page.grey, forms=forms, engine=engine)
    if not isinstance(result, Several):
        _show(job, page.grey, result, placed, 0)
        sheet = _Sheet(data=page.data, suffix=page.suffix, result=result)
        return (_unkept_if_slip(sheet, page.grey, forms),)
    done = []
    for part, corners in enumerate(result.corners_px, start=1):
        cut, origin = intake.cut_apart(page.grey, corners)
        alone, placed = read_page(cut, forms=forms, engine=engine)
        if isinstance(alone, Several):
            alone = Unplaced(reason="These leaflets overlap in the picture: scan them one by one.")
        _show(job, cut, alone, placed, part)
        sheet = _Sheet(
            data=intake.as_png(cut),
            suffix=".png",
            result=alone,
            part=part,
            origin_px=origin,
        )
        done.append(_unkept_if_slip(sheet, cut, forms))
    return tuple(done)


def _unkept_if_slip(sheet: _Sheet, grey: Grey, forms: Forms) -> _Sheet:
    """Without its picture, if it is a contact slip that could not be placed: nobody would know that
    there is a number to delete. The paper is still there, and has to be scanned again anyway.
    """
    if not isinstance(sheet.result, Unplaced):
        return sheet
    slips = {m.id for f in forms if f.template == CONTACT for p in f.pages for m in p.markers}
    seen = {number for number, _ in register.find_markers(register.levels(grey))}
    if not seen & slips or len(seen & slips) < len(seen - slips):
        return sheet
    reason = f"{sheet.result.reason} (A contact slip, it seems: no picture of it was kept.)"
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


def _record(
    repo: Repository,
    known_papers: beyond.Papers,
    forms: Forms,
    job: _Job | intake.BadFile,
    done: _Done | None,
) -> list[PageOutcome]:
    """Keep the originals, know pages that were here before, and write down the state of each."""
    if isinstance(job, intake.BadFile):
        bad = PageOutcome(
            file=job.path, page=1, status="unplaced", image_sha256="", reason=job.reason
        )
        return [repo.record(bad)]
    sheets = done or (
        _Sheet(data=b"", suffix="", result=Unplaced(reason="This page could not be read.")),
    )
    return [_record_sheet(repo, known_papers, forms, job.source, sheet) for sheet in sheets]


def _record_sheet(
    repo: Repository,
    known_papers: beyond.Papers,
    forms: Forms,
    source: PageSource,
    sheet: _Sheet,
) -> PageOutcome:
    base = PageOutcome(
        file=source.path,
        page=source.page,
        status="unplaced",
        image_sha256="",
        part=sheet.part,
        origin_px=sheet.origin_px,
    )
    if not sheet.data:
        return repo.record(_outcome(base, sheet.result))
    if _asks_for_a_call(sheet.result):
        return _record_contact(repo, forms, base, sheet)
    base = replace(base, image_sha256=repo.keep_original(sheet.data, sheet.suffix))
    known = repo.known_image(base.image_sha256)
    if known is not None and isinstance(sheet.result, PageReading) and known.story_id:
        return repo.record(_duplicate(base, known.story_id))
    result = sheet.result
    if not isinstance(result, PageReading) or assemble.is_blank(result):
        return repo.record(_outcome(base, result))
    for story_id in known_papers.similar(result.fingerprint):
        before = repo.story(story_id).reading
        if (result.template, result.version) != (before.template, before.version):
            continue
        likeness = beyond.likeness(result.fingerprint, before.fingerprint, _told(forms, result))
        if likeness == "same" and assemble.same_marks(result, before):
            return repo.record(_duplicate(base, story_id))
        if likeness != "other":
            but = "too little is written to be sure"
            if likeness != "alike" or not assemble.same_marks(result, before):
                but = "something on it differs"
            notice = f"This looks like {story_id} scanned again, but {but}: please compare the two."
            result = replace(result, notices=(*result.notices, notice))
            break
    outcome = repo.record(_outcome(base, result))
    if outcome.status == "read" and outcome.story_id:
        known_papers.add(outcome.story_id, result.fingerprint)
    return outcome


def _told(forms: Forms, reading: PageReading) -> beyond.Inked:
    """Where the ink of such a page tells one hand from another; nowhere, if the form is unknown."""
    layout = forms.get(reading.template, reading.version)
    return beyond.hands(layout.page(reading.sheet_page)) if layout else np.zeros((0, 0), bool)


def _asks_for_a_call(result: PageReading | BlankPage | Unplaced) -> bool:
    """Whether this goes to the contact slips: never to the stories, whatever is written on it."""
    return (
        isinstance(result, PageReading)
        and result.template == CONTACT
        and not assemble.is_blank(result)
    )


def _record_contact(
    repo: Repository, forms: Forms, base: PageOutcome, sheet: _Sheet
) -> PageOutcome:
    """A slip is kept once, picture and all, so that all of it can be deleted."""
    base = replace(base, image_sha256=hashlib.sha256(sheet.data).hexdigest())
    outcome = _outcome(base, sheet.result)
    for contact in repo.contacts():
        if outcome.reading is not None and _same_slip(outcome.reading, contact.reading, forms):
            outcome = replace(outcome, contact_id=contact.id)
    return repo.record_contact(outcome, sheet.data, sheet.suffix)


def _same_slip(one: PageReading, other: PageReading, forms: Forms) -> bool:
    """Cells make all slips alike, and a slip taken for another is a call that nobody makes: so the
    ink has to be the same and say the same."""
    if one.version != other.version:
        return False
    said = [
        [v.value for v in reading.fields.values() if isinstance(v, CombValue)]
        for reading in (one, other)
    ]
    alike = beyond.likeness(one.fingerprint, other.fingerprint, _told(forms, one))
    return said[0] == said[1] and alike == "same" and assemble.same_marks(one, other)


def _duplicate(base: PageOutcome, story_id: str) -> PageOutcome:
    reason = f"The same leaflet as {story_id}: it counts once."
    return replace(base, status="duplicate", story_id=story_id, reason=reason)


def _outcome(base: PageOutcome, result: PageReading | BlankPage | Unplaced) -> PageOutcome:
    if isinstance(result, Unplaced):
        return replace(base, reason=result.reason)
    if isinstance(result, BlankPage):
        return replace(base, status="blank", reason=result.reason)
    if assemble.is_blank(result):
        what = "A contact slip" if result.template == CONTACT else "A leaflet"
        reason = f"{what} with nothing written on it."
        if assemble.may_be_hidden(result):
            reason = (
                f"{what} on which this scan shows nothing. Pencil may not show: look at the paper."
            )
        if not result.fields:
            reason = "The outside of a leaflet."
        return replace(base, status="blank", reason=reason, reading=result)
    what = "Contact slip" if result.template == CONTACT else "Leaflet"
    reason = f"{what} {base.part} of those in this picture." if base.part else ""
    return replace(base, status="read", reading=result, reason=reason)
