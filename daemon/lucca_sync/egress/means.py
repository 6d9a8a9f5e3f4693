"""What every part of egress works with, passed in by the composition root; the wish to stop, seen by all."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

import anyio
import structlog.typing

from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.kit.clock import Clock
from lucca_sync.obs.metrics import Metrics

LONGEST_REST: Final = 30.0
"""Seconds after which an idle task looks around though nobody rang.

That keeps its heart beating, and mends what a jump of the wall clock broke.
"""


def _nobody_asked(_task: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Means:
    """Store, clock, chance, and whom to tell.

    `beat` gets a task's name each time the task passes by, `ended` when it has ended as it should. `store`
    gets each error of the store (reads too), and None after each write of outcomes that went well.
    """

    journal: Journal
    clock: Clock
    random: Random
    metrics: Metrics
    log: structlog.typing.FilteringBoundLogger
    beat: Callable[[str], None]
    store: Callable[[StoreError | None], None]
    ended: Callable[[str], None] = _nobody_asked


@dataclass(slots=True)
class Paused:
    """Which routes a person has paused, as last read."""

    routes: frozenset[str] = frozenset()


class Stop:
    """Whether egress, or one target, is to come to an end, and until when attempts in flight may go on."""

    def __init__(self) -> None:
        self._asked = anyio.Event()
        self.deadline = math.inf

    @property
    def asked(self) -> bool:
        """Whether anyone asked."""
        return self._asked.is_set()

    def ask(self, grace: timedelta) -> None:
        """Ask, or ask again with less patience."""
        self.deadline = min(self.deadline, anyio.current_time() + grace.total_seconds())
        self._asked.set()

    async def wait(self, seconds: float) -> None:
        """Wait until asked, or for so many seconds."""
        with anyio.move_on_after(seconds):
            await self._asked.wait()


async def rest(ring: anyio.Event, seconds: float) -> None:
    """Wait for a ring, or for so many seconds, but never so long that a heartbeat would be missed."""
    with anyio.move_on_after(min(seconds, LONGEST_REST)):
        await ring.wait()
