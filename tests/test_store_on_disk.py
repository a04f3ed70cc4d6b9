"""The store as a file: migrations, rights, full and damaged disks."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from made_stories import SECRET, outcome
from sqlalchemy import create_engine

from leaflets.errors import StorageFailure
from scan_pipeline.store import Repository, open_store
from scan_pipeline.store.migrate import HEAD, MIGRATIONS
from scan_pipeline.store.tables import METADATA

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def database(workspace: Path) -> Path:
    return workspace / "leaflets.sqlite3"


def schema(path: Path) -> dict[str, object]:
    """What SQLite itself knows of each table: columns, keys and indexes."""
    raw = sqlite3.connect(path)
    try:
        tables = [n for (n,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: (
                raw.execute(f"PRAGMA table_info({table})").fetchall(),
                sorted(row[2:] for row in raw.execute(f"PRAGMA foreign_key_list({table})")),
                {
                    (row[2], tuple(raw.execute(f"PRAGMA index_info({row[1]})").fetchall()))
                    for row in raw.execute(f"PRAGMA index_list({table})")
                },
                checks(raw, table),
            )
            for table in tables
            if table not in ("alembic_version", "sqlite_sequence")
        }
    finally:
        raw.close()


def checks(raw: sqlite3.Connection, table: str) -> list[str]:
    """The CHECK constraints of a table, and whether its numbers are never used twice."""
    (sql,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    lines = (line.strip().rstrip(",") for line in sql.splitlines())
    return sorted(line for line in lines if "CHECK" in line or "AUTOINCREMENT" in line)


# Migrations


def test_migrations_from_nothing_make_the_tables_as_they_are_declared(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    engine = create_engine(f"sqlite:///{tmp_path / 'declared.sqlite3'}")
    METADATA.create_all(engine)
    engine.dispose()
    assert len(METADATA.tables) == 16
    assert schema(database(tmp_path)) == schema(tmp_path / "declared.sqlite3")
    migrated = create_engine(f"sqlite:///{database(tmp_path)}")
    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    migrated.dispose()


def test_the_newest_migration_is_the_one_that_opening_expects() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert script.get_heads() == [HEAD]
    assert [s.down_revision for s in script.walk_revisions()][-1] is None


def test_a_migration_that_fails_leaves_no_table_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic.operations import Operations

    real, made = Operations.create_table, []

    def stops(self: Operations, name: str, *args: object, **options: object) -> object:
        if name == "events":
            raise OSError(28, "No space left on device")
        made.append(name)
        return real(self, name, *args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Operations, "create_table", stops)
        with pytest.raises(StorageFailure, match="disk is full"):
            open_store(tmp_path)
    assert "pages" in made
    raw = sqlite3.connect(database(tmp_path))
    assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    raw.close()
    with open_store(tmp_path) as repo:
        assert repo.stories() == []


def test_a_store_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    raw = sqlite3.connect(database(tmp_path))
    with raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    kept = database(tmp_path).read_bytes()
    with pytest.raises(StorageFailure, match="newer version") as failure:
        open_store(tmp_path)
    assert "Install that version" in failure.value.remedy
    assert database(tmp_path).read_bytes() == kept


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    raw = sqlite3.connect(database(tmp_path))
    with raw:
        raw.execute("CREATE TABLE bookmarks (url TEXT)")
    raw.close()
    with pytest.raises(StorageFailure, match="another program"):
        open_store(tmp_path)


# Disks


def fill(repo: Repository) -> None:
    """Let the file grow no further than one more page."""
    with repo._read() as connection:
        (pages,) = connection.exec_driver_sql("PRAGMA page_count").one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")


def test_a_full_disk_says_so_and_keeps_what_was_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    with open_store(tmp_path) as repo:
        first = repo.record(outcome(1))
        fill(repo)
        with pytest.raises(StorageFailure, match="disk is full") as failure:
            for page in range(2, 50):
                repo.record(outcome(page))
        assert failure.value.exit_code == 6
        error: BaseException | None = failure.value
        while error is not None:
            assert SECRET not in str(error)
            error = error.__cause__
        assert SECRET not in caplog.text
        kept = repo.ledger()
        assert kept[0].story_id == first.story_id
        assert len(repo.stories()) == len(kept)


@pytest.mark.parametrize("spoil", ["letters", "header", "half", "middle"])
def test_a_damaged_file_is_said_to_be_damaged_and_is_left_as_it_is(
    tmp_path: Path, spoil: str
) -> None:
    with open_store(tmp_path) as repo:
        for page in range(30):
            repo.record(outcome(page))
    data = database(tmp_path).read_bytes()
    spoilt = {
        "letters": b"Dear diary, " * 100,
        "header": b"\0" * 100 + data[100:],
        "half": data[: len(data) // 2],
        "middle": data[:4096] + b"\xaa" * (len(data) - 4096),
    }[spoil]
    database(tmp_path).write_bytes(spoilt)
    with pytest.raises(StorageFailure, match="damaged") as failure, open_store(tmp_path) as repo:
        repo.stories()
        repo.ledger()
    assert "backup" in failure.value.remedy
    assert database(tmp_path).read_bytes() == spoilt


@pytest.mark.parametrize("remains", [None, b""])
def test_a_store_that_is_gone_is_not_begun_anew_beside_its_pictures(
    tmp_path: Path, remains: bytes | None
) -> None:
    with open_store(tmp_path) as repo:
        repo.keep_original(b"a picture", ".png")
    database(tmp_path).unlink()
    if remains is not None:
        database(tmp_path).write_bytes(remains)
    for _ in range(2):  # nor the second time, when the first attempt has made the file again
        with pytest.raises(StorageFailure, match="stories are missing"):
            open_store(tmp_path)


@contextmanager
def without_rights() -> Iterator[None]:
    """Root may write anywhere; so for a moment be somebody else."""
    if AS_ROOT:
        os.seteuid(65534)
    try:
        yield
    finally:
        if AS_ROOT:
            os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="Windows folders have no such rights")
@pytest.mark.parametrize("ready", [False, True])
def test_a_folder_that_may_not_be_written_to_is_named(ready: bool) -> None:
    # Not below pytest's own folder, which lets nobody else in.
    with tempfile.TemporaryDirectory(prefix="leaflets-") as folder:
        Path(folder).chmod(0o755)
        workspace = Path(folder) / "work"
        workspace.mkdir()
        if ready:
            open_store(workspace).close()
            database(workspace).chmod(0o444)
            (workspace / "originals").chmod(0o755)
        workspace.chmod(0o555)
        try:
            with without_rights(), pytest.raises(StorageFailure) as failure:
                open_store(workspace)
        finally:
            workspace.chmod(0o755)
        assert str(failure.value).startswith(str(workspace))
        assert "may not be read and written" in str(failure.value)
        assert "--workspace" in failure.value.remedy


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_what_is_made_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with open_store(tmp_path / "new") as repo:
            repo.record(outcome())
            made = [tmp_path / "new", *(tmp_path / "new").rglob("*")]
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in made}
    finally:
        os.umask(before)
    assert {name for name in modes if name.endswith(("-wal", "-shm"))}
    assert modes.pop("new") == modes.pop("originals") == 0o700
    assert set(modes.values()) == {0o600}


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("no folder")
    with pytest.raises(StorageFailure, match="work"):
        open_store(tmp_path / "work")
    (tmp_path / "other" / "leaflets.sqlite3").mkdir(parents=True)
    with pytest.raises(StorageFailure, match="is a folder"):
        open_store(tmp_path / "other")


def test_odd_names_of_folders_are_no_trouble(tmp_path: Path) -> None:
    workspace = tmp_path / "50 % off?mode=memory #1 é"
    with open_store(workspace) as repo:
        repo.record(outcome())
    assert database(workspace).stat().st_size > 0


def test_another_file_may_be_named(tmp_path: Path) -> None:
    with open_store(tmp_path / "work", f"sqlite:///{tmp_path / 'else.sqlite3'}") as repo:
        repo.record(outcome())
    assert (tmp_path / "else.sqlite3").exists() and not database(tmp_path / "work").exists()


def test_settings_that_protect_are_on_in_every_connection(tmp_path: Path) -> None:
    seen: list[tuple[object, ...]] = []
    pragmas = ("foreign_keys", "secure_delete", "journal_mode", "synchronous", "busy_timeout")
    with open_store(tmp_path) as repo:

        def ask() -> None:
            with repo._read() as connection:
                seen.append(
                    tuple(connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in pragmas)
                )
                barrier.wait()

        barrier = threading.Barrier(4)
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == [(1, 1, "wal", 2, 30000)] * 4


@pytest.mark.parametrize("then", ["moved", "replaced"])
def test_a_file_that_is_no_longer_the_one_opened_takes_nothing_more(
    tmp_path: Path, then: str
) -> None:
    place = database(tmp_path)
    with open_store(tmp_path) as repo:
        repo.record(outcome())
        copy = tmp_path / "copy"
        copy.write_bytes(place.read_bytes())
        place.rename(tmp_path / "aside")
        if then == "replaced":
            copy.rename(place)
        with pytest.raises(StorageFailure, match="not there any more, or another") as told:
            repo.record(outcome())
        assert "open it again" in told.value.remedy
        with pytest.raises(StorageFailure):
            repo.stories()
        (tmp_path / "aside").replace(place)
        assert len(list(repo.stories())) == 1, "put back, it goes on"
