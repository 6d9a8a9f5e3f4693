"""The same people and absences as the legacy API knows them: users, half-days, requests.

Nothing is kept here: each record is made from what it shows when somebody looks.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from msgspec import Struct

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.absences import LeavePeriod, LeaveRequest, Verdict, minutes_of
from lucca_sync.simulator.world.days import day_number, day_text, moment_text
from lucca_sync.simulator.world.halves import day_of, half_of, is_morning, is_worked
from lucca_sync.simulator.world.invention import email_of
from lucca_sync.simulator.world.people import Employee
from lucca_sync.simulator.world.row import Record, SortValue
from lucca_sync.simulator.world.table import Numbered, Rows

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records

RowT = TypeVar("RowT", bound=Numbered)
ShownT = TypeVar("ShownT")
_SHIFT = 1 << 21
"""More than any half-day's number until the year 2870: it stands behind the period's in one number."""
_HOURS_A_DAY = 24


class LegacyRow(Struct, frozen=True, gc=False):
    """What the three have in common: no links, nothing embedded, no order but that of ids."""

    def links(self, base: str) -> View:
        """The legacy API shows none."""
        del base
        return {}

    def embeds(self, records: "Records") -> Iterable[Record]:
        """The legacy API nests what it is asked to nest."""
        del records
        return ()

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """The legacy API sorts in its own way."""
        del records
        raise KeyError(key)


class LegacyUser(LegacyRow, frozen=True, gc=False):
    """A person with what applies of contract and position today, in one flat record."""

    resource: ClassVar[str] = "v3/users"
    kind: ClassVar[str] = "user"

    employee: Employee

    @property
    def id(self) -> int:
        """The employee's number."""
        return self.employee.id

    @property
    def public_id(self) -> str:
        """The employee's id."""
        return self.employee.public_id

    @property
    def display_name(self) -> str:
        """Given and family name."""
        return f"{self.employee.given_name} {self.employee.family_name}"

    @property
    def login(self) -> str:
        """The name to sign in with: the professional address as it would be made today."""
        employee = self.employee
        return email_of(employee.given_name, employee.family_name, employee.id).partition("@")[0]

    def modified_at(self, records: "Records") -> int:
        """Say when the person or one of the contracts was last written.

        Positions have their own life: a new department or manager does not move this.
        """
        contracts = (row.updated_at for row in records.employments_of(self.employee))
        return max(chain((self.employee.updated_at,), contracts))

    def view(self, records: "Records", base: str) -> View:
        """Return all its own fields; instants are in UTC, without saying so."""
        employee = self.employee
        employment, position = employee.employment(records), employee.position(records)
        end = None if employment is None else employment.end
        return {
            "id": employee.id,
            "name": self.display_name,
            "url": f"{base}/api/v3/users/{employee.id}",
            "firstName": employee.given_name,
            "lastName": employee.family_name,
            "displayName": self.display_name,
            "login": self.login,
            "mail": employee.email,
            "employeeNumber": employee.number,
            "professionalMobile": employee.phone,
            "jobTitle": None if position is None else position.title,
            "dtContractStart": None if employment is None else naive_day(employment.start),
            "dtContractEnd": None if end is None else naive_day(end),
            "legalEntityId": None if position is None else position.establishment,
            "departmentId": None if position is None else position.department,
            "managerId": None if position is None else position.manager,
            "modifiedAt": moment_text(self.modified_at(records)).rstrip("Z"),
        }


class LegacyLeave(LegacyRow, frozen=True, gc=False):
    """One half-day of a period, cancelled or not."""

    resource: ClassVar[str] = "v3/leaves"
    kind: ClassVar[str] = "leave"

    period: LeavePeriod
    half: int

    @property
    def id(self) -> int:
        """The numbers of the period and of the half-day in one."""
        return self.period.id * _SHIFT + self.half

    @property
    def public_id(self) -> str:
        """Lucca's id, which names the period and not the owner."""
        day = day_text(day_of(self.half)).replace("-", "")
        return f"{self.period.id}-{day}-{'AM' if is_morning(self.half) else 'PM'}"

    @property
    def cancellation(self) -> tuple[int, int] | None:
        """When it was cancelled, and by whom."""
        return None if self.period.cancelled is None else self.period.cancelled.get(self.half)

    def view(self, records: "Records", base: str) -> View:
        """Return all its own fields, with what its period says."""
        del records
        period, cancellation, public_id = self.period, self.cancellation, self.public_id
        minutes = minutes_of(period)
        return {
            "id": public_id,
            "name": public_id,
            "url": f"{base}/api/v3/leaves/{public_id}",
            "date": naive_day(day_of(self.half)),
            "isAm": is_morning(self.half),
            "leaveAccountId": period.account,
            "leavePeriodId": period.id,
            "status": int(period.confirmed_at is not None),
            "value": None if period.minutes is None else timespan(minutes),
            "duration": timespan(minutes),
            "creationDate": moment_text(period.created_at),
            "isActive": cancellation is None,
            "cancellationDate": None if cancellation is None else moment_text(cancellation[0]),
            "cancellationUserId": None if cancellation is None else cancellation[1],
            "comment": period.comment,
            "leavePeriod": period_view(period, base),
        }


class LegacyRequest(LegacyRow, frozen=True, gc=False):
    """A request as the legacy workflow shows it."""

    resource: ClassVar[str] = "v3/leaveRequests"
    kind: ClassVar[str] = "leaveRequest"

    request: LeaveRequest

    @property
    def id(self) -> int:
        """The request's number."""
        return self.request.id

    @property
    def public_id(self) -> str:
        """The request's id."""
        return self.request.public_id

    def view(self, records: "Records", base: str) -> View:
        """Return all its own fields."""
        request = self.request
        period = records.absences.periods.get(request.period)
        return {
            "id": request.id,
            "name": str(request.id),
            "url": f"{base}/api/v3/leaveRequests/{request.id}",
            "status": request.status,
            "creationDate": moment_text(request.created_at),
            "isActive": request.is_active,
            "nextApproverId": request.approver,
            "approvals": [_verdict_view(verdict) for verdict in request.approvals],
            "cancellationRequests": [_verdict_view(verdict) for verdict in request.wishes],
            "leavePeriodId": request.period,
            "leavePeriod": None if period is None else period_view(period, base),
        }


def period_view(period: LeavePeriod, base: str) -> View:
    """Return a period as the legacy API nests it in its half-days and its request."""
    confirmed = period.confirmed_at
    return {
        "id": period.id,
        "name": str(period.id),
        "url": f"{base}/api/v3/leavePeriods/{period.id}",
        "ownerId": period.owner,
        "isConfirmed": confirmed is not None,
        "confirmationDate": None if confirmed is None else moment_text(confirmed),
        "attachmentId": None,
    }


def _verdict_view(verdict: Verdict) -> Json:
    return {"userId": verdict.by, "date": moment_text(verdict.at), "isApproved": verdict.yes}


def naive_day(day: int) -> str:
    """Write a day as the legacy API does: with an hour that means nothing."""
    return f"{day_text(day)}T00:00:00"


def timespan(minutes: int) -> str:
    """Write a duration as .NET does: `03:30:00`, and `1.00:00:00` for a whole day."""
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, _HOURS_A_DAY)
    return f"{f'{days}.' if days else ''}{hours:02}:{rest:02}:00"


class Shown(Generic[RowT, ShownT]):
    """A table through which the rows of another one are seen, one for one."""

    def __init__(self, rows: Rows[RowT], show: Callable[[RowT], ShownT]) -> None:
        self._rows = rows
        self._show = show

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def next_id(self) -> int:
        """The number that the next row will have."""
        return self._rows.next_id

    def get(self, number: int) -> ShownT | None:
        """Return a row as it is seen here."""
        row = self._rows.get(number)
        return None if row is None else self._show(row)

    def after(self, number: int) -> Iterator[ShownT]:
        """Walk upwards."""
        return map(self._show, self._rows.after(number))

    def before(self, number: int) -> Iterator[ShownT]:
        """Walk downwards."""
        return map(self._show, self._rows.before(number))

    def remove(self, number: int) -> None:
        """Nothing is kept here that could be taken out."""


class HalfDays:
    """Every half-day of every period, in the order of periods."""

    def __init__(self, periods: Rows[LeavePeriod]) -> None:
        self._periods = periods

    def __len__(self) -> int:
        return sum(1 for period in self._periods.after(0) for _ in period.halves())

    @property
    def next_id(self) -> int:
        """A number above that of any half-day."""
        return self._periods.next_id * _SHIFT

    def get(self, number: int) -> LegacyLeave | None:
        """Return a half-day, if it is one of its period's."""
        place, half = divmod(number, _SHIFT)
        period = self._periods.get(place)
        if period is None or not period.first <= half <= period.last or not is_worked(half):
            return None
        return LegacyLeave(period, half)

    def find(self, public_id: str) -> LegacyLeave | None:
        """Return the half-day that Lucca's id names."""
        place, _, rest = public_id.partition("-")
        day, _, part = rest.partition("-")
        try:
            half = half_of(day_number(f"{day[:4]}-{day[4:6]}-{day[6:]}"), afternoon=part == "PM")
            leave = self.get(int(place) * _SHIFT + half)
        except ValueError:
            return None
        return leave if leave is not None and leave.public_id == public_id else None

    def after(self, number: int) -> Iterator[LegacyLeave]:
        """Walk upwards."""
        for period in self._periods.after(number // _SHIFT - 1):
            yield from (leave for leave in leaves_of(period) if leave.id > number)

    def before(self, number: int) -> Iterator[LegacyLeave]:
        """Walk downwards."""
        for period in self._periods.before(number // _SHIFT + 1):
            leaves = reversed(list(leaves_of(period)))
            yield from (leave for leave in leaves if leave.id < number)

    def remove(self, number: int) -> None:
        """Half-days go with their period."""


def leaves_of(period: LeavePeriod) -> Iterator[LegacyLeave]:
    """Walk through the half-days of a period."""
    return (LegacyLeave(period, half) for half in period.halves())
