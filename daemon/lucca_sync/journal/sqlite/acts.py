"""What a person does to deliveries; each method is the content of one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from lucca_sync.journal.protocol import Acted, ResourceName, Told
from lucca_sync.journal.rules import check_told, check_told_sequence
from lucca_sync.journal.sqlite.codes import micros
from lucca_sync.journal.sqlite.deliveries import key_of
from lucca_sync.journal.sqlite.events import Events
from lucca_sync.journal.sqlite.hand import Hand, Wish, Wishes
from lucca_sync.journal.sqlite.lanes import Lanes
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.queues import Queues
from lucca_sync.journal.sqlite.records import Records
from lucca_sync.journal.sqlite.resources import Resources
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import OPEN_STATES, Lane, State

_SQL: Final = named_queries("acts")


class Acts:
    """Moves deliveries by hand, and sends events that are there already. Costs what is moved."""

    def __init__(self, store: Store, lanes: Lanes) -> None:
        self._store = store
        self._lanes = lanes
        self._queues = Queues(store)
        self._hand = Hand(store, lanes)
        self._wishes = Wishes(store, self._hand)

    def act(self, keys: Collection[int], wish: Wish, among: Collection[State]) -> Acted:
        """Do to deliveries what a person wants, and note it for those in flight."""
        meant = [key for key in sorted(set(keys)) if self._hand.state(key) in among]
        noted = sum(self._wishes.note(key, wish) for key in meant)
        done = sum(self._hand.do(key, wish) for key in meant)
        self._lanes.flush()
        return Acted(done, noted)

    def send(self, positions: Collection[int], lane: Lane, at: datetime, reason: str) -> int:
        """Queue events along a lane where they are not open; return how many."""
        wish = Wish("queue_again", at, reason)
        sent = sum(self._send(position, lane, wish) for position in sorted(set(positions)))
        self._lanes.flush()
        return sent

    def _send(self, position: int, lane: Lane, wish: Wish) -> bool:
        row = self._store.row(_SQL["event_at"], (position,))
        if row is None or row[1]:
            return False
        key = key_of(position, self._lanes.find(lane))
        state = self._hand.state(key)
        if state is not None:
            return state not in OPEN_STATES and self._hand.do(key, wish)
        self._add(position, row[0], self._lanes.ensure(lane), wish)
        return True

    def _add(self, position: int, record: int, lane: int, wish: Wish) -> None:
        key = key_of(position, lane)
        self._store.run(_SQL["add"], (key, lane, record, micros(wish.at)))
        self._store.run(_SQL["undo"], (1, position))
        self._lanes.moved(lane, None, "pending")
        self._queues.line_up(record, lane)
        self._hand.note(key, 0, "pending", wish)


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
