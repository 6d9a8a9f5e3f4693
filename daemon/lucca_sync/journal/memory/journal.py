"""The in-memory journal: keeps the promises of the protocol for as long as the process lives."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from msgspec.structs import replace

from lucca_sync.journal.memory.desk import MemoryDesk
from lucca_sync.journal.memory.snapshot import Snapshot
from lucca_sync.journal.protocol import (
    Claim,
    EventEntry,
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
from lucca_sync.journal.rules import check_page, check_writes, in_order
from lucca_sync.model.delivery import Lane
from lucca_sync.model.hint import Hint


class MemoryJournal(MemoryDesk, Journal):
    """Does the daemon's work on what the desk shows to people."""

    def _for_writing(self, name: ResourceName) -> Snapshot:
        self._open()
        return self._snapshots[name]

    # ingest

    async def state(self, name: ResourceName) -> ResourceState:
        """Return what is known of a resource."""
        return self._of(name).state()

    async def heads(self, name: ResourceName) -> Mapping[int, PageHead]:
        """Return the remembered pages of a resource by slot."""
        return {slot: page.head for slot, page in self._of(name).pages.items()}

    async def items(self, name: ResourceName, slot: int) -> PageItems:
        """Return the records last seen at a slot; empty when nothing is remembered."""
        page = self._of(name).pages.get(slot)
        return page.items if page else PageItems()

    async def ids(self, name: ResourceName) -> Sequence[str]:
        """Return the ids of all living records: decimal ones first, by value, then the others as text."""
        return in_order(record.id for record in self._of(name).living())

    async def beginning(self, name: ResourceName, prefixes: Collection[str]) -> Sequence[Known]:
        """Return the living records whose ids begin with one of `prefixes`."""
        records, wanted = self._of(name).records.values(), tuple(prefixes)
        return [known for known in records if known.content is not None and known.id.startswith(wanted)]

    async def commit_page(self, page: PageCommit) -> None:
        """Write a page's snapshot changes, events, deliveries, memory and cursor in one transaction."""
        check_page(page)
        self._of(page.name).check(page.writes, page.items.ids, page.name)
        self._for_writing(page.name).commit_page(page)
        self._journal(page.writes, page.at)

    async def commit_writes(self, name: ResourceName, at: datetime, writes: Sequence[Write]) -> None:
        """Write records seen outside a sweep (a confirming read)."""
        check_writes(name, writes)
        self._of(name).check(writes, (), name)
        self._for_writing(name).write(writes)
        self._journal(writes, at)

    def _journal(self, writes: Sequence[Write], at: datetime) -> None:
        for write in writes:
            if write.event is not None:
                self._journal_one(write.event, write.lanes, at)

    async def save_cursor(self, name: ResourceName, cursor: SweepCursor | None) -> None:
        """Move (or clear) the cursor alone, when pages passed without a change."""
        self._for_writing(name).cursor = cursor

    async def finish_sweep(self, name: ResourceName, at: datetime, pages: int) -> None:
        """End a complete sweep of `pages` pages: forget the slots beyond, their records may be missing."""
        self._for_writing(name).finish(at, pages)

    async def missing(self, name: ResourceName, limit: int) -> Sequence[Known]:
        """Return up to `limit` living records that no page showed any more, those known longest first."""
        return list(islice(self._of(name).missing(), limit))

    async def count_missing(self, name: ResourceName) -> int:
        """Return how many living records are missing."""
        return sum(1 for _ in self._of(name).missing())

    # egress

    async def claim(self, lane: Lane, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        """Take up to `limit` due deliveries: the oldest open one of each subject only, earliest due first."""
        self._open()
        return self._queue.claim(lane, now, lease, limit)

    async def taken(self, lane: Lane, *, until: datetime) -> Sequence[Claim]:
        """Return what is claimed along a lane until just this instant."""
        self._open()
        return self._queue.taken(lane, until)

    async def renew(self, claims: Sequence[Fenced], *, until: datetime) -> int:
        """Let leases of claims that still stand end at `until`; return how many those are."""
        self._open()
        return self._queue.renew(claims, until)

    async def set_back(self, now: datetime, by: timedelta, *, spare: timedelta) -> None:
        """Follow the wall clock, which shows `now` after it was set back."""
        self._open()
        self._queue.set_back(now, by, spare)

    async def hasten(self, now: datetime, beyond: datetime) -> None:
        """Have due `now` what was queued `beyond` an instant that the clock has not shown yet."""
        self._open()
        self._queue.hasten(now, beyond)

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write what became of claims and return how many took effect."""
        self._open()
        return self._queue.settle(settlements)

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back as if never attempted, as the daemon is stopping; what was settled stays so."""
        self._open()
        self._queue.release(claims)

    async def recalled(self) -> Collection[int]:
        """Return the keys of what is in flight and noted to be acted on."""
        self._open()
        return self._queue.recalled()

    async def let_go(self, lanes: Collection[Lane], limit: int) -> int:
        """Let up to `limit` dead letters along these lanes hold their subjects no more; return how many."""
        self._open()
        return self._queue.let_go(lanes, limit)

    def take_back_abandoned(self) -> None:
        """Make due what is in flight, as opening a store that a process has left does."""
        self._queue.take_back_abandoned()

    async def next_due(self, lane: Lane) -> datetime | None:
        """Return when the earliest claimable delivery of a lane is due, None when there is none."""
        self._open()
        return self._queue.next_due(lane)

    async def ready(self, lane: Lane, *, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Return how many deliveries could be claimed now and when the oldest of those was written."""
        self._open()
        return self._queue.ready(lane, now, limit)

    # hints

    async def take_in(self, tenant: str, hints: Sequence[Hint]) -> int:
        """Keep hints until they are dropped; return how many were new."""
        self._open()
        return self._hints.take_in(tenant, hints)

    async def hints(self, tenant: str, limit: int) -> Sequence[Hint]:
        """Return up to `limit` hints that wait, the oldest first."""
        self._open()
        return self._hints.waiting(tenant, limit)

    async def drop_hints(self, tenant: str, ids: Collection[str]) -> None:
        """Let hints wait no longer: they were looked at. Their ids stay known."""
        self._open()
        self._hints.drop(tenant, ids)

    async def forget_hints(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` dropped hints taken before `before`, the oldest first; return how many."""
        self._open()
        return self._hints.forget(before, limit)

    # notes and upkeep

    async def note(self, key: str) -> bytes | None:
        """Return a small note of another part of the daemon, None when absent."""
        self._open()
        return self._notes.get(key)

    async def swap_note(self, key: str, before: bytes | None, after: bytes | None) -> bool:
        """Write a note, or drop it (None), if it still says what it did `before` (None: there was none)."""
        self._open()
        if self._notes.get(key) != before:
            return False
        await (self.drop_note(key) if after is None else self.write_note(key, after))
        return True

    async def empty(self, before: datetime, limit: int) -> int:
        """Remove the contents of up to `limit` events recorded before `before`, the oldest first."""
        full = [entry for entry in self._ended(before) if not entry.emptied][:limit]
        for entry in full:
            event = replace(entry.event, record=None, previous=None, changes=(), request="")
            self._events[entry.position] = emptied = EventEntry(entry.position, event, emptied=True)
            self._queue.emptied(emptied)
        return len(full)

    async def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` events recorded before `before`, the oldest first, and return how many."""
        old = self._ended(before)[:limit]
        for entry in old:
            self._queue.drop(entry.position)
            del self._events[entry.position]
        return len(old)

    def _ended(self, before: datetime) -> list[EventEntry]:
        """Return the events recorded before an instant that nothing is left to do for, the oldest first."""
        self._open()
        old = [entry for entry in self._events.values() if entry.event.recorded < before]
        old = [entry for entry in old if self._queue.all_ended(entry.position)]
        return sorted(old, key=lambda entry: (entry.event.recorded, entry.position))

    async def size(self) -> int:
        """Return roughly the bytes of all snapshots; nobody needs it exactly."""
        self._open()
        contents = (
            known.content or b"" for one in self._snapshots.values() for known in one.records.values()
        )
        return sum(map(len, contents))

    async def used(self) -> int:
        """Return as much as `size`: nothing deleted is kept."""
        return await self.size()

    async def touched(self) -> bool:
        """Tell that no other process can have written."""
        self._open()
        return False
