"""What a journal owes to hints, apart: whoever takes hints in needs nothing else of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from lucca_sync.model.hint import Hint


class HintStore(Protocol):
    """Keeps what Lucca said until somebody has looked; every method may raise the journal's `StoreError`."""

    async def take_in(self, tenant: str, hints: Sequence[Hint]) -> int:
        """Keep hints until they are dropped; durable when this returns. Return how many were new.

        One whose id was taken before, be it long dropped, is not taken again.
        """
        ...

    async def hints(self, tenant: str, limit: int) -> Sequence[Hint]:
        """Return up to `limit` hints that wait, the oldest first."""
        ...

    async def drop_hints(self, tenant: str, ids: Collection[str]) -> None:
        """Let hints wait no longer: they were looked at. Their ids stay known."""
        ...

    async def forget_hints(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` dropped hints taken before `before`, the oldest first; return how many."""
        ...
