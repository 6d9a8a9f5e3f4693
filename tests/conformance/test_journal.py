"""Both journals hold to the contract that every backend is held to."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lucca_sync.app.stores import opened_desk
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Desk, Journal
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.testing.journal import DeskContract, JournalContract


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


class TestDeskBesideTheJournal(DeskContract):
    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[Journal]:
        with TemporaryDirectory() as folder:
            self.path = Path(folder) / "journal.db"
            journal = await open_sqlite(self.path)
            try:
                yield journal
            finally:
                await journal.close()

    def desk(self, journal: Journal) -> AbstractAsyncContextManager[Desk]:
        return opened_desk(self.path)
