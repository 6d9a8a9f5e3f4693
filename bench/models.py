"""What delays could be at best: simple models, to hold simulations against. Seconds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

PER_MINUTE = 50
PAGE = 100


@dataclass(frozen=True)
class Delays:
    """The median, the 99th percentile and the mean, in seconds."""

    p50: float
    p99: float
    mean: float


def uniform(longest: float) -> Delays:
    """Return the delays of what is looked at every `longest` seconds, at once when it is."""
    return Delays(longest / 2, longest * 0.99, longest / 2)


def scan(employees: int, resources: int) -> Delays:
    """Return the delays where all requests go into looking at page after page."""
    return uniform(-(-employees // PAGE) * resources / PER_MINUTE * 60)


def feed() -> Delays:
    """Return the delays where ten of the fifty requests are kept for following up what the feed tells."""
    return uniform(60 / (PER_MINUTE - 10))


def hints() -> Delays:
    """Return the delays where a hint gets the next of evenly spaced requests."""
    return uniform(60 / PER_MINUTE)


def measured(delays: Sequence[float]) -> Delays:
    """Return the figures of delays that were measured; at least one."""
    ordered = sorted(delays)
    return Delays(rank(ordered, 0.5), rank(ordered, 0.99), math.fsum(ordered) / len(ordered))


def rank(ordered: Sequence[float], share: float) -> float:
    """Return the smallest delay that at least a share of all keep to."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
