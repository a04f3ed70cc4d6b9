"""Write files whole or not at all: half a page must never be printed, half a setting never read."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from leaflets.errors import StorageFailure


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Put `data` at `path`, in the place of what was there. When that fails, what was there stays.
    `private`: only who writes it may read it, as what people wrote is not for everybody's eyes.

    Raises `StorageFailure`, with what to do about it.
    """
    try:
        real = path.resolve()  # a link stays a link
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name[:100]}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            temporary.chmod(0o600 if private else 0o644)
            temporary.replace(real)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise not_written(path, error) from error


def not_written(path: Path, error: OSError) -> StorageFailure:
    """Why `path` could not be written, with the advice that fits."""
    return StorageFailure(
        f"{path} could not be written: {error.strerror}.",
        remedy=remedy_for(error),
    )


def remedy_for(error: OSError) -> str:
    """What to do about a disk or folder that refused."""
    full = error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
    return "Make room on the disk." if full else "Choose a place that you may write to."
