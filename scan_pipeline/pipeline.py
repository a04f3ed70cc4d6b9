"""From files to outcomes: the pool that reads pictures, and the store that keeps them. Every page
image ends in one state."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from scan_pipeline.forms import load_forms
from scan_pipeline.learning.learned import known_here
from scan_pipeline.overlay import overlay_names
from scan_pipeline.pool import hand, lent
from scan_pipeline.reading import intake
from scan_pipeline.recording import Recorder, not_kept
from scan_pipeline.store import Repository, open_store
from scan_pipeline.story import PageOutcome
from scan_pipeline.worker import Done, Job, unread, work

IN_FLIGHT = 2
Progress = Callable[[int, int], None]


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
) -> tuple[list[Job | intake.BadFile], int]:
    known = known_here(workspace)
    jobs: list[Job | intake.BadFile] = []
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
            Job(source=page, workspace=workspace, engine=engine, known=known, overlay=drawn)
            for page in pages
        )
    return jobs, len(jobs)


def _place_of(job: Job | intake.BadFile) -> tuple[str, int]:
    return (job.source.path, job.source.page) if isinstance(job, Job) else (job.path, 1)


def _is_there(job: Job | intake.BadFile) -> bool:
    """A name that was mistyped is told of, and is no page that anybody would look for later."""
    return isinstance(job, Job) or job.there


def _sheets(job: Job | intake.BadFile, done: Done | None) -> Done:
    if isinstance(job, intake.BadFile):
        return (unread(job.reason),)
    return done or (unread("This page could not be read."),)


def _run(
    jobs: Sequence[Job | intake.BadFile], workers: int
) -> Iterator[tuple[Job | intake.BadFile, Done | None]]:
    """Results in input order; few pages in flight, so memory stays bounded."""
    todo = deque(jobs)
    real = sum(isinstance(job, Job) for job in jobs)
    if real <= 1 or workers == 1:
        for job in jobs:
            yield job, work(job) if isinstance(job, Job) else None
        return
    while todo:
        flying: deque[tuple[Job | intake.BadFile, Future[Done] | None]] = deque()
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


def _handed(pool: Executor, job: Job | intake.BadFile) -> Future[Done] | None:
    return hand(pool, work, job) if isinstance(job, Job) else None


def _alone(job: Job | intake.BadFile) -> Done | None:
    if not isinstance(job, Job):
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
