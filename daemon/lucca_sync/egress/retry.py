"""When a delivery that did not get through is tried again. Pure: policy, chance and time are passed in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from lucca_sync.connector import RetryPolicy
from lucca_sync.model.outcome import Retry

LONGEST_WISH: Final = timedelta(hours=24)
"""A target's own wish (`Retry-After`) is obeyed up to this long."""

LONGEST_WAIT: Final = timedelta(days=30)
"""No schedule makes a delivery wait longer than this between two attempts."""


def next_attempt(
    policy: RetryPolicy,
    attempt: int,
    journaled: datetime,
    now: datetime,
    outcome: Retry,
    draw: Callable[[], float],
) -> datetime | None:
    """Return when to try again after attempt number `attempt` (from 1), or None when it is time to give up.

    The target's wish is a minimum; the schedule's wait, drawn evenly from (0, scheduled], comes on top, so
    that many subjects that were told the same don't come back at once. For an overloaded target it is drawn
    from the upper half of twice that. No attempt is planned beyond the policy's `max_age`.
    `draw` answers evenly from [0, 1).
    """
    wish = min(max(outcome.after or timedelta(0), timedelta(0)), LONGEST_WISH)
    age = max(now - journaled, timedelta(0))
    room = policy.max_age - age - wish
    if room <= timedelta(0):
        return None
    scheduled = min(policy.schedule[min(max(attempt, 1), len(policy.schedule)) - 1], LONGEST_WAIT)
    if outcome.overloaded:
        wait = min(scheduled * 2, room) * (1 - draw() / 2)
    else:
        wait = min(scheduled, room) * (1 - draw())
    return now + wish + max(wait, timedelta.resolution)
