"""Times of the week that come back: when one begins and ends, whatever summer time does. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple, TypeAlias, get_args
from zoneinfo import ZoneInfo

Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Final[tuple[Day, ...]] = get_args(Day)
_A_DAY: Final = timedelta(days=1)
_LOOKED_AHEAD: Final = 8
"""Days: whatever comes back weekly comes within these."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """From one time of the day until another, on the days on which it begins.

    Where `until` is not later than `begins` it is on the next day.
    """

    days: frozenset[Day]
    begins: time
    until: time
    zone: ZoneInfo

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """Return when it begins and ends in UTC if `day` is one of its days.

        A time that the clock shows twice counts from its first showing when it begins and until its last when
        it ends; one that is skipped is the instant at which the clock jumps, or as much later.
        """
        if DAYS[day.weekday()] not in self.days:
            return None
        last = day if self.until > self.begins else day + _A_DAY
        begins = datetime.combine(day, self.begins, self.zone).astimezone(UTC)
        ends = [datetime.combine(last, self.until.replace(fold=fold), self.zone) for fold in (0, 1)]
        return begins, max(end.astimezone(UTC) for end in ends)


class Standing(NamedTuple):
    """Whether a time is inside one of some windows, and until when that stays so."""

    inside: bool
    until: datetime


def standing(windows: Sequence[Weekly], now: datetime) -> Standing:
    """Tell how things stand at `now` (UTC); what touches or overlaps is one window."""
    spans = sorted(span for window in windows for span in _around(window, now))
    end = None
    for begins, ends in spans:
        if begins <= (end or now) < ends:
            end = ends
    if end is not None:
        return Standing(inside=True, until=end)
    ahead = min((begins for begins, _ in spans if begins > now), default=now + _A_DAY)
    return Standing(inside=False, until=ahead)


def _around(window: Weekly, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    today = now.astimezone(window.zone).date()
    for offset in range(-2, _LOOKED_AHEAD):
        span = window.on(today + offset * _A_DAY)
        if span is not None and span[0] < span[1]:
            yield span
