"""Which backend a store's address leads to: the only place that chooses one."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from lucca_sync.journal.protocol import Desk, Journal, JournalReader
from lucca_sync.journal.sqlite import open_desk, open_sqlite, read_sqlite
from lucca_sync.settings.model import Settings


def store_path(settings: Settings) -> Path:
    """Return where the SQLite file of these settings is: the only kind of store that they can name today."""
    return Path(settings.store.removeprefix("sqlite:"))


@asynccontextmanager
async def opened_journal(path: Path) -> AsyncGenerator[Journal]:
    """Open the store for writing and close it in any case."""
    journal = await open_sqlite(path)
    try:
        yield journal
    finally:
        with anyio.CancelScope(shield=True):
            await journal.close()


@asynccontextmanager
async def reading_store(path: Path) -> AsyncGenerator[JournalReader]:
    """Open the store for looking, also while a daemon writes to it."""
    reader = await read_sqlite(path)
    try:
        yield reader
    finally:
        with anyio.CancelScope(shield=True):
            await reader.close()


@asynccontextmanager
async def opened_desk(path: Path) -> AsyncGenerator[Desk]:
    """Open the store to look at it and to act by hand, also while a daemon writes to it."""
    desk = await open_desk(path)
    try:
        yield desk
    finally:
        with anyio.CancelScope(shield=True):
            await desk.close()


async def leave_note_in(path: Path, key: str, value: bytes) -> None:
    """Write one note into the store, also while a daemon writes to it."""
    async with opened_desk(path) as desk:
        await desk.write_note(key, value)
