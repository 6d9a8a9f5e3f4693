"""When a delivery that did not get through is tried again. Pure: policy, chance and time are passed in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from lucca_sync.connector import RetryPolicy
from lucca_sync.model.outcome import Retry

LONGEST_WAIT: Final = timedelta(days=30)
"""No schedule makes a delivery wait longer than this between two attempts."""

FEWEST_TRIES: Final = 3
"""However old a delivery is: it may have waited for a pause or a rest to end, and not have been tried."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How often a delivery was tried since it was queued, by its event or by a person, and how old it is."""

    times: int
    age: timedelta


def next_wait(
    policy: RetryPolicy, tried: Tried, outcome: Retry, draw: Callable[[], float]
) -> timedelta | None:
    """Return how long to wait after an attempt that failed, or None when it is time to give up.

    The target's wish, up to the policy's cap, is a minimum; the schedule's wait, drawn evenly from
    (0, scheduled], comes on top, so that many subjects that were told the same don't come back at once. For
    an overloaded target it is drawn from the upper half of `overload` times that. Whatever leads beyond the
    policy's `max_age` is cut there: then the last attempt is made. `draw` answers evenly from [0, 1).
    """
    room = policy.max_age - max(tried.age, timedelta(0))
    if room <= timedelta(0):
        if tried.times >= FEWEST_TRIES:
            return None
        room = LONGEST_WAIT
    wish = min(max(outcome.after or timedelta(0), timedelta(0)), policy.retry_after_cap, LONGEST_WAIT)
    wait = min(policy.schedule[min(max(tried.times, 1), len(policy.schedule)) - 1], LONGEST_WAIT)
    wait = wait * policy.overload * (1 - draw() / 2) if outcome.overloaded else wait * (1 - draw())
    return max(min(wish + wait, room), timedelta.resolution)
