"""Knows when the next day begins in each time zone, and on whose dates something turns then."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from lucca_sync.simulator.world.days import midnight_in, today_in
from lucca_sync.simulator.world.people import Employee
from lucca_sync.simulator.world.records import Records


class Midnights:
    """The calendar of the company: one clock face for each time zone."""

    def __init__(self, records: Records, zones: Iterable[str], now: datetime) -> None:
        self._records = records
        self._turning: defaultdict[int, set[int]] = defaultdict(set)
        self._next: dict[str, datetime] = {}
        for zone in zones:
            self.add_zone(zone, now)
        for employee in records.employees:
            self.expect(employee)

    def add_zone(self, zone: str, now: datetime) -> None:
        """Begin to follow the days of a time zone."""
        if zone not in self._next:
            today = today_in(zone, now)
            self._records.todays[zone] = today
            self._next[zone] = midnight_in(zone, today + 1)

    def expect(self, employee: Employee) -> None:
        """Remember the days on which something about a person turns by itself."""
        past = min(self._records.todays.values())
        for employment in self._records.employments_of(employee):
            self._remember(employment.start, past, employee.id)
            if employment.end is not None:
                self._remember(employment.end + 1, past, employee.id)
            for number in employment.positions:
                self._remember(self._records.job_positions[number].start, past, employee.id)

    def _remember(self, day: int, past: int, employee: int) -> None:
        if day > past:
            self._turning[day].add(employee)

    def due(self, now: datetime) -> str | None:
        """Return the time zone whose midnight struck first of those that have struck by now."""
        zone = min(self._next, key=self._next.__getitem__)
        return zone if self._next[zone] <= now else None

    def turning(self, zone: str) -> list[int]:
        """Return the people about whom something may turn when the next day begins in a zone."""
        return sorted(self._turning.get(self._records.todays[zone] + 1, ()))

    def strike(self, zone: str) -> datetime:
        """Let the next day begin in a zone; return the instant at which it did."""
        instant = self._next[zone]
        today = self._records.todays[zone] + 1
        self._records.todays[zone] = today
        self._next[zone] = midnight_in(zone, today + 1)
        over = min(self._records.todays.values())
        for day in [day for day in self._turning if day <= over]:
            del self._turning[day]
        return instant
