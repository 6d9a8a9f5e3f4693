"""A world that lives faster than those who watch it: its clock, and how long its seconds take out here."""

from datetime import datetime

from lucca_sync.kit.clock import Clock


class FastClock:
    """Starts with another clock and then runs so many times as fast."""

    def __init__(self, clock: Clock, speed: float) -> None:
        self._clock = clock
        self._speed = speed
        self._start = clock.now()

    def now(self) -> datetime:
        """Return the present instant of the faster world, in UTC."""
        return self._start + (self._clock.now() - self._start) * self._speed
