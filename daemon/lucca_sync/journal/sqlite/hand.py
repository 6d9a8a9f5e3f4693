"""A person's hand on one delivery: at once where that can be, else when its claim has ended."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from lucca_sync.journal.rules import unsure
from lucca_sync.journal.sqlite.codes import CODES, instant, micros, state_of
from lucca_sync.journal.sqlite.deliveries import position_of
from lucca_sync.journal.sqlite.driver import Row
from lucca_sync.journal.sqlite.lanes import Lanes
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.queues import Queues
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import ByHand, State, after, put_off

_SQL: Final = named_queries("hand")
_ENDED: Final[tuple[State, ...]] = ("done", "discarded")


class Wish(NamedTuple):
    """What a person wants done, and in whose words."""

    act: ByHand
    at: datetime
    reason: str


class Hand:
    """Does what a person wants to a delivery that is not in flight, and keeps that it was done."""

    def __init__(self, store: Store, lanes: Lanes) -> None:
        self._store = store
        self._lanes = lanes
        self._queues = Queues(store)

    def state(self, key: int) -> State | None:
        """Return how a delivery stands; None when there is none."""
        row = self._store.row(_SQL["standing"], (key,))
        return state_of(row[0]) if row else None

    def do(self, key: int, wish: Wish) -> bool:
        """Do it; False, and nothing, where it cannot be done."""
        row = self._store.row(_SQL["standing"], (key,))
        if row is None or (row[-1] and wish.act == "queue_again"):
            return False
        before = state_of(row[0])
        then = after(before, wish.act)
        if then is None:
            return False
        if wish.act == "queue_again":
            self._store.run(_SQL["queue_again"], (CODES[then], micros(wish.at), key))
        else:
            self._store.run(_SQL["discard"], (CODES[then], key))
        self._acted(key, row, before, then)
        self.note(key, row[3], then, wish)
        return True

    def _acted(self, key: int, row: Row, before: State, then: State) -> None:
        """Take along what depends on a delivery's state: its event, its queue, its lane."""
        _, lane, record, *_ = row
        more = (then not in _ENDED) - (before not in _ENDED)
        if more:
            self._store.run(_SQL["undo"], (more, position_of(key)))
        self._lanes.moved(lane, before, then)
        self._queues.line_up(record, lane)

    def note(self, key: int, attempts: int, state: State, wish: Wish) -> None:
        """Keep with a delivery what a person did, or wants done, after so many attempts."""
        self._store.run(_SQL["add_act"], (key, attempts, micros(wish.at), CODES[state], wish.reason))


class Wishes:
    """What is to be done as soon as claims have ended. There are seldom any, and then a handful."""

    def __init__(self, store: Store, hand: Hand) -> None:
        self._store = store
        self._hand = hand

    def note(self, key: int, wish: Wish) -> bool:
        """Note it for a delivery in flight, in place of what was noted before; False for another."""
        row = self._store.row(_SQL["standing"], (key,))
        if row is None or not put_off(state_of(row[0])):
            return False
        self._store.run(_SQL["wish"], (key, wish.act, micros(wish.at), wish.reason))
        self._hand.note(key, row[3] - 1, "in_flight", wish)
        return True

    def keys(self) -> Collection[int]:
        """Return what is in flight and noted."""
        return [key for (key,) in self._store.rows(_SQL["wished"])]

    def fulfil(self, *, known: bool = True) -> None:
        """Do what was noted for deliveries that are in flight no more, unless they got through.

        `known` is False where nobody can tell how far their last attempts had come.
        """
        for key, act, at, reason, state in self._store.rows(_SQL["fulfillable"]):
            self._store.run(_SQL["unwish"], (key,))
            if state_of(state) != "done":
                self._hand.do(key, Wish(act, instant(at), reason if known else unsure(reason)))

    def lapsed(self, lane: int, now: datetime) -> list[Row]:
        """Return what is noted and whose lease has ended: key, lane, record."""
        return self._store.rows(_SQL["lapsed"], (lane, micros(now)))
