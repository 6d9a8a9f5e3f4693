"""Keeps the store tidy: what was kept long enough goes, in small steps with rests between them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import anyio

from lucca_sync.ingest.gate import StoreGate
from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.kit.clock import Clock
from lucca_sync.obs.metrics import Metrics

EVERY: Final = 60.0
AT_ONCE: Final = 500
"""Events in one transaction: so long may whoever else needs the store have to wait."""
HINTS_REMEMBERED: Final = timedelta(days=62)
"""As long as Lucca keeps events, so that none is followed up twice."""
_LEAST_REST: Final = 0.005

_Removing: TypeAlias = Callable[[datetime, int], Awaitable[int]]
Unread: TypeAlias = Callable[[], Awaitable[datetime | None]]
"""Tells from when on somebody in the daemon has yet to read events; None when nobody has."""


async def nobody_reads() -> datetime | None:
    """Tell that nobody has yet to read events."""
    return None


@dataclass(slots=True)
class Upkeep:
    """Removes contents after `retention` and all that is left after `history`.

    Both may be changed at any time. What is open or dead stays, and so does what `unread` tells of.
    """

    journal: Journal
    gate: StoreGate
    metrics: Metrics
    clock: Clock
    retention: timedelta
    history: timedelta
    unread: Unread = nobody_reads

    async def run(self) -> None:
        """Tidy up again and again, for ever."""
        while True:
            try:
                await self.tidy()
            except StoreError as error:
                self.gate.report(error)
            await anyio.sleep(EVERY)

    async def tidy(self) -> None:
        """Tell how large the store is; remove what has been kept long enough."""
        self.metrics.store_bytes.set(await self.journal.size())
        await self._remove(self.journal.prune, await self._before(self.history))
        await self._remove(self.journal.empty, await self._before(self.retention))
        await self.journal.forget_hints(self.clock.now() - HINTS_REMEMBERED, AT_ONCE)

    async def _before(self, kept: timedelta) -> datetime:
        unread, before = await self.unread(), self.clock.now() - kept
        return before if unread is None else min(before, unread)

    async def _remove(self, some: _Removing, before: datetime) -> None:
        """Remove step by step; between two others have the store for at least as long as one took."""
        while True:
            began = anyio.current_time()
            if await some(before, AT_ONCE) < AT_ONCE:
                return
            await anyio.sleep(max(anyio.current_time() - began, _LEAST_REST))
