"""The SQLite journal as the rest of the daemon sees it: each call is one job on the store's own thread."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from lucca_sync.journal.protocol import (
    Claim,
    Fenced,
    Journal,
    Known,
    PageCommit,
    PageHead,
    PageItems,
    ResourceName,
    ResourceState,
    Settlement,
    SweepCursor,
    Write,
)
from lucca_sync.journal.sqlite.claims import Claims
from lucca_sync.journal.sqlite.desk import SqliteDesk
from lucca_sync.journal.sqlite.lock import FileLock
from lucca_sync.journal.sqlite.pages import Pages
from lucca_sync.journal.sqlite.schema import migrate
from lucca_sync.journal.sqlite.snapshot import Snapshot
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import Lane
from lucca_sync.model.hint import Hint

T = TypeVar("T")


class SqliteJournal(SqliteDesk, Journal):
    """Keeps the journal in one SQLite file of which it is the only writer. Made by `open_sqlite`."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._lock = FileLock(store.path)
        self._pages = Pages(store)
        self._snapshot = Snapshot(self._resources, self._records, self._pages, self._bodies, self._events)
        self._claims = Claims(store, self._lanes, self._events)

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

    async def _leased(self, job: Callable[[], T]) -> T:
        """Write a lease without waiting for the disk: should a power cut undo it, its holder is gone too."""
        return await self._run(lambda: self._store.write(job, lasting=False))

    async def state(self, name: ResourceName) -> ResourceState:
        """Return what is known of a resource."""
        return await self._read(lambda: self._resources.state(name))

    async def heads(self, name: ResourceName) -> Mapping[int, PageHead]:
        """Return the remembered pages of a resource by slot."""
        return await self._read(lambda: self._pages.heads(self._resources.find(name)))

    async def items(self, name: ResourceName, slot: int) -> PageItems:
        """Return the records last seen at a slot; empty when nothing is remembered."""
        return await self._read(lambda: self._pages.items(self._resources.find(name), slot))

    async def ids(self, name: ResourceName) -> Sequence[str]:
        """Return the ids of all living records: decimal ones first, by value, then the others as text."""
        return await self._read(lambda: self._records.ids(self._resources.find(name)))

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
        return await self._leased(lambda: self._claims.claim(lane, now, lease, limit))

    async def taken(self, lane: Lane, *, until: datetime) -> Sequence[Claim]:
        """Return what is claimed along a lane until just this instant."""
        return await self._read(lambda: self._claims.taken(lane, until))

    async def renew(self, claims: Sequence[Fenced], *, until: datetime) -> int:
        """Let leases of claims that still stand end at `until`; return how many those are."""
        return await self._leased(lambda: self._claims.renew(claims, until))

    async def set_back(self, now: datetime, by: timedelta, *, spare: timedelta) -> None:
        """Follow the wall clock, which shows `now` after it was set back."""
        await self._write(lambda: self._claims.set_back(now, by, spare))

    async def hasten(self, now: datetime, beyond: datetime) -> None:
        """Have due `now` what was queued `beyond` an instant that the clock has not shown yet."""
        await self._write(lambda: self._claims.hasten(now, beyond))

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write what became of claims and return how many took effect."""
        return await self._write(lambda: self._claims.settle(settlements))

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back as if never attempted, as the daemon is stopping; what was settled stays so."""
        await self._write(lambda: self._claims.release(claims))

    async def recalled(self) -> Collection[int]:
        """Return the keys of what is in flight and noted to be acted on."""
        return await self._read(self._claims.recalled)

    async def let_go(self, lanes: Collection[Lane], limit: int) -> int:
        """Let up to `limit` dead letters along these lanes hold their subjects no more; return how many."""
        if not await self._read(lambda: self._claims.held(lanes, 1)):
            return 0  # so it is nearly always: that costs no transaction
        return await self._write(lambda: self._claims.let_go(lanes, limit))

    async def next_due(self, lane: Lane) -> datetime | None:
        """Return when the earliest claimable delivery of a lane is due, None when there is none."""
        return await self._read(lambda: self._claims.next_due(lane))

    async def ready(self, lane: Lane, *, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Return how many deliveries could be claimed now and when the oldest of those was written."""
        return await self._read(lambda: self._claims.ready(lane, now, limit))

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

    async def swap_note(self, key: str, before: bytes | None, after: bytes | None) -> bool:
        """Write a note, or drop it (None), if it still says what it did `before` (None: there was none)."""
        return await self._write(lambda: self._upkeep.swap_note(key, before, after))

    async def empty(self, before: datetime, limit: int) -> int:
        """Remove the contents of up to `limit` events recorded before `before`, the oldest first."""
        return await self._write(lambda: self._upkeep.empty(before, limit))

    async def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` events recorded before `before`, the oldest first, and return how many."""
        return await self._write(lambda: self._upkeep.prune(before, limit))

    async def size(self) -> int:
        """Return the bytes that the store takes up: the file and its write-ahead log."""
        return await self._run(self._store.bytes_taken)

    async def used(self) -> int:
        """Return the bytes in use inside the store; what was deleted does not count."""
        return await self._read(self._store.bytes_used)

    async def touched(self) -> bool:
        """Tell whether another process has written to the store since this was last asked."""
        return await self._run(self._store.touched)
