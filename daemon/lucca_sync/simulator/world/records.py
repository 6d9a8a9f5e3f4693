"""All records of the company, found by number, by public id and through each other."""

from collections.abc import Iterable, Iterator

from lucca_sync.simulator.shapes import Json, View, write_at
from lucca_sync.simulator.world.absences import Absences, LeavePeriod, LeaveRequest
from lucca_sync.simulator.world.attributes import Attribute, Definition
from lucca_sync.simulator.world.classification import Category, Profession, Qualification
from lucca_sync.simulator.world.days import DEFAULT_ZONE
from lucca_sync.simulator.world.legacy import HalfDays, LegacyLeave, LegacyRequest, LegacyUser, Shown
from lucca_sync.simulator.world.organisation import Department, Establishment, LegalEntity
from lucca_sync.simulator.world.people import Employee, Employment, JobPosition, ProbationaryPeriod
from lucca_sync.simulator.world.personal import PersonalRecord, PersonalRecords
from lucca_sync.simulator.world.portraits import Portrait, Portraits
from lucca_sync.simulator.world.restoration import Restoration
from lucca_sync.simulator.world.row import Record, resource_of
from lucca_sync.simulator.world.table import Rows, Table
from lucca_sync.simulator.world.taxonomies import Label, Taxonomy
from lucca_sync.simulator.world.terms import Arrangement, Calendar, Template

LEGACY = ("v3/users", "v3/leaves", "v3/leaveRequests")
RESOURCES = (
    "legal-entities",
    "business-establishments",
    "departments",
    "professions",
    "job-qualifications",
    "occupation-categories",
    "employment-templates",
    "public-holidays-calendars",
    "working-time-arrangements",
    "taxonomies",
    "taxonomy-labels",
    "employee-attribute-definitions",
    "employees",
    "employee-personal-records",
    "employments",
    "job-positions",
    "probationary-periods",
    "employee-attributes",
    "leave-accounts",
    "leaves",
    "leave-requests",
    *LEGACY,
)
"""Every resource, in the order in which the ledger notes what one action changed."""
_MAX_DIGITS = 12


class Records:
    """The tables, what day it is in each time zone, and values that were forced from outside."""

    def __init__(self) -> None:
        self.legal_entities = Table[LegalEntity]()
        self.establishments = Table[Establishment]()
        self.departments = Table[Department]()
        self.professions = Table[Profession]()
        self.qualifications = Table[Qualification]()
        self.categories = Table[Category]()
        self.templates = Table[Template]()
        self.calendars = Table[Calendar]()
        self.arrangements = Table[Arrangement]()
        self.taxonomies = Table[Taxonomy]()
        self.labels = Table[Label]()
        self.definitions = Table[Definition]()
        self.employees = Table[Employee]()
        self.personal_records = PersonalRecords(self.employees)
        self.portraits = Portraits(self.employees)
        self.employments = Table[Employment]()
        self.job_positions = Table[JobPosition]()
        self.probationary_periods = Table[ProbationaryPeriod]()
        self.attributes = Table[Attribute]()
        self.absences = Absences()
        self.half_days = HalfDays(self.absences.periods)
        self.todays: dict[str, int] = {}
        self._tables: dict[str, Rows[Record]] = {
            "legal-entities": self.legal_entities,
            "business-establishments": self.establishments,
            "departments": self.departments,
            "professions": self.professions,
            "job-qualifications": self.qualifications,
            "occupation-categories": self.categories,
            "employment-templates": self.templates,
            "public-holidays-calendars": self.calendars,
            "working-time-arrangements": self.arrangements,
            "taxonomies": self.taxonomies,
            "taxonomy-labels": self.labels,
            "employee-attribute-definitions": self.definitions,
            "employees": self.employees,
            "employee-personal-records": self.personal_records,
            "portraits": self.portraits,
            "employments": self.employments,
            "job-positions": self.job_positions,
            "probationary-periods": self.probationary_periods,
            "employee-attributes": self.attributes,
            "leave-accounts": self.absences.accounts,
            "leaves": self.absences.periods,
            "leave-requests": self.absences.requests,
            "v3/users": Shown(self.employees, LegacyUser),
            "v3/leaves": self.half_days,
            "v3/leaveRequests": Shown(self.absences.requests, LegacyRequest),
        }
        self.restoration = Restoration()
        self.forced: dict[tuple[str, str], list[tuple[list[str], Json]]] = {}

    def __len__(self) -> int:
        return sum(self.count(resource) for resource in RESOURCES)

    def count(self, resource: str) -> int:
        """Return how many records a resource has."""
        return len(self._tables[resource])

    def next_id(self, resource: str) -> int:
        """Return the number that the next record of a resource will have."""
        return self._tables[resource].next_id

    def rows(self, resource: str, *, after: int = 0) -> Iterator[Record]:
        """Walk upwards through a resource's records."""
        return self._tables[resource].after(after)

    def rows_down(self, resource: str, *, before: int) -> Iterator[Record]:
        """Walk downwards through a resource's records."""
        return self._tables[resource].before(before)

    def row(self, resource: str, number: int) -> Record | None:
        """Return a record by its number."""
        return self._tables[resource].get(number)

    def find(self, resource: str, public_id: str) -> Record | None:
        """Return a record by the id that the API shows; None in a resource that does not exist, too."""
        if resource not in LEGACY:
            public_id = self.restoration.kept(public_id)
        if resource == Definition.resource:
            return self.definition(public_id)
        if resource == LegacyLeave.resource:
            return self.half_days.find(public_id)
        table = self._tables.get(resource)
        return None if table is None else table.get(_number(public_id))

    def definition(self, key: str) -> Definition | None:
        """Return a definition by its word."""
        return next((row for row in self.definitions if row.key == key), None)

    def related(self, kind: str, public_id: str) -> View | None:
        """Return what filters can know of a referred record: its view, and a remote id that it hides."""
        record = self.find(resource_of(kind), public_id)
        if record is None:
            return None
        hidden: View = {}
        if isinstance(record, Qualification | Category):
            hidden = {"remoteId": record.remote_id}
        return {**self.view(record), **hidden}

    def existing(self, *records: Record | None) -> list[Record]:
        """Leave out what is not there."""
        return [record for record in records if record is not None]

    def view(self, record: Record, base: str = "") -> View:
        """Return what the API shows of a record today, with what was forced onto it."""
        view = record.view(self, base)
        for segments, value in self.forced.get((record.resource, record.public_id), ()):
            write_at(view, segments, value)
        return self.restoration.bend(view)

    def shown_id(self, record: Record) -> str:
        """Return the id that the API shows of a record."""
        return self.shown(record.resource, record.public_id)

    def shown(self, resource: str, public_id: str) -> str:
        """Return what the API shows as an id, which a restoration may have moved."""
        return public_id if resource in LEGACY else self.restoration.shown(public_id)

    def links(self, record: Record, base: str) -> View:
        """Return the links that the API shows of a record."""
        return self.restoration.shift_links(record.links(base))

    def remove(self, record: Record) -> None:
        """Take a record out, and what was forced onto it; letting go of it is the caller's part."""
        self._tables[record.resource].remove(record.id)
        self.forced.pop((record.resource, record.public_id), None)

    def today(self, establishment: int) -> int:
        """Return the day that it is in an establishment."""
        return self.todays[self.establishments[establishment].zone or DEFAULT_ZONE]

    def employment_today(self, employment: Employment) -> int:
        """Return the day that it is where an employment began."""
        if not employment.positions:
            return self.todays[DEFAULT_ZONE]
        return self.today(self.job_positions[employment.positions[0]].establishment)

    def employments_of(self, employee: Employee) -> list[Employment]:
        """Return a person's employments in order of start."""
        return [self.employments[number] for number in employee.employments]

    def positions_of(self, employee: Employee) -> list[JobPosition]:
        """Return a person's job positions in order of start."""
        return [
            self.job_positions[number]
            for employment in self.employments_of(employee)
            for number in employment.positions
        ]

    def position_before(self, position: JobPosition) -> JobPosition | None:
        """Return the same person's position before this one."""
        before: JobPosition | None = None
        for other in self.positions_of(self.employees[position.employee]):
            if other.id == position.id:
                return before
            before = other
        return None

    def owner_of(self, record: Record) -> Employee | None:
        """Return the person whom a record is about, if it is about one."""
        return self.employees.get(self._owner(record))

    def _owner(self, record: Record) -> int:
        match record:
            case Employee() | PersonalRecord() | Portrait() | LegacyUser():
                owner = record.id
            case Employment() | JobPosition() | Attribute():
                owner = record.employee
            case ProbationaryPeriod():
                owner = self.employments[record.employment].employee
            case LeavePeriod() | LeaveRequest():
                owner = record.owner
            case LegacyLeave():
                owner = record.period.owner
            case LegacyRequest():
                owner = record.request.owner
            case _:
                owner = 0
        return owner

    def dossier(self, employee: Employee) -> Iterable[Record]:
        """Walk through everything that is known of a person."""
        yield employee
        yield LegacyUser(employee)
        yield from self.existing(self.personal_records.get(employee.id))
        for employment in self.employments_of(employee):
            yield employment
            for number in employment.positions:
                yield self.job_positions[number]
            if employment.probation is not None:
                yield self.probationary_periods[employment.probation]
        for number in employee.attributes:
            yield self.attributes[number]


def _number(public_id: str) -> int:
    """Read a number as the API writes it; 0, which no record has, for anything else."""
    plain = public_id.isascii() and public_id.isdigit() and len(public_id) <= _MAX_DIGITS
    return int(public_id) if plain and not public_id.startswith("0") else 0
