"""The in-memory journal: keeps the promises of the protocol for as long as the process lives."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from lucca_sync.journal.memory.hints import Hints
from lucca_sync.journal.memory.queue import Queue
from lucca_sync.journal.memory.snapshot import Snapshot
from lucca_sync.journal.protocol import (
    Claim,
    DeliveryHistory,
    EventEntry,
    EventFilter,
    Journal,
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
from lucca_sync.journal.rules import check_page, check_writes, in_order
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Event
from lucca_sync.model.hint import Hint


class MemoryJournal(Journal):
    """Holds everything in dictionaries and finds answers by looking through them."""

    def __init__(self) -> None:
        self._snapshots: defaultdict[ResourceName, Snapshot] = defaultdict(Snapshot)
        self._events: dict[int, EventEntry] = {}
        self._last_position = 0
        self._queue = Queue()
        self._notes: dict[str, bytes] = {}
        self._hints = Hints()
        self._closed = False

    def _open(self) -> None:
        if self._closed:
            raise StoreError("the journal is closed")

    def _of(self, name: ResourceName) -> Snapshot:
        self._open()
        return self._snapshots[name]

    async def close(self) -> None:
        """Refuse everything from now on."""
        self._closed = True

    # looking back

    async def events(self, *, after: int, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return up to `limit` events beyond position `after`, in order."""
        return list(islice((entry for entry in self._wanted(wanted) if entry.position > after), limit))

    async def newest(self, *, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return the last `limit` events, oldest first."""
        found = list(self._wanted(wanted))
        return found[max(0, len(found) - limit) :]

    def _wanted(self, wanted: EventFilter) -> Iterator[EventEntry]:
        self._open()
        return (entry for entry in self._events.values() if _matches(entry.event, wanted))

    async def event(self, event_id: str) -> EventEntry | None:
        """Return one event by its id or by an unambiguous beginning of it."""
        self._open()
        found = [entry for entry in self._events.values() if entry.event.id == event_id]
        if not found and event_id:
            found = [entry for entry in self._events.values() if entry.event.id.startswith(event_id)]
        return found[0] if len(found) == 1 else None

    async def history(self, position: int) -> Sequence[DeliveryHistory]:
        """Return the deliveries of the event at `position` with their attempts."""
        self._open()
        return self._queue.history(position)

    async def last_hint(self, tenant: str) -> datetime | None:
        """Return when the last hint that Lucca pushed was taken, None when none is remembered."""
        self._open()
        return self._hints.last(tenant)

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

    async def known(self, name: ResourceName, ids: Collection[str]) -> Mapping[str, Known]:
        """Return the snapshots of those of `ids` that were ever seen, the gone ones included."""
        return self._of(name).known(ids)

    async def ids(self, name: ResourceName) -> Sequence[str]:
        """Return the ids of all living records: decimal ones first, by value, then the others as text."""
        return in_order(record.id for record in self._of(name).living())

    async def scan(self, name: ResourceName, after: str | None, limit: int) -> Sequence[Known]:
        """Return up to `limit` living records beyond the id `after`."""
        living = sorted(self._of(name).living(), key=lambda record: record.id)
        return [record for record in living if after is None or record.id > after][:limit]

    async def beginning(self, name: ResourceName, prefixes: Collection[str]) -> Sequence[Known]:
        """Return the living records whose ids begin with one of `prefixes`."""
        records, wanted = self._of(name).records.values(), tuple(prefixes)
        return [known for known in records if known.content is not None and known.id.startswith(wanted)]

    async def commit_page(self, page: PageCommit) -> None:
        """Write a page's snapshot changes, events, deliveries, memory and cursor in one transaction."""
        check_page(page)
        snapshot = self._of(page.name)
        snapshot.check(page.writes, page.items.ids, page.name)
        snapshot.commit_page(page)
        self._journal(page.writes, page.at)

    async def commit_writes(self, name: ResourceName, at: datetime, writes: Sequence[Write]) -> None:
        """Write records seen outside a sweep (a confirming read)."""
        check_writes(name, writes)
        snapshot = self._of(name)
        snapshot.check(writes, (), name)
        snapshot.write(writes)
        self._journal(writes, at)

    def _journal(self, writes: Sequence[Write], at: datetime) -> None:
        for write in writes:
            if write.event is not None:
                self._last_position += 1
                entry = EventEntry(self._last_position, write.event)
                self._events[entry.position] = entry
                self._queue.add(entry, write.lanes, at)

    async def save_cursor(self, name: ResourceName, cursor: SweepCursor | None) -> None:
        """Move (or clear) the cursor alone, when pages passed without a change."""
        self._of(name).cursor = cursor

    async def finish_sweep(self, name: ResourceName, at: datetime, pages: int) -> None:
        """End a complete sweep of `pages` pages: forget the slots beyond, their records may be missing."""
        self._of(name).finish(at, pages)

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

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write what became of claims and return how many took effect."""
        self._open()
        return self._queue.settle(settlements)

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back as if never attempted, as the daemon is stopping; what was settled stays so."""
        self._open()
        self._queue.release(claims)

    async def next_due(self, lane: Lane) -> datetime | None:
        """Return when the earliest claimable delivery of a lane is due, None when there is none."""
        self._open()
        return self._queue.next_due(lane)

    async def ready(self, lane: Lane, *, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Return how many deliveries could be claimed now and when the oldest of those was written."""
        self._open()
        return self._queue.ready(lane, now, limit)

    async def lanes(self) -> Mapping[Lane, LaneStatus]:
        """Return how every lane stands that ever had a delivery."""
        self._open()
        return self._queue.lanes()

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

    async def write_note(self, key: str, value: bytes) -> None:
        """Write a small note."""
        self._open()
        self._notes[key] = value

    async def notes(self, prefix: str) -> Mapping[str, bytes]:
        """Return the notes whose keys begin with `prefix`, in the order of their keys."""
        self._open()
        return {key: self._notes[key] for key in sorted(self._notes) if key.startswith(prefix)}

    async def drop_note(self, key: str) -> None:
        """Delete a note, if it is there."""
        self._open()
        self._notes.pop(key, None)

    async def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` events recorded before `before`, the oldest first, and return how many."""
        self._open()
        old = [entry for entry in self._events.values() if entry.event.recorded < before]
        old = [entry for entry in old if self._queue.all_done(entry.position)]
        old.sort(key=lambda entry: (entry.event.recorded, entry.position))
        for entry in old[:limit]:
            self._queue.drop(entry.position)
            del self._events[entry.position]
        return len(old[:limit])

    async def size(self) -> int:
        """Return roughly the bytes of all snapshots; nobody needs it exactly."""
        self._open()
        contents = (
            known.content or b"" for one in self._snapshots.values() for known in one.records.values()
        )
        return sum(map(len, contents))


def _matches(event: Event, wanted: EventFilter) -> bool:
    return (
        wanted.tenant in (None, event.tenant)
        and wanted.resource in (None, event.resource)
        and wanted.record_id in (None, event.record_id)
        and wanted.kind in (None, event.kind)
    )
