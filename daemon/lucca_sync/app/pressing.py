"""Measures how much is kept and how long it waits, has looking step back by it, and says so."""

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final

import anyio
import structlog

from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.pressure import Level, Limits, Load, level_of
from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.kit.clock import Clock
from lucca_sync.model.delivery import Lane
from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.health import Health
from lucca_sync.settings.pressure import Backpressure

EVERY: Final = 10.0
_LOG: Final = structlog.get_logger("lucca_sync.app")
_WORDS: Final = {Level.NONE: "as set", Level.SLOW: "slowed", Level.PAUSED: "paused"}
_ADVICE: Final = (
    "deliver or discard what waits, shorten `retention`, or raise `backpressure` where the disk has room; "
    "it ends by itself"
)


class Pressing:
    """Sets the pressure from the store's size and the age of what waits along the present lanes."""

    def __init__(
        self,
        journal: Journal,
        gate: StoreGate,
        lanes: Callable[[], Collection[Lane]],
        clock: Clock,
        tell: tuple[Metrics, Health],
    ) -> None:
        self.limits = Limits(slow_at=2**62, pause_at=2**63)
        self._journal = journal
        self._gate = gate
        self._lanes = lanes
        self._clock = clock
        self._metrics, self._health = tell

    async def run(self) -> None:
        """Measure again and again, for ever."""
        while True:
            await anyio.sleep(EVERY)
            await self.measure()

    async def measure(self) -> None:
        """Measure once; where the store can't tell, the level stays."""
        try:
            load = Load(await self._journal.used(), await self._waiting())
        except StoreError as error:
            self._gate.report(error)
            return
        self._metrics.store_used.set(load.used)
        before = self._gate.pressure.level
        level = level_of(load, self.limits, before)
        self._metrics.backpressure.set(level)
        if level is not before:
            self._gate.pressure.set(level)
            self._health.pressed(_WORDS[level])
            self._announce(level, load)

    async def _waiting(self) -> timedelta:
        """Return how long the oldest delivery waits that somebody is to deliver."""
        if self.limits.oldest is None:
            return timedelta(0)
        standing, now = await self._journal.lanes(), self._clock.now()
        since = (standing[lane].oldest for lane in standing.keys() & set(self._lanes()))
        return max((now - oldest for oldest in since if oldest is not None), default=timedelta(0))

    def _announce(self, level: Level, load: Load) -> None:
        figures = {"used_bytes": load.used, "oldest_waits_seconds": round(load.waiting.total_seconds())}
        if level is Level.NONE:
            _LOG.info("backpressure_ended", **figures)
        else:
            _LOG.warning("backpressure", looking=_WORDS[level], advice=_ADVICE, **figures)


def limits_of(settings: Backpressure) -> Limits:
    """Return what the settings allow."""
    return Limits(settings.slow_at, settings.pause_at, settings.oldest)
