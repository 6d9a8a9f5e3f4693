"""Brings a store's tables to the version that this program knows, and refuses what it does not know."""

from functools import partial
from pathlib import Path
from typing import Final

from lucca_sync.journal.protocol import StoreError
from lucca_sync.journal.sqlite.queries import Migration, migrations
from lucca_sync.journal.sqlite.store import Store

_APPLICATION: Final = int.from_bytes(b"LuSy")
"""SQLite's application_id: tells our files from other programs'."""


def migrate(store: Store) -> None:
    """Create or update the tables, one transaction a migration; StoreError for a foreign or newer file."""
    steps = migrations()
    version = store.write(lambda: _version(store))
    _refuse_newer(store.path, version, len(steps))
    for step in steps[version:]:
        store.write(partial(_apply, store, step))


def check(store: Store) -> None:
    """Raise StoreError unless the tables are exactly at the version that this program knows."""
    known = len(migrations())
    version = store.read(lambda: _version(store))
    _refuse_newer(store.path, version, known)
    if version < known:
        raise StoreError(f"{store.path} is from an older lucca-sync: `lucca-sync run` brings it up to date")


def _version(store: Store) -> int:
    """Return the schema's version, 0 for an empty file."""
    (tables,) = store.row("SELECT count(*) FROM sqlite_schema") or (0,)
    if not tables:
        return 0
    if store.setting("application_id") != _APPLICATION:
        raise StoreError(f"{store.path} belongs to another program")
    (version,) = store.row("SELECT version FROM schema_version") or (0,)
    return int(version)


def _refuse_newer(path: Path, version: int, known: int) -> None:
    if version > known:
        raise StoreError(
            f"{path} was written by a newer lucca-sync (schema {version}, this one knows up to {known})"
        )


def _apply(store: Store, step: Migration) -> None:
    if step.version == 1:
        store.set("application_id", _APPLICATION)
        store.run("CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT")
        store.run("INSERT INTO schema_version VALUES (0)")
    store.run(step.script)
    store.run("UPDATE schema_version SET version = ?", (step.version,))
