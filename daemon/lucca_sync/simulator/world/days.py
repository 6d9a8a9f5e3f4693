"""Dates as day numbers and instants as milliseconds, which is how the world keeps them."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

Status = Literal["active", "upcoming", "deactivated"]
ItemT = TypeVar("ItemT")
HOUR = 3_600_000
DAY = 24 * HOUR
DEFAULT_ZONE = "Europe/Paris"
_FIRST_DAY = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=20_000)
def day_text(day: int) -> str:
    """Write a day number as `2026-11-22`."""
    return date.fromordinal(day).isoformat()


def day_number(text: str) -> int:
    """Read `2026-11-22` as a day number; anything else is a ValueError."""
    return date.fromisoformat(text).toordinal()


def milliseconds(moment: datetime) -> int:
    """Return an aware instant as whole milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def moment_of_day(day: int) -> int:
    """Return the instant, in milliseconds, at which a day begins in UTC."""
    return (day - _FIRST_DAY) * DAY


def moment_text(instant: int) -> str:
    """Write milliseconds since 1970 as `2026-11-22T10:15:00.123Z`."""
    moment = datetime.fromtimestamp(instant / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def today_in(zone: str, now: datetime) -> int:
    """Return the day that it is in a time zone."""
    return now.astimezone(ZoneInfo(zone)).date().toordinal()


def midnight_in(zone: str, day: int) -> datetime:
    """Return the instant at which a day begins in a time zone, in UTC."""
    begins = datetime.combine(date.fromordinal(day), datetime.min.time(), ZoneInfo(zone))
    return begins.astimezone(UTC)


def status_on(today: int, start: int, end: int | None) -> Status:
    """Say whether a period with inclusive bounds lies around, after or before today."""
    if start > today:
        return "upcoming"
    if end is not None and end < today:
        return "deactivated"
    return "active"


def applicable(items: Sequence[ItemT], status: Callable[[ItemT], Status]) -> ItemT | None:
    """Of items in order of start: the one in force, else the next to come, else the last that was."""
    upcoming: ItemT | None = None
    for item in reversed(items):
        match status(item):
            case "active":
                return item
            case "upcoming":
                upcoming = item
            case "deactivated":
                return upcoming or item
    return upcoming
