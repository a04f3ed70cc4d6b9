"""Bring a database up to this version's tables: at once, or not at all."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from leaflets.errors import StorageFailure
from scan_pipeline.store.failures import lost
from scan_pipeline.store.originals import Originals

HEAD = "0004"
"""The newest migration. Known here so that opening a store that is up to date stays quick."""

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_ALEMBIC = threading.Lock()  # Alembic keeps its context in module globals


def migrate(engine: Engine, place: Path, originals: Originals) -> None:
    """Run the migrations that are missing, in one transaction that other processes wait for."""
    with engine.connect() as connection:
        if _version(connection, place) == HEAD:
            return
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        # Somebody else may have been quicker: ask again, now that nobody else can write.
        version = _version(connection, place)
        if version is None and not originals.is_empty():
            raise lost(place)
        if version != HEAD:
            _upgrade(connection, version, place)


def _version(connection: Connection, place: Path) -> str | None:
    """The migration that the database is at; None when it is empty."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)
    if tables:
        raise StorageFailure(
            f"{place} is the file of another program.",
            remedy="Choose another folder with --workspace.",
        )
    return None


def _upgrade(connection: Connection, version: str | None, place: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise StorageFailure(
            f"{place} was written by a newer version of leaflets.",
            remedy="Install that version or a later one; nothing was changed.",
        )
    config.attributes["connection"] = connection
    with _ALEMBIC:
        command.upgrade(config, "head")
