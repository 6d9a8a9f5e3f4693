"""Employees with their employments, job positions and probationary periods."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.days import Status, applicable, day_text, moment_text, status_on
from lucca_sync.simulator.world.row import (
    PORTRAIT_TOKEN,
    Record,
    SortValue,
    Stamped,
    link,
    reference,
    reference_or_none,
)

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records


class JobPosition(Stamped):
    """What somebody does from a day on, where and for whom."""

    resource: ClassVar[str] = "job-positions"
    kind: ClassVar[str] = "job-position"

    employee: int
    employment: int
    start: int
    establishment: int
    department: int
    title: str | None
    qualification: int | None
    category: int | None
    manager: int | None
    arrangement: int = 1
    remote_id: str | None = None
    notes: str | None = None

    def end(self, records: "Records") -> int | None:
        """Return its last day: the one before the next position, or the end of the employment."""
        employment = records.employments[self.employment]
        positions = employment.positions
        place = positions.index(self.id) + 1
        if place < len(positions):
            return records.job_positions[positions[place]].start - 1
        return employment.end

    def status(self, records: "Records") -> Status:
        """Say whether it is in force where it is exercised."""
        return status_on(records.today(self.establishment), self.start, self.end(records))

    def updated(self, records: "Records") -> list[str]:
        """Name what differs from the same person's position before."""
        before = records.position_before(self)
        if before is None:
            return []
        differences = {
            "remoteId": before.remote_id != self.remote_id,
            "jobTitle": before.title != self.title,
            "jobQualification": before.qualification != self.qualification,
            "occupationCategory": before.category != self.category,
            "workingTimeArrangement": before.arrangement != self.arrangement,
            "department": before.department != self.department,
        }
        return [name for name, different in differences.items() if different]

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it today."""
        end = self.end(records)
        return {
            **reference(self.kind, self.id, base),
            "remoteId": self.remote_id,
            "employment": reference("employment", self.employment, base),
            "employee": reference("employee", self.employee, base),
            "status": self.status(records),
            "startsOn": day_text(self.start),
            "endsOn": None if end is None else day_text(end),
            "businessEstablishment": reference("business-establishment", self.establishment, base),
            "jobTitle": self.title,
            "jobQualification": reference_or_none("job-qualification", self.qualification, base),
            "manager": reference_or_none("employee", self.manager, base),
            "occupationCategory": reference_or_none("occupation-category", self.category, base),
            "workingTimeArrangement": reference("working-time-arrangement", self.arrangement, base),
            "department": reference("department", self.department, base),
            "document": None,
            "notes": self.notes,
            "t9n": {"jobTitle": None},
            "updatedAttributes": list[Json](self.updated(records)),
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def links(self, base: str) -> View:
        """Return no document: nobody has uploaded one."""
        del base
        return {"document": None}

    def embeds(self, records: "Records") -> Iterable[Record]:
        """Return its department, qualification, person and employment."""
        yield records.departments[self.department]
        if self.qualification is not None:
            yield from records.existing(records.qualifications.get(self.qualification))
        yield records.employees[self.employee]
        yield records.employments[self.employment]

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Return the first or the last day."""
        values: dict[str, SortValue] = {"startsOn": self.start, "endsOn": self.end(records)}
        return values[key]


class Employment(Stamped):
    """A contract between a person and a legal entity; its last day is still worked."""

    resource: ClassVar[str] = "employments"
    kind: ClassVar[str] = "employment"

    employee: int
    start: int
    end: int | None
    template: int
    legal_entity: int
    positions: tuple[int, ...] = ()
    probation: int | None = None
    remote_id: str | None = None

    def status(self, records: "Records") -> Status:
        """Say whether it is in force in the establishment of its first position."""
        return status_on(records.employment_today(self), self.start, self.end)

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it today."""
        return {
            **reference(self.kind, self.id, base),
            "remoteId": self.remote_id,
            "employee": reference("employee", self.employee, base),
            "legalEntity": reference("legal-entity", self.legal_entity, base),
            "status": self.status(records),
            "start": {"date": day_text(self.start)},
            "end": None if self.end is None else {"date": day_text(self.end)},
            "document": None,
            "template": reference("employment-template", self.template, base),
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def links(self, base: str) -> View:
        """Return where its positions and its probation are listed."""
        return {
            "document": None,
            "jobPositions": link(base, f"job-positions?employment.id={self.id}"),
            "probationaryPeriods": link(base, f"probationary-periods?employment.id={self.id}"),
        }

    def embeds(self, records: "Records") -> Iterable[Record]:
        """Return its person."""
        yield records.employees[self.employee]

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Return the first or the last day."""
        del records
        return {"start.date": self.start, "end.date": self.end}[key]


class ProbationaryPeriod(Stamped):
    """The trial at the beginning of an employment, perhaps extended once."""

    resource: ClassVar[str] = "probationary-periods"
    kind: ClassVar[str] = "probationary-period"

    employment: int
    initial_end: int
    extended_end: int | None

    @property
    def end(self) -> int:
        """Its last day."""
        return self.initial_end if self.extended_end is None else self.extended_end

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        extended = self.extended_end
        return {
            **reference(self.kind, self.id, base),
            "employment": reference("employment", self.employment, base),
            "startsOn": day_text(records.employments[self.employment].start),
            "endsOn": day_text(self.end),
            "initialEndsOn": day_text(self.initial_end),
            "extendedEndsOn": None if extended is None else day_text(extended),
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Return the first or the last day."""
        return {"startsOn": records.employments[self.employment].start, "endsOn": self.end}[key]


class Employee(Stamped):
    """A person; status and what applies today follow from the dates of the rest."""

    resource: ClassVar[str] = "employees"
    kind: ClassVar[str] = "employee"

    given_name: str
    family_name: str
    number: str | None
    email: str | None
    phone: str | None
    birth_day: tuple[int, int] | None
    portrait: int | None
    employments: tuple[int, ...] = ()
    attributes: tuple[int, ...] = ()
    remote_id: str | None = None

    def employment(self, records: "Records") -> Employment | None:
        """Return the employment in force, else the next, else the last."""
        rows = [records.employments[number] for number in self.employments]
        return applicable(rows, lambda row: row.status(records))

    def position(self, records: "Records") -> JobPosition | None:
        """Return the job position in force, else the next, else the last."""
        return applicable(records.positions_of(self), lambda row: row.status(records))

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of the person today."""
        employment, position = self.employment(records), self.position(records)
        contract = None if employment is None else employment.id
        post = None if position is None else position.id
        return {
            **reference(self.kind, self.id, base),
            "remoteId": self.remote_id,
            "portrait": reference_or_none("portrait", self.portrait, base),
            "givenName": self.given_name,
            "familyName": self.family_name,
            "employeeNumber": self.number,
            "status": "deactivated" if employment is None else employment.status(records),
            "email": self.email,
            "birthDay": self._birth_day(),
            "phoneNumber": self.phone,
            "applicableEmployment": reference_or_none("employment", contract, base),
            "applicableJobPosition": reference_or_none("job-position", post, base),
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def _birth_day(self) -> Json:
        if self.birth_day is None:
            return None
        return {"day": self.birth_day[0], "month": self.birth_day[1]}

    def links(self, base: str) -> View:
        """Return where the rest about the person is; the portrait's address holds a token."""
        portrait: Json = None
        if self.portrait is not None:
            portrait = link(base, f"files/{self.portrait:08x}?token={PORTRAIT_TOKEN}")
        return {
            "employments": link(base, f"employments?employee.id={self.id}"),
            "jobPositions": link(base, f"job-positions?employment.employee.id={self.id}"),
            "personalRecord": link(base, f"employee-personal-records/{self.id}"),
            "portrait": portrait,
        }

    def embeds(self, records: "Records") -> Iterable[Record]:
        """Return the employment and the job position that apply."""
        for row in (self.employment(records), self.position(records)):
            if row is not None:
                yield row

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Return the family name or the instant of creation."""
        del records
        return self.created_at if key == "createdAt" else self.family_name.casefold()
