"""Where results may be written: never over the workspace's own files, nor over anybody's work."""

from __future__ import annotations

import stat
from pathlib import Path

from PIL import Image

from leaflets.errors import BadInvocation, StorageFailure
from leaflets.files import not_written
from leaflets.pdf import is_ours
from leaflets.poster import TITLE as POSTERS
from leaflets.settings import SETTINGS_FILE
from scan_pipeline.page import OVERLAY_MARK

STORE_FILE = "leaflets.sqlite3"
OWN_FOLDERS = ("originals", "forms")


def pdf_target(workspace: Path, path: Path, such_as: str) -> None:
    """Refuse a PDF at `path` where something would be lost; `such_as` is a good name for it.

    An earlier PDF of leaflets or posters may be replaced, and so may an empty file. Raises
    `BadInvocation`; `StorageFailure` for what is there and may not be read.
    """
    other = f"Choose another name with -o, such as {such_as}."
    if path.is_dir():
        raise BadInvocation(
            f"{path} is a folder.", remedy=f"Name a file in it: -o {path / such_as}"
        )
    if _belongs(workspace, path):
        raise BadInvocation(
            f"{path} is kept for the workspace’s own files: nothing was written.", remedy=other
        )
    try:
        there = path.stat()
        if not stat.S_ISREG(there.st_mode):
            raise BadInvocation(f"{path} is not a file that can be replaced.", remedy=other)
        if there.st_size and not is_ours(path):
            raise BadInvocation(
                f"{path} is there already, and is no PDF that `leaflets` made: it was left as it "
                "was.",
                remedy=other,
            )
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise not_written(path, error) from error


def old_posters(path: Path) -> bool:
    """Whether `path` is a file of posters that `leaflets` wrote before. Raises `StorageFailure`
    for what is there and may not be read."""
    try:
        return path.is_file() and path.stat().st_size > 0 and is_ours(path, POSTERS)
    except OSError as error:
        raise not_removed(path, error) from error


def remove(path: Path) -> None:
    """Delete a file; a link to it stays. Raises `StorageFailure`."""
    try:
        path.resolve().unlink()
    except OSError as error:
        raise not_removed(path, error) from error


def not_removed(path: Path, error: OSError) -> StorageFailure:
    return StorageFailure(
        f"{path} still has stories that may not hang any more, and could not be deleted: "
        f"{error.strerror}.",
        remedy="Please delete that file yourself.",
    )


def overlay_target(workspace: Path, folder: Path) -> None:
    """Refuse a folder for overlays in which pictures would be lost or mixed up with others."""
    empty = "Choose an empty folder with --overlay, or one that is not there yet."
    if _belongs(workspace, folder):
        raise BadInvocation(
            f"{folder} is kept for the workspace’s own files: nothing was written.", remedy=empty
        )
    try:
        others = [path for path in sorted(folder.glob("*.png")) if not _is_overlay(path)]
        if others:
            raise BadInvocation(
                f"{others[0]} could be overwritten: that folder has other pictures.", remedy=empty
            )
    except OSError as error:
        raise not_written(folder, error) from error


def make_folder(folder: Path) -> None:
    """Make a folder to write to. Raises `StorageFailure` with advice that fits."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(folder, error) from error


def _is_overlay(path: Path) -> bool:
    if not path.is_file():  # to open a pipe is to wait for ever
        return False
    try:
        with Image.open(path, formats=("PNG",)) as picture:
            return picture.info.get("Software") == OVERLAY_MARK
    except (OSError, ValueError, SyntaxError):
        return False


def _belongs(workspace: Path, path: Path) -> bool:
    """Whether `path` is one of the workspace's own files, or in one of its own folders."""
    name = path.name.casefold()  # macOS and Windows make no difference between A and a
    if _same(path.parent, workspace) and name.startswith((SETTINGS_FILE, STORE_FILE)):
        return True
    folders = [workspace / name for name in OWN_FOLDERS]
    above = (path, *path.resolve().parents)
    return any(_same(place, folder) for place in above for folder in folders)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there yet
        return one.resolve() == other.resolve()
