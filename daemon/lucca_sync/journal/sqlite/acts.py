"""What a person does to deliveries; each method is the content of one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from lucca_sync.journal.protocol import ResourceName, Told
from lucca_sync.journal.rules import check_told, check_told_sequence
from lucca_sync.journal.sqlite.codes import CODES, micros, state_of
from lucca_sync.journal.sqlite.deliveries import key_of, position_of
from lucca_sync.journal.sqlite.driver import Row
from lucca_sync.journal.sqlite.events import Events
from lucca_sync.journal.sqlite.lanes import Lanes
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.queues import Queues
from lucca_sync.journal.sqlite.records import Records
from lucca_sync.journal.sqlite.resources import Resources
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import OPEN_STATES, STATES, Act, Lane, State, after

_SQL: Final = named_queries("acts")
_ENDED: Final[tuple[State, ...]] = ("done", "discarded")


class Acts:
    """Moves deliveries by hand, and sends events that are there already. Costs what is moved."""

    def __init__(self, store: Store, lanes: Lanes) -> None:
        self._store = store
        self._lanes = lanes
        self._queues = Queues(store)

    def queue_again(self, keys: Collection[int], at: datetime, reason: str, among: Collection[State]) -> int:
        """Have deliveries sent at once, or again; return how many."""
        moved = sum(self._queue_again(key, at, reason, among) for key in sorted(set(keys)))
        self._lanes.flush()
        return moved

    def discard(self, keys: Collection[int], at: datetime, reason: str, among: Collection[State]) -> int:
        """End deliveries; return how many."""
        moved = sum(self._discard(key, at, reason, among) for key in sorted(set(keys)))
        self._lanes.flush()
        return moved

    def send(self, positions: Collection[int], lane: Lane, at: datetime, reason: str) -> int:
        """Queue events along a lane where they are not open; return how many."""
        sent = sum(self._send(position, lane, at, reason) for position in sorted(set(positions)))
        self._lanes.flush()
        return sent

    def _queue_again(self, key: int, at: datetime, reason: str, among: Collection[State] = STATES) -> bool:
        row = self._store.row(_SQL["standing"], (key,))
        if row is None or row[-1]:
            return False
        before, then = _move(row, "queue_again")
        if then is None or before not in among:
            return False
        self._store.run(_SQL["queue_again"], (CODES[then], micros(at), key))
        self._acted(key, row, before, then)
        self._note(key, row[3], at, then, reason)
        return True

    def _discard(self, key: int, at: datetime, reason: str, among: Collection[State]) -> bool:
        row = self._store.row(_SQL["standing"], (key,))
        before, then = _move(row, "discard") if row else (None, None)
        if row is None or before is None or then is None or before not in among:
            return False
        self._store.run(_SQL["discard"], (CODES[then], key))
        self._acted(key, row, before, then)
        self._note(key, row[3], at, then, reason)
        return True

    def _acted(self, key: int, row: Row, before: State, then: State) -> None:
        """Take along what depends on a delivery's state: its event, its queue, its lane."""
        _, lane, record, *_ = row
        more = (then not in _ENDED) - (before not in _ENDED)
        if more:
            self._store.run(_SQL["undo"], (more, position_of(key)))
        self._lanes.moved(lane, before, then)
        self._queues.line_up(record, lane)

    def _note(self, key: int, attempts: int, at: datetime, state: State, reason: str) -> None:
        self._store.run(_SQL["add_act"], (key, attempts, micros(at), CODES[state], reason))

    def _send(self, position: int, lane: Lane, at: datetime, reason: str) -> bool:
        row = self._store.row(_SQL["event_at"], (position,))
        if row is None or row[1]:
            return False
        key = key_of(position, self._lanes.find(lane))
        there = self._store.row(_SQL["standing"], (key,))
        if there is not None:
            return state_of(there[0]) not in OPEN_STATES and self._queue_again(key, at, reason)
        self._add(position, row[0], self._lanes.ensure(lane), at, reason)
        return True

    def _add(self, position: int, record: int, lane: int, at: datetime, reason: str) -> None:
        key = key_of(position, lane)
        self._store.run(_SQL["add"], (key, lane, record, micros(at)))
        self._store.run(_SQL["undo"], (1, position))
        self._lanes.moved(lane, None, "pending")
        self._queues.line_up(record, lane)
        self._note(key, 0, at, "pending", reason)


class Telling:
    """Journals events that change nothing."""

    def __init__(self, resources: Resources, records: Records, events: Events) -> None:
        self._resources = resources
        self._records = records
        self._events = events

    def tell(self, name: ResourceName, told: Sequence[Told], at: datetime) -> None:
        """Journal events with their deliveries, if each record still has the sequence of its event."""
        check_told(name, told)
        resource = self._resources.find(name)
        standing = self._records.standing(resource, {one.event.record_id for one in told})
        for one in told:
            record = standing.get(one.event.record_id)
            check_told_sequence(one, record.sequence if record else None)
            if record is not None:
                self._events.add(resource, record.key, one.event, one.lanes, micros(at))
        self._events.flush()


def _move(row: Row, act: Act) -> tuple[State, State | None]:
    before = state_of(row[0])
    return before, after(before, act)
