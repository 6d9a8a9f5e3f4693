"""Half-days as numbers: twice the day number, one more for the afternoon."""

from collections.abc import Iterator
from itertools import count, islice

MINUTES = 12 * 60
"""What Lucca counts for a half-day of an account that is kept in days."""
_WORKING_DAYS = 5


def half_of(day: int, *, afternoon: bool) -> int:
    """Return the number of a half-day."""
    return 2 * day + afternoon


def day_of(half: int) -> int:
    """Return the day that a half-day belongs to."""
    return half // 2


def is_morning(half: int) -> bool:
    """Say which half of its day it is."""
    return half % 2 == 0


def is_worked(half: int) -> bool:
    """Say whether it lies between Monday and Friday."""
    return (day_of(half) - 1) % 7 < _WORKING_DAYS


def worked(first: int, last: int) -> Iterator[int]:
    """Walk through the half-days between two, both included, that are no weekend."""
    return filter(is_worked, range(first, last + 1))


def span(start: int, halves: int) -> tuple[int, int]:
    """Return the first and the last of so many worked half-days, from a half-day on."""
    found = list(islice(filter(is_worked, count(start)), halves))
    return found[0], found[-1]
