"""Open the store of a workspace: folder, file, connection settings, migrations."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from leaflets.errors import StorageFailure
from scan_pipeline.store.failures import moved, storage
from scan_pipeline.store.migrate import migrate
from scan_pipeline.store.originals import Originals
from scan_pipeline.store.repository import Repository

FILE_NAME = "leaflets.sqlite3"
BUSY_S = 30.0
"""How long to wait for another process: a migration or a burst of pages takes far less."""


def open_store(workspace: Path, url: str | None = None) -> Repository:
    """The store of `workspace`, made when it is not there, and brought up to this version.

    `url`: another SQLAlchemy database than `<workspace>/leaflets.sqlite3` (originals stay in the
    workspace). Several processes may open one store at once, and several threads may share one
    `Repository`. Raises `StorageFailure` when the folder may not be written, the disk is full, or
    the file is damaged, another program's, or from a newer version.
    """
    address = make_url(url) if url else URL.create("sqlite", database=str(workspace / FILE_NAME))
    file = address.database if address.get_backend_name() == "sqlite" else None
    place = Path(file) if file else workspace
    with storage(place):
        _private_folder(workspace)
        if file:
            _private_file(place)
        originals = Originals(workspace / "originals")
        engine = _engine(address)
        try:
            migrate(engine, place, originals)
        except BaseException:
            engine.dispose()
            raise
        if file:
            event.listen(engine, "begin", _watch(place), insert=True)
        return Repository(engine, place=place, originals=originals)


def _private_folder(path: Path) -> None:
    """Make a folder for its owner alone; one that is there keeps the rights it was given."""
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _private_file(path: Path) -> None:
    """SQLite gives its side files the rights of this one, so make it before SQLite does."""
    if path.is_dir():
        raise StorageFailure(f"{path} is a folder; a file is needed there.")
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _engine(url: URL) -> Engine:
    # Parameters are people's words: they must not appear in any message.
    if url.get_backend_name() != "sqlite":
        return create_engine(url, hide_parameters=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_S})
    event.listen(engine, "connect", _settle)
    event.listen(engine, "begin", _begin)
    return engine


def _settle(connection: SqliteConnection, _record: Any) -> None:
    """Settings that SQLite keeps for each connection."""
    # Transactions are ours to begin: Python's own way leaves DDL outside of them.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA synchronous = FULL")  # a page reported as kept survives a power cut
    _write_ahead(connection)


def _write_ahead(connection: SqliteConnection) -> None:
    """Readers and a writer side by side. Kept in the file, so only the first opener sets it;
    SQLite does not wait for another process here, so this does.
    """
    give_up = time.monotonic() + BUSY_S
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
            if mode != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except OperationalError as error:
            busy = error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
            if not busy or time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def _watch(place: Path) -> Callable[[Connection], None]:
    """Looks, before each transaction, whether the file that was opened still stands at `place`: a
    connection goes on writing to a file that was moved or deleted, where nobody finds it again."""
    opened = place.stat()

    def look(_connection: Connection) -> None:
        try:
            same = os.path.samestat(opened, place.stat())
        except FileNotFoundError:
            same = False
        if not same:
            raise moved(place)

    return look


def _begin(connection: Connection) -> None:
    # Who will write takes the one writer's place at once, and what it has read stays true.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
