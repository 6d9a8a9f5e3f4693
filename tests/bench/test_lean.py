"""The journal that simulations are kept in holds to the contract that every journal is held to."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bench.lean import LeanJournal
from lucca_sync.journal.protocol import Journal
from lucca_sync.testing.journal import JournalContract


class TestLean(JournalContract):
    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[Journal]:
        yield LeanJournal()
