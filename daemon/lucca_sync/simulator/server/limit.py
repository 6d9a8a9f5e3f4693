"""The tenant's request limit: so many in any sixty seconds, whoever asks."""

import math
from collections import deque
from datetime import datetime, timedelta
from email.utils import format_datetime

from lucca_sync.kit.clock import Clock
from lucca_sync.simulator.options import RetryAfterFormat

_WINDOW = timedelta(seconds=60)


class RequestLimit:
    """A sliding window of admitted requests."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self.per_minute = per_minute
        self._admitted: deque[datetime] = deque()

    def admit(self) -> float | None:
        """Count a request, or return how many seconds it has to wait until there is room."""
        now = self._clock.now()
        while self._admitted and self._admitted[0] + _WINDOW <= now:
            self._admitted.popleft()
        if self.per_minute and len(self._admitted) >= self.per_minute:
            room = self._admitted[len(self._admitted) - self.per_minute] + _WINDOW
            return (room - now).total_seconds()
        self._admitted.append(now)
        return None


def retry_after(seconds: float, now: datetime, form: RetryAfterFormat) -> str:
    """Write a delay as a `Retry-After` header, rounded up to whole seconds."""
    if form == "seconds":
        return str(max(1, math.ceil(seconds)))
    until = math.ceil((now + timedelta(seconds=seconds)).timestamp())
    return format_datetime(datetime.fromtimestamp(until, now.tzinfo), usegmt=True)
