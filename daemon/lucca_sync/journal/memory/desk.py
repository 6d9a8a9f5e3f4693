"""The journal in memory for people: what can be looked at in it, and what can be done by hand."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from lucca_sync.journal.memory.finding import (
    causes_of,
    delivery_matches,
    event_matches,
    history_of,
    shown,
)
from lucca_sync.journal.memory.hints import Hints
from lucca_sync.journal.memory.queue import Queue, Wish
from lucca_sync.journal.memory.snapshot import Snapshot
from lucca_sync.journal.protocol import (
    Acted,
    Cause,
    DeliveryEntry,
    DeliveryFilter,
    DeliveryHistory,
    Desk,
    EventEntry,
    EventFilter,
    Known,
    LaneStatus,
    ResourceName,
    ResourceState,
    StoreError,
    Told,
)
from lucca_sync.journal.rules import check_told, check_told_sequence
from lucca_sync.model.delivery import STATES, Lane, State
from lucca_sync.model.event import Event

_NOTHING: Final = Snapshot()


class MemoryDesk(Desk):
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
        """Return what is known of a resource, to look at it only."""
        self._open()
        return self._snapshots.get(name, _NOTHING)

    async def close(self) -> None:
        """Refuse everything from now on."""
        self._closed = True

    # snapshot

    async def known(self, name: ResourceName, ids: Collection[str]) -> Mapping[str, Known]:
        """Return the snapshots of those of `ids` that were ever seen, the gone ones included."""
        return self._of(name).known(ids)

    async def scan(self, name: ResourceName, after: str | None, limit: int) -> Sequence[Known]:
        """Return up to `limit` living records beyond the id `after`."""
        living = sorted(self._of(name).living(), key=lambda record: record.id)
        return [record for record in living if after is None or record.id > after][:limit]

    async def resources(self) -> Mapping[ResourceName, ResourceState]:
        """Return every resource that was ever committed to, and how it stands."""
        self._open()
        return {name: snapshot.state() for name, snapshot in self._snapshots.items()}

    # events

    async def events(self, *, after: int, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return up to `limit` events beyond position `after`, in order."""
        return list(islice((entry for entry in self._wanted(wanted) if entry.position > after), limit))

    async def newest(self, *, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return the last `limit` events, oldest first."""
        found = list(self._wanted(wanted))
        return found[max(0, len(found) - limit) :]

    def _wanted(self, wanted: EventFilter) -> Iterator[EventEntry]:
        self._open()
        return (entry for entry in self._events.values() if event_matches(entry.event, wanted))

    async def event(self, event_id: str) -> EventEntry | None:
        """Return one event by its id or an unambiguous beginning of it; the newest that has the id."""
        self._open()
        found = {entry.event.id: entry for entry in self._events.values() if entry.event.id == event_id}
        if not found and event_id:
            beginning = (one for one in self._events.values() if one.event.id.startswith(event_id))
            found = {entry.event.id: entry for entry in beginning}
        return next(iter(found.values())) if len(found) == 1 else None

    def _journal_one(self, event: Event, lanes: Sequence[Lane], at: datetime) -> None:
        self._last_position += 1
        entry = EventEntry(self._last_position, event)
        self._events[entry.position] = entry
        self._queue.add(entry, lanes, at)

    # deliveries

    async def history(self, position: int) -> Sequence[DeliveryHistory]:
        """Return the deliveries of the event at `position` with their attempts."""
        self._open()
        return [history_of(entry, head=self._queue.is_head(entry)) for entry in self._queue.of(position)]

    async def deliveries(self, *, after: int, limit: int, wanted: DeliveryFilter) -> Sequence[DeliveryEntry]:
        """Return up to `limit` deliveries whose keys are beyond `after`, in journal order."""
        self._open()
        found = self._queue.found(lambda entry: entry.key > after and delivery_matches(entry, wanted))
        return [shown(entry, head=self._queue.is_head(entry)) for entry in islice(found, limit)]

    async def causes(self, wanted: DeliveryFilter) -> Sequence[Cause]:
        """Group deliveries by lane and last reason, the most frequent first."""
        self._open()
        return causes_of(self._queue.found(lambda entry: delivery_matches(entry, wanted)))

    async def lanes(self) -> Mapping[Lane, LaneStatus]:
        """Return how every lane stands that ever had a delivery."""
        self._open()
        return self._queue.lanes()

    # by hand

    async def queue_again(
        self, keys: Collection[int], *, at: datetime, reason: str, among: Collection[State] = STATES
    ) -> Acted:
        """Have deliveries sent at once whatever they wait for, or again."""
        self._open()
        return self._queue.act(keys, Wish("queue_again", at, reason), among)

    async def discard(
        self, keys: Collection[int], *, at: datetime, reason: str, among: Collection[State] = STATES
    ) -> Acted:
        """End deliveries that are open or dead, and let their subjects' next ones go on."""
        self._open()
        return self._queue.act(keys, Wish("discard", at, reason), among)

    async def send(self, positions: Collection[int], lane: Lane, *, at: datetime, reason: str) -> int:
        """Queue events along a lane: again where it had them, for the first time where not."""
        self._open()
        there = [self._events[position] for position in sorted(set(positions)) if position in self._events]
        return sum(self._queue.send(entry, lane, at, reason) for entry in there if not entry.emptied)

    async def tell(self, name: ResourceName, told: Sequence[Told], *, at: datetime) -> None:
        """Journal events that change nothing, with their deliveries."""
        check_told(name, told)
        records = self._of(name).records
        for one in told:
            known = records.get(one.event.record_id)
            check_told_sequence(one, known.sequence if known else None)
        for one in told:
            self._journal_one(one.event, one.lanes, at)

    # notes

    async def notes(self, prefix: str) -> Mapping[str, bytes]:
        """Return the notes whose keys begin with `prefix`, in the order of their keys."""
        self._open()
        return {key: self._notes[key] for key in sorted(self._notes) if key.startswith(prefix)}

    async def write_note(self, key: str, value: bytes) -> None:
        """Write a small note."""
        self._open()
        self._notes[key] = value

    async def drop_note(self, key: str) -> None:
        """Delete a note, if it is there."""
        self._open()
        self._notes.pop(key, None)

    async def last_hint(self, tenant: str) -> datetime | None:
        """Return when the last hint that Lucca pushed was taken, None when none is remembered."""
        self._open()
        return self._hints.last(tenant)
