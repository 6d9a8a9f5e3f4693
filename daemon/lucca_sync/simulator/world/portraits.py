"""Portraits: files about people, answered by id alone and listed nowhere."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.world.days import moment_text
from lucca_sync.simulator.world.people import Employee
from lucca_sync.simulator.world.row import Row, reference
from lucca_sync.simulator.world.table import Table

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records


class Portrait(Row):
    """A picture of somebody; its number is the person's."""

    resource: ClassVar[str] = "portraits"
    kind: ClassVar[str] = "portrait"

    created_at: int

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "employee": reference("employee", self.id, base),
            "fileName": f"portrait-{self.id}.jpg",
            "contentType": "image/jpeg",
            "createdAt": moment_text(self.created_at),
        }


class Portraits:
    """The portraits of everybody who has one: nothing is kept, all follows from the person."""

    def __init__(self, employees: Table[Employee]) -> None:
        self._employees = employees

    def __len__(self) -> int:
        return sum(1 for _ in self.after(0))

    @property
    def next_id(self) -> int:
        """The number that the next person would give it."""
        return self._employees.next_id

    def get(self, number: int) -> Portrait | None:
        """Return somebody's portrait, if there is one."""
        employee = self._employees.get(number)
        return None if employee is None or employee.portrait is None else _of(employee)

    def after(self, number: int) -> Iterator[Portrait]:
        """Walk upwards through the portraits whose number is greater."""
        return (_of(person) for person in self._employees.after(number) if person.portrait is not None)

    def before(self, number: int) -> Iterator[Portrait]:
        """Walk downwards through the portraits whose number is smaller."""
        return (_of(person) for person in self._employees.before(number) if person.portrait is not None)

    def remove(self, number: int) -> None:
        """Take the picture off somebody."""
        employee = self._employees.get(number)
        if employee is not None:
            employee.portrait = None


def _of(employee: Employee) -> Portrait:
    return Portrait(id=employee.id, created_at=employee.created_at)
