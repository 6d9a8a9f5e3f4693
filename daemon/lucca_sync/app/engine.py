"""The running parts of the daemon: what looks, what delivers, what keeps the store tidy."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import anyio
import structlog
from anyio.abc import TaskGroup

from lucca_sync.app.decisions import Decisions
from lucca_sync.app.eyes import TenantEyes
from lucca_sync.egress.worker import Egress
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.watcher import Watcher
from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.kit.clock import Clock
from lucca_sync.kit.supervision import guarded
from lucca_sync.model.delivery import OPEN_STATES
from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.lag import measure_lag

_LOG: Final = structlog.get_logger("lucca_sync.app")
_UPKEEP_SECONDS: Final = 60.0
_PRUNED_AT_ONCE: Final = 500
HINTS_REMEMBERED: Final = timedelta(days=62)
"""As long as Lucca keeps events, so that none is followed up twice."""
_AT_REST_SECONDS: Final = 2.0
_LOOK_ROUND_SECONDS: Final = 0.05


@dataclass(slots=True)
class Engine:
    """The running parts: what looks, what delivers, what keeps the store tidy."""

    journal: Journal
    egress: Egress
    looking: Sequence[TenantEyes]
    gate: StoreGate
    metrics: Metrics
    clock: Clock
    retention: timedelta

    def start(self, tasks: TaskGroup, *, watching: bool) -> None:
        """Start the long-lived tasks of the looking half."""
        tasks.start_soon(self._guarded, "upkeep", self._upkeep)
        tasks.start_soon(self._guarded, "loop-lag", partial(measure_lag, self.metrics.loop_lag))
        if watching:
            tasks.start_soon(self._guarded, "decisions", self._decisions().run)
        for eyes in self.looking if watching else ():
            for name, work in eyes.tasks():
                tasks.start_soon(self._guarded, name, work)

    async def everything_once(self, stop: anyio.Event) -> bool:
        """Look at every resource once and wait until deliveries come to rest; tell whether all went well."""
        await self._decisions().begin()
        async with anyio.create_task_group() as looks:
            looks.start_soon(self._give_up_when, stop, looks.cancel_scope)
            async with anyio.create_task_group() as watches:
                for watch in self._watches():
                    watches.start_soon(watch.once)
            looks.cancel_scope.cancel()
        delivered = await self._delivered(stop)
        return delivered and not any(watch.failing for watch in self._watches())

    def _watches(self) -> Iterator[Watcher]:
        return (watch for eyes in self.looking for watch in eyes.watches)

    def _decisions(self) -> Decisions:
        return Decisions(self.journal, list(self._watches()), self.gate)

    async def _give_up_when(self, stop: anyio.Event, scope: anyio.CancelScope) -> None:
        await stop.wait()
        scope.cancel()

    async def _delivered(self, stop: anyio.Event) -> bool:
        """Wait until nothing is in flight and nothing moves any more; tell whether nothing is left open."""
        before, still_since = None, anyio.current_time()
        while not stop.is_set():
            lanes = await self.journal.lanes()
            counts = {lane: {**lanes[lane].counts} for lane in self.egress.lanes & lanes.keys()}
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

    async def _upkeep(self) -> None:
        """Tell how large the store is and delete what has been kept long enough."""
        while True:
            try:
                await self._tidy()
            except StoreError as error:
                self.gate.report(error)
            await anyio.sleep(_UPKEEP_SECONDS)

    async def _tidy(self) -> None:
        self.metrics.store_bytes.set(await self.journal.size())
        before = self.clock.now() - self.retention
        while await self.journal.prune(before, _PRUNED_AT_ONCE) == _PRUNED_AT_ONCE:
            await anyio.lowlevel.checkpoint()
        await self.journal.forget_hints(self.clock.now() - HINTS_REMEMBERED, _PRUNED_AT_ONCE)

    async def _guarded(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        await guarded(name, work, log=_LOG)
