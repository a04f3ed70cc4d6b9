"""Page images as they came in: named by their content, written whole or not at all, never changed.
Those of contact slips are deleted when the call is made.

`originals/ab/abcdef….png`: any program can open them, and any backup can copy them.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from pathlib import Path

from leaflets.errors import BadInvocation, StorageFailure
from scan_pipeline.store.failures import storage

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_PART = ".part-"
_ABANDONED_S = 3600.0


class Originals:
    """The kept page images of one workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sweep()

    def keep(self, data: bytes, suffix: str) -> str:
        """Keep `data` (the file's own bytes) for good; its SHA-256, in hexadecimal.

        On the disk itself when this returns. Raises `StorageFailure`; then nothing half is left.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        with storage(self._folder):
            kept = self._find(sha256)
            if kept is not None and hashlib.sha256(kept.read_bytes()).hexdigest() == sha256:
                return sha256
            # Not there, or no longer what its name says (a failing disk): put the true bytes.
            path = kept or self._place(sha256) / f"{sha256}{_plain(suffix)}"
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(path, data)
        return sha256

    def erase(self, sha256: str) -> None:
        """Delete a kept image for good. One that is not there is deleted already."""
        if not _SHA256.fullmatch(sha256):
            raise BadInvocation("That is not the name of a kept picture.")
        place = self._place(sha256)
        with storage(self._folder):
            for kept in place.glob(f"{sha256}*"):
                kept.unlink(missing_ok=True)
            if place.is_dir():
                _settle_folder(place)

    def path(self, sha256: str) -> Path:
        """The file of a kept image. Raises `StorageFailure` when it is no longer there."""
        if not _SHA256.fullmatch(sha256):
            raise BadInvocation("That is not the name of a kept picture.")
        with storage(self._folder):
            kept = self._find(sha256)
        if kept is None:
            raise StorageFailure(
                f"The picture of this page is not in {self._folder} any more.",
                remedy="Put the folder back from a copy, or look at the paper itself.",
            )
        return kept

    def suffix(self, sha256: str) -> str:
        """ ".png" and so on; "" when nothing is kept under this name."""
        if not _SHA256.fullmatch(sha256):
            return ""
        kept = self._find(sha256)
        return kept.suffix if kept is not None else ""

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2]

    def _find(self, sha256: str) -> Path | None:
        # The same bytes under two suffixes are still one original: the first name stands.
        return min(self._place(sha256).glob(f"{sha256}*"), default=None)

    def _sweep(self) -> None:
        """Remove what a power cut left half written: pictures of handwriting that nobody knows."""
        with storage(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for part in self._folder.glob(f"*/{_PART}*"):
                if time.time() - part.stat().st_mtime > _ABANDONED_S:
                    part.unlink(missing_ok=True)

    def is_empty(self) -> bool:
        return next(self._folder.glob("*/*"), None) is None


def _plain(suffix: str) -> str:
    suffix = "." + suffix.lower().removeprefix(".")
    return suffix if _SUFFIX.fullmatch(suffix) else ".bin"


def _write_whole(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=_PART, dir=path.parent)  # for the owner's eyes alone
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _settle_folder(path.parent)


def _settle_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut. Windows does so without being asked."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
