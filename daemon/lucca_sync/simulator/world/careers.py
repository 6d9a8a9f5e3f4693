"""What happens to people's contracts and positions: hired, moved, extended, gone, back again."""

from lucca_sync.simulator.world.act import Act, day_or
from lucca_sync.simulator.world.attributes import Attribute
from lucca_sync.simulator.world.days import day_text
from lucca_sync.simulator.world.definitions import SENIORITY
from lucca_sync.simulator.world.edit import Edit, Refused
from lucca_sync.simulator.world.invention import email_of
from lucca_sync.simulator.world.names import TITLES
from lucca_sync.simulator.world.organisation import Department, Establishment
from lucca_sync.simulator.world.people import Employee, Employment, JobPosition, ProbationaryPeriod

_PERMANENT = 1
_TRIAL = 90


class Hire(Act, frozen=True, kw_only=True, tag="hire"):
    """Somebody new, with a contract, a position and a trial; the employee number comes later."""

    given_name: str | None = None
    family_name: str | None = None
    department: str | None = None
    establishment: str = "1"
    start: str | None = None
    email: bool = True

    def apply(self, edit: Edit) -> None:
        """Write the new dossier."""
        establishment = edit.establishment(self.establishment)
        department = _department(edit, self.department)
        start = day_or(self.start, edit.records.today(establishment.id))
        employee = self._employee(edit)
        edit.joined(employee)
        employ(edit, employee, start, establishment, department)
        _note_seniority(edit, employee, start)

    def _employee(self, edit: Edit) -> Employee:
        number = edit.records.employees.next_id
        given = self.given_name or edit.invention.given_name()
        family = self.family_name or edit.invention.family_name()
        row = Employee(
            id=number,
            created_at=edit.now,
            updated_at=edit.now,
            given_name=given,
            family_name=family,
            number=None,
            email=email_of(given, family, number) if self.email else None,
            phone=None,
            birth_day=edit.invention.birth_day(),
            portrait=None,
        )
        return edit.records.employees.add(row)


class Rehire(Act, frozen=True, kw_only=True, tag="rehire"):
    """Somebody who has left comes back on a later day."""

    employee: str
    start: str | None = None

    def apply(self, edit: Edit) -> None:
        """Add a second contract to the dossier."""
        employee = edit.employee(self.employee)
        employment, position = edit.current(employee)
        if employment.end is None or employment.id != employee.employments[-1]:
            raise Refused(f"employee {employee.id} has not left")
        start = day_or(self.start, max(edit.at(position), employment.end + 1))
        if start <= employment.end:
            raise Refused(f"employee {employee.id} is employed until {day_text(employment.end)}")
        records = edit.records
        establishment = records.establishments[position.establishment]
        employ(edit, employee, start, establishment, records.departments[position.department])


class Move(Act, frozen=True, kw_only=True, tag="move"):
    """Another position, elsewhere or for somebody else, from a day on."""

    employee: str
    department: str | None = None
    manager: str | None = None
    establishment: str | None = None
    job_title: str | None = None
    on: str | None = None

    def apply(self, edit: Edit) -> None:
        """Append a position, which ends the one before."""
        employee = edit.employee(self.employee)
        employment, last = edit.current(employee)
        start = day_or(self.on, max(edit.at(last), last.start + 1))
        if start <= last.start:
            raise Refused(f"employee {employee.id} already has a position from {day_text(last.start)}")
        if employment.end is not None and start > employment.end:
            raise Refused(f"employee {employee.id} leaves on {day_text(employment.end)}")
        department = _department(edit, self.department, than=last.department)
        establishment = last.establishment
        if self.establishment is not None:
            establishment = edit.establishment(self.establishment).id
        manager = _manager(edit, self.manager, department, employee)
        row = JobPosition(
            id=edit.records.job_positions.next_id,
            created_at=edit.now,
            updated_at=edit.now,
            employee=employee.id,
            employment=employment.id,
            start=start,
            establishment=establishment,
            department=department.id,
            title=self.job_title or last.title,
            qualification=last.qualification,
            category=last.category,
            manager=manager,
            arrangement=last.arrangement,
        )
        edit.records.job_positions.add(row)
        employment.positions = (*employment.positions, row.id)


class ChangeManager(Act, frozen=True, kw_only=True, tag="change-manager"):
    """The same position under another manager; no new position is written for that."""

    employee: str
    manager: str

    def apply(self, edit: Edit) -> None:
        """Touch the position that applies."""
        employee = edit.employee(self.employee)
        manager = edit.records.find("employees", self.manager)
        position = employee.position(edit.records)
        if manager is None or position is None or manager.id in (employee.id, position.manager):
            raise Refused(f"{self.manager} cannot become the manager of {self.employee}")
        position.manager = manager.id
        edit.stamp(position)


class EndContract(Act, frozen=True, kw_only=True, tag="end-contract"):
    """The employment ends after a last day; positions planned for later are deleted."""

    employee: str
    on: str | None = None

    def apply(self, edit: Edit) -> None:
        """Set the end, and drop what would begin after it."""
        employee = edit.employee(self.employee)
        employment, position = edit.current(employee)
        end = day_or(self.on, edit.at(position))
        if end < employment.start:
            raise Refused(f"employee {employee.id} only begins on {day_text(employment.start)}")
        if end == employment.end:
            raise Refused(f"employee {employee.id} leaves on that day already")
        table = edit.records.job_positions
        first, *others = employment.positions
        kept = [number for number in others if table[number].start <= end]
        for number in set(others) - set(kept):
            table.remove(number)
        employment.positions = (first, *kept)
        employment.end = end
        edit.stamp(employment)


class ExtendProbation(Act, frozen=True, kw_only=True, tag="extend-probation"):
    """The trial lasts longer than it was first agreed."""

    employee: str
    until: str | None = None
    days: int = 30

    def apply(self, edit: Edit) -> None:
        """Set the extended end."""
        employee = edit.employee(self.employee)
        employment, _ = edit.current(employee)
        if employment.probation is None:
            raise Refused(f"employee {employee.id} has no probationary period")
        row = edit.records.probationary_periods[employment.probation]
        until = day_or(self.until, row.end + self.days)
        if until <= row.end:
            raise Refused(f"the probation already lasts until {day_text(row.end)}")
        row.extended_end = until
        edit.stamp(row)


def employ(
    edit: Edit, employee: Employee, start: int, establishment: Establishment, department: Department
) -> None:
    """Write an employment with its first position and its probation."""
    records = edit.records
    employment = Employment(
        id=records.employments.next_id,
        created_at=edit.now,
        updated_at=edit.now,
        employee=employee.id,
        start=start,
        end=None,
        template=_PERMANENT,
        legal_entity=establishment.legal_entity,
    )
    position = JobPosition(
        id=records.job_positions.next_id,
        created_at=edit.now,
        updated_at=edit.now,
        employee=employee.id,
        employment=employment.id,
        start=start,
        establishment=establishment.id,
        department=department.id,
        title=edit.invention.one_of(TITLES),
        qualification=edit.invention.between(1, 6),
        category=edit.invention.between(1, 4),
        manager=_manager(edit, None, department, employee),
    )
    probation = ProbationaryPeriod(
        id=records.probationary_periods.next_id,
        created_at=edit.now,
        updated_at=edit.now,
        employment=employment.id,
        initial_end=start + _TRIAL - 1,
        extended_end=None,
    )
    employment.positions = (records.job_positions.add(position).id,)
    employment.probation = records.probationary_periods.add(probation).id
    employee.employments = (*employee.employments, records.employments.add(employment).id)


def _department(edit: Edit, public_id: str | None, than: int | None = None) -> Department:
    if public_id is not None:
        return edit.department(public_id)
    departments = [row for row in edit.records.departments if not row.archived]
    choice = [row for row in departments if row.id != than] or departments
    if not choice:
        raise Refused("there is no department to work in")
    return edit.invention.one_of(choice)


def _manager(edit: Edit, public_id: str | None, department: Department, employee: Employee) -> int | None:
    if public_id is not None:
        return edit.employee(public_id).id
    return department.manager if department.manager != employee.id else None


def _note_seniority(edit: Edit, employee: Employee, start: int) -> None:
    definition = edit.records.definition(SENIORITY)
    if definition is None:
        return
    row = Attribute(
        id=edit.records.attributes.next_id,
        created_at=edit.now,
        updated_at=edit.now,
        employee=employee.id,
        definition=definition.id,
        value=f"{day_text(start)}T00:00:00",
    )
    employee.attributes = (*employee.attributes, edit.records.attributes.add(row).id)
