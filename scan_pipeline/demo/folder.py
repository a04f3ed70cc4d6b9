"""The demo's own folder: made afresh each time, and nothing else is ever touched."""

from __future__ import annotations

import shutil
from pathlib import Path

from leaflets.errors import BadInvocation, StorageFailure

MARK = "about-this-folder.txt"
OURS = (
    "service.toml",
    "leaflets.pdf",
    "leaflets.sqlite3",
    "leaflets.sqlite3-wal",
    "leaflets.sqlite3-shm",
    "forms",
    "originals",
    "scans",
    "seen",
    "pictures",
    "posters.pdf",
    "index.html",
)
"""Everything that a demo makes in its folder."""

_ABOUT = """\
This folder was made by `leaflets demo`. The service, the people and their stories do not exist.
The next demo deletes and makes afresh these, and touches nothing else that is here:

"""


def fresh_folder(folder: Path) -> None:
    """Make `folder`, or empty it of what an earlier demo made.

    Raises `BadInvocation` when something is there that no demo made, `StorageFailure` when the
    disk says no.
    """
    try:
        if folder.is_symlink() or (folder.exists() and not _made_by_us(folder)):
            raise BadInvocation(
                f"{folder} was not made by a demo, so nothing in it is touched.",
                remedy="Rename it, or run `leaflets --workspace ANOTHER-FOLDER demo`.",
            )
        for name in OURS:
            _remove(folder / name)
        folder.mkdir(parents=True, exist_ok=True)
        about = _ABOUT + "".join(f"  {name}\n" for name in OURS)
        (folder / MARK).write_text(about, encoding="utf-8")
    except OSError as error:
        raise StorageFailure(
            f"The demo's folder {folder} could not be made afresh: {error.strerror}.",
            remedy="Close what has its files open (the desk, perhaps), or use --workspace.",
        ) from error


def _made_by_us(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir()))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
