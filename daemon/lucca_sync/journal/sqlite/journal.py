"""The SQLite journal as the rest of the daemon sees it: each call is one job on the store's own thread."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import anyio

from lucca_sync.journal.protocol import (
    Claim,
    DeliveryHistory,
    EventEntry,
    EventFilter,
    Journal,
    JournalReader,
    Known,
    LaneStatus,
    PageCommit,
    PageHead,
    PageItems,
    ResourceName,
    ResourceState,
    Settlement,
    StoreError,
    SweepCursor,
    Write,
)
from lucca_sync.journal.sqlite.bodies import Bodies
from lucca_sync.journal.sqlite.claims import Claims
from lucca_sync.journal.sqlite.deliveries import Deliveries, history
from lucca_sync.journal.sqlite.events import EventReader, Events
from lucca_sync.journal.sqlite.hints import Hints
from lucca_sync.journal.sqlite.lanes import Lanes
from lucca_sync.journal.sqlite.lock import FileLock
from lucca_sync.journal.sqlite.pages import Pages
from lucca_sync.journal.sqlite.records import Records
from lucca_sync.journal.sqlite.resources import Resources
from lucca_sync.journal.sqlite.schema import check, migrate
from lucca_sync.journal.sqlite.snapshot import Snapshot
from lucca_sync.journal.sqlite.store import REAL_DISK, Footing, Store
from lucca_sync.journal.sqlite.thread import OwnThread
from lucca_sync.journal.sqlite.upkeep import Upkeep
from lucca_sync.model.delivery import Lane
from lucca_sync.model.hint import Hint

T = TypeVar("T")


class SqliteReader(JournalReader):
    """Looks at a journal file, also while a daemon writes to it. Made by `read_sqlite`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = OwnThread("journal")
        self._closed = False
        self._bodies = Bodies(store)
        self._reader = EventReader(store, self._bodies)
        self._upkeep = Upkeep(store)
        self._hints = Hints(store)

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
            raise StoreError(f"there is no journal at {self._store.path}")
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


class SqliteGuest(SqliteReader):
    """Leaves notes in a journal whose writer is another process. Made by `leave_note`."""

    async def write_note(self, key: str, value: bytes) -> None:
        """Write a small durable note; it is on the disk when this returns."""
        await self._run(lambda: self._store.write(lambda: self._upkeep.write_note(key, value)))


class SqliteJournal(SqliteReader, Journal):
    """Keeps the journal in one SQLite file of which it is the only writer. Made by `open_sqlite`."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._lock = FileLock(store.path)
        self._resources = Resources(store)
        self._records = Records(store, self._bodies)
        self._pages = Pages(store)
        self._lanes = Lanes(store)
        events = Events(store, self._bodies, Deliveries(store, self._lanes))
        self._snapshot = Snapshot(self._resources, self._records, self._pages, self._bodies, events)
        self._claims = Claims(store, self._lanes, events)

    def _open(self) -> None:
        self._lock.take()
        self._store.open()
        migrate(self._store)
        self._store.write(self._claims.take_back_abandoned)

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._lock.release()

    async def _write(self, job: Callable[[], T]) -> T:
        return await self._run(lambda: self._store.write(job))

    async def state(self, name: ResourceName) -> ResourceState:
        """Return what is known of a resource."""
        return await self._read(lambda: self._resources.state(name))

    async def heads(self, name: ResourceName) -> Mapping[int, PageHead]:
        """Return the remembered pages of a resource by slot."""
        return await self._read(lambda: self._pages.heads(self._resources.find(name)))

    async def items(self, name: ResourceName, slot: int) -> PageItems:
        """Return the records last seen at a slot; empty when nothing is remembered."""
        return await self._read(lambda: self._pages.items(self._resources.find(name), slot))

    async def known(self, name: ResourceName, ids: Collection[str]) -> Mapping[str, Known]:
        """Return the snapshots of those of `ids` that were ever seen, the gone ones included."""
        return await self._read(lambda: self._records.known(self._resources.find(name), ids))

    async def ids(self, name: ResourceName) -> Sequence[str]:
        """Return the ids of all living records: decimal ones first, by value, then the others as text."""
        return await self._read(lambda: self._records.ids(self._resources.find(name)))

    async def scan(self, name: ResourceName, after: str | None, limit: int) -> Sequence[Known]:
        """Return up to `limit` living records beyond the id `after`."""
        return await self._read(lambda: self._records.scan(self._resources.find(name), after, limit))

    async def beginning(self, name: ResourceName, prefixes: Collection[str]) -> Sequence[Known]:
        """Return the living records whose ids begin with one of `prefixes`."""
        return await self._read(lambda: self._records.beginning(self._resources.find(name), prefixes))

    async def commit_page(self, page: PageCommit) -> None:
        """Write a page's snapshot changes, events, deliveries, memory and cursor in one transaction."""
        await self._write(lambda: self._snapshot.commit_page(page))

    async def commit_writes(self, name: ResourceName, at: datetime, writes: Sequence[Write]) -> None:
        """Write records seen outside a sweep (a confirming read)."""
        await self._write(lambda: self._snapshot.commit_writes(name, at, writes))

    async def save_cursor(self, name: ResourceName, cursor: SweepCursor | None) -> None:
        """Move (or clear) the cursor alone, when pages passed without a change."""
        await self._write(lambda: self._resources.move_on(self._resources.ensure(name), cursor, 0))

    async def finish_sweep(self, name: ResourceName, at: datetime, pages: int) -> None:
        """End a complete sweep of `pages` pages: forget the slots beyond, their records may be missing."""
        await self._write(lambda: self._snapshot.finish_sweep(name, at, pages))

    async def missing(self, name: ResourceName, limit: int) -> Sequence[Known]:
        """Return up to `limit` living records that no page showed any more, those known longest first."""
        return await self._read(lambda: self._records.missing(self._resources.find(name), limit))

    async def count_missing(self, name: ResourceName) -> int:
        """Return how many living records are missing."""
        return await self._read(lambda: self._records.count_missing(self._resources.find(name)))

    async def claim(self, lane: Lane, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        """Take up to `limit` due deliveries: the oldest open one of each subject only, earliest due first."""
        return await self._write(lambda: self._claims.claim(lane, now, lease, limit))

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write what became of claims and return how many took effect."""
        return await self._write(lambda: self._claims.settle(settlements))

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back as if never attempted, as the daemon is stopping; what was settled stays so."""
        await self._write(lambda: self._claims.release(claims))

    async def next_due(self, lane: Lane) -> datetime | None:
        """Return when the earliest claimable delivery of a lane is due, None when there is none."""
        return await self._read(lambda: self._claims.next_due(lane))

    async def ready(self, lane: Lane, *, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Return how many deliveries could be claimed now and when the oldest of those was written."""
        return await self._read(lambda: self._claims.ready(lane, now, limit))

    async def lanes(self) -> Mapping[Lane, LaneStatus]:
        """Return how every lane stands that ever had a delivery."""
        return await self._read(self._lanes.status)

    async def take_in(self, tenant: str, hints: Sequence[Hint]) -> int:
        """Keep hints until they are dropped; durable when this returns. Return how many were new."""
        return await self._write(lambda: self._hints.take_in(tenant, hints))

    async def hints(self, tenant: str, limit: int) -> Sequence[Hint]:
        """Return up to `limit` hints that wait, the oldest first."""
        return await self._read(lambda: self._hints.waiting(tenant, limit))

    async def drop_hints(self, tenant: str, ids: Collection[str]) -> None:
        """Let hints wait no longer: they were looked at. Their ids stay known."""
        await self._write(lambda: self._hints.drop(tenant, ids))

    async def forget_hints(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` dropped hints taken before `before`, the oldest first; return how many."""
        return await self._write(lambda: self._hints.forget(before, limit))

    async def note(self, key: str) -> bytes | None:
        """Return a small durable note of another part of the daemon (a request window), None when absent."""
        return await self._read(lambda: self._upkeep.note(key))

    async def write_note(self, key: str, value: bytes) -> None:
        """Write a small durable note; it is on the disk when this returns."""
        await self._write(lambda: self._upkeep.write_note(key, value))

    async def drop_note(self, key: str) -> None:
        """Delete a note, if it is there; it is off the disk when this returns."""
        await self._write(lambda: self._upkeep.drop_note(key))

    async def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` events recorded before `before`, the oldest first, and return how many."""
        return await self._write(lambda: self._upkeep.prune(before, limit))

    async def size(self) -> int:
        """Return the bytes that the store takes up: the file and its write-ahead log."""
        return await self._run(self._store.bytes_taken)


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


async def leave_note(path: Path, key: str, value: bytes) -> None:
    """Write one note into a journal that another process may have open, in a transaction of its own.

    Raises StoreError when there is no journal, or the other is busy for longer than a moment.
    """
    guest = SqliteGuest(Store(_located(path), guest=True))
    await _opened(guest)
    try:
        await guest.write_note(key, value)
    finally:
        with anyio.CancelScope(shield=True):
            await guest.close()


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
