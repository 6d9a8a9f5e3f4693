"""Lanes, and how many deliveries each has in every state: counted as they change, not by looking at all."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final

from lucca_sync.journal.protocol import LaneStatus
from lucca_sync.journal.sqlite.codes import maybe_instant
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import Lane, State

_SQL: Final = named_queries("lanes")
_COUNTED: Final[tuple[State, ...]] = ("pending", "in_flight", "retrying", "parked", "dead")


class Lanes:
    """Knows the integer key of each lane and keeps its counts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys: dict[Lane, int] = {}
        self._changes: defaultdict[int, Counter[State]] = defaultdict(Counter)
        store.when_in_doubt(self._forget)

    def _forget(self) -> None:
        self._keys.clear()
        self._changes.clear()

    def find(self, lane: Lane) -> int:
        """Return a lane's key, 0 (which none has) when it never had a delivery."""
        key = self._keys.get(lane)
        if key is None:
            row = self._store.row(_SQL["key_of"], lane)
            if row is None:
                return 0
            key = self._keys[lane] = int(row[0])
        return key

    def ensure(self, lane: Lane) -> int:
        """Return a lane's key, a new one when it has none yet."""
        if not self.find(lane):
            self._store.run(_SQL["add"], lane)
        return self.find(lane)

    def moved(self, lane: int, before: State | None, after: State, count: int = 1) -> None:
        """Count deliveries that changed their state, or came into being."""
        changes = self._changes[lane]
        changes[after] += count
        if before is not None:
            changes[before] -= count

    def flush(self) -> None:
        """Write the counts that changed."""
        rows = [(*(changes[state] for state in _COUNTED), lane) for lane, changes in self._changes.items()]
        self._store.run_each(_SQL["count"], rows)
        self._changes.clear()

    def status(self) -> Mapping[Lane, LaneStatus]:
        """Return how every lane stands."""
        return {
            Lane(route, connector): LaneStatus(
                dict(zip(_COUNTED, counts, strict=True)), maybe_instant(oldest)
            )
            for route, connector, oldest, *counts in self._store.rows(_SQL["status"])
        }
