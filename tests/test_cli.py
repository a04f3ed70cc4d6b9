"""The command as people type it: data on stdout, a sentence and a documented exit code."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import made_stories
import numpy as np
import papers
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from leaflets.settings import EXAMPLE, write_settings
from scan_pipeline import respond as answers
from scan_pipeline.batch import Batch
from scan_pipeline.cli import main
from scan_pipeline.commands import staff
from scan_pipeline.commands.ending import UNHEARD
from scan_pipeline.demo.letter import draw_letter
from scan_pipeline.store import open_store
from scan_pipeline.story import PageOutcome


def leaflets(workspace: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["--workspace", str(workspace), *map(str, arguments)])


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A leaflet, the same one again, a blank one, a letter, and a file that is nothing."""
    folder = tmp_path_factory.mktemp("batch")
    filled = papers.filled(papers.WRITTEN, 2).image
    papers.save(filled, folder / "1.png")
    papers.save(np.ascontiguousarray(filled[::-1, ::-1]), folder / "2-again-upside-down.png")
    papers.save(papers.printed(1), folder / "3-blank.png")
    papers.save(np.asarray(draw_letter(12.0), np.uint8), folder / "4-letter.png")
    (folder / "5-empty.pdf").touch()
    return folder


@pytest.fixture(scope="module")
def scanned(batch: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    workspace = tmp_path_factory.mktemp("workspace")
    return workspace, leaflets(workspace, "scan", batch, "--json")


def test_every_page_is_accounted_for_in_one_state(scanned: tuple[Path, Result]) -> None:
    _, result = scanned
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [r["status"] for r in rows] == ["read", "duplicate", "blank", "unplaced", "unplaced"]
    assert all(r["schema"] == 1 for r in rows)
    assert rows[1]["story"] == rows[0]["story"]
    assert all(r["reason"] for r in rows[1:])
    assert "1 new leaflet, 1 blank, 1 seen before, 2 pages I could not place:" in result.stderr


def test_the_contract_of_a_page_that_was_read(scanned: tuple[Path, Result]) -> None:
    row = json.loads(scanned[1].stdout.splitlines()[0])
    assert row["template"] == "story" and row["sheet_page"] == 1
    assert row["registration"]["markers_found"] == 8
    fields = row["fields"]
    assert list(fields) == [f.name for f in papers.layout().page(1).fields]
    for name in ("rating", "author_role", "visit_when", "consent_display"):
        assert fields[name]["value"] == getattr(papers.WRITTEN, name)
        assert fields[name]["review"] is False
    assert set(fields["feelings"]["value"]) == {"welcomed", "hopeful"}
    story = fields["story"]
    assert story["lines"] and all(len(line["quad_px"]) == 4 for line in story["lines"])
    assert {"text", "confidence"} <= set(story["lines"][0]["words"][0])
    assert "group was kind" in story["text"]


def test_scanned_again_nothing_is_new(scanned: tuple[Path, Result], batch: Path) -> None:
    workspace, _ = scanned
    result = leaflets(workspace, "scan", batch / "1.png", "--json")
    assert json.loads(result.stdout)["status"] == "duplicate"


def test_the_ledger_lists_what_came_in(scanned: tuple[Path, Result]) -> None:
    result = leaflets(scanned[0], "ledger", "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [r["status"] for r in rows][:5] == ["read", "duplicate", "blank", "unplaced", "unplaced"]


def test_a_dry_run_keeps_nothing(batch: Path, tmp_path: Path) -> None:
    result = leaflets(tmp_path / "w", "scan", batch / "1.png", "--dry-run", "--engine", "tesseract")
    assert result.exit_code == 0 and "1 leaflet." in result.output
    assert not list((tmp_path / "w").glob("*.sqlite3"))


def test_the_overlay_is_written_for_every_page_that_could_be_opened(
    batch: Path, tmp_path: Path
) -> None:
    paths = [batch / "2-again-upside-down.png", batch / "4-letter.png"]
    leaflets(tmp_path, "scan", *paths, "--overlay", tmp_path / "seen", "--engine", "tesseract")
    drawn = list((tmp_path / "seen").glob("*.png"))
    assert len(drawn) == 2
    if os.name == "posix":
        assert {stat.S_IMODE(path.stat().st_mode) for path in drawn} == {0o600}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["print", "nothing", "-o", "x.pdf"], 2, "nothing"),
        (["print", "story", "-o", "x.pdf", "--batch", "toolong"], 2, "four letters"),
        (["scan", "not-here.pdf"], 5, "Check how it is written"),
        (["scan", "x.png", "--engine", "magic"], 2, "magic"),
        (["respond", "S-2026-999", "--text", "a", "--name", "b", "--role", "c"], 2, "S-2026-999"),
        (["proof", "not-here.pdf"], 5, "not-here.pdf"),
    ],
)
def test_mistakes_get_a_sentence_and_their_code(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = leaflets(tmp_path / "w", *arguments)
    assert result.exit_code == code, result.output
    assert words.lower() in result.output.lower()
    assert "Traceback" not in result.output


def test_a_path_that_is_not_there_is_no_page(tmp_path: Path) -> None:
    told = leaflets(tmp_path / "w", "scan", tmp_path / "nothere", "--engine", "none")
    assert told.exit_code == 5 and "nothere" in told.output
    assert "could not place" not in told.output and "Scan the pages again" not in told.output
    assert leaflets(tmp_path / "w", "ledger").stdout == "No page has come in yet.\n"


def test_a_mistyped_path_among_others_is_told_of_and_not_kept(tmp_path: Path) -> None:
    Image.fromarray(np.full((700, 900), 255, np.uint8)).save(tmp_path / "1.png")
    paths = (tmp_path / "nothere", tmp_path / "1.png", tmp_path / "gone.pdf")
    told = leaflets(tmp_path / "w", "scan", *paths, "--engine", "none")
    assert told.exit_code == 0 and told.stdout.count("no such file or folder") == 2
    rows = leaflets(tmp_path / "w", "ledger").stdout.splitlines()
    assert len(rows) == 1 and "1.png, page 1: blank" in rows[0]


def test_a_workspace_that_cannot_be_written_is_said(tmp_path: Path, batch: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = leaflets(tmp_path / "file" / "w", "scan", batch / "1.png")
    assert result.exit_code == 6
    assert "Traceback" not in result.output


def test_posters_of_an_empty_workspace_say_so(tmp_path: Path) -> None:
    result = leaflets(tmp_path, "posters", "-o", tmp_path / "p.pdf")
    assert result.exit_code == 7 and "No story is ready" in result.stderr
    assert "p.pdf was not written" in result.stderr
    assert not (tmp_path / "p.pdf").exists()
    assert leaflets(tmp_path, "posters", "-o", tmp_path / "p.pdf", "--dry-run").exit_code == 0


@pytest.fixture
def answered(tmp_path: Path) -> tuple[Path, list[str]]:
    """Two stories for the wall: one that fits, and one far too long."""
    ids = []
    with open_store(tmp_path) as repo:
        for number, words in enumerate(["The tea was warm.", "The tea was warm again. " * 200]):
            reading = made_stories.reading(words=words, ink=bytes([number]))
            story_id = repo.record(made_stories.outcome(number + 1, read=reading)).story_id
            assert story_id is not None
            repo.confirm(story_id, "A volunteer", worry=False)
            # An approval of before the poster's rules were asked first.
            answer = answers.compose(text="Thank you.", name="Anita", role="Manager")
            repo.add_response(story_id, answer)
            repo.approve_response(story_id, "Ruth")
            ids.append(story_id)
    return tmp_path, ids


def test_a_story_that_does_not_fit_is_named_and_the_others_are_printed(
    answered: tuple[Path, list[str]],
) -> None:
    workspace, (short, long) = answered
    done = leaflets(workspace, "posters", "-o", workspace / "p.pdf")
    assert done.exit_code == 8, done.output
    assert f"{long} is not printed: It is about" in done.stderr
    assert f"1 story printed to {workspace / 'p.pdf'}." in done.stderr
    assert f"Left out, because the words do not fit: {long}." in done.stderr
    assert short.encode() in (workspace / "p.pdf").read_bytes()
    dry = leaflets(workspace, "posters", "-o", workspace / "q.pdf", "--dry-run")
    assert dry.exit_code == 0 and "1 story would be printed." in dry.stderr
    assert not (workspace / "q.pdf").exists()


def test_posters_of_the_example_service_say_so(answered: tuple[Path, list[str]]) -> None:
    workspace, _ = answered
    done = leaflets(workspace, "posters", "-o", workspace / "p.pdf")
    assert "These carry an example service." in done.stderr
    write_settings(EXAMPLE, workspace / "service.toml")
    done = leaflets(workspace, "posters", "-o", workspace / "p.pdf")
    assert "an example service" not in done.stderr


def test_without_an_engine_marks_are_read_and_a_person_types_the_words(
    batch: Path, tmp_path: Path
) -> None:
    result = leaflets(tmp_path, "scan", batch / "1.png", "--engine", "none", "--json")
    assert result.exit_code == 0, result.output
    row = json.loads(result.stdout)
    assert row["status"] == "read"
    assert row["fields"]["rating"]["value"] == papers.WRITTEN.rating
    story = row["fields"]["story"]
    assert (story["text"], story["lines"], story["review"]) == ("", [], True)


def test_files_that_are_no_pages_are_named_and_outsides_counted_apart(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name, side in {"in.png": 1, "out1.png": 2, "out2.png": 2}.items():
        papers.save(papers.printed(side), folder / name)
    Image.open(folder / "in.png").save(folder / "phone", "JPEG", quality=90)
    (folder / "a.txt").write_text("a note")
    (folder / ".DS_Store").write_bytes(b"Bud1")
    done = leaflets(tmp_path / "w", "scan", folder, "--engine", "none")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "0 leaflets, 2 blank, 2 outsides.",
        f"  passed over: {folder / 'a.txt'} (not a picture or PDF)",
    ]
    told = leaflets(tmp_path / "w", "scan", folder, "--engine", "none", "--json")
    assert [json.loads(line)["status"] for line in told.stdout.splitlines()] == ["blank"] * 4
    assert "passed over" in told.stderr
    kept = leaflets(tmp_path / "w", "ledger").stdout
    assert kept.count("blank") == 8 and "a.txt" not in kept


def test_a_folder_without_any_page_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a note")
    done = leaflets(tmp_path / "w", "scan", tmp_path / "a.txt", tmp_path)
    assert done.exit_code == 5
    assert "passed over" in done.stdout and "No leaflet was found" in done.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_no_file_to_scan(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = leaflets(tmp_path / "w", "scan", tmp_path / "pipe")
    assert done.exit_code == 5 and "This is not a file" in done.stdout
    assert leaflets(tmp_path / "w", "ledger").stdout == "No page has come in yet.\n"


def test_a_port_in_use_is_a_sentence_about_the_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = leaflets(tmp_path, "desk", "--no-browser", "--port", port)
    assert done.exit_code == 2
    assert f"Port {port} cannot be used" in done.stderr and "--workspace" not in done.stderr


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """Whoever was stopped by Ctrl+C ignores it from there on, as this process must not."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="signals as terminals of Unix send them")
@pytest.mark.parametrize("pauses", [(), (0.0,), (0.05, 0.3), (1.0,)])
@pytest.mark.parametrize("started", [True, False])
def test_ctrl_c_keeps_what_was_read_and_says_so(
    batch: Path, tmp_path: Path, pauses: tuple[float, ...], started: bool
) -> None:
    """However often it is pressed, and while the readers are still starting too."""
    folder, workspace = tmp_path / "scans", tmp_path / "w"
    folder.mkdir()
    for number in range(90):
        shutil.copy(batch / "3-blank.png", folder / f"{number:02d}.png")
    # What is started in the background may inherit that Ctrl+C is ignored; a terminal does not.
    # Two cores at least, so that there are readers; and a word once the first of them is starting,
    # in one piece, as rows are written at the same time.
    command = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from scan_pipeline import pipeline; from scan_pipeline.cli import main\n"
        "hand = pipeline.hand\n"
        "def told(*job):\n"
        "    pipeline.hand = hand; given = hand(*job); os.write(1, b'{}\\n'); return given\n"
        "pipeline.hand, pipeline._cores = told, lambda: 2\n"
        "main(sys.argv[1:])"
    )
    options = ["--workspace", workspace, "scan", folder, "--json", "--engine", "none"]
    with subprocess.Popen(
        [sys.executable, "-c", command, *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as scan:
        assert scan.stdout is not None
        scan.stdout.readline()
        first = [scan.stdout.readline()] if started else []
        for pause in (0.0, *pauses):
            time.sleep(pause)
            with suppress(ProcessLookupError):  # it may have ended
                os.killpg(scan.pid, signal.SIGINT)  # as a terminal does: to every process of it
        try:
            rest, told = scan.communicate(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(scan.pid, signal.SIGKILL)
    # It may be stopped in the middle of a line.
    rows = [json.loads(line) for line in [*first, *rest.splitlines(True)] if line[-1:] == "\n"]
    assert scan.returncode == 130, told
    kept = [json.loads(row) for row in leaflets(workspace, "ledger", "--json").stdout.splitlines()]
    assert len(kept) == 90
    stored = sum(row["status"] != "waiting" for row in kept)
    assert started <= len(rows) <= stored < 90
    are = "page is" if stored == 1 else "pages are"
    assert told.strip() == f"Stopped. {stored} {are} kept; run it again to go on."


def test_ctrl_c_counts_what_is_kept_not_what_was_said(
    batch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hears_ctrl_c: None
) -> None:
    """A page that was written down the moment before is kept, though nothing was said of it."""
    add = Batch.add

    def stopped_at_the_second(self: Batch, outcome: PageOutcome) -> None:
        if self.pages == 1:
            raise KeyboardInterrupt
        add(self, outcome)

    monkeypatch.setattr(Batch, "add", stopped_at_the_second)
    pages = [batch / "3-blank.png"] * 3
    done = leaflets(tmp_path, "scan", *pages, "--engine", "none", "--json")
    assert (done.exit_code, len(done.stdout.splitlines())) == (130, 1)
    assert done.stderr.strip() == "Stopped. 2 pages are kept; run it again to go on."
    dry = leaflets(tmp_path, "scan", *pages, "--engine", "none", "--dry-run")
    assert dry.stderr.strip() == "Stopped. Nothing was kept, as this was a dry run."


def test_ctrl_c_elsewhere_is_a_word_and_the_same_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hears_ctrl_c: None
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(staff, "layout_for", stop)
    done = leaflets(tmp_path, "layout", "story")
    assert (done.exit_code, done.stderr.strip()) == (130, "Stopped.")


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(tmp_path: Path) -> None:
    ours = ["--workspace", str(tmp_path), "layout", "story", "--json"]
    command = [sys.executable, "-m", "scan_pipeline.cli", *ours]
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (UNHEARD, b"")
