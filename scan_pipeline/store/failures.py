"""What goes wrong when something is kept, as a sentence. No exception here carries a word of a
story."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from leaflets.errors import NotAllowed, StorageFailure

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_FROM_A_COPY = (
    "Keep the damaged file, and put back the newest copy of it from your backup. "
    "The pictures in `originals` can be scanned again."
)


class Changed(NotAllowed):
    """Somebody did something with the story after the words were shown that are acted on now."""

    remedy = "What you typed is kept. Compare it with what is saved now, then save it again."

    def __init__(self) -> None:
        super().__init__(
            "The text has changed since you opened this page: please look again. Somebody else "
            "(or another window) has worked on this story."
        )


@contextmanager
def storage(place: Path) -> Iterator[None]:
    """Turn what the disk and the database say into a `StorageFailure` that names `place`."""
    try:
        yield
    except DBAPIError as error:
        raise _of_database(error.orig, place) from error
    except sqlite3.Error as error:
        raise _of_database(error, place) from error
    except OSError as error:
        raise _of_file(error, place) from error


def _of_file(error: OSError, place: Path) -> StorageFailure:
    if error.errno in _FULL:
        return full(place)
    if error.errno in _FORBIDDEN:
        return forbidden(place)
    return StorageFailure(f"{place} could not be used: {error.strerror or type(error).__name__}.")


def _of_database(error: BaseException | None, place: Path) -> StorageFailure:
    # The code's first word is the kind of trouble; extended codes (SQLITE_IOERR_WRITE) add to it.
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    kind = name.removeprefix("SQLITE_").split("_")[0]
    if kind == "FULL":
        return full(place)
    if kind in ("READONLY", "CANTOPEN", "PERM"):
        return forbidden(place)
    if kind in ("CORRUPT", "NOTADB"):
        return damaged(place)
    if kind in ("BUSY", "LOCKED"):
        return StorageFailure(
            f"{place} has been in use by another program for too long.",
            remedy="Wait until the other scan or desk is done, then try again.",
        )
    if kind == "IOERR":
        return StorageFailure(
            f"The disk did not read or write {place}.",
            remedy="Make room on the disk, check that it is still plugged in, and try again.",
        )
    return StorageFailure(f"{place} could not be read or written ({name}).")


def full(place: Path) -> StorageFailure:
    return StorageFailure(f"The disk is full: nothing more could be kept in {place}.")


def forbidden(place: Path) -> StorageFailure:
    return StorageFailure(
        f"{place} may not be read and written.",
        remedy="Give yourself the right to write there, or choose another folder with --workspace.",
    )


def damaged(place: Path) -> StorageFailure:
    return StorageFailure(f"{place} is damaged and cannot be read.", remedy=_FROM_A_COPY)


def lost(place: Path) -> StorageFailure:
    """An empty database beside kept pictures: to go on with it would hide every story."""
    return StorageFailure(
        f"{place} is empty, but pictures of leaflets are kept beside it: the stories are missing.",
        remedy="Put the file back from your backup. Or, to read the leaflets anew, move the folder "
        "`originals` somewhere else and scan it.",
    )


def moved(place: Path) -> StorageFailure:
    """The file was moved, deleted or replaced while it was open: by a sync program, or a backup."""
    return StorageFailure(
        f"{place} is not there any more, or another file stands in its place: nothing was saved.",
        remedy="Copy what you typed from your screen, put the file back if it is missing, then "
        "close the desk and open it again.",
    )
