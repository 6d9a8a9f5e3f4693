"""Spaces calls evenly, so that a target's limit is never met. Knows no target."""

from lucca_sync.kit.rates import PerTime


class Pace:
    """Gives one turn after the other, on the event loop's time; without a rate each at once."""

    def __init__(self, rate: PerTime | None) -> None:
        self._interval = 0.0 if rate is None else rate.interval
        self._next = 0.0

    @property
    def limited(self) -> bool:
        """Whether there is a rate to keep to."""
        return self._interval > 0

    def turn(self, now: float) -> float:
        """Take the next turn; return in how many seconds it comes."""
        if not self._interval:
            return 0.0
        turn = max(self._next, now)
        self._next = turn + self._interval
        return turn - now

    def ahead(self, seconds: float, most: int) -> int:
        """Return how many turns come within `seconds`, at least one and at most `most`."""
        return min(most, max(1, int(seconds / self._interval))) if self._interval else most
