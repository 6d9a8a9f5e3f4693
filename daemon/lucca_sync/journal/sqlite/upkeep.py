"""Small durable notes, and removing events, or what they contain, once all their deliveries have ended."""

from datetime import datetime
from typing import Final

from lucca_sync.journal.sqlite.codes import micros
from lucca_sync.journal.sqlite.deliveries import keys_of
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store

_SQL: Final = named_queries("upkeep")


class Upkeep:
    """Keeps the store in order; each method is the content of one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, key: str) -> bytes | None:
        """Return a note, None when there is none."""
        row = self._store.row(_SQL["note"], (key,))
        return row[0] if row else None

    def write_note(self, key: str, value: bytes) -> None:
        """Write a note in place of the one before."""
        self._store.run(_SQL["write_note"], (key, value))

    def notes(self, prefix: str) -> dict[str, bytes]:
        """Return the notes whose keys begin with `prefix`."""
        return dict(self._store.rows(_SQL["notes"], (prefix,)))

    def drop_note(self, key: str) -> None:
        """Delete a note, if it is there."""
        self._store.run(_SQL["drop_note"], (key,))

    def swap_note(self, key: str, before: bytes | None, after: bytes | None) -> bool:
        """Write or drop a note if it still says what it did before."""
        if self.note(key) != before:
            return False
        if after is None:
            self.drop_note(key)
        else:
            self.write_note(key, after)
        return True

    def empty(self, before: datetime, limit: int) -> int:
        """Remove the contents of up to `limit` events recorded before an instant."""
        positions = self._store.rows(_SQL["full"], (micros(before), limit))
        self._store.run_each(_SQL["empty"], positions)
        return len(positions)

    def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` events recorded before an instant, with their deliveries."""
        rows = self._store.rows(_SQL["prunable"], (micros(before), limit))
        positions = [position for _, position in rows]
        if positions:
            self._store.run_each(_SQL["drop_deliveries"], [keys_of(position) for position in positions])
            self._store.run_each(_SQL["drop_event"], [(position,) for position in positions])
            self._store.run(_SQL["mark_pruned"], (max(positions),))
        return len(positions)
