"""Hints in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import islice

from lucca_sync.model.hint import Hint


class Hints:
    """What Lucca said and nobody has looked at yet, and when and how the rest came."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], Hint] = {}
        self._known: dict[tuple[str, str], Hint] = {}

    def take_in(self, tenant: str, hints: Sequence[Hint]) -> int:
        """Keep hints that were not taken before; return how many those were."""
        new = {(tenant, hint.id): hint for hint in reversed(hints) if (tenant, hint.id) not in self._known}
        fresh = dict(reversed(new.items()))
        self._known |= fresh
        self._waiting |= fresh
        return len(fresh)

    def waiting(self, tenant: str, limit: int) -> Sequence[Hint]:
        """Return hints that wait, the oldest first."""
        return list(islice((hint for (of, _), hint in self._waiting.items() if of == tenant), limit))

    def drop(self, tenant: str, ids: Collection[str]) -> None:
        """Let hints wait no longer; their ids stay known."""
        for one in ids:
            self._waiting.pop((tenant, one), None)

    def forget(self, before: datetime, limit: int) -> int:
        """Forget the ids of what was dealt with and taken before an instant."""
        done = [key for key in self._known if key not in self._waiting]
        old = sorted((self._known[key].taken, key) for key in done if self._known[key].taken < before)
        for _, key in old[:limit]:
            del self._known[key]
        return len(old[:limit])

    def last(self, tenant: str) -> datetime | None:
        """Return when the last pushed hint was taken."""
        pushed = (hint.taken for (of, _), hint in self._known.items() if of == tenant and hint.eye == "hint")
        return max(pushed, default=None)
