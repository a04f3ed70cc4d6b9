"""The processes that read pages: lent for a while, and gone whatever stops the scan."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

import cv2

ONE_THREAD = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)
"""What numpy's linear algebra goes by, whoever made it; read as a process starts. Threads that wait
for one another on busy cores take twice the time that the work takes."""

Job = TypeVar("Job")
Done = TypeVar("Done")


@contextmanager
def lent(workers: int) -> Iterator[Executor]:
    """A pool of processes. Whatever ends its use early ends them after the page in hand: killed in
    the middle of handing a result over, one would leave the pool waiting for its rest for ever.
    What they had put aside is deleted."""
    os.environ |= dict.fromkeys(ONE_THREAD, "1")  # each process has a core, and needs no other
    with tempfile.TemporaryDirectory(prefix="leaflets-", ignore_cleanup_errors=True) as aside:
        # "spawn" everywhere: the same on Windows and macOS, and no locks inherited from threads.
        pool = ProcessPoolExecutor(
            workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(aside,)
        )
        try:
            yield pool
        except BaseException:
            # It is ending already: pressing Ctrl+C again can change nothing.
            with _held_back(later=False):
                pool.shutdown(cancel_futures=True)
            raise
        with _held_back():
            pool.shutdown()


def hand(pool: Executor, work: Callable[[Job], Done], job: Job) -> Future[Done]:
    """Give a job to the pool; a process that starts for it is known to the pool, or not started."""
    with _held_back():
        return pool.submit(work, job)


@contextmanager
def _held_back(*, later: bool = True) -> Iterator[None]:
    """Ctrl+C waits until the end of the block; it is forgotten then unless `later`. Processes that
    start meanwhile never hear of it: the one that asked says what was kept."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    masks = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else set()
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    if later and pressed and callable(before):
        before(signal.SIGINT, None)


def _begin(aside: str) -> None:
    cv2.setNumThreads(1)
    tempfile.tempdir = aside
    if (parent := parent_process()) is not None:
        threading.Thread(target=_end_with, args=(parent, aside), daemon=True).start()
    # Ctrl+C reaches every process of a terminal, on Windows too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_with(parent: BaseProcess, aside: str) -> None:
    """End as soon as the scan does, even if it was killed: nobody else would end this process, or
    delete what it had put aside."""
    wait([parent.sentinel])
    shutil.rmtree(aside, ignore_errors=True)
    os._exit(1)
