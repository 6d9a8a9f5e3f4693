"""The wall clock as something passed in, so that tests and simulations own the time.

Only this module may read the system's clock; durations inside one process are measured with
`anyio.current_time()`, which virtual-time loops already control.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import anyio


class Clock(Protocol):
    """Tells what time it is, as an aware datetime in UTC."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


class LoopClock:
    """A wall clock that moves with the event loop: under a virtual-time loop, so does it."""

    def __init__(self, start: datetime, time: Callable[[], float] = anyio.current_time) -> None:
        self._start = start
        self._time = time
        self._origin: float | None = None

    def now(self) -> datetime:
        """Return the start instant plus the loop time that has passed since the first call."""
        if self._origin is None:
            self._origin = self._time()
        return self._start + timedelta(seconds=self._time() - self._origin)
