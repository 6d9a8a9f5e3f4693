"""What other integrations leave of a tenant's limit, learned from refusals. Pure.

Instants are seconds of any one monotonic clock. Knows no requests: only how many were sent, and refusals.
"""

from typing import Final

import msgspec

TENANT_LIMIT: Final = 50
"""Requests a minute for all of a tenant's integrations: Lucca's /documentation/limits."""
DROP: Final = 0.7
RECOVERY: Final = 300.0
"""Seconds from the drop back to just under the level of the refusal."""
CALM: Final = (300.0, 2_400.0, 19_200.0)
"""Seconds to stay there before looking for more: longer each time that more was refused at the same level.

Nothing but another refusal tells that others still take their part. So what has lasted is expected to last:
a batch job of an hour is over for us within the next hour, a neighbour who stays for good is disturbed
three times on the first day, once after 16 minutes, once after an hour more, and every six hours thereafter.
"""
CLIMB: Final = 1_200.0
"""Seconds from there to the whole share: the first steps are the smallest."""
_JUST_UNDER: Final = 0.95
_SAME: Final = 0.25
"""Levels that differ by less than this part (or by two) are the same level, measured twice."""


class Learned(msgspec.Struct, frozen=True):
    """The last refusal: at how many requests a minute, how often there, and the calm seconds since."""

    level: float
    times: int
    calm: float


class Share:
    """The requests a minute that we allow ourselves: the configured rate until something is refused.

    A refusal cuts the rate at once. It then grows back to just under the level of the refusal, fast at first
    and ever slower; stays there; and only after long calm goes beyond it, slow at first and ever faster. It
    is a function of the time since the last refusal, and ends at the configured rate: it can't get stuck.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._least = min(rate, 1.0)
        self._learned: Learned | None = None
        self._since = 0.0

    def allowed(self, now: float) -> float:
        """Return how many requests a minute may be sent."""
        if self._learned is None:
            return self._rate
        return self._level(self._learned, now - self._since)

    def others(self, now: float) -> float:
        """Return the requests a minute that others seem to take; 0 while nothing tells of them."""
        allowed = self.allowed(now)
        if self._learned is None or allowed >= self._rate:
            return 0.0
        return max(0.0, TENANT_LIMIT - max(self._learned.level, allowed))

    def refused(self, now: float, sent: int, until: float) -> None:
        """Learn that a request was refused after `sent` others within a minute; nothing is sent `until`.

        Who sent little of what was allowed learns little: then the level falls by one drop, not to what was
        sent by chance.
        """
        allowed = self.allowed(now)
        level = min(self._rate, max(sent, allowed * DROP, self._least))
        self._learned = Learned(level, self._times(level, now), 0.0)
        self._since = until

    def learned(self, now: float) -> Learned | None:
        """Return what is worth keeping over a restart."""
        known = self._learned
        return known and Learned(known.level, known.times, max(0.0, now - self._since))

    def recall(self, learned: Learned | None, now: float) -> None:
        """Go on from what was kept; the time in between tells nothing of others."""
        self._learned = learned
        self._since = now - (learned.calm if learned else 0.0)

    def _times(self, level: float, now: float) -> int:
        """Count refusals at one level that came from looking for more."""
        before = self._learned
        if before is None or abs(level - before.level) > max(2.0, before.level * _SAME):
            return 0
        looked_for_more = now - self._since > RECOVERY + CALM[before.times]
        return min(before.times + looked_for_more, len(CALM) - 1)

    def _level(self, learned: Learned, calm: float) -> float:
        settled = max(self._least, min(learned.level - 1, learned.level * _JUST_UNDER))
        beyond = max(0.0, calm - RECOVERY - CALM[learned.times]) / CLIMB
        if calm < RECOVERY:
            lowest = max(self._least, min(learned.level * DROP, settled))
            missing = 1 - max(0.0, calm) / RECOVERY
            settled -= (settled - lowest) * missing**3
        return min(self._rate, settled + self._rate * beyond**3)
