"""Small changes of particulars: names, phones, numbers, attributes, department names."""

from typing import TypeVar

from msgspec import UNSET, UnsetType

from lucca_sync.simulator.shapes import Json
from lucca_sync.simulator.world.act import Act, day_or
from lucca_sync.simulator.world.attributes import Attribute, Definition
from lucca_sync.simulator.world.definitions import value_under
from lucca_sync.simulator.world.edit import Edit, Refused, not_there
from lucca_sync.simulator.world.names import ADJECTIVES

ValueT = TypeVar("ValueT")
_ATTEMPTS = 50


class Rename(Act, frozen=True, kw_only=True, tag="rename"):
    """Somebody bears another name."""

    employee: str
    family_name: str | None = None
    given_name: str | None = None

    def apply(self, edit: Edit) -> None:
        """Touch the person alone."""
        row = edit.employee(self.employee)
        family, given = self.family_name, self.given_name
        if family is None and given is None:
            family = edit.invention.family_name(than=row.family_name)
        row.family_name = family or row.family_name
        row.given_name = given or row.given_name
        edit.stamp(row)


class ChangePhone(Act, frozen=True, kw_only=True, tag="change-phone"):
    """Somebody has another phone."""

    employee: str
    phone: str | None = None

    def apply(self, edit: Edit) -> None:
        """Touch the person alone."""
        row = edit.employee(self.employee)
        phone = self.phone or edit.invention.phone()
        while phone == row.phone and self.phone is None:
            phone = edit.invention.phone()
        row.phone = phone
        edit.stamp(row)


class AssignNumber(Act, frozen=True, kw_only=True, tag="assign-number"):
    """Somebody is given an employee number."""

    employee: str
    number: str | None = None

    def apply(self, edit: Edit) -> None:
        """Touch the person alone."""
        row = edit.employee(self.employee)
        number = self.number or f"{row.id:05}"
        if number == row.number:
            raise Refused(f"employee {row.id} has that number already")
        row.number = number
        edit.stamp(row)


class AddAttribute(Act, frozen=True, kw_only=True, tag="add-attribute"):
    """Somebody gets a value under a definition."""

    employee: str
    definition: str
    value: Json | UnsetType = UNSET

    def apply(self, edit: Edit) -> None:
        """Add a row to the dossier."""
        employee = edit.employee(self.employee)
        definition = edit.records.definition(self.definition)
        if definition is None:
            not_there(Definition.resource, self.definition)
        invented = value_under(edit.records, definition, edit.invention, edit.today_of(employee))
        row = Attribute(
            id=edit.records.attributes.next_id,
            created_at=edit.now,
            updated_at=edit.now,
            employee=employee.id,
            definition=definition.id,
            value=invented if self.value is UNSET else self.value,
        )
        edit.records.attributes.add(row)
        employee.attributes = (*employee.attributes, row.id)


class EditAttribute(Act, frozen=True, kw_only=True, tag="edit-attribute"):
    """A value changes."""

    attribute: str
    value: Json | UnsetType = UNSET

    def apply(self, edit: Edit) -> None:
        """Touch the row of the attribute alone."""
        row = _attribute(edit, self.attribute)
        row.value = self._another_than(row, edit) if self.value is UNSET else self.value
        edit.stamp(row)

    def _another_than(self, row: Attribute, edit: Edit) -> Json:
        definition = edit.records.definitions[row.definition]
        day = edit.today_of(edit.records.employees[row.employee])
        for _ in range(_ATTEMPTS):
            value = value_under(edit.records, definition, edit.invention, day)
            if value != row.value:
                return value
        raise Refused(f"nothing else can be invented for attribute {row.id}")


class ReplaceAttribute(Act, frozen=True, kw_only=True, tag="replace-attribute"):
    """From a day on another value holds: the history gets one row more."""

    attribute: str
    on: str | None = None
    value: Json | UnsetType = UNSET

    def apply(self, edit: Edit) -> None:
        """Let the row end, and add the one that follows it."""
        row = _attribute(edit, self.attribute)
        employee = edit.records.employees[row.employee]
        today = edit.today_of(employee)
        start = day_or(self.on, today if row.start is None else max(today, row.start + 1))
        if row.end is not None or (row.start is not None and start <= row.start):
            raise Refused(f"attribute {row.id} holds no longer, or not yet")
        definition = edit.records.definitions[row.definition]
        invented = value_under(edit.records, definition, edit.invention, start)
        following = Attribute(
            id=edit.records.attributes.next_id,
            created_at=edit.now,
            updated_at=edit.now,
            employee=employee.id,
            definition=definition.id,
            value=invented if self.value is UNSET else self.value,
            start=start,
        )
        row.end = start - 1
        edit.stamp(row)
        edit.records.attributes.add(following)
        employee.attributes = (*employee.attributes, following.id)


class DeleteAttribute(Act, frozen=True, kw_only=True, tag="delete-attribute"):
    """A value is taken away."""

    attribute: str

    def apply(self, edit: Edit) -> None:
        """Take the row out of the dossier."""
        remove_attribute(edit, _attribute(edit, self.attribute))


class RenameDepartment(Act, frozen=True, kw_only=True, tag="rename-department"):
    """A department gets another name."""

    department: str
    name: str | None = None

    def apply(self, edit: Edit) -> None:
        """Touch the department alone."""
        row = edit.department(self.department)
        stem = row.name.partition(" · ")[0]
        others = [f"{stem} · {adjective}" for adjective in ADJECTIVES]
        row.name = self.name or edit.invention.another(others, row.name)


def remove_attribute(edit: Edit, row: Attribute) -> None:
    """Take a row out of the table and out of its person's dossier."""
    employee = edit.open(edit.records.employees[row.employee])
    employee.attributes = tuple(number for number in employee.attributes if number != row.id)
    edit.records.attributes.remove(row.id)


def _attribute(edit: Edit, public_id: str) -> Attribute:
    record = edit.records.find(Attribute.resource, public_id)
    if not isinstance(record, Attribute):
        not_there(Attribute.resource, public_id)
    edit.open(edit.records.employees[record.employee])
    return record
