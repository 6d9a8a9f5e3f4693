"""What happens to absences: asked for, agreed to, refused, taken back, typed in, edited."""

from typing import Literal

from lucca_sync.simulator.world.absences import (
    APPROVED,
    CANCELLATION_PENDING,
    CANCELLED,
    DENIED,
    PENDING,
    LeavePeriod,
    LeaveRequest,
    Verdict,
)
from lucca_sync.simulator.world.act import Act, day_or
from lucca_sync.simulator.world.days import DEFAULT_ZONE
from lucca_sync.simulator.world.edit import Edit, Refused, not_there
from lucca_sync.simulator.world.halves import half_of, span
from lucca_sync.simulator.world.legacy import LegacyRequest, leaves_of
from lucca_sync.simulator.world.people import Employee
from lucca_sync.simulator.world.row import Record

_MAX_HALVES = 200
_DEFAULT_MINUTES = 210
_SOMEBODY = 1
_CHAIN = (1, 2)


class _Absent(Act, frozen=True, kw_only=True):
    """What a new absence is described by."""

    employee: str
    account: str = "1"
    start: str | None = None
    afternoon: bool = False
    """Begin at noon."""
    half_days: int = 2
    """How many, weekends not counted."""
    minutes: int | None = None
    """How long each half-day counts, on an account in hours."""
    comment: str | None = None

    def period(self, edit: Edit) -> LeavePeriod:
        """Make the period, unconfirmed; refuse what cannot be."""
        employee = edit.records.find("employees", self.employee)
        if not isinstance(employee, Employee):
            not_there("employees", self.employee)
        day = day_or(self.start, edit.records.todays[DEFAULT_ZONE] + 1)
        first, last = _span(day, self.half_days, afternoon=self.afternoon)
        account = _account(edit, self.account)
        period = LeavePeriod(
            id=edit.records.absences.periods.next_id,
            created_at=edit.now,
            updated_at=edit.now,
            owner=employee.id,
            account=account,
            first=first,
            last=last,
            comment=self.comment,
            minutes=_minutes(edit, account, self.minutes),
        )
        _refuse_overlap(edit, period)
        return period


class RequestLeave(_Absent, frozen=True, kw_only=True, tag="request-leave"):
    """Somebody asks for time off; the half-days show at once, unconfirmed."""

    approvers: int = 1
    """How many have to agree, one after the other: 1 or 2."""

    def apply(self, edit: Edit) -> None:
        """Add the request and its period."""
        if self.approvers not in _CHAIN:
            raise Refused("approvers is 1 or 2")
        period = self.period(edit)
        request = LeaveRequest(
            id=edit.records.absences.requests.next_id,
            created_at=edit.now,
            updated_at=edit.now,
            owner=period.owner,
            period=period.id,
            approvers=approvers_of(edit, period.owner)[: self.approvers],
        )
        period.request = request.id
        edit.records.absences.requests.add(request)
        _add(edit, period)


class EnterLeave(_Absent, frozen=True, kw_only=True, tag="enter-leave"):
    """HR types an absence in: there is no request, and it is confirmed at once."""

    def apply(self, edit: Edit) -> None:
        """Add the period."""
        period = self.period(edit)
        period.confirmed_at = edit.now
        _add(edit, period)


class ApproveLeave(Act, frozen=True, kw_only=True, tag="approve-leave"):
    """The next approver agrees; when it was the last one, the half-days are confirmed."""

    request: str

    def apply(self, edit: Edit) -> None:
        """Note the word and, perhaps, confirm."""
        request, period = _opened_request(edit, self.request)
        if request.status != PENDING:
            raise Refused(f"request {request.id} is not pending")
        by, *others = request.approvers or (_SOMEBODY,)
        request.approvals = (*request.approvals, Verdict(by, edit.now, yes=True))
        request.approvers = tuple(others)
        edit.stamp(request)
        if not others:
            request.status = APPROVED
            period.confirmed_at = edit.now
            edit.stamp(period)


class DenyLeave(Act, frozen=True, kw_only=True, tag="deny-leave"):
    """The next approver refuses: the request, or the wish to take it back."""

    request: str

    def apply(self, edit: Edit) -> None:
        """Note the word; a refused request's half-days are cancelled, a refused wish's stay."""
        request, period = _opened_request(edit, self.request)
        if request.status not in (PENDING, CANCELLATION_PENDING):
            raise Refused(f"request {request.id} awaits no answer")
        by = request.approver or _SOMEBODY
        if request.status == CANCELLATION_PENDING:
            request.wishes = (*request.wishes[:-1], Verdict(by, edit.now, yes=False))
            request.status = APPROVED
        else:
            request.approvals = (*request.approvals, Verdict(by, edit.now, yes=False))
            request.status, request.approvers = DENIED, ()
            period.cancel(period.active(), edit.now, by)
            edit.stamp(period)
        edit.stamp(request)


class AskCancellation(Act, frozen=True, kw_only=True, tag="ask-cancellation"):
    """Somebody wishes to take back what was approved; the half-days stay until that is granted."""

    request: str

    def apply(self, edit: Edit) -> None:
        """Note the wish."""
        request, _ = _opened_request(edit, self.request)
        if request.status != APPROVED:
            raise Refused(f"request {request.id} is not approved")
        request.wishes = (*request.wishes, Verdict(request.owner, edit.now, yes=False))
        request.status = CANCELLATION_PENDING
        edit.stamp(request)


class CancelLeave(Act, frozen=True, kw_only=True, tag="cancel-leave"):
    """An absence, or one day of it, is no more; its half-days stay readable as inactive."""

    period: str
    on: str | None = None
    """Only this day."""

    def apply(self, edit: Edit) -> None:
        """Cancel the half-days, and the request when none is left."""
        period = opened_period(edit, self.period)
        halves = period.active()
        if self.on is not None:
            day = day_or(self.on, 0)
            halves = [half for half in halves if half // 2 == day]
        if not halves:
            raise Refused(f"nothing of period {period.id} is left to cancel")
        _cancel(edit, period, halves)


class EditLeave(Act, frozen=True, kw_only=True, tag="edit-leave"):
    """HR edits an absence: Lucca mints a new period, so the same half-days get new ids."""

    period: str
    account: str | None = None
    start: str | None = None
    afternoon: bool | None = None
    half_days: int | None = None
    old: Literal["cancelled", "gone"] = "cancelled"
    """What becomes of the old half-days: still readable as inactive, or gone without a trace."""

    def apply(self, edit: Edit) -> None:
        """Replace the period."""
        old = opened_period(edit, self.period)
        if not old.active():
            raise Refused(f"period {old.id} is cancelled")
        new = self._new(edit, old)
        _refuse_overlap(edit, new, other_than=old.id)
        request = edit.records.absences.request_of(old)
        if request is not None:
            request.period = new.id
            edit.stamp(request)
        if self.old == "gone":
            edit.records.absences.remove(old)
        else:
            old.cancel(old.active(), edit.now, _SOMEBODY)
            old.request = None
            edit.stamp(old)
        _add(edit, new)

    def _new(self, edit: Edit, old: LeavePeriod) -> LeavePeriod:
        afternoon = old.first % 2 == 1 if self.afternoon is None else self.afternoon
        halves = self.half_days or len(list(old.halves()))
        first, last = _span(day_or(self.start, old.first // 2), halves, afternoon=afternoon)
        account = old.account if self.account is None else _account(edit, self.account)
        return LeavePeriod(
            id=edit.records.absences.periods.next_id,
            created_at=edit.now,
            updated_at=edit.now,
            owner=old.owner,
            account=account,
            first=first,
            last=last,
            request=old.request,
            confirmed_at=None if old.confirmed_at is None else edit.now,
            comment=old.comment,
            minutes=_minutes(edit, account, old.minutes),
        )


class NoteLeave(Act, frozen=True, kw_only=True, tag="note-leave"):
    """A comment changes; of all that the legacy API shows, no timestamp moves with it."""

    period: str
    comment: str | None

    def apply(self, edit: Edit) -> None:
        """Write the comment."""
        period = opened_period(edit, self.period)
        if period.comment == self.comment:
            raise Refused("that is what it says already")
        period.comment = self.comment


class EraseLeave(Act, frozen=True, kw_only=True, tag="erase-leave"):
    """An absence is gone without a trace, with its request."""

    period: str

    def apply(self, edit: Edit) -> None:
        """Take the period out."""
        erase(edit, opened_period(edit, self.period))


def opened_period(edit: Edit, public_id: str) -> LeavePeriod:
    """Open a period, its half-days and its request."""
    period = edit.records.find("leaves", public_id)
    if not isinstance(period, LeavePeriod):
        not_there("leaves", public_id)
    for record in shown_with(edit, period):
        edit.open_other(record)
    return period


def erase(edit: Edit, period: LeavePeriod) -> None:
    """Take out a period that was opened, and its request."""
    request = edit.records.absences.request_of(period)
    edit.records.absences.remove(period)
    if request is not None:
        edit.records.absences.requests.remove(request.id)


def forget_absences(edit: Edit, employee: Employee) -> None:
    """Take out everything about the absences of a person who is deleted."""
    for period in edit.records.absences.of(employee.id):
        erase(edit, opened_period(edit, period.public_id))
    for request in edit.records.absences.requests:
        if employee.id in request.approvers:
            opened_period(edit, str(request.period))
            request.approvers = tuple(number for number in request.approvers if number != employee.id)


def approvers_of(edit: Edit, owner: int) -> tuple[int, ...]:
    """Return who has to agree, at most two: the manager, then somebody at the head of the company."""
    position = edit.records.employees[owner].position(edit.records)
    manager = None if position is None else position.manager
    chain = dict.fromkeys((manager or _SOMEBODY, *_CHAIN))
    return tuple(number for number in chain if edit.records.employees.get(number) is not None)


def shown_with(edit: Edit, period: LeavePeriod) -> list[Record]:
    """Return all records in which the APIs show a period."""
    absences = edit.records.absences
    request = absences.request_of(period)
    shown: list[Record] = list(leaves_of(period))
    if absences.in_v5:
        shown.append(period)
    if request is not None:
        shown.append(LegacyRequest(request))
        shown += [request] if absences.in_v5 else []
    return shown


def _opened_request(edit: Edit, public_id: str) -> tuple[LeaveRequest, LeavePeriod]:
    request = edit.records.find("leave-requests", public_id)
    if not isinstance(request, LeaveRequest):
        not_there("leave-requests", public_id)
    return request, opened_period(edit, str(request.period))


def _add(edit: Edit, period: LeavePeriod) -> None:
    edit.records.absences.add(period)
    for record in shown_with(edit, period):
        edit.made(record)


def _cancel(edit: Edit, period: LeavePeriod, halves: list[int]) -> None:
    request = edit.records.absences.request_of(period)
    by = _SOMEBODY if request is None else request.owner
    period.cancel(halves, edit.now, by)
    edit.stamp(period)
    if request is None or period.active():
        return
    if request.status == CANCELLATION_PENDING:
        request.wishes = (*request.wishes[:-1], Verdict(request.wishes[-1].by, edit.now, yes=True))
    request.status, request.approvers = CANCELLED, ()
    edit.stamp(request)


def _refuse_overlap(edit: Edit, period: LeavePeriod, other_than: int | None = None) -> None:
    if edit.records.absences.in_the_way(period, other_than):
        raise Refused(f"employee {period.owner} is absent then already")


def _span(day: int, halves: int, *, afternoon: bool) -> tuple[int, int]:
    if not 0 < halves <= _MAX_HALVES:
        raise Refused(f"half_days is a number from 1 to {_MAX_HALVES}")
    return span(half_of(day, afternoon=afternoon), halves)


def _account(edit: Edit, public_id: str) -> int:
    record = edit.records.find("leave-accounts", public_id)
    return not_there("leave-accounts", public_id) if record is None else record.id


def _minutes(edit: Edit, account: int, minutes: int | None) -> int | None:
    """Return how long a half-day counts: only accounts in hours say so themselves."""
    if not edit.records.absences.accounts[account].in_hours:
        return None
    return _DEFAULT_MINUTES if minutes is None else minutes
