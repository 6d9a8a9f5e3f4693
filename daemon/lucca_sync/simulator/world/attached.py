"""Says whether anything still refers to a record: such a one is neither archived nor deleted."""

from collections.abc import Callable, Iterable, Mapping

from lucca_sync.simulator.world.records import Records
from lucca_sync.simulator.world.row import Record

Users = Callable[[Records, int], Iterable[bool]]


def is_used(records: Records, record: Record) -> bool:
    """Say whether another record refers to this one."""
    users = _USERS.get(record.resource)
    return users is not None and any(users(records, record.id))


def _of_label(records: Records, number: int) -> Iterable[bool]:
    taxonomy = records.labels[number].taxonomy
    definitions = {row.id for row in records.definitions if row.taxonomy == taxonomy}
    return (row.definition in definitions and row.value == number for row in records.attributes)


def _of_establishment(records: Records, number: int) -> Iterable[bool]:
    yield from (row.establishment == number for row in records.job_positions)
    yield from (number in (row.establishments or ()) for row in records.categories)


def _of_legal_entity(records: Records, number: int) -> Iterable[bool]:
    yield from (row.legal_entity == number for row in records.establishments)
    yield from (row.legal_entity == number for row in records.employments)
    yield from (number in row.legal_entities for row in records.templates)


def _of_taxonomy(records: Records, number: int) -> Iterable[bool]:
    yield from (row.taxonomy == number for row in records.labels)
    yield from (row.taxonomy == number for row in records.definitions)


def _of_department(records: Records, number: int) -> Iterable[bool]:
    yield from (row.department == number for row in records.job_positions)
    yield from (row.parent == number for row in records.departments)


_USERS: Mapping[str, Users] = {
    "leave-accounts": lambda records, number: (row.account == number for row in records.absences.periods),
    "legal-entities": _of_legal_entity,
    "business-establishments": _of_establishment,
    "departments": _of_department,
    "professions": lambda records, number: (row.profession == number for row in records.qualifications),
    "job-qualifications": lambda records, number: (
        row.qualification == number for row in records.job_positions
    ),
    "occupation-categories": lambda records, number: (
        row.category == number for row in records.job_positions
    ),
    "employment-templates": lambda records, number: (row.template == number for row in records.employments),
    "public-holidays-calendars": lambda records, number: (
        row.calendar == number for row in records.arrangements
    ),
    "working-time-arrangements": lambda records, number: (
        row.arrangement == number for row in records.job_positions
    ),
    "taxonomies": _of_taxonomy,
    "taxonomy-labels": _of_label,
}
