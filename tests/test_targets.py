"""`-o` and `--overlay` never cost anybody a file: the workspace's own, a document, a picture."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import papers
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from leaflets.errors import StorageFailure
from leaflets.files import not_written, write_whole
from scan_pipeline import pipeline
from scan_pipeline.cli import main
from scan_pipeline.overlay import overlay_names
from scan_pipeline.reading import intake

OWN = [
    *("service.toml", "service.toml.bak", "Service.TOML", "leaflets.sqlite3-wal"),
    *("leaflets.sqlite3", "originals/ab/abcdef.png", "originals/new.pdf", "forms/story-1-1.png"),
]


def leaflets(workspace: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["--workspace", str(workspace), *map(str, arguments)])


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with something in it that is not to be lost."""
    folder = tmp_path / "w"
    for name in ("leaflets.sqlite3", "originals/ab/abcdef.png", "forms/story-1-1.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"precious")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("command", [["print", "story"], ["posters"], ["posters", "--dry-run"]])
@pytest.mark.parametrize("name", OWN)
def test_the_workspace_s_own_files_are_no_target(
    workspace: Path, command: list[str], name: str
) -> None:
    before = contents(workspace)
    done = leaflets(workspace, *command, "-o", workspace / name)
    assert done.exit_code == 2, done.output
    assert "workspace’s own files" in done.stderr and "-o" in done.stderr
    assert contents(workspace) == before


def test_a_link_or_a_roundabout_way_to_them_is_no_target_either(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(workspace)
    (workspace.parent / "link.pdf").symlink_to(workspace / "leaflets.sqlite3")
    monkeypatch.chdir(workspace)
    for path in ("../link.pdf", "forms/../service.toml", "./forms/x.pdf"):
        assert leaflets(workspace, "print", "story", "-o", path).exit_code == 2, path
    assert contents(workspace) == before


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 a letter", b"%PDF-1.7 a scan of somebody's", b"\x89PNG\r\n"]
)
@pytest.mark.parametrize("command", [["print", "story"], ["posters"]])
def test_a_file_that_is_not_ours_is_left_as_it_was(
    tmp_path: Path, command: list[str], data: bytes
) -> None:
    path = tmp_path / "precious.docx"
    path.write_bytes(data)
    done = leaflets(tmp_path / "w", *command, "-o", path)
    assert done.exit_code == 2
    assert "left as it was" in done.stderr and "Traceback" not in done.output
    assert path.read_bytes() == data


def test_our_own_pdf_and_an_empty_file_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "leaflets.pdf"
    path.touch()
    assert leaflets(tmp_path / "w", "print", "story", "-o", path).exit_code == 0
    one = path.read_bytes()
    done = leaflets(tmp_path / "w", "print", "story", "-o", path, "--copies", "2")
    assert done.exit_code == 0, done.output
    assert path.read_bytes() != one
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["leaflets.pdf"]


def test_a_folder_as_target_is_said_with_the_advice_that_fits(tmp_path: Path) -> None:
    done = leaflets(tmp_path / "w", "print", "story", "-o", tmp_path)
    assert done.exit_code == 2
    assert f"{tmp_path} is a folder." in done.stderr
    assert f"-o {tmp_path / 'leaflets.pdf'}" in done.stderr
    assert "--workspace" not in done.stderr


def test_a_target_that_cannot_be_written_is_said_without_talk_of_the_workspace(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("in the way")
    done = leaflets(tmp_path / "w", "print", "story", "-o", tmp_path / "file" / "x.pdf")
    assert done.exit_code == 6
    assert "could not be written" in done.stderr and "--workspace" not in done.stderr
    overlay = tmp_path / "file" / "seen"
    done = leaflets(tmp_path / "w", "scan", tmp_path / "file", "--overlay", overlay)
    assert done.exit_code == 6
    assert "could not be written" in done.stderr and "--workspace" not in done.stderr


def test_a_full_disk_leaves_what_was_there_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "leaflets.pdf"
    path.write_bytes(b"last week's")
    real = os.fdopen

    def full(handle: int, mode: str) -> object:
        file = real(handle, mode)
        file.write(b"half")
        file.close()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(StorageFailure, match="No space left") as failure:
        write_whole(path, b"this week's")
    assert failure.value.remedy == "Make room on the disk."
    assert contents(tmp_path) == {str(path): b"last week's"}


def test_advice_follows_the_fault() -> None:
    denied = not_written(Path("a.pdf"), PermissionError(errno.EACCES, "Permission denied"))
    assert "may write to" in denied.remedy and "Permission denied" in str(denied)


@pytest.mark.parametrize("folder", ["originals", "forms", "originals/ab"])
def test_overlays_do_not_go_among_the_workspace_s_pictures(workspace: Path, folder: str) -> None:
    before = contents(workspace)
    (workspace.parent / "1.png").touch()
    scan = workspace.parent / "1.png"
    done = leaflets(workspace, "scan", scan, "--overlay", workspace / folder)
    assert done.exit_code == 2
    assert "empty folder" in done.stderr
    assert contents(workspace) == before


def test_overlays_replace_overlays_but_no_other_picture_and_are_never_read_as_pages(
    tmp_path: Path,
) -> None:
    scans, seen = tmp_path / "scans", tmp_path / "scans" / "seen"
    scans.mkdir()
    Image.fromarray(np.full((700, 900), 255, np.uint8)).save(scans / "1.jpg")
    for _ in range(2):
        found = list(pipeline.scan([scans], workspace=tmp_path / "w", overlay=seen, engine="none"))
        assert [o.status for o in found] == ["blank"]
        assert [p.name for p in seen.iterdir()] == ["1-001.png"]
        assert leaflets(tmp_path / "w", "scan", scans, "--overlay", seen).exit_code == 0
    assert [p.reason for p in intake.passed_over([scans])] == ["drawn by --overlay"]
    papers.save(papers.printed(2, 75), seen / "2-001.png")
    before = contents(seen)
    done = leaflets(tmp_path / "w", "scan", scans, "--overlay", seen)
    assert done.exit_code == 2 and "2-001.png could be overwritten" in done.stderr
    assert contents(seen) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_among_overlays_is_no_overlay_and_nothing_waits_for_it(tmp_path: Path) -> None:
    papers.save(papers.printed(2, 75), tmp_path / "1.png")
    (tmp_path / "seen").mkdir()
    os.mkfifo(tmp_path / "seen" / "1-001.png")
    done = leaflets(tmp_path / "w", "scan", tmp_path / "1.png", "--overlay", tmp_path / "seen")
    assert done.exit_code == 2 and "1-001.png could be overwritten" in done.stderr


def test_files_of_the_same_name_have_overlays_of_their_own(tmp_path: Path) -> None:
    white = Image.fromarray(np.full((700, 900), 255, np.uint8))
    names = ["mon/scan.png", "tue/scan.png", "tue/SCAN.jpg", "tue/mon-scan.png", "tue/other.png"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        white.save(tmp_path / name)
    seen = tmp_path / "seen"
    done = pipeline.scan(
        [tmp_path / name for name in names], workspace=tmp_path / "w", overlay=seen, engine="none"
    )
    assert len(list(done)) == len(names)
    assert sorted(p.name for p in seen.iterdir()) == [
        "mon-scan-001.png",  # the file that is called so
        "mon-scan-png-001.png",
        "other-001.png",
        "tue-SCAN-jpg-001.png",
        "tue-scan-001.png",
    ]


@given(
    st.lists(
        st.builds(
            lambda folder, stem, kind: Path(folder) / f"{stem}.{kind}",
            st.sampled_from(["a", "b", "x/a", "/", "."]),
            st.sampled_from(["1", "a-1", "A-1", "a-1-pdf", "a-1-pdf-2"]),
            st.sampled_from(["pdf", "png", "PDF"]),
        )
    )
)
def test_no_two_files_share_the_name_of_their_overlays(paths: list[Path]) -> None:
    names = overlay_names(paths)
    assert set(names) == set(paths)
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert all("/" not in name and not name.startswith("-") for name in names.values())


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.pdf").touch()
    (tmp_path / "link.pdf").symlink_to("real.pdf")
    write_whole(tmp_path / "link.pdf", b"new")
    assert (tmp_path / "link.pdf").is_symlink()
    assert (tmp_path / "real.pdf").read_bytes() == b"new"
