"""Turns a store into one of the first version: what that version knew, in the tables that it had."""

from pathlib import Path

from lucca_sync.journal.sqlite.driver import Connection, Row, connect
from lucca_sync.journal.sqlite.queries import migrations

_APPLICATION = int.from_bytes(b"LuSy")


def make_old(path: Path) -> None:
    """Replace the store at `path`, which nobody may have open; what later versions added is gone."""
    old = path.with_name("old.db")
    connection = connect(old, read_only=False, vfs=None)
    try:
        connection.pragma("application_id", _APPLICATION)
        _run(connection, "CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT")
        _run(connection, "INSERT INTO schema_version VALUES (1)")
        _run(connection, migrations()[0].script)
        _run(connection, f"ATTACH '{path}' AS new")
        for (table,) in _rows(connection, "SELECT name FROM main.sqlite_schema WHERE type = 'table'"):
            if table != "schema_version":
                _copy(connection, table)
    finally:
        connection.close()
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    old.replace(path)


def version(path: Path) -> int:
    """Return the version that a store is at; it must be whole."""
    connection = connect(path, read_only=False, vfs=None)
    try:
        assert connection.pragma("integrity_check") == "ok"
        assert not _rows(connection, "PRAGMA foreign_key_check")
        ((found,),) = _rows(connection, "SELECT version FROM schema_version")
        return int(found)
    finally:
        connection.close()


def _copy(connection: Connection, table: str) -> None:
    columns = [
        {name for _, name, *_ in _rows(connection, f"PRAGMA {schema}.table_info({table})")}
        for schema in ("main", "new")
    ]
    both = ", ".join(sorted(columns[0] & columns[1]))
    _run(connection, f"DELETE FROM main.{table}")  # noqa: S608 - our own names
    _run(connection, f"INSERT INTO main.{table} ({both}) SELECT {both} FROM new.{table}")  # noqa: S608 - our own names


def _run(connection: Connection, statements: str) -> None:
    connection.execute(statements)


def _rows(connection: Connection, query: str) -> list[Row]:
    return connection.execute(query).fetchall()
