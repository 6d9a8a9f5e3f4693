"""One change in the making: what it opens is pictured before and after, so that nothing it does is missed."""

from typing import NoReturn, TypeVar

from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.world.days import DEFAULT_ZONE
from lucca_sync.simulator.world.invention import Invention
from lucca_sync.simulator.world.ledger import Difference
from lucca_sync.simulator.world.organisation import Department, Establishment
from lucca_sync.simulator.world.people import Employee, Employment, JobPosition
from lucca_sync.simulator.world.records import RESOURCES, Records
from lucca_sync.simulator.world.row import Record, Stamped

Picture = dict[tuple[str, str], View]
RowT = TypeVar("RowT")


class Refused(ValueError):
    """The change makes no sense in the world as it is; nothing was changed."""


class NotThere(Refused):
    """The record that the change speaks of does not exist."""


class Edit:
    """Gives access to records for one change; open what you touch before you touch it."""

    def __init__(self, records: Records, invention: Invention, now: int) -> None:
        self.records = records
        self.invention = invention
        self.now = now
        self.restored = False
        """Whether everything looks different now, without anything having changed."""
        self._before: Picture = {}
        self._people: dict[int, Employee] = {}
        self._others: dict[tuple[str, str], Record] = {}

    @property
    def people(self) -> list[Employee]:
        """Everybody whose dossier was opened."""
        return list(self._people.values())

    def employee(self, public_id: str) -> Employee:
        """Open the dossier of a person."""
        record = self.records.find("employees", public_id)
        return self.open(record) if isinstance(record, Employee) else not_there("employees", public_id)

    def department(self, public_id: str) -> Department:
        """Open a department."""
        record = self.records.find("departments", public_id)
        if not isinstance(record, Department):
            not_there("departments", public_id)
        self.open_other(record)
        return record

    def open(self, employee: Employee) -> Employee:
        """Open the dossier of a person: everything in it may be touched now."""
        if employee.id not in self._people:
            self._people[employee.id] = employee
            self._before |= self._picture_of(employee)
        return employee

    def open_other(self, record: Record) -> None:
        """Open a record that belongs to no single person."""
        key = (record.resource, record.public_id)
        if key not in self._others:
            self._others[key] = record
            self._before[key] = self.records.view(record)

    def made(self, record: Record) -> None:
        """Tell of a record that was not there before and belongs to no single person."""
        self._others[record.resource, record.public_id] = record

    def joined(self, employee: Employee) -> None:
        """Tell of a person who was not there before."""
        self._people[employee.id] = employee

    def stamp(self, row: Stamped) -> None:
        """Move a record's last update to now; each touch is later than the one before."""
        row.updated_at = max(self.now, row.updated_at + 1)

    def differences(self) -> list[tuple[Difference, View | None]]:
        """Return what looks different now, each with how it looked before."""
        after = self._after()
        found: list[tuple[Difference, View | None]] = []
        for key in sorted(self._before.keys() | after.keys(), key=_in_order):
            before, now = self._before.get(key), after.get(key)
            named = (key[0], self.records.shown(*key))
            if before is None:
                found.append((Difference(*named, "created", ()), None))
            elif now is None:
                found.append((Difference(*named, "deleted", ()), before))
            elif before != now:
                found.append((Difference(*named, "updated", _changed(before, now)), before))
        return found

    def _after(self) -> Picture:
        after: Picture = {}
        for employee in self._people.values():
            if self.records.employees.get(employee.id) is not None:
                after |= self._picture_of(employee)
        for key, record in self._others.items():
            if self.records.row(record.resource, record.id) is not None:
                after[key] = self.records.view(record)
        return after

    def _picture_of(self, employee: Employee) -> Picture:
        records = self.records
        return {(row.resource, row.public_id): records.view(row) for row in records.dossier(employee)}

    def today_of(self, employee: Employee) -> int:
        """Return the day that it is where a person works."""
        position = employee.position(self.records)
        return self.records.todays[DEFAULT_ZONE] if position is None else self.at(position)

    def at(self, position: JobPosition) -> int:
        """Return the day that it is where a position is exercised."""
        return self.records.today(position.establishment)

    def current(self, employee: Employee) -> tuple[Employment, JobPosition]:
        """Return the employment that applies and its last position, for changes that go on from there."""
        employment = employee.employment(self.records)
        if employment is None or not employment.positions:
            raise Refused(f"employee {employee.id} has no employment to go on from")
        return employment, self.records.job_positions[employment.positions[-1]]

    def establishment(self, public_id: str) -> Establishment:
        """Return an establishment to refer to."""
        record = self.records.find("business-establishments", public_id)
        if not isinstance(record, Establishment):
            not_there("business-establishments", public_id)
        return record


def not_there(resource: str, public_id: str) -> NoReturn:
    """Say that a record does not exist."""
    raise NotThere(f"there is no {public_id} in {resource}")


def _changed(before: View, now: View) -> tuple[str, ...]:
    return tuple(name for name in (before | now) if before.get(name) != now.get(name))


def _in_order(key: tuple[str, str]) -> tuple[int, int, str]:
    resource, public_id = key
    return RESOURCES.index(resource), int(public_id) if public_id.isdigit() else 0, public_id
