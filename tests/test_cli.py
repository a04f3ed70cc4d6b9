"""The command as people type it: data on stdout, a sentence and a documented exit code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import papers
import pytest
from click.testing import CliRunner, Result

from scan_pipeline.cli import main
from scan_pipeline.demo.letter import draw_letter


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
    assert len(list((tmp_path / "seen").glob("*.png"))) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["print", "nothing", "-o", "x.pdf"], 2, "nothing"),
        (["print", "story", "-o", "x.pdf", "--batch", "toolong"], 2, "four letters"),
        (["scan", "not-here.pdf"], 5, "no such file"),
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


def test_a_workspace_that_cannot_be_written_is_said(tmp_path: Path, batch: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = leaflets(tmp_path / "file" / "w", "scan", batch / "1.png")
    assert result.exit_code == 6
    assert "Traceback" not in result.output


def test_posters_of_an_empty_workspace_say_so(tmp_path: Path) -> None:
    result = leaflets(tmp_path, "posters", "-o", tmp_path / "p.pdf")
    assert result.exit_code == 0 and "No story is ready" in result.stderr
    assert not (tmp_path / "p.pdf").exists()
