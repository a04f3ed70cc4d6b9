"""Is what a workspace keeps whole? Looked at without changing or making anything."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from scan_pipeline.store.failures import damaged, lost, storage
from scan_pipeline.store.opening import FILE_NAME


def look_at(workspace: Path) -> int | None:
    """How many stories are kept in `workspace`; None where there is no store yet. Raises
    `StorageFailure` when the file is damaged, empty beside kept pictures, or cannot be read."""
    place = workspace / FILE_NAME
    with storage(place):
        if not place.exists():
            return None
        if not place.stat().st_size:
            if any((workspace / "originals").glob("*/*")):
                raise lost(place)
            return None
        address = f"{place.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=5)) as raw:
            if raw.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise damaged(place)
            return int(raw.execute("SELECT count(*) FROM stories").fetchone()[0])
