"""Both journals hold to the contract that every backend is held to."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Journal
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.testing.journal import JournalContract


class TestMemory(JournalContract):
    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[Journal]:
        yield MemoryJournal()


class TestSqlite(JournalContract):
    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[Journal]:
        with TemporaryDirectory() as folder:
            journal = await open_sqlite(Path(folder) / "journal.db")
            try:
                yield journal
            finally:
                await journal.close()
