"""The tenant's request limit: so many in any sixty seconds, whoever asks; others may be asking too."""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from lucca_sync.kit.clock import Clock
from lucca_sync.simulator.options import RetryAfterFormat

_MINUTE = 60
_WINDOW = timedelta(seconds=_MINUTE)


@dataclass(frozen=True)
class Others:
    """Another integration of the same tenant, which takes its own requests from the limit."""

    per_minute: float = 0.0
    bursty: bool = False

    def arrivals(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Walk through the instants of their requests after one instant and up to another."""
        if self.per_minute <= 0:
            return
        at_once = round(self.per_minute) if self.bursty else 1
        step = float(_MINUTE) if self.bursty else _MINUTE / self.per_minute
        for place in range(math.floor(since.timestamp() / step) + 1, _place(until, step) + 1):
            for _ in range(at_once):
                yield datetime.fromtimestamp(place * step, UTC)


def _place(moment: datetime, step: float) -> int:
    return math.floor(moment.timestamp() / step)


class RequestLimit:
    """A sliding window of admitted requests."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self.per_minute = per_minute
        self._admitted: deque[datetime] = deque()
        self._looked: datetime | None = None

    def admit(self, others: Others | None = None) -> float | None:
        """Count a request, or return how many seconds it has to wait until there is room."""
        now = self._clock.now()
        since = now - _WINDOW if self._looked is None else max(self._looked, now - _WINDOW)
        self._looked = now
        for arrival in others.arrivals(since, now) if others is not None else ():
            self._forget(arrival)
            if not self._is_full:
                self._admitted.append(arrival)
        self._forget(now)
        if self._is_full:
            room = self._admitted[len(self._admitted) - self.per_minute] + _WINDOW
            return (room - now).total_seconds()
        self._admitted.append(now)
        return None

    @property
    def _is_full(self) -> bool:
        return bool(self.per_minute) and len(self._admitted) >= self.per_minute

    def _forget(self, now: datetime) -> None:
        while self._admitted and self._admitted[0] + _WINDOW <= now:
            self._admitted.popleft()


def retry_after(seconds: float, now: datetime, form: RetryAfterFormat) -> str:
    """Write a delay as a `Retry-After` header, rounded up to whole seconds."""
    if form == "seconds":
        return str(max(1, math.ceil(seconds)))
    until = math.ceil((now + timedelta(seconds=seconds)).timestamp())
    return format_datetime(datetime.fromtimestamp(until, now.tzinfo), usegmt=True)
