"""`run --once`: everything is looked at once, and what can be delivered is; then it is over."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import anyio
import structlog

from lucca_sync.app.decisions import Decisions
from lucca_sync.app.tenancy import AtWork
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.pressure import Level
from lucca_sync.ingest.watcher import Watcher
from lucca_sync.journal.protocol import Journal
from lucca_sync.model.delivery import OPEN_STATES, Lane

_LOG: Final = structlog.get_logger("lucca_sync.app")
_AT_REST_SECONDS: Final = 2.0
_LOOK_ROUND_SECONDS: Final = 0.05


@dataclass(slots=True)
class Once:
    """Everything once: by the eyes of all tenants, along the present lanes."""

    journal: Journal
    tenants: Sequence[AtWork]
    gate: StoreGate
    lanes: Callable[[], Collection[Lane]]

    async def everything(self, stop: anyio.Event) -> bool:
        """Look at every resource once and wait until deliveries come to rest; tell whether all went well."""
        if self.gate.pressure.level is Level.PAUSED:
            await self._delivered(stop)
            return False
        derived = await self._looked(stop)
        delivered = await self._delivered(stop)
        return derived and delivered and not any(watch.failing for watch in self._watches())

    async def _looked(self, stop: anyio.Event) -> bool:
        """Look at everything, then derive business events; tell whether all were derived."""
        derived: list[bool] = []
        for tenant in self.tenants:
            await Decisions(self.journal, tenant.eyes.name, list(tenant.eyes.watches), self.gate).begin()
        async with anyio.create_task_group() as looks:
            looks.start_soon(self._give_up_when, stop, looks.cancel_scope)
            async with anyio.create_task_group() as watches:
                for watch in self._watches():
                    watches.start_soon(watch.once)
            derived += [await tenant.business.once() for tenant in self.tenants]
            looks.cancel_scope.cancel()
        return all(derived)

    def _watches(self) -> Iterator[Watcher]:
        return (watch for tenant in self.tenants for watch in tenant.eyes.watches)

    async def _give_up_when(self, stop: anyio.Event, scope: anyio.CancelScope) -> None:
        await stop.wait()
        scope.cancel()

    async def _delivered(self, stop: anyio.Event) -> bool:
        """Wait until nothing is in flight and nothing moves any more; tell whether nothing is left open."""
        before, still_since = None, anyio.current_time()
        while not stop.is_set():
            lanes = await self.journal.lanes()
            counts = {lane: {**lanes[lane].counts} for lane in lanes.keys() & set(self.lanes())}
            waiting = sum(
                count for status in counts.values() for state, count in status.items() if state in OPEN_STATES
            )
            if waiting == 0:
                return True
            if counts != before:
                before, still_since = counts, anyio.current_time()
            in_flight = sum(status.get("in_flight", 0) for status in counts.values())
            if not in_flight and anyio.current_time() - still_since > _AT_REST_SECONDS:
                _LOG.warning("deliveries_left_open", count=waiting, advice="the next run tries them again")
                return False
            await anyio.sleep(_LOOK_ROUND_SECONDS)
        return False
