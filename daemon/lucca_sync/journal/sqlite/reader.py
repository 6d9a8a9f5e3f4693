"""The SQLite journal for whoever only looks: each call is one job on the store's own thread."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from lucca_sync.journal.protocol import (
    Cause,
    DeliveryEntry,
    DeliveryFilter,
    DeliveryHistory,
    EventEntry,
    EventFilter,
    JournalReader,
    Known,
    LaneStatus,
    ResourceName,
    ResourceState,
    StoreError,
)
from lucca_sync.journal.sqlite.bodies import Bodies
from lucca_sync.journal.sqlite.deliveries import history
from lucca_sync.journal.sqlite.events import EventReader
from lucca_sync.journal.sqlite.finding import Causes, Finder, Found
from lucca_sync.journal.sqlite.hints import Hints
from lucca_sync.journal.sqlite.lanes import Lanes
from lucca_sync.journal.sqlite.records import Records
from lucca_sync.journal.sqlite.resources import Resources
from lucca_sync.journal.sqlite.schema import check
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.journal.sqlite.thread import OwnThread
from lucca_sync.journal.sqlite.upkeep import Upkeep
from lucca_sync.model.delivery import Lane

T = TypeVar("T")


class SqliteReader(JournalReader):
    """Looks at a journal file, also while a daemon writes to it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = OwnThread("journal")
        self._closed = False
        self._bodies = Bodies(store)
        self._reader = EventReader(store, self._bodies)
        self._finder = Finder(store)
        self._upkeep = Upkeep(store)
        self._hints = Hints(store)
        self._resources = Resources(store)
        self._records = Records(store, self._bodies)
        self._lanes = Lanes(store)

    async def open(self) -> None:
        """Open the store; called once."""
        await self._run(self._open)

    async def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        if not self._closed:
            self._closed = True
            try:
                await self._thread.run(self._close)
            finally:
                self._thread.stop()

    def _open(self) -> None:
        if not self._store.path.is_file():
            raise StoreError(
                f"there is no journal at {self._store.path}: `lucca-sync run` makes one; "
                "--config or --store name another"
            )
        self._store.open()
        check(self._store)

    def _close(self) -> None:
        self._store.close()

    async def _run(self, job: Callable[[], T]) -> T:
        if self._closed:
            raise StoreError("the journal is closed")
        return await self._thread.run(job)

    async def _read(self, job: Callable[[], T]) -> T:
        return await self._run(lambda: self._store.read(job))

    async def events(self, *, after: int, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return up to `limit` events beyond position `after`, in order."""
        return await self._read(lambda: self._reader.after(after, limit, wanted))

    async def newest(self, *, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return the last `limit` events, oldest first."""
        return await self._read(lambda: self._reader.newest(limit, wanted))

    async def event(self, event_id: str) -> EventEntry | None:
        """Return one event by its id or by an unambiguous beginning of it."""
        return await self._read(lambda: self._reader.find(event_id))

    async def history(self, position: int) -> Sequence[DeliveryHistory]:
        """Return the deliveries of the event at `position` with their attempts."""
        return await self._read(lambda: history(self._store, position))

    async def notes(self, prefix: str) -> Mapping[str, bytes]:
        """Return the notes whose keys begin with `prefix`, in the order of their keys."""
        return await self._read(lambda: self._upkeep.notes(prefix))

    async def last_hint(self, tenant: str) -> datetime | None:
        """Return when the last hint that Lucca pushed was taken, None when none is remembered."""
        return await self._read(lambda: self._hints.last(tenant))

    async def deliveries(self, *, after: int, limit: int, wanted: DeliveryFilter) -> Sequence[DeliveryEntry]:
        """Return up to `limit` deliveries whose keys are beyond `after`, in journal order."""
        entries: list[DeliveryEntry] = []
        async for found in self._found(after, wanted, limit):
            entries += islice((entry for entry, _ in found), limit - len(entries))
            if len(entries) >= limit:
                break
        return entries

    async def causes(self, wanted: DeliveryFilter) -> Sequence[Cause]:
        """Group deliveries by lane and last reason, the most frequent first."""
        causes = Causes()
        async for found in self._found(0, wanted):
            causes.add(found)
        return causes.listed()

    async def _found(
        self, after: int, wanted: DeliveryFilter, limit: int = -1
    ) -> AsyncIterator[Sequence[Found]]:
        """Look through the store a stretch at a time, so that no other call waits for the whole."""
        more = True
        while more:
            stretch = await self._read(partial(self._finder.stretch, after, wanted, limit))
            yield stretch.found
            after, more = stretch.reached, stretch.more

    async def lanes(self) -> Mapping[Lane, LaneStatus]:
        """Return how every lane stands that ever had a delivery."""
        return await self._read(self._lanes.status)

    async def known(self, name: ResourceName, ids: Collection[str]) -> Mapping[str, Known]:
        """Return the snapshots of those of `ids` that were ever seen, the gone ones included."""
        return await self._read(lambda: self._records.known(self._resources.find(name), ids))

    async def scan(self, name: ResourceName, after: str | None, limit: int) -> Sequence[Known]:
        """Return up to `limit` living records beyond the id `after`."""
        return await self._read(lambda: self._records.scan(self._resources.find(name), after, limit))

    async def resources(self) -> Mapping[ResourceName, ResourceState]:
        """Return every resource that was ever committed to, and how it stands."""
        return await self._read(self._resources.states)
