"""The SQLite journal in a person's hand: every act is one transaction, also beside a running daemon."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar

from lucca_sync.journal.protocol import Acted, Desk, ResourceName, Told
from lucca_sync.journal.sqlite.acts import Acts, Telling
from lucca_sync.journal.sqlite.deliveries import Deliveries
from lucca_sync.journal.sqlite.events import Events
from lucca_sync.journal.sqlite.hand import Wish
from lucca_sync.journal.sqlite.reader import SqliteReader
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import STATES, Lane, State

T = TypeVar("T")


class SqliteDesk(SqliteReader, Desk):
    """Writes what a person decides, and no more: the file is made and kept in order by the daemon."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._events = Events(store, self._bodies, Deliveries(store, self._lanes))
        self._acts = Acts(store, self._lanes)
        self._telling = Telling(self._resources, self._records, self._events)

    async def _write(self, job: Callable[[], T]) -> T:
        return await self._run(lambda: self._store.write(job))

    async def queue_again(
        self, keys: Collection[int], *, at: datetime, reason: str, among: Collection[State] = STATES
    ) -> Acted:
        """Have deliveries sent at once whatever they wait for, or again."""
        return await self._write(lambda: self._acts.act(keys, Wish("queue_again", at, reason), among))

    async def discard(
        self, keys: Collection[int], *, at: datetime, reason: str, among: Collection[State] = STATES
    ) -> Acted:
        """End deliveries that are open or dead, and let their subjects' next ones go on."""
        return await self._write(lambda: self._acts.act(keys, Wish("discard", at, reason), among))

    async def send(self, positions: Collection[int], lane: Lane, *, at: datetime, reason: str) -> int:
        """Queue events along a lane: again where it had them, for the first time where not."""
        return await self._write(lambda: self._acts.send(positions, lane, at, reason))

    async def tell(self, name: ResourceName, told: Sequence[Told], *, at: datetime) -> None:
        """Journal events that change nothing, with their deliveries."""
        await self._write(lambda: self._telling.tell(name, told, at))

    async def write_note(self, key: str, value: bytes) -> None:
        """Write a small durable note; it is on the disk when this returns."""
        await self._write(lambda: self._upkeep.write_note(key, value))

    async def drop_note(self, key: str) -> None:
        """Delete a note, if it is there; it is off the disk when this returns."""
        await self._write(lambda: self._upkeep.drop_note(key))
