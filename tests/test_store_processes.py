"""The store with several processes at once, and with processes that die."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from made_stories import outcome
from sqlalchemy import event

from leaflets.errors import StorageFailure
from scan_pipeline.store import open_store

ROOT = Path(__file__).resolve().parent.parent


def database(workspace: Path) -> Path:
    return workspace / "leaflets.sqlite3"


def start(script: str, *args: object) -> subprocess.Popen[str]:
    """A Python process of its own, that finds this checkout and the helpers of the tests."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
    )


def test_opening_a_store_that_is_up_to_date_loads_no_alembic(tmp_path: Path) -> None:
    with open_store(tmp_path) as repo:
        repo.record(outcome())
    again = (
        "import sys; from pathlib import Path; from scan_pipeline.store import open_store\n"
        "with open_store(Path(sys.argv[1])) as repo: print(len(repo.stories()))\n"
        "print('alembic' in sys.modules)"
    )
    done = start(again, tmp_path)
    assert done.communicate() == ("1\nFalse\n", "")


# Several processes at once

RECORDS = """
import sys
from pathlib import Path
from made_stories import outcome
from scan_pipeline.store import open_store
with open_store(Path(sys.argv[1])) as repo:
    shared = repo.keep_original(b"the same picture in every process", ".png")
    for page in range(10):
        print(repo.record(outcome(page)).story_id)
    repo.record(outcome(99, image=shared))
"""


def test_four_processes_open_an_empty_folder_at_once_and_record(tmp_path: Path) -> None:
    workspace = tmp_path / "not there yet"
    running = [start(RECORDS, workspace) for _ in range(4)]
    done = [process.communicate(timeout=60) for process in running]
    assert [err for _, err in done] == [""] * 4
    ids = [line for out, _ in done for line in out.split()]
    assert len(ids) == len(set(ids)) == 40
    with open_store(workspace) as repo:
        assert len(repo.ledger()) == 44
        assert [row.status for row in repo.ledger() if row.page == 99].count("read") == 1
        stories = repo.stories()
    assert sorted(int(story.id.split("-")[2]) for story in stories) == list(range(1, 42))


def test_somebody_reads_while_another_process_writes(tmp_path: Path) -> None:
    with open_store(tmp_path) as repo:
        repo.record(outcome())
        with repo._write() as connection:
            connection.exec_driver_sql("DELETE FROM readings")
            assert len(repo.stories()) == 1
            connection.rollback()


def test_who_waits_too_long_for_another_process_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scan_pipeline.store.opening.BUSY_S", 0.05)
    with open_store(tmp_path) as repo:
        other = sqlite3.connect(database(tmp_path), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageFailure, match="in use by another program"):
            repo.record(outcome())
        other.execute("ROLLBACK")
        other.close()
        assert repo.record(outcome()).story_id


# A power cut

DIES = """
import os, signal, sys
from pathlib import Path
from made_stories import outcome
from scan_pipeline.store import open_store
from sqlalchemy import event
steps = int(sys.argv[2])
with open_store(Path(sys.argv[1])) as repo:
    def step(*_):
        global steps
        if steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        steps -= 1
    event.listen(repo._engine, "before_cursor_execute", step)
    event.listen(repo._engine, "commit", step)
    repo.record(outcome(2))
print("done")
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_process_that_dies_while_recording_leaves_nothing_half(tmp_path: Path) -> None:
    with open_store(tmp_path) as repo:
        repo.record(outcome(1))
    died = 0
    while True:
        process = start(DIES, tmp_path, died)
        out, err = process.communicate(timeout=60)
        assert err == ""
        if out:
            break
        assert process.returncode == -9
        died += 1
        with open_store(tmp_path) as repo:
            assert [row.page for row in repo.ledger()] == [1]
            assert len(repo.stories()) == 1
    assert died >= 5
    with open_store(tmp_path) as repo:
        assert [row.page for row in repo.ledger()] == [1, 2]
        assert len({story.id for story in repo.stories()}) == 2


def test_an_error_in_the_middle_takes_all_of_a_page_back(tmp_path: Path) -> None:
    with open_store(tmp_path) as repo:

        def stop(_c: object, _cu: object, statement: str, *_: object) -> None:
            if statement.startswith("INSERT INTO readings"):
                raise OSError(28, "No space left on device")

        event.listen(repo._engine, "before_cursor_execute", stop)
        with pytest.raises(StorageFailure, match="disk is full"):
            repo.record(outcome())
        event.remove(repo._engine, "before_cursor_execute", stop)
        assert (repo.ledger(), repo.stories()) == ([], [])
        assert str(repo.record(outcome()).story_id).endswith("-001")
