"""What is known of each resource as a whole: how far its sweep has come and how many of its records live."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from lucca_sync.journal.protocol import ResourceName, ResourceState, SweepCursor
from lucca_sync.journal.sqlite.codes import instant, maybe_instant, micros
from lucca_sync.journal.sqlite.driver import Row
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store

_SQL: Final = named_queries("resources")


class Resources:
    """Knows the integer key of each resource, and its cursor."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys: dict[ResourceName, int] = {}
        store.when_in_doubt(self._keys.clear)

    def find(self, name: ResourceName) -> int:
        """Return a resource's key, 0 (which none has) when nothing was ever committed to it."""
        key = self._keys.get(name)
        if key is None:
            row = self._store.row(_SQL["key_of"], name)
            if row is None:
                return 0
            key = self._keys[name] = int(row[0])
        return key

    def ensure(self, name: ResourceName) -> int:
        """Return a resource's key, a new one when it has none yet."""
        if not self.find(name):
            self._store.run(_SQL["add"], name)
        return self.find(name)

    def state(self, name: ResourceName) -> ResourceState:
        """Return what is known of a resource."""
        row = self._store.row(_SQL["state"], name)
        return ResourceState() if row is None else _state(row)

    def states(self) -> Mapping[ResourceName, ResourceState]:
        """Return what is known of every resource."""
        rows = self._store.rows(_SQL["states"])
        return {ResourceName(tenant, name): _state(tuple(rest)) for tenant, name, *rest in rows}

    def move_on(self, resource: int, cursor: SweepCursor | None, born: int) -> None:
        """Set the cursor, and count `born` more living records (fewer, when negative)."""
        place = (None, None, None) if cursor is None else (micros(cursor.started), cursor.slot, cursor.url)
        self._store.run(_SQL["move_on"], (*place, born, resource))

    def count(self, resource: int, born: int) -> None:
        """Count `born` more living records (fewer, when negative)."""
        if born:
            self._store.run(_SQL["count"], (born, resource))

    def finish(self, resource: int, at: datetime) -> None:
        """Note that a sweep was completed."""
        self._store.run(_SQL["finish"], (micros(at), resource))


def _state(row: Row) -> ResourceState:
    baseline_done, swept, started, slot, url, records = row
    cursor = None if url is None else SweepCursor(instant(started), slot, url)
    return ResourceState(bool(baseline_done), maybe_instant(swept), cursor, records)
