"""A sliding window of the requests of the last minute. Pure: instants are seconds of any one monotonic clock.

Lucca counts a tenant's requests in 60 s, whoever sends them; this keeps any 60 s of ours within a share.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

MINUTE: Final = 60.0
# A request may reach Lucca later than it left, its successor a minute on may not.
MARGIN: Final = 1.0
# Requests this close together are remembered as one group: memory stays flat at any rate.
GRAIN: Final = 0.1


@dataclass(slots=True)
class _Group:
    first: float
    last: float
    count: int


class Window:
    """Counts requests so that no 60 seconds hold more than `requests_per_minute` of them.

    The limit is any positive number: at 2.7 two requests pass in a minute, at 0.5 one in two minutes. Who
    asks may set a lower `limit` of requests in the window, at least one.
    """

    def __init__(self, requests_per_minute: float) -> None:
        if not (requests_per_minute > 0 and math.isfinite(requests_per_minute)):
            raise ValueError(f"requests_per_minute must be a positive number, not {requests_per_minute}")
        self.capacity: Final = max(1, int(requests_per_minute))
        self.span: Final = max(MINUTE, MINUTE / requests_per_minute) + MARGIN
        self._groups = deque[_Group]()
        self._count = 0

    def count(self, now: float) -> int:
        """Return how many requests the window holds."""
        groups = self._groups
        while groups and groups[0].last + self.span <= now:
            self._count -= groups.popleft().count
        return self._count

    def free(self, now: float, limit: int | None = None) -> int:
        """Return how many requests may be sent at once."""
        return max(0, self._within(limit) - self.count(now))

    def wait(self, now: float, limit: int | None = None) -> float:
        """Return the seconds until `free` may grow from nothing; 0 when it is more than that already."""
        over = self.count(now) - self._within(limit)
        if over < 0:
            return 0.0
        for group in self._groups:
            over -= group.count
            if over < 0:
                return group.last + self.span - now
        raise ValueError(f"a window of {limit} requests never has room")

    def spend(self, now: float, count: int = 1) -> None:
        """Note that requests were sent at `now`, which is never before what was noted last."""
        self._count += count
        if self._groups and now - self._groups[-1].first < GRAIN:
            self._groups[-1].last = now
            self._groups[-1].count += count
        else:
            self._groups.append(_Group(now, now, count))

    def spent(self, now: float) -> list[tuple[float, int]]:
        """Return what still counts, oldest first: how many seconds ago, how many requests."""
        self.count(now)
        return [(now - group.last, group.count) for group in self._groups]

    def _within(self, limit: int | None) -> int:
        return self.capacity if limit is None else min(limit, self.capacity)
