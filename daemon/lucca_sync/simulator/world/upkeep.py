"""What happens by itself to a company's lists and files: draws one plausible action after the other."""

from collections.abc import Callable

from lucca_sync.simulator.world.actions import (
    Amend,
    AnyAction,
    Archive,
    Create,
    Delete,
    EditPersonalRecord,
    ReorderDepartments,
    Retitle,
    Unarchive,
)
from lucca_sync.simulator.world.attached import is_used
from lucca_sync.simulator.world.invention import Invention
from lucca_sync.simulator.world.records import Records
from lucca_sync.simulator.world.row import Record

Draw = Callable[[], AnyAction | None]
_LOOKS = 20
_GROWING = (
    *("professions", "job-qualifications", "occupation-categories", "employment-templates"),
    *("taxonomy-labels", "taxonomy-labels", "employee-attribute-definitions", "departments"),
    *("working-time-arrangements", "public-holidays-calendars", "taxonomies", "legal-entities"),
)
_CHANGING = (*_GROWING, "business-establishments")
_AMENDED = (
    *("legal-entities", "business-establishments", "departments", "job-qualifications", "taxonomy-labels"),
    *("occupation-categories", "employment-templates", "working-time-arrangements", "taxonomies"),
)
_ARCHIVED = (
    *("taxonomy-labels", "professions", "departments", "working-time-arrangements", "legal-entities"),
    *("employee-attribute-definitions",),
)
_DELETED = (
    *("departments", "departments", "job-qualifications", "occupation-categories", "employment-templates"),
    *("taxonomy-labels", "public-holidays-calendars"),
)


class Upkeep:
    """Draws what an administrator does."""

    def __init__(self, records: Records, invention: Invention) -> None:
        self._records = records
        self._invention = invention

    def weighed(self) -> dict[Draw, int]:
        """Return what can happen, and how often beside all else."""
        return {
            self._confide: 8,
            self._create: 2,
            self._retitle: 2,
            self._amend: 3,
            self._archive: 2,
            self._unarchive: 1,
            self._reorder: 2,
            self._delete: 1,
            self._drop: 2,
        }

    def _any(self, resource: str, fits: Callable[[Record], bool] = lambda _: True) -> str | None:
        """Look at a few records at random for one that fits."""
        for _ in range(_LOOKS):
            row = self._records.row(resource, self._invention.between(1, self._records.next_id(resource) - 1))
            if row is not None and fits(row):
                return self._records.shown_id(row)
        return None

    def _confide(self) -> AnyAction | None:
        who = self._any("employees")
        return None if who is None else EditPersonalRecord(employee=who)

    def _create(self) -> AnyAction:
        return Create(resource=self._invention.one_of(_GROWING))

    def _retitle(self) -> AnyAction | None:
        resource = self._invention.one_of(_CHANGING)
        which = self._any(resource)
        return None if which is None else Retitle(resource=resource, id=which)

    def _amend(self) -> AnyAction | None:
        resource = self._invention.one_of(_AMENDED)
        which = self._any(resource)
        return None if which is None else Amend(resource=resource, id=which)

    def _archive(self) -> AnyAction | None:
        resource = self._invention.one_of(_ARCHIVED)
        which = self._any(resource, self._can_go)
        return None if which is None else Archive(resource=resource, id=which)

    def _can_go(self, row: Record) -> bool:
        archived = row.view(self._records, "").get("isArchived")
        return archived is False and not is_used(self._records, row)

    def _unarchive(self) -> AnyAction | None:
        resource = self._invention.one_of(_ARCHIVED)
        which = self._any(resource, lambda row: row.view(self._records, "").get("isArchived") is True)
        return None if which is None else Unarchive(resource=resource, id=which)

    def _reorder(self) -> AnyAction | None:
        which = self._any("departments", self._has_several_below)
        return None if which is None else ReorderDepartments(parent=which)

    def _has_several_below(self, row: Record) -> bool:
        return sum(other.parent == row.id for other in self._records.departments) > 1

    def _delete(self) -> AnyAction | None:
        resource = self._invention.one_of(_DELETED)
        which = self._any(resource)
        return None if which is None else Delete(resource=resource, id=which)

    def _drop(self) -> AnyAction | None:
        """Take back what was planned: a position or a contract that has not begun."""
        if self._invention.chance(0.7):
            which = self._any("job-positions", self._is_planned)
            return None if which is None else Delete(resource="job-positions", id=which)
        which = self._any("employments", self._is_second_to_come)
        return None if which is None else Delete(resource="employments", id=which)

    def _is_second_to_come(self, row: Record) -> bool:
        """Say whether a contract has not begun and isn't the only one of its person."""
        employment = self._records.employments[row.id]
        employee = self._records.employees[employment.employee]
        return len(employee.employments) > 1 and employment.status(self._records) == "upcoming"

    def _is_planned(self, row: Record) -> bool:
        """Say whether a position has not begun and isn't the first of its contract."""
        position = self._records.job_positions[row.id]
        first = self._records.employments[position.employment].positions[0]
        return first != row.id and position.status(self._records) == "upcoming"
