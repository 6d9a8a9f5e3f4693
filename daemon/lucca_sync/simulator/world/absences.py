"""Absences as they are kept: accounts, requests, and periods from which every half-day follows.

What the v5 API shows of them stands here; the legacy API's half-days are made in `legacy`.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from msgspec import Struct

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.days import day_text, moment_text
from lucca_sync.simulator.world.halves import MINUTES, day_of, is_morning, worked
from lucca_sync.simulator.world.row import Record, Row, SortValue, Stamped, link, reference, reference_or_none
from lucca_sync.simulator.world.table import Table

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records

Unit = Literal["workingDays", "workingHours", "businessDays", "calendarDays"]
PENDING, APPROVED, DENIED, CANCELLED, CANCELLATION_PENDING = 0, 2, 3, 4, 5
"""The states of a request as v3 numbers them; there is no 1."""
SICK = 3
_ACCOUNTS: tuple[tuple[str, Unit], ...] = (
    ("Congés payés", "businessDays"),
    ("RTT", "workingDays"),
    ("Arrêt maladie", "calendarDays"),
    ("Récupération", "workingHours"),
    ("Congé sans solde", "workingDays"),
    ("Astreinte", "workingHours"),
)


class LeaveAccount(Row, gc=False):
    """A kind of absence; it carries no timestamps, and no payroll code."""

    resource: ClassVar[str] = "leave-accounts"
    kind: ClassVar[str] = "leave-account"

    name: str
    unit: Unit

    @property
    def in_hours(self) -> bool:
        """Whether absences on it are counted in hours."""
        return self.unit == "workingHours"

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {**reference(self.kind, self.id, base), "name": self.name, "unit": self.unit}

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Accounts are always in the order of their ids."""
        del records
        raise KeyError(key)


class Verdict(Struct, frozen=True, gc=False):
    """What somebody said to a request, or to the wish to take it back."""

    by: int
    at: int
    yes: bool


class LeavePeriod(Stamped, gc=False):
    """A continuous absence on one account; weekends inside it are none. In v5 it is a `leave`."""

    resource: ClassVar[str] = "leaves"
    kind: ClassVar[str] = "leave"

    owner: int
    account: int
    first: int
    """The first half-day; see `halves`."""
    last: int
    request: int | None = None
    """None when HR typed it in."""
    confirmed_at: int | None = None
    comment: str | None = None
    minutes: int | None = None
    """How long each half-day counts, on an account in hours."""
    cancelled: dict[int, tuple[int, int]] | None = None
    """Half-days that are no more: when that was said, and by whom."""

    def halves(self) -> Iterator[int]:
        """Walk through all its half-days, cancelled ones too."""
        return worked(self.first, self.last)

    def active(self) -> list[int]:
        """Return the half-days that are not cancelled."""
        gone = self.cancelled or ()
        return [half for half in self.halves() if half not in gone]

    def cancel(self, halves: Iterable[int], at: int, by: int) -> None:
        """Cancel some half-days that are not cancelled yet."""
        gone = self.cancelled or {}
        self.cancelled = {**gone, **{half: (at, by) for half in halves if half not in gone}}

    @property
    def status(self) -> str:
        """What v5 says of it."""
        if not self.active():
            return "cancelled"
        return "tentative" if self.confirmed_at is None else "confirmed"

    def view(self, records: "Records", base: str) -> View:
        """Return what the v5 API shows of it."""
        del records
        halves = self.active() or list(self.halves())
        return {
            **reference(self.kind, self.id, base),
            "startsOn": day_text(day_of(halves[0])),
            "startPosition": _position(halves[0]),
            "endsOn": day_text(day_of(halves[-1])),
            "endPosition": _position(halves[-1]),
            "employee": reference("employee", self.owner, base),
            "leaveAccount": reference("leave-account", self.account, base),
            "days": self._days(halves),
            "totalDuration": self._duration(len(halves)),
            "status": self.status,
            "details": self._details(),
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def _days(self, halves: list[int]) -> Json:
        days: list[Json] = []
        for day in dict.fromkeys(map(day_of, halves)):
            of_day = [half for half in halves if day_of(half) == day]
            part = "allDay" if len(of_day) > 1 else _position(of_day[0])
            days.append({"date": day_text(day), "range": part, "duration": self._duration(len(of_day))})
        return days

    def _duration(self, halves: int) -> View:
        if self.minutes is None:
            days, half = divmod(halves, 2)
            iso = f"P{f'{days}D' if days else ''}{'T12H' if half else ''}"
            return {"iso": iso, "value": halves / 2, "unit": "days"}
        hours, minutes = divmod(halves * self.minutes, 60)
        iso = f"PT{hours}H{f'{minutes}M' if minutes else ''}"
        return {"iso": iso, "value": round(halves * self.minutes / 60, 2), "unit": "hours"}

    def _details(self) -> Json:
        return {"lastWorkedOn": day_text(day_of(self.first - 1))} if self.account == SICK else None

    def links(self, base: str) -> View:
        """Return where its request is."""
        if self.request is None:
            return {"leaveRequest": None}
        return {"leaveRequest": link(base, f"leave-requests/{self.request}")}

    def embeds(self, records: "Records") -> Iterable[Record]:
        """Return its account."""
        yield records.absences.accounts[self.account]

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Return the first day or the instant of creation."""
        del records
        return {"startsOn": day_of(self.first), "createdAt": self.created_at}[key]


class LeaveRequest(Stamped, gc=False):
    """The workflow around a period: who asked, who has still to agree, what was said."""

    resource: ClassVar[str] = "leave-requests"
    kind: ClassVar[str] = "leave-request"

    owner: int
    period: int
    status: int = PENDING
    approvers: tuple[int, ...] = ()
    """Who has still to agree, in this order."""
    approvals: tuple[Verdict, ...] = ()
    wishes: tuple[Verdict, ...] = ()
    """Wishes to take it back: by whom, when, and whether they were granted."""

    @property
    def approver(self) -> int | None:
        """Whose word is awaited."""
        return self.approvers[0] if self.approvers else None

    @property
    def is_active(self) -> bool:
        """Whether it still stands."""
        return self.status not in (DENIED, CANCELLED)

    def view(self, records: "Records", base: str) -> View:
        """Return what the v5 API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "status": self._status(),
            "employee": reference("employee", self.owner, base),
            "leaves": [reference("leave", self.period, base)],
            "expectedApprover": reference_or_none("employee", self.approver, base),
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def _status(self) -> str:
        """Say it in v5's words, which know no cancellation: that is told by the leave."""
        if self.status == PENDING:
            return "pending"
        agreed = bool(self.approvals) and all(verdict.yes for verdict in self.approvals)
        return "approved" if agreed and not self.approvers else "rejected"

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Return the instant of creation."""
        del records
        return {"createdAt": self.created_at}[key]

    def embeds(self, records: "Records") -> Iterable[Record]:
        """Return who asked."""
        yield records.employees[self.owner]


class Absences:
    """All accounts, periods and requests, and the periods of each person."""

    def __init__(self) -> None:
        self.accounts = Table[LeaveAccount]()
        self.periods = Table[LeavePeriod]()
        self.requests = Table[LeaveRequest]()
        self.in_v5 = False
        """Whether the tenant has the v5 absences switched on."""
        self._of: dict[int, tuple[int, ...]] = {}
        for number, (name, unit) in enumerate(_ACCOUNTS, 1):
            self.accounts.add(LeaveAccount(number, name, unit))

    def add(self, period: LeavePeriod) -> LeavePeriod:
        """Add a period that was made with the next number."""
        self._of[period.owner] = (*self._of.get(period.owner, ()), period.id)
        return self.periods.add(period)

    def remove(self, period: LeavePeriod) -> None:
        """Take a period out, with all its half-days."""
        self.periods.remove(period.id)
        self._of[period.owner] = tuple(number for number in self._of[period.owner] if number != period.id)

    def of(self, owner: int) -> list[LeavePeriod]:
        """Return a person's periods in the order of their numbers."""
        return [self.periods[number] for number in self._of.get(owner, ())]

    def request_of(self, period: LeavePeriod) -> LeaveRequest | None:
        """Return the request behind a period, if there is one."""
        return None if period.request is None else self.requests.get(period.request)

    def in_the_way(self, period: LeavePeriod, other_than: int | None = None) -> bool:
        """Say whether a person is absent already on any half-day of a period.

        There is one half-day for each account; only hours on two accounts fit into the same one.
        """
        wanted = set(period.active())
        return any(
            not self._fit_together(period, other) and not wanted.isdisjoint(other.active())
            for other in self.of(period.owner)
            if other.id != other_than and other.first <= period.last and period.first <= other.last
        )

    def _fit_together(self, one: LeavePeriod, other: LeavePeriod) -> bool:
        hours = self.accounts[one.account].in_hours and self.accounts[other.account].in_hours
        return hours and one.account != other.account


def _position(half: int) -> str:
    return "firstHalfDay" if is_morning(half) else "secondHalfDay"


def minutes_of(period: LeavePeriod) -> int:
    """Return how long each half-day of a period counts."""
    return MINUTES if period.minutes is None else period.minutes
