"""Opens SQLite journals: as the daemon that owns the file, as a person beside it, or only to look."""

from pathlib import Path

import anyio

from lucca_sync.journal.protocol import Desk, JournalReader
from lucca_sync.journal.sqlite.desk import SqliteDesk
from lucca_sync.journal.sqlite.journal import SqliteJournal
from lucca_sync.journal.sqlite.reader import SqliteReader
from lucca_sync.journal.sqlite.store import REAL_DISK, Footing, Store


async def open_sqlite(path: Path, *, footing: Footing = REAL_DISK) -> SqliteJournal:
    """Open a journal for writing, new or brought up to date.

    Raises StoreInUse when another instance has it open, StoreError when the file is not ours, was written by
    a newer version or cannot be opened. It must lie on a local disk: WAL does not work over a network.
    """
    journal = SqliteJournal(Store(_located(path), footing))
    await _opened(journal)
    return journal


async def read_sqlite(path: Path) -> JournalReader:
    """Open a journal for looking only, while a daemon runs or not; StoreError when there is none."""
    reader = SqliteReader(Store(_located(path), read_only=True))
    await _opened(reader)
    return reader


async def open_desk(path: Path) -> Desk:
    """Open a journal to look at it and to act by hand, also while a daemon writes to it.

    Raises StoreError when there is no journal, and later when the other is busy for longer than a moment.
    """
    desk = SqliteDesk(Store(_located(path), guest=True))
    await _opened(desk)
    return desk


def _located(path: Path) -> Path:
    """Follow links, so that one file has one lock however it is named."""
    return path.absolute().resolve()


async def _opened(journal: SqliteReader) -> None:
    try:
        await journal.open()
    except BaseException:
        with anyio.CancelScope(shield=True):
            await journal.close()
        raise
