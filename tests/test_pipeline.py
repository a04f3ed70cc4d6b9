"""The pool: a page that kills its worker is named, and the rest of the batch is read."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

import made_stories
import numpy as np
import papers
import pikepdf
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from scan_pipeline import pipeline, pool, report, worker
from scan_pipeline.learning.learned import Known
from scan_pipeline.overlay import turned
from scan_pipeline.page import BlankPage, PageSource, Unplaced
from scan_pipeline.reading import intake
from scan_pipeline.recording import Recorder
from scan_pipeline.store import open_store
from scan_pipeline.worker import Done, Job, Sheet


def job(number: int) -> Job:
    source = PageSource(path="batch.pdf", page=number, kind="pdf")
    return Job(source=source, workspace=Path("w"), engine="ppocr", known=Known(), overlay=None)


def deadly(job: Job) -> Done:
    """A worker that dies on page 2, as one that runs out of memory does."""
    if job.source.page == 2:
        os._exit(9)
    blank = BlankPage(reason=f"page {job.source.page}")
    return (Sheet(data=b"x", suffix=".png", result=blank),)


def test_a_page_that_kills_its_worker_is_named_and_the_others_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline, "work", deadly)
    done = list(pipeline._run([job(n) for n in range(1, 7)], workers=2))
    assert [j.source.page for j, _ in done if isinstance(j, Job)] == [1, 2, 3, 4, 5, 6]
    results = [d[0].result for _, d in done if d is not None]
    assert isinstance(results[1], Unplaced) and "too much for the computer" in results[1].reason
    assert [r.reason for k, r in enumerate(results) if k != 1] == [
        f"page {n}" for n in (1, 3, 4, 5, 6)
    ]


def test_a_fault_of_ours_at_one_page_is_said_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its place alone: what an error says may be what somebody wrote."""
    scans = [
        papers.save(papers.filled(papers.WRITTEN, k).image, tmp_path / f"{k}.png") for k in (1, 2)
    ]
    real, calls = worker.read_page, itertools.count()

    def faulty(*given: Any, **more: Any) -> Any:
        if next(calls) == 0:
            raise KeyError("what somebody wrote")
        return real(*given, **more)

    monkeypatch.setattr(worker, "read_page", faulty)
    first, second = pipeline.scan(scans, workspace=tmp_path / "w", engine="none", workers=1)
    assert (first.status, second.status) == ("unplaced", "read")
    assert "KeyError in test_pipeline.py" in first.reason and first.image_sha256
    assert "somebody wrote" not in first.reason


SCAN = """
import time
import zlib
from scan_pipeline.pool import hand, lent
with lent(1) as pool:
    for asked in ("__import__('os').getpid()", "__import__('tempfile').mkstemp()[1]"):
        print(hand(pool, eval, asked).result(), flush=True)
    time.sleep(60)
"""


def runs(pid: int) -> bool:
    """Whether a process is there and more than an entry that nobody has read yet."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_scan_that_is_killed_leaves_no_process_and_nothing_that_was_put_aside() -> None:
    with subprocess.Popen([sys.executable, "-c", SCAN], stdout=subprocess.PIPE, text=True) as scan:
        assert scan.stdout is not None
        worker, aside = int(scan.stdout.readline()), Path(scan.stdout.readline().strip())
        assert runs(worker) and aside.exists()
        scan.kill()
    for _ in range(100):
        if not (runs(worker) or aside.parent.exists()):
            return
        time.sleep(0.1)
    pytest.fail("the worker is still there")


def test_a_process_that_reads_keeps_to_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one core there is nothing to be seen here; on two, numpy would start threads."""
    for name in pool.ONE_THREAD:
        monkeypatch.setenv(name, "")  # and put back as it was
        os.environ.pop(name)
    asked = "[__import__('numpy').ones(9), __import__('psutil').Process().num_threads()][1]"
    with pool.lent(1) as one:
        threads = pool.hand(one, eval, asked).result()
    assert threads == 2  # its own, and the one that watches whether the scan is still there


class Breaking(ThreadPoolExecutor):
    """A pool of which a worker dies while pages are still given to it."""

    given = 0

    def submit(self, *args: Any, **more: Any) -> Future[Any]:
        Breaking.given += 1
        if Breaking.given == 3:
            raise BrokenProcessPool()
        return super().submit(*args, **more)


def test_no_page_is_lost_when_a_worker_dies_while_pages_are_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline, "work", lambda job: deadly(job) if job.source.page != 2 else ())
    monkeypatch.setattr(pipeline, "lent", Breaking)
    done = list(pipeline._run([job(n) for n in range(1, 7)], workers=2))
    assert [j.source.page for j, _ in done if isinstance(j, Job)] == [1, 2, 3, 4, 5, 6]


def test_a_damaged_pdf_is_never_an_empty_page_and_what_is_read_of_it_is_asked_about(
    tmp_path: Path,
) -> None:
    image = papers.filled(papers.WRITTEN, 3, handwriting=False).image
    whole = zlib.compress(image.tobytes())
    height, width = image.shape
    files = []
    for name, share in ("top", 0.02), ("most", 0.96), ("all", 1.0):
        pdf = pikepdf.new()
        pdf.add_blank_page(page_size=(842, 595))
        kind = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Image}
        size = {"Width": width, "Height": height, "BitsPerComponent": 8}
        part = pdf.make_stream(
            whole[: round(share * len(whole))], **kind, **size, ColorSpace=pikepdf.Name.DeviceGray
        )
        part.Filter = pikepdf.Name.FlateDecode
        pdf.pages[0].Resources = pikepdf.Dictionary(XObject={"/scan": part})
        pdf.pages[0].Contents = pdf.make_stream(b"842 0 0 595 0 0 cm /scan Do")
        pdf.save(tmp_path / f"{name}.pdf")
        files.append(tmp_path / f"{name}.pdf")
    found = list(pipeline.scan(files, workspace=tmp_path / "w", engine="none", workers=1))
    assert (found[0].status, found[0].reason) == ("unplaced", intake.DAMAGED_PAGE)
    assert all(one.reading is not None for one in found[1:])
    asked = [worker.DAMAGED_PDF in one.reading.notices for one in found[1:] if one.reading]
    assert asked == [True, False]


def test_two_leaflets_in_one_picture_are_two_stories(tmp_path: Path) -> None:
    """Each has its own outcome, its own original, and its place in the whole picture."""
    first = papers.filled(papers.WRITTEN, 3).image
    second = papers.filled(replace(papers.WRITTEN, rating="poor"), 4).image
    scan = papers.save(np.vstack([first, second]), tmp_path / "a3.png")
    place = tmp_path / "workspace"
    found = list(pipeline.scan([scan], workspace=place, engine="tesseract"))
    assert [(o.status, o.page, o.part) for o in found] == [("read", 1, 1), ("read", 1, 2)]
    assert len({o.story_id for o in found}) == 2 and len({o.image_sha256 for o in found}) == 2
    told = [report.contract(o) for o in found]
    ratings = [t["fields"]["rating"] for t in told]
    assert [r["value"] for r in ratings] == ["good", "poor"]
    down = ratings[1]["quad_px"][0][1] - ratings[0]["quad_px"][0][1]
    assert down == pytest.approx(first.shape[0], abs=3)
    again = list(pipeline.scan([scan], workspace=place, engine="tesseract"))
    assert [(o.status, o.story_id) for o in again] == [("duplicate", o.story_id) for o in found]


def test_a_leaflet_that_comes_back_with_another_tick_is_not_taken_for_the_same(
    tmp_path: Path,
) -> None:
    image = papers.filled(papers.WRITTEN, 3).image
    box = next(f.box for f in papers.layout().page(1).fields if f.name == "consent_display")
    undone = image.copy()
    rows = slice(round(box.y_mm * 11.811), round(box.bottom_mm * 11.811))
    undone[rows, round(box.x_mm * 11.811) : round(box.right_mm * 11.811)] = 30
    place = tmp_path / "workspace"
    first, again, changed = (
        next(
            pipeline.scan(
                [papers.save(picture, tmp_path / name)], workspace=place, engine="tesseract"
            )
        )
        for name, picture in (
            ("a.png", image),
            ("b.png", np.rot90(image).copy()),
            ("c.png", undone),
        )
    )
    assert (again.status, again.story_id) == ("duplicate", first.story_id)
    assert changed.status == "read" and changed.story_id != first.story_id
    assert changed.reading is not None
    assert any(str(first.story_id) in notice for notice in changed.reading.notices)


def test_the_same_ticks_of_several_people_are_a_story_each(tmp_path: Path) -> None:
    """Ticks of two people in one box look the same: no leaflet may be lost for that."""
    ticked = replace(papers.EMPTY, feelings=("safe",), rating="very_good", consent_display=True)
    scans = [
        papers.save(papers.filled(ticked, seed).image, tmp_path / f"{seed}.png")
        for seed in (300, 301, 302, 303)
    ]
    place = tmp_path / "workspace"
    found = list(pipeline.scan(scans, workspace=place, engine="none", workers=1))
    assert [o.status for o in found] == ["read"] * 4
    assert len({o.story_id for o in found}) == 4
    told = [notice for o in found if o.reading is not None for notice in o.reading.notices]
    assert any("too little is written to be sure: please compare" in notice for notice in told)
    (again,) = pipeline.scan(scans[2:3], workspace=place, engine="none")  # the same file
    assert (again.status, again.story_id) == ("duplicate", found[2].story_id)


def test_pages_that_an_interrupted_scan_did_not_reach_are_in_the_ledger(tmp_path: Path) -> None:
    scans = [
        papers.save(np.full((900, 700), 250, np.uint8), tmp_path / f"{k}.png") for k in range(3)
    ]
    place = tmp_path / "workspace"
    broken_off = pipeline.scan(scans, workspace=place, engine="none", workers=1)
    assert next(broken_off).status == "blank"
    broken_off.close()  # as when the power goes
    with open_store(place) as repo:
        told = [(Path(row.file).name, row.status) for row in repo.ledger()]
    assert told == [("0.png", "blank"), ("1.png", "waiting"), ("2.png", "waiting")]
    assert len(list(pipeline.scan(scans, workspace=place, engine="none", workers=1))) == 3
    with open_store(place) as repo:
        assert "waiting" not in {row.status for row in repo.ledger()}


def test_a_page_is_read_or_awaited_never_both_wherever_a_scan_stops(tmp_path: Path) -> None:
    """Two leaflets and a slip in one picture: all of them are written down, or none."""
    inks = [b"\x00\x10" + half for half in (b"\xff\x00" * 40, b"\x00\xff" * 40)]  # 16 cells wide
    one, two = (made_stories.reading(ink=ink) for ink in inks)
    kinds = (one, replace(one, template="contact"), two)
    sheets = [
        Sheet(data=bytes([part]), suffix=".png", result=kind, part=part)
        for part, kind in enumerate(kinds, start=1)
    ]
    of_slip = f"{hashlib.sha256(sheets[1].data).hexdigest()}.png"
    with open_store(tmp_path) as repo:
        (number,) = repo.expect([("a3.png", 1)])
        for last in itertools.count():
            recorder = Recorder(repo, papers.forms(tmp_path / "forms"))
            steps = iter([False] * last + [True])

            def stop(*_: object, steps: Iterator[bool] = steps) -> None:
                if next(steps, False):
                    raise KeyboardInterrupt

            event.listen(repo._engine, "before_cursor_execute", stop)
            event.listen(repo._engine, "commit", stop)
            try:
                found = recorder.record(sheets, file="a3.png", page=1, number=number)
                break
            except KeyboardInterrupt:
                pass
            finally:
                event.remove(repo._engine, "before_cursor_execute", stop)
                event.remove(repo._engine, "commit", stop)
            assert [(row.page, row.status) for row in repo.ledger()] == [(1, "waiting")]
            assert (repo.stories(), repo.contacts(), repo.count_arrived()) == ([], [], 0)
            assert not list(tmp_path.rglob(of_slip))
        assert last > 10
        assert [o.status for o in found] == ["read"] * 3 and found[1].contact_id
        assert [row.status for row in repo.ledger()] == ["read"] * 3
        assert repo.count_arrived() == 1
        assert len(list(tmp_path.rglob(of_slip))) == 1


def test_two_scans_at_once_know_the_papers_of_each_other(tmp_path: Path) -> None:
    image, place = papers.filled(papers.WRITTEN, 3).image, tmp_path / "workspace"
    blank, first, again = (
        papers.save(picture, tmp_path / name)
        for name, picture in (
            ("blank.png", papers.printed()),
            ("first.png", image),
            ("again.png", np.rot90(image).copy()),
        )
    )
    slow = pipeline.scan([blank, again], workspace=place, engine="none", workers=1)
    assert next(slow).status == "blank"
    (quick,) = pipeline.scan([first], workspace=place, engine="none", workers=1)
    assert quick.status == "read"
    assert [(o.status, o.story_id) for o in slow] == [("duplicate", quick.story_id)]


@given(x=st.floats(0, 29), y=st.floats(0, 19), turns=st.integers(0, 3))
def test_turned_points_lie_where_the_turned_picture_shows_them(
    x: float, y: float, turns: int
) -> None:
    picture = np.zeros((20, 30), np.uint8)
    column, row = round(x), round(y)
    picture[row, column] = 1
    ((to_x, to_y),) = turned(np.array([[column, row]], dtype=np.float64), turns, picture.shape)
    assert np.rot90(picture, turns)[int(to_y), int(to_x)] == 1
