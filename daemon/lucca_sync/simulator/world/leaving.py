"""What happens to absences by itself: draws one plausible action after the other."""

from collections.abc import Callable
from typing import TypeVar

from lucca_sync.simulator.world.absences import (
    APPROVED,
    CANCELLATION_PENDING,
    PENDING,
    LeavePeriod,
    LeaveRequest,
)
from lucca_sync.simulator.world.absent import (
    ApproveLeave,
    AskCancellation,
    CancelLeave,
    DenyLeave,
    EditLeave,
    EnterLeave,
    EraseLeave,
    NoteLeave,
    RequestLeave,
)
from lucca_sync.simulator.world.days import DEFAULT_ZONE, day_text
from lucca_sync.simulator.world.invention import Invention
from lucca_sync.simulator.world.records import Records
from lucca_sync.simulator.world.table import Numbered, Table

RowT = TypeVar("RowT", bound=Numbered)
AnyAbsence = (
    RequestLeave
    | EnterLeave
    | ApproveLeave
    | DenyLeave
    | AskCancellation
    | CancelLeave
    | EditLeave
    | NoteLeave
    | EraseLeave
)
Draw = Callable[[], AnyAbsence | None]
_LOOKS = 60
_PAST, _FUTURE = 45, 300
_LENGTHS = (1, 1, 2, 2, 2, 3, 4, 6, 10, 10, 20, 30)
_COMMENTS = (None, "à confirmer", "pont", "remplacement prévu", "vu avec l’équipe")


class Leaving:
    """Draws what people do about their time off."""

    def __init__(self, records: Records, invention: Invention) -> None:
        self._records = records
        self._absences = records.absences
        self._invention = invention

    def weighed(self) -> dict[Draw, int]:
        """Return what can happen, and how often beside all else."""
        return {
            self._request: 9,
            self._approve: 8,
            self._enter: 4,
            self._cancel: 3,
            self._edit: 3,
            self._deny: 1,
            self._ask_cancellation: 1,
            self._note: 1,
        }

    def _someone(self) -> str | None:
        """Draw somebody who is there and stays."""
        employees = self._records.employees
        for _ in range(_LOOKS):
            row = employees.get(self._invention.between(1, employees.next_id - 1))
            employment = None if row is None else row.employment(self._records)
            if row is not None and employment is not None and employment.end is None:
                return row.public_id
        return None

    def _any(self, table: Table[RowT], fits: Callable[[RowT], bool]) -> str | None:
        """Look at a few rows for one that fits, more often at the latest than at old ones."""
        for _ in range(_LOOKS):
            low = 1 if self._invention.chance(0.5) else max(1, table.next_id - _LOOKS)
            row = table.get(self._invention.between(low, table.next_id - 1))
            if row is not None and fits(row):
                return str(row.id)
        return None

    def _day(self) -> str:
        today = self._records.todays[DEFAULT_ZONE]
        past = self._invention.chance(0.25)
        return day_text(today + self._invention.between(-_PAST if past else 1, 0 if past else _FUTURE))

    def _request(self) -> AnyAbsence | None:
        who = self._someone()
        if who is None:
            return None
        account = str(self._invention.one_of((1, 1, 1, 2, 2, 4, 5)))
        halves = self._invention.one_of(_LENGTHS)
        approvers = 2 if self._invention.chance(0.1) else 1
        noon = halves % 2 == 1 and self._invention.chance(0.5)
        return RequestLeave(
            employee=who,
            account=account,
            start=self._day(),
            afternoon=noon,
            half_days=halves,
            approvers=approvers,
        )

    def _enter(self) -> AnyAbsence | None:
        who = self._someone()
        account, minutes = self._invention.one_of((("3", None), ("3", None), ("6", 1440), ("4", 105)))
        halves = self._invention.one_of(_LENGTHS) if minutes is None else 1
        if who is None:
            return None
        return EnterLeave(employee=who, account=account, start=self._day(), half_days=halves, minutes=minutes)

    def _approve(self) -> AnyAbsence | None:
        which = self._any(self._absences.requests, lambda row: row.status == PENDING)
        return None if which is None else ApproveLeave(request=which)

    def _deny(self) -> AnyAbsence | None:
        which = self._any(self._absences.requests, _awaits_an_answer)
        return None if which is None else DenyLeave(request=which)

    def _ask_cancellation(self) -> AnyAbsence | None:
        which = self._any(self._absences.requests, lambda row: row.status == APPROVED)
        return None if which is None else AskCancellation(request=which)

    def _cancel(self) -> AnyAbsence | None:
        which = self._any(self._absences.periods, _stands)
        if which is None:
            return None
        period = self._absences.periods[int(which)]
        one_day = day_text(self._invention.one_of(period.active()) // 2)
        return CancelLeave(period=which, on=one_day if self._invention.chance(0.3) else None)

    def _edit(self) -> AnyAbsence | None:
        which = self._any(self._absences.periods, _stands)
        if which is None:
            return None
        halves = self._invention.one_of(_LENGTHS) if self._invention.chance(0.5) else None
        gone = self._invention.chance(0.3)
        return EditLeave(period=which, half_days=halves, old="gone" if gone else "cancelled")

    def _note(self) -> AnyAbsence | None:
        which = self._any(self._absences.periods, _stands)
        return None if which is None else NoteLeave(period=which, comment=self._invention.one_of(_COMMENTS))


def _awaits_an_answer(request: LeaveRequest) -> bool:
    return request.status in (PENDING, CANCELLATION_PENDING)


def _stands(period: LeavePeriod) -> bool:
    return bool(period.active())
