"""Hints in the SQLite file: each method is the content of one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from lucca_sync.journal.sqlite.codes import instant, micros
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.hint import Hint

_SQL: Final = named_queries("hints")


class Hints:
    """What Lucca said and nobody has looked at yet, and the ids of what was looked at."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take_in(self, tenant: str, hints: Sequence[Hint]) -> int:
        """Write hints that were not taken before; return how many those were."""
        return sum(bool(self._store.rows(_SQL["take_in"], _row(tenant, hint))) for hint in hints)

    def waiting(self, tenant: str, limit: int) -> Sequence[Hint]:
        """Return hints that wait, the oldest first."""
        return [
            Hint(one, topic, record, instant(taken), employee, employment, eye)
            for one, topic, record, taken, employee, employment, eye in self._store.rows(
                _SQL["waiting"], (tenant, limit)
            )
        ]

    def drop(self, tenant: str, ids: Collection[str]) -> None:
        """Let hints wait no longer; their ids stay known."""
        self._store.run_each(_SQL["drop"], [(tenant, one) for one in ids])

    def forget(self, before: datetime, limit: int) -> int:
        """Forget the ids of what was dealt with and taken before an instant."""
        return len(self._store.rows(_SQL["forget"], (micros(before), limit)))

    def last(self, tenant: str) -> datetime | None:
        """Return when the last pushed hint was taken."""
        row = self._store.row(_SQL["last"], (tenant,))
        return instant(row[0]) if row and row[0] is not None else None


def _row(tenant: str, hint: Hint) -> tuple[object, ...]:
    whom = (hint.topic, hint.record, hint.employee, hint.employment)
    return (tenant, hint.id, *whom, hint.eye, micros(hint.taken))
