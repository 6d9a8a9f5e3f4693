"""Back-pressure: how much is kept and how long it waits decides how much is looked for. Nothing is dropped.

Knows sizes and ages, not what makes them.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Final

from anyio import current_time, move_on_after

from lucca_sync.kit.bell import Bell

SLOWER: Final = 4
"""How many times as long the rest between two looks is while looking is slowed."""
EASED: Final = 0.9
"""What leads to a level must fall below this share of its limit before the level is left."""
PAUSED_AFTER: Final = 2
"""How many times the age that slows looking pauses it."""


class Level(IntEnum):
    """How far looking steps back."""

    NONE = 0
    SLOW = 1
    PAUSED = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes in use and age of the oldest open delivery past which looking steps back; None: however old."""

    slow_at: int
    pause_at: int
    oldest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """Bytes in use inside the store, and how long the oldest open delivery has waited."""

    used: int
    waiting: timedelta = timedelta(0)


def level_of(load: Load, limits: Limits, before: Level) -> Level:
    """Return the level that a load asks for where it was `before`."""
    for level in (Level.PAUSED, Level.SLOW):
        if _fullness(load, limits, level) >= (EASED if before >= level else 1.0):
            return level
    return Level.NONE


def _fullness(load: Load, limits: Limits, level: Level) -> float:
    """Return how near the load is to what leads to a level: from 1 on it does."""
    size = load.used / (limits.pause_at if level is Level.PAUSED else limits.slow_at)
    if limits.oldest is None:
        return size
    return max(size, load.waiting / limits.oldest / (PAUSED_AFTER if level is Level.PAUSED else 1))


class Pressure:
    """The present level; everything that looks passes by here."""

    def __init__(self) -> None:
        self.level = Level.NONE
        self._changed = Bell()

    def set(self, level: Level) -> None:
        """Change the level; who waits too long by it goes on at once."""
        self.level = level
        self._changed.ring()

    async def passed(self, rested: float) -> None:
        """Return at once at no level; slowed, after three more rests of so many seconds; paused, never."""
        until = current_time() + rested * (SLOWER - 1)
        while self.level is not Level.NONE:
            changed = self._changed.next_ring()
            left = until - current_time() if self.level is Level.SLOW else math.inf
            if left <= 0:
                return
            with move_on_after(left):
                await changed.wait()
