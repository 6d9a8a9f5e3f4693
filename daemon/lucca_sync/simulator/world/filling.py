"""A second reading of all dossiers at the start: attributes that only few people have."""

from collections.abc import Iterator

from lucca_sync.simulator.world.attributes import Attribute, Definition
from lucca_sync.simulator.world.days import HOUR, moment_of_day
from lucca_sync.simulator.world.definitions import SHARES, value_under
from lucca_sync.simulator.world.invention import Invention
from lucca_sync.simulator.world.people import Employee
from lucca_sync.simulator.world.records import Records

_MOST = 3
_MOST_DAYS_AGO = 300


def fill_in(records: Records, invention: Invention, epoch: int) -> None:
    """Give each definition of the second reading to its share of the people, but to somebody at least."""
    for definition in records.definitions:
        share = SHARES.get(definition.key)
        if share is None:
            continue
        for employee in _chosen(records, invention, share):
            # A single-valued definition holds one value a person.
            count = invention.between(1, _MOST) if definition.multiple else 1
            numbers = [_add(records, invention, definition, employee, epoch) for _ in range(count)]
            employee.attributes = (*employee.attributes, *numbers)


def _chosen(records: Records, invention: Invention, share: float) -> Iterator[Employee]:
    some = False
    for employee in records.employees:
        last = employee.id == records.employees.next_id - 1
        if invention.chance(share) or (last and not some):
            some = True
            yield employee


def _add(
    records: Records, invention: Invention, definition: Definition, employee: Employee, epoch: int
) -> int:
    day = epoch - invention.between(1, _MOST_DAYS_AGO)
    written = max(employee.created_at, moment_of_day(day) + invention.between(8 * HOUR, 17 * HOUR))
    row = Attribute(
        id=records.attributes.next_id,
        created_at=written,
        updated_at=written,
        employee=employee.id,
        definition=definition.id,
        value=value_under(records, definition, invention, day),
    )
    return records.attributes.add(row).id
