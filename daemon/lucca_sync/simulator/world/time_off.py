"""The absences that are known on the first day: taken, planned, pending, cancelled."""

from random import Random

from lucca_sync.simulator.world.absences import (
    APPROVED,
    CANCELLED,
    DENIED,
    SICK,
    LeavePeriod,
    LeaveRequest,
    Verdict,
)
from lucca_sync.simulator.world.days import DAY, HOUR, moment_of_day
from lucca_sync.simulator.world.halves import half_of, span
from lucca_sync.simulator.world.invention import Invention
from lucca_sync.simulator.world.people import Employee
from lucca_sync.simulator.world.records import Records

PAST, FUTURE = 61, 365
MONTHS = 14
USUAL = 2.5
"""Days a month and employee, as French companies know them."""
_MANY = 2_000
_LENGTHS = (1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 4, 4, 5, 6, 10, 10, 10, 10, 20, 30)
_MEAN_DAYS = sum(_LENGTHS) / len(_LENGTHS) / 2
_ACCOUNTS = (1, 1, 1, 1, 1, 2, 2, 2, SICK, 4, 5, 6)
_MINUTES = {4: (90, 120, 210, 240), 6: (180, 480, 1440)}
_SHORT = 4


def days_a_month(people: int) -> float:
    """Return how much people are absent by default: as usual, but a large company starts with less."""
    return USUAL * min(1.0, _MANY / people)


def take_time_off(records: Records, *, per_month: float, seed: int, epoch: int) -> None:
    """Give everybody absences around the day `epoch`; none is written later than the day before."""
    planner = _Planner(records, Invention(Random(seed)), epoch)
    for employee in records.employees:
        for _ in range(planner.how_many(per_month * MONTHS / _MEAN_DAYS)):
            planner.plan(employee)


class _Planner:
    """Draws one absence after the other."""

    def __init__(self, records: Records, invention: Invention, epoch: int) -> None:
        self._records = records
        self._absences = records.absences
        self._invention = invention
        self._epoch = epoch

    def how_many(self, mean: float) -> int:
        """Draw a whole number with this mean."""
        drawn = mean * self._invention.between(50, 150) / 100
        return int(drawn) + self._invention.chance(drawn % 1)

    def plan(self, employee: Employee) -> None:
        """Add an absence, unless it falls outside the contract or on another one."""
        period = self._period(employee)
        if not self._is_employed(employee, period) or self._absences.in_the_way(period):
            return
        written = self._written(period)
        period.created_at = period.updated_at = self._instant(written)
        if period.account == SICK or self._invention.chance(0.2):
            period.confirmed_at = period.created_at
        else:
            self._ask(employee, period)
        self._absences.add(period)

    def _period(self, employee: Employee) -> LeavePeriod:
        invention = self._invention
        account = invention.one_of(_ACCOUNTS)
        until = self._epoch - 1 if account == SICK else self._epoch + FUTURE
        day = invention.between(self._epoch - PAST, until)
        minutes = _MINUTES.get(account)
        halves = invention.one_of(_LENGTHS) if minutes is None else invention.between(1, _SHORT)
        first, last = span(half_of(day, afternoon=halves % 2 == 1 and invention.chance(0.5)), halves)
        return LeavePeriod(
            id=self._absences.periods.next_id,
            created_at=0,
            updated_at=0,
            owner=employee.id,
            account=account,
            first=first,
            last=last,
            minutes=None if minutes is None else invention.one_of(minutes),
        )

    def _is_employed(self, employee: Employee, period: LeavePeriod) -> bool:
        return any(
            employment.start <= period.first // 2
            and (employment.end is None or period.last // 2 <= employment.end)
            for employment in self._records.employments_of(employee)
        )

    def _written(self, period: LeavePeriod) -> int:
        """Draw the day on which an absence became known: illness at once, the rest before."""
        first = period.first // 2
        if period.account == SICK:
            return first
        return min(first - 3, self._epoch - 1) - self._invention.between(0, 60)

    def _instant(self, day: int) -> int:
        """Draw an instant of a day's work."""
        return moment_of_day(day) + self._invention.between(7 * HOUR, 19 * HOUR)

    def _ask(self, employee: Employee, period: LeavePeriod) -> None:
        """Add the request behind an absence, as far as it has come."""
        # The last position, not the one that applies: what day it is must not matter here.
        by = self._records.positions_of(employee)[-1].manager or 1
        request = LeaveRequest(
            id=self._absences.requests.next_id,
            created_at=period.created_at,
            updated_at=period.created_at,
            owner=employee.id,
            period=period.id,
            approvers=(by,),
        )
        period.request = self._absences.requests.add(request).id
        answered = period.created_at + self._invention.between(1, 5) * DAY
        if answered < moment_of_day(self._epoch) and self._invention.chance(0.95):
            self._answer(request, period, by, answered)

    def _answer(self, request: LeaveRequest, period: LeavePeriod, by: int, at: int) -> None:
        denied = self._invention.chance(0.03)
        request.approvals, request.approvers = (Verdict(by, at, yes=not denied),), ()
        request.status = DENIED if denied else APPROVED
        period.confirmed_at = None if denied else at
        request.updated_at = period.updated_at = at
        if denied:
            period.cancel(period.active(), at, by)
        elif self._invention.chance(0.06):
            request.status = CANCELLED
            period.cancel(period.active(), at + 1, request.owner)
