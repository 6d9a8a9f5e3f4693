"""Deliveries as rows: added with their event, and looked back at one event at a time."""

from collections.abc import Sequence
from typing import Final

from lucca_sync.journal.protocol import Attempt, DeliveryHistory
from lucca_sync.journal.sqlite.codes import instant, maybe_instant, state_of
from lucca_sync.journal.sqlite.driver import Bindings, Row
from lucca_sync.journal.sqlite.lanes import Lanes
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import Lane

_SQL: Final = named_queries("deliveries")
_LANE_BITS: Final = 16


class Deliveries:
    """Gathers the deliveries of one transaction's events and writes them together."""

    def __init__(self, store: Store, lanes: Lanes) -> None:
        self._store = store
        self._lanes = lanes
        self._gathered: list[Bindings] = []
        store.when_in_doubt(self._gathered.clear)

    def add(self, position: int, record: int, lanes: Sequence[Lane], at: int) -> int:
        """Take up one delivery of an event for each different lane; return how many those are."""
        different = dict.fromkeys(lanes)
        for lane in different:
            key = self._lanes.ensure(lane)
            self._gathered.append((key_of(position, key), key, record, at))
            self._lanes.moved(key, None, "pending")
        return len(different)

    def flush(self) -> None:
        """Write what was taken up; the events must be there by now."""
        if self._gathered:
            self._store.run_each(_SQL["add"], self._gathered)
            self._gathered.clear()
            self._lanes.flush()


def key_of(position: int, lane: int) -> int:
    """Return the key of the delivery of an event along a lane."""
    return position << _LANE_BITS | lane


def position_of(delivery: int) -> int:
    """Return the position of the event that a delivery carries."""
    return delivery >> _LANE_BITS


def keys_of(position: int) -> tuple[int, int]:
    """Return the lowest and the highest key that deliveries of the event at a position can have."""
    return position << _LANE_BITS, (position + 1 << _LANE_BITS) - 1


def history(store: Store, position: int) -> Sequence[DeliveryHistory]:
    """Return the deliveries of the event at a position with their attempts."""
    return [_history(store, row) for row in store.rows(_SQL["of_event"], keys_of(position))]


def _history(store: Store, row: Row) -> DeliveryHistory:
    key, route, connector, state, journaled, due = row
    attempts = tuple(
        Attempt(number, instant(at), state_of(outcome), reason)
        for number, at, outcome, reason in store.rows(_SQL["attempts"], (key,))
    )
    return DeliveryHistory(
        key, Lane(route, connector), state_of(state), instant(journaled), maybe_instant(due), attempts
    )
