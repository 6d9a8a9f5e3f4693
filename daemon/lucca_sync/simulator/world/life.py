"""What happens by itself: draws one plausible action after the other."""

from collections.abc import Callable
from random import Random
from typing import TypeVar

from lucca_sync.simulator.world.actions import (
    AddAttribute,
    AnyAction,
    AssignNumber,
    ChangeManager,
    ChangePhone,
    DeleteAttribute,
    EditAttribute,
    EndContract,
    ExtendProbation,
    Hire,
    Move,
    Rehire,
    Rename,
    RenameDepartment,
    ReplaceAttribute,
)
from lucca_sync.simulator.world.attributes import Attribute
from lucca_sync.simulator.world.days import DEFAULT_ZONE, day_text
from lucca_sync.simulator.world.edit import Refused
from lucca_sync.simulator.world.invention import Invention
from lucca_sync.simulator.world.leaving import Leaving
from lucca_sync.simulator.world.ledger import LedgerEntry
from lucca_sync.simulator.world.people import Employee
from lucca_sync.simulator.world.table import Numbered, Table
from lucca_sync.simulator.world.upkeep import Upkeep
from lucca_sync.simulator.world.world import World

RowT = TypeVar("RowT", bound=Numbered)
_LOOKS = 40
_ATTEMPTS = 200


class Life:
    """Makes one change after the other; the same seed and the same steps give the same life."""

    def __init__(self, world: World, seed: int, *, takes_leave: bool) -> None:
        self._world = world
        self._records = world.records
        self._draw = Random(seed + 2)
        self._invention = Invention(self._draw)
        weighed: dict[Callable[[], AnyAction | None], int] = {
            self._move: 18,
            self._edit_attribute: 18,
            self._change_phone: 12,
            self._hire: 12,
            self._rename: 8,
            self._assign_number: 7,
            self._end_contract: 6,
            self._extend_probation: 5,
            self._add_attribute: 5,
            self._change_manager: 4,
            self._replace_attribute: 3,
            self._delete_attribute: 3,
            self._rename_department: 3,
            self._rehire: 2,
        }
        weighed |= Upkeep(self._records, self._invention).weighed()
        if takes_leave:
            for draw, weight in Leaving(self._records, self._invention).weighed().items():
                weighed[draw] = weight
        self._kinds = list(weighed)
        self._weights = list(weighed.values())

    def step(self) -> list[LedgerEntry]:
        """Let exactly one thing happen now."""
        for _ in range(_ATTEMPTS):
            action = self._draw.choices(self._kinds, self._weights)[0]()
            if action is None:
                continue
            try:
                return self._world.perform(action)
            except Refused:
                continue  # somebody who leaves tomorrow cannot move next week: draw again
        return self._world.perform(Hire())

    def _day(self, within: int) -> str:
        """Draw a day from today on; today is as likely as all the others."""
        today = self._records.todays[DEFAULT_ZONE]
        return day_text(today + (0 if self._invention.chance(0.5) else self._invention.between(1, within)))

    def _any(self, table: Table[RowT], fits: Callable[[RowT], bool]) -> RowT | None:
        """Look at a few rows at random for one that fits."""
        for _ in range(_LOOKS):
            row = table.get(self._invention.between(1, table.next_id - 1))
            if row is not None and fits(row):
                return row
        return None

    def _present(self, employee: Employee) -> bool:
        employment = employee.employment(self._records)
        return employment is not None and employment.status(self._records) != "deactivated"

    def _staying(self, employee: Employee) -> bool:
        employment = employee.employment(self._records)
        return employment is not None and employment.end is None

    def _gone(self, employee: Employee) -> bool:
        return bool(employee.employments) and not self._present(employee)

    def _on_trial(self, employee: Employee) -> bool:
        employment = employee.employment(self._records)
        if employment is None or employment.probation is None:
            return False
        today = self._records.employment_today(employment)
        return self._records.probationary_periods[employment.probation].end >= today

    def _someone(self, fits: Callable[[Employee], bool] | None = None) -> str | None:
        row = self._any(self._records.employees, fits or self._present)
        return None if row is None else self._records.shown_id(row)

    def _value(self, fits: Callable[[Attribute], bool] = lambda _: True) -> str | None:
        row = self._any(self._records.attributes, fits)
        return None if row is None else self._records.shown_id(row)

    def _move(self) -> AnyAction | None:
        who = self._someone()
        establishment = self._invention.between(1, 5)
        elsewhere = str(establishment) if self._invention.chance(0.1) else None
        on = self._day(30) if self._invention.chance(0.8) else None
        return None if who is None else Move(employee=who, establishment=elsewhere, on=on)

    def _hire(self) -> AnyAction:
        place = self._invention.between(1, 5) if self._invention.chance(0.3) else 1
        return Hire(establishment=str(place), start=self._day(45), email=self._invention.chance(0.7))

    def _rehire(self) -> AnyAction | None:
        who = self._someone(self._gone)
        return None if who is None else Rehire(employee=who)

    def _rename(self) -> AnyAction | None:
        who = self._someone()
        return None if who is None else Rename(employee=who)

    def _change_phone(self) -> AnyAction | None:
        who = self._someone()
        return None if who is None else ChangePhone(employee=who)

    def _change_manager(self) -> AnyAction | None:
        who, manager = self._someone(), self._someone()
        return None if who is None or manager is None else ChangeManager(employee=who, manager=manager)

    def _assign_number(self) -> AnyAction | None:
        who = self._someone(lambda employee: employee.number is None)
        return None if who is None else AssignNumber(employee=who)

    def _end_contract(self) -> AnyAction | None:
        who = self._someone(self._staying)
        return None if who is None else EndContract(employee=who, on=self._day(60))

    def _extend_probation(self) -> AnyAction | None:
        who = self._someone(self._on_trial)
        return None if who is None else ExtendProbation(employee=who)

    def _add_attribute(self) -> AnyAction | None:
        who = self._someone()
        definition = self._any(self._records.definitions, lambda row: not row.archived)
        if who is None or definition is None:
            return None
        row = self._records.find("employees", who)
        has = isinstance(row, Employee) and any(
            self._records.attributes[number].definition == definition.id for number in row.attributes
        )
        # A single-valued definition holds one value a person.
        if has and not definition.multiple:
            return None
        return AddAttribute(employee=who, definition=definition.key)

    def _edit_attribute(self) -> AnyAction | None:
        which = self._value()
        return None if which is None else EditAttribute(attribute=which)

    def _replace_attribute(self) -> AnyAction | None:
        """Only what stands on contracts and positions has a history."""
        dated = {row.id for row in self._records.definitions if row.target != "employee"}
        which = self._value(lambda row: row.definition in dated and row.end is None)
        return None if which is None else ReplaceAttribute(attribute=which, on=self._day(40))

    def _delete_attribute(self) -> AnyAction | None:
        # Seniority never goes away.
        which = self._value(lambda row: row.definition != 1)
        return None if which is None else DeleteAttribute(attribute=which)

    def _rename_department(self) -> AnyAction | None:
        row = self._any(self._records.departments, lambda _: True)
        return None if row is None else RenameDepartment(department=self._records.shown_id(row))
