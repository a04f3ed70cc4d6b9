"""Kept pictures: whole or not there, the same bytes for ever, for the owner's eyes alone."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaflets.errors import BadInvocation, StorageFailure
from scan_pipeline.store.originals import Originals


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@given(data=st.binary(max_size=4096), suffix=st.text(max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_bytes_come_back_from_under_their_own_name(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    originals = Originals(tmp_path_factory.mktemp("kept") / "originals")
    sha256 = originals.keep(data, suffix)
    path = originals.path(sha256)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert path.read_bytes() == data
    assert path.stem == sha256
    assert path.parent.name == sha256[:2]
    assert path.suffix == originals.suffix(sha256)
    assert path.suffix.isascii() and len(path.suffix) > 1


def test_a_picture_kept_twice_is_one_file_and_is_not_written_again(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    first = originals.path(originals.keep(b"ink", ".png"))
    before = first.stat()
    assert originals.keep(b"ink", ".tif") == first.stem
    assert files(tmp_path) == [first]
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_picture_that_the_disk_has_spoilt_is_mended_by_scanning_it_again(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    path = originals.path(originals.keep(b"all of the ink", ".png"))
    path.write_bytes(b"all of")
    originals.keep(b"all of the ink", ".png")
    assert path.read_bytes() == b"all of the ink"
    assert files(tmp_path) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_only_the_owner_may_look(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        originals = Originals(tmp_path / "originals")
        path = originals.path(originals.keep(b"ink", ".png"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65])
def test_what_is_no_name_of_a_picture_opens_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInvocation):
        Originals(tmp_path).path(name)


def test_a_picture_that_was_taken_away_is_said_to_be_missing(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    sha256 = originals.keep(b"ink", ".png")
    originals.path(sha256).unlink()
    with pytest.raises(StorageFailure, match="not in"):
        originals.path(sha256)
    assert originals.suffix(sha256) == ""


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    originals = Originals(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full) if call == "fsync" else patch.setattr(
            Path, "replace", full
        )
        with pytest.raises(StorageFailure, match="disk is full") as failure:
            originals.keep(b"ink", ".png")
    assert failure.value.exit_code == 6
    assert files(tmp_path) == []
    assert originals.path(originals.keep(b"ink", ".png")).read_bytes() == b"ink"


LIMITED = """
import resource, sys
from pathlib import Path
from leaflets.errors import StorageFailure
from scan_pipeline.store.originals import Originals
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    Originals(Path(sys.argv[1])).keep(bytes(2000), ".png")
except StorageFailure as failure:
    print(failure)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows limits no file sizes")
def test_a_file_that_the_system_refuses_to_let_grow_is_taken_back(tmp_path: Path) -> None:
    run = [sys.executable, "-c", LIMITED, str(tmp_path)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("The disk is full")
    assert files(tmp_path) == []


def test_what_a_power_cut_left_half_written_is_swept_away_later(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    kept = originals.path(originals.keep(b"ink", ".png"))
    old, new = kept.parent / ".part-old", kept.parent / ".part-new"
    old.write_bytes(b"half")
    new.write_bytes(b"being written by another process")
    os.utime(old, (time.time() - 7200,) * 2)
    Originals(tmp_path)
    assert files(tmp_path) == sorted([kept, new])
