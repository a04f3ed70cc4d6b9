"""The doctor says in words what is missing and how to get it on this platform; it never fails."""

from __future__ import annotations

import shutil
import subprocess
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_stories import outcome

from leaflets.settings import EXAMPLE, write_settings
from scan_pipeline import doctor
from scan_pipeline.cli import main
from scan_pipeline.doctor import Check
from scan_pipeline.store import open_store

PLATFORMS = ["debian", "fedora", "macos", "windows", "other"]


def named(checks: tuple[Check, ...], word: str) -> Check:
    return next(check for check in checks if word in check.name)


def test_each_check_has_a_name_and_a_remedy_only_when_it_fails(tmp_path: Path) -> None:
    checks = doctor.examine(tmp_path)
    assert len({check.name for check in checks}) == len(checks) == 11
    for check in checks:
        assert check.found
        assert bool(check.remedy) != check.ok


def test_what_the_packages_carry_is_found(tmp_path: Path) -> None:
    checks = doctor.examine(tmp_path)
    for word in ("Python", "OpenCV", "Fonts", "Model", "Workspace", "Settings"):
        assert named(checks, word).ok, named(checks, word)


@pytest.mark.parametrize("here", PLATFORMS)
def test_a_bare_machine_is_told_what_to_type(
    here: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "this_platform", lambda: here)
    monkeypatch.setenv("PATH", str(tmp_path))
    checks = doctor.examine(tmp_path)
    tesseract, poppler = named(checks, "Tesseract"), named(checks, "poppler")
    assert not tesseract.ok and "tesseract" in tesseract.remedy.lower()
    assert not poppler.ok and "poppler" in poppler.remedy.lower()
    assert not doctor.healthy(checks)
    assert tesseract.remedy in doctor.report(checks)


def test_a_missing_browser_alone_is_no_illness(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "this_platform", lambda: "debian")
    monkeypatch.setattr(doctor, "BROWSERS", ())
    browser = named(doctor.examine(tmp_path), "browser")
    assert not browser.ok
    assert doctor.healthy((browser,))
    assert "Everything that is needed is here." in doctor.report((browser,))


def test_a_full_disk_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 2**20))
    workspace = named(doctor.examine(tmp_path), "Workspace")
    assert not workspace.ok
    assert "1 MB free" in workspace.found and "--workspace" in workspace.remedy


def test_a_workspace_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("not a folder", encoding="utf-8")
    workspace = named(doctor.examine(tmp_path / "note.txt"), "Workspace")
    assert not workspace.ok
    assert "cannot be written" in workspace.found


def test_a_workspace_that_is_not_there_yet_is_judged_by_its_parent(tmp_path: Path) -> None:
    assert named(doctor.examine(tmp_path / "not" / "yet"), "Workspace").ok
    assert not (tmp_path / "not").exists()


def test_an_old_tesseract_or_one_without_english_is_not_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"--version": "tesseract 3.04\n", "--list-langs": "List:\neng\n"}
    monkeypatch.setattr(doctor, "_output", lambda *command: answers.get(command[1], "x 1.0"))
    assert not named(doctor.examine(tmp_path), "Tesseract").ok
    answers.update({"--version": "tesseract 5.3.0\n", "--list-langs": "List:\ndeu\n"})
    refused = named(doctor.examine(tmp_path), "Tesseract")
    assert not refused.ok and "without English" in refused.found


def test_a_program_that_hangs_counts_as_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("tesseract", 20)

    monkeypatch.setattr(subprocess, "run", hang)
    assert not named(doctor.examine(tmp_path), "Tesseract").ok


def doctor_says(workspace: Path) -> Result:
    return CliRunner().invoke(main, ["--workspace", str(workspace), "doctor"])


def test_the_settings_file_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "BROWSERS", ())
    assert "the example service" in named(doctor.examine(tmp_path), "Settings").found
    assert doctor_says(tmp_path).exit_code == 0, "a browser is a convenience"
    write_settings(EXAMPLE, tmp_path / "service.toml")
    assert "Riverbank" in named(doctor.examine(tmp_path), "Settings").found
    (tmp_path / "service.toml").write_bytes(b"%PDF-1.4")
    done = doctor_says(tmp_path)
    assert done.exit_code == 3, "a fault in the settings, and no missing program"
    assert "service.toml, line 1: this is no plain text" in done.stdout
    assert "To mend: Settings." in done.stdout
    write_settings(replace(EXAMPLE, name="Very long " * 30), tmp_path / "service.toml")
    assert "too full" in named(doctor.examine(tmp_path), "Settings").found


def test_a_missing_program_and_a_place_that_cannot_be_written_have_their_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    assert doctor_says(tmp_path / "file" / "w").exit_code == 6
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor_says(tmp_path).exit_code == 4


def test_the_report_reads_as_text() -> None:
    checks = (
        Check(name="A", ok=True, found="here"),
        Check(name="Bee", ok=False, found="not found", remedy="Fetch it"),
    )
    assert doctor.report(checks).splitlines() == [
        "ok       A    here",
        "MISSING  Bee  not found",
        "              -> Fetch it",
        "",
        "To mend: Bee.",
    ]


def test_what_is_kept_is_opened_and_damage_is_said(tmp_path: Path) -> None:
    assert named(doctor.examine(tmp_path), "Stories kept here").found == "none yet"
    assert not list(tmp_path.iterdir()), "to look is not to make"
    with open_store(tmp_path) as repo:
        for page in range(1, 40):
            repo.record(outcome(page))
    file = tmp_path / "leaflets.sqlite3"
    whole = file.read_bytes()
    assert named(doctor.examine(tmp_path), "Stories kept here").found == "39"
    for data in (whole[: len(whole) // 2], b"no database at all " * 100):
        file.write_bytes(data)
        done = doctor_says(tmp_path)
        assert done.exit_code == 6 and "is damaged" in done.stdout
        assert "To mend: Stories kept here." in done.stdout and "backup" in done.stdout
    file.write_bytes(b"")
    (tmp_path / "originals" / "ab").mkdir(parents=True, exist_ok=True)
    (tmp_path / "originals" / "ab" / "ab.png").touch()
    assert "stories are missing" in doctor_says(tmp_path).stdout


def test_words_that_were_learned_are_named_when_learning_is_off(tmp_path: Path) -> None:
    assert named(doctor.examine(tmp_path), "What was learned").found == "nothing"
    (tmp_path / "learned.json").touch()
    done = doctor_says(tmp_path)
    assert "unused   What was learned" in done.stdout and "adapt --forget" in done.stdout
    assert "Everything that is needed is here." in done.stdout and done.exit_code == 0
    write_settings(replace(EXAMPLE, learn=True), tmp_path / "service.toml")
    assert "unused" not in doctor_says(tmp_path).stdout
