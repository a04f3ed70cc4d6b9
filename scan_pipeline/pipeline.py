"""The order of the stages, and the pool that runs them. Every page image ends in one state."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import cv2

from scan_pipeline.forms import Forms, load_forms
from scan_pipeline.overlay import draw_overlay
from scan_pipeline.page import BlankPage, Grey, PageSource, RegisteredPage, Unplaced
from scan_pipeline.reading import assemble, beyond, intake
from scan_pipeline.reading.place import place
from scan_pipeline.reading.recognise import Recogniser, recogniser
from scan_pipeline.store import Repository, open_store
from scan_pipeline.story import PageOutcome, PageReading

IN_FLIGHT = 2
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    source: PageSource
    workspace: Path
    engine: str
    overlay: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What a worker sends back: the page as it is kept, and what became of it."""

    data: bytes
    suffix: str
    result: PageReading | BlankPage | Unplaced


def read_page(
    grey: Grey, *, forms: Forms, engine: Recogniser | None = None
) -> tuple[PageReading | BlankPage | Unplaced, RegisteredPage | None]:
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
    """Read every page image of `paths` into the workspace; one outcome each, in input order.

    With `store` given the caller keeps it open; otherwise the workspace's own is used.
    """
    jobs, total = _jobs(paths, workspace, engine, overlay)
    load_forms(workspace)
    if overlay is not None:
        overlay.mkdir(parents=True, exist_ok=True)
    repo = store if store is not None else open_store(workspace)
    try:
        for count, (job, done) in enumerate(_run(jobs, workers or _cores()), start=1):
            yield _record(repo, job, done)
            if progress is not None:
                progress(count, total)
    finally:
        if store is None:
            repo.close()


def _jobs(
    paths: Sequence[Path], workspace: Path, engine: str, overlay: Path | None
) -> tuple[list[_Job | intake.BadFile], int]:
    jobs: list[_Job | intake.BadFile] = []
    for found in intake.find_files(paths):
        pages = found if isinstance(found, intake.BadFile) else intake.find_pages(found)
        if isinstance(pages, intake.BadFile):
            jobs.append(pages)
            continue
        jobs.extend(
            _Job(source=page, workspace=workspace, engine=engine, overlay=overlay) for page in pages
        )
    return jobs, len(jobs)


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
        return _Done(data=b"", suffix="", result=Unplaced(reason=reason))
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


_forms: dict[Path, Forms] = {}


def work(job: _Job) -> _Done:
    """Decode and read one page (in a worker process)."""
    page = intake.load_page(job.source)
    if isinstance(page, Unplaced):
        return _Done(data=b"", suffix="", result=page)
    if job.workspace not in _forms:
        _forms[job.workspace] = load_forms(job.workspace)
    result, placed = read_page(
        page.grey, forms=_forms[job.workspace], engine=recogniser(job.engine)
    )
    if job.overlay is not None:
        name = f"{Path(job.source.path).stem}-{job.source.page:03d}.png"
        draw_overlay(page.grey, result, placed, job.overlay / name)
    return _Done(data=page.data, suffix=page.suffix, result=result)


def _record(repo: Repository, job: _Job | intake.BadFile, done: _Done | None) -> PageOutcome:
    """Keep the original, know a page that was here before, and write the one state down."""
    if isinstance(job, intake.BadFile) or done is None:
        path = job.path if isinstance(job, intake.BadFile) else job.source.path
        reason = job.reason if isinstance(job, intake.BadFile) else "This page could not be read."
        return repo.record(_outcome(path, 1, "", Unplaced(reason=reason)))
    path, number = job.source.path, job.source.page
    if not done.data:
        return repo.record(_outcome(path, number, "", done.result))
    sha256 = repo.keep_original(done.data, done.suffix)
    known = repo.known_image(hashlib.sha256(done.data).hexdigest())
    if known is not None and isinstance(done.result, PageReading) and known.story_id:
        return repo.record(_duplicate(path, number, sha256, known.story_id))
    if isinstance(done.result, PageReading) and not assemble.is_blank(done.result):
        for story_id, print_ in repo.fingerprints(done.result.template, done.result.version):
            if beyond.same_paper(done.result.fingerprint, print_):
                return repo.record(_duplicate(path, number, sha256, story_id))
    return repo.record(_outcome(path, number, sha256, done.result))


def _duplicate(path: str, number: int, sha256: str, story_id: str) -> PageOutcome:
    return PageOutcome(
        file=path,
        page=number,
        status="duplicate",
        image_sha256=sha256,
        story_id=story_id,
        reason=f"The same leaflet as {story_id}: it counts once.",
    )


def _outcome(
    path: str, number: int, sha256: str, result: PageReading | BlankPage | Unplaced
) -> PageOutcome:
    base = PageOutcome(file=path, page=number, status="unplaced", image_sha256=sha256)
    if isinstance(result, Unplaced):
        return replace(base, reason=result.reason)
    if isinstance(result, BlankPage):
        return replace(base, status="blank", reason=result.reason)
    if assemble.is_blank(result):
        reason = (
            "A leaflet with nothing written on it."
            if result.fields
            else "The outside of a leaflet."
        )
        return replace(base, status="blank", reason=reason, reading=result)
    return replace(base, status="read", reading=result)
