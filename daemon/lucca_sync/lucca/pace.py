"""Even spacing of requests that nobody waits for. Pure: instants are seconds of any one monotonic clock."""

import math
from typing import Final

CREDIT: Final = 0.1
"""The part of a window that may be sent at once after idleness: a small tenant's look takes no minutes."""


class Pace:
    """Spaces requests evenly: so many in a span.

    After idleness a tenth of them may go at once. Time spent waiting for a full window is no idleness:
    otherwise what once came as a burst would come as a burst again, minute by minute.
    """

    def __init__(self, span: float) -> None:
        self._span = span
        self._due = -math.inf

    def wait(self, now: float, limit: int) -> float:
        """Return the seconds until the next request may be sent; 0 when it may be now."""
        return max(0.0, self._due - self._ahead(limit) - now)

    def spend(self, now: float, limit: int) -> None:
        """Note that a request was sent."""
        self._due = max(self._due, now) + self._span / limit

    def held(self, until: float, limit: int) -> None:
        """Note that the window, not the pace, holds requests back until then."""
        self._due = max(self._due, until + self._ahead(limit))

    def _ahead(self, limit: int) -> float:
        """Return how far the pace may run ahead of an even one."""
        return (max(1, int(limit * CREDIT)) - 1) * self._span / limit
