"""The company on its first day: a tree of departments, and people with their history."""

from itertools import islice
from random import Random

from lucca_sync.simulator.world import names
from lucca_sync.simulator.world.attributes import Attribute
from lucca_sync.simulator.world.days import DAY, HOUR, moment_of_day
from lucca_sync.simulator.world.definitions import ALLOWANCE, FIRST, LANGUAGES, SENIORITY, value_under
from lucca_sync.simulator.world.filling import fill_in
from lucca_sync.simulator.world.founding import found
from lucca_sync.simulator.world.invention import Invention, email_of
from lucca_sync.simulator.world.organisation import Department
from lucca_sync.simulator.world.people import Employee, Employment, JobPosition, ProbationaryPeriod
from lucca_sync.simulator.world.records import Records

_YEAR = 365
_FOUNDED = 20 * _YEAR
_PEOPLE_PER_DEPARTMENT = 20
_MAX_DEPARTMENTS = 300
_MAX_LEVEL = 5
_MAX_POSITIONS = 4
_PERMANENT = 1


def populate(records: Records, *, people: int, seed: int, epoch: int) -> None:
    """Fill an empty company as it stands on the day `epoch`."""
    invention = Invention(Random(seed))
    founded = epoch - _FOUNDED
    found(records, founded)
    _add_departments(records, people, invention)
    biography = _Biography(records, invention, epoch)
    for _ in range(people):
        biography.add_person()
    # A second reading with a random source of its own: what it draws changes nobody's history.
    fill_in(records, Invention(Random(seed + 4)), epoch)


def _add_departments(records: Records, people: int, invention: Invention) -> None:
    """Grow the tree; the first people of the company each manage one department."""
    table = records.departments
    children: dict[int, int] = {}
    count = min(people, 4 + people // _PEOPLE_PER_DEPARTMENT, _MAX_DEPARTMENTS)
    for number in range(1, count + 1):
        parent = table.get(invention.between(1, max(1, number // 3))) if number > 1 else None
        if parent is not None and parent.level >= _MAX_LEVEL:
            parent = table[1]
        order = 0 if parent is None else children.get(parent.id, 0)
        if parent is not None:
            children[parent.id] = order + 1
        row = Department(
            id=number,
            name=_department_name(number),
            remote_id=f"DEP{number:03}",
            parent=None if parent is None else parent.id,
            level=1 if parent is None else parent.level + 1,
            manager=number,
            sort_order=order,
        )
        table.add(row)


def _department_name(number: int) -> str:
    if number == 1:
        return "Direction générale"
    index = number - 2
    name = names.DEPARTMENTS[index % len(names.DEPARTMENTS)]
    turn = index // len(names.DEPARTMENTS)
    if not turn:
        return name
    suffix = names.ADJECTIVES[(turn - 1) % len(names.ADJECTIVES)]
    again = (turn - 1) // len(names.ADJECTIVES)
    return f"{name} {suffix} {again + 1}" if again else f"{name} {suffix}"


class _Biography:
    """Writes the history of one person after the other."""

    def __init__(self, records: Records, invention: Invention, epoch: int) -> None:
        self._records = records
        self._invention = invention
        self._epoch = epoch
        self._departments = len(records.departments)
        self._establishments = len(records.establishments)

    def add_person(self) -> None:
        """Add the next person with everything that belongs to them."""
        number = self._records.employees.next_id
        leads = number <= self._departments
        employee = self._add_employee(number)
        start = self._start(leads=leads)
        if not leads and self._invention.chance(0.02) and start < self._epoch - 4 * _YEAR:
            gap = self._invention.between(30, 300)
            stay = self._invention.between(200, _YEAR)
            self._add_employment(employee, start, start + stay)
            start += stay + gap
        self._add_employment(employee, start, None if leads else self._end(start))
        self._add_attributes(employee, start)
        # Nobody's record can have been written after the company was looked at first.
        employee.created_at = min(moment_of_day(start - 20), moment_of_day(self._epoch - 1))
        employee.created_at += self._invention.between(8 * HOUR, 17 * HOUR)
        employee.updated_at = employee.created_at

    def _start(self, *, leads: bool) -> int:
        """Draw a first day: most people came in the last years, a few are still to come."""
        invention = self._invention
        if leads:
            return self._epoch - invention.between(_YEAR, _FOUNDED - 1)
        if invention.chance(0.03):
            return self._epoch + invention.between(20, 75)
        return self._epoch - 1 - int((invention.between(0, 1000) / 1000) ** 2 * (_FOUNDED - 2))

    def _end(self, start: int) -> int | None:
        """Draw a last day: most people stay, some have left, some have a fixed term."""
        invention = self._invention
        if invention.chance(0.88):
            return None
        if invention.chance(0.5) and start < self._epoch - 60:
            return invention.between(start + 45, self._epoch - 1)
        return max(start, self._epoch) + invention.between(5, _YEAR)

    def _add_employee(self, number: int) -> Employee:
        invention = self._invention
        given, family = invention.given_name(), invention.family_name()
        row = Employee(
            id=number,
            created_at=0,
            updated_at=0,
            given_name=given,
            family_name=family,
            number=f"{number:05}" if invention.chance(0.95) else None,
            email=email_of(given, family, number) if invention.chance(0.97) else None,
            phone=invention.phone() if invention.chance(0.7) else None,
            birth_day=invention.birth_day() if invention.chance(0.9) else None,
            portrait=number if invention.chance(0.6) else None,
        )
        return self._records.employees.add(row)

    def _add_employment(self, employee: Employee, start: int, end: int | None) -> None:
        fixed_term = end is not None and end > self._epoch
        written = self._written(start - 10)
        row = Employment(
            id=self._records.employments.next_id,
            created_at=written,
            updated_at=written,
            employee=employee.id,
            start=start,
            end=end,
            template=self._invention.between(2, 3) if fixed_term else _PERMANENT,
            legal_entity=1,
        )
        self._records.employments.add(row)
        employee.employments = (*employee.employments, row.id)
        self._add_positions(employee, row)
        if row.template == _PERMANENT and self._invention.chance(0.8):
            self._add_probation(row)

    def _add_positions(self, employee: Employee, employment: Employment) -> None:
        """Give the person a first position and every few years another one."""
        invention = self._invention
        last = min(self._epoch, employment.end or self._epoch)
        start = employment.start
        numbers: list[int] = []
        establishment = invention.between(1, self._establishments) if invention.chance(0.4) else 1
        employment.legal_entity = self._records.establishments[establishment].legal_entity
        while start <= last or not numbers:
            numbers.append(self._add_position(employee, employment, start, establishment))
            start += invention.between(300, 5 * _YEAR)
            if len(numbers) == _MAX_POSITIONS:
                break
        employment.positions = tuple(numbers)

    def _add_position(
        self, employee: Employee, employment: Employment, start: int, establishment: int
    ) -> int:
        invention = self._invention
        number = employee.id if employee.id <= self._departments else None
        department = self._records.departments[number or invention.between(1, self._departments)]
        parent = department.parent
        manager = department.manager
        if number is not None:
            manager = None if parent is None else self._records.departments[parent].manager
        written = self._written(start - 5)
        row = JobPosition(
            id=self._records.job_positions.next_id,
            created_at=written,
            updated_at=written,
            employee=employee.id,
            employment=employment.id,
            start=start,
            establishment=establishment,
            department=department.id,
            title=invention.one_of(names.TITLES) if invention.chance(0.97) else None,
            qualification=invention.between(1, 6) if invention.chance(0.8) else None,
            category=invention.between(1, 4) if invention.chance(0.8) else None,
            manager=manager,
            arrangement=invention.between(1, 3),
        )
        return self._records.job_positions.add(row).id

    def _add_probation(self, employment: Employment) -> None:
        initial = employment.start + self._invention.between(2, 4) * 30 - 1
        extended = initial + 60 if self._invention.chance(0.1) else None
        written = self._written(employment.start - 10)
        row = ProbationaryPeriod(
            id=self._records.probationary_periods.next_id,
            created_at=written,
            updated_at=written,
            employment=employment.id,
            initial_end=initial,
            extended_end=extended,
        )
        employment.probation = self._records.probationary_periods.add(row).id

    def _add_attributes(self, employee: Employee, start: int) -> None:
        numbers: list[int] = []
        for definition in islice(self._records.definitions, FIRST):
            if definition.key == SENIORITY:
                numbers.append(self._add_attribute(employee, definition.id, start))
            elif definition.key == LANGUAGES:
                count = self._invention.between(0, 2)
                numbers += [self._add_attribute(employee, definition.id, start) for _ in range(count)]
            elif definition.key == ALLOWANCE and self._invention.chance(0.3):
                numbers += self._add_history(employee, definition.id, start)
            elif definition.key != ALLOWANCE and self._invention.chance(0.25):
                numbers.append(self._add_attribute(employee, definition.id, start))
        employee.attributes = tuple(numbers)

    def _add_history(self, employee: Employee, definition: int, start: int) -> list[int]:
        """Add a value that was replaced by another one on some day."""
        turn = start + self._invention.between(100, 2 * _YEAR)
        return [
            self._add_attribute(employee, definition, start, window=(start, turn - 1)),
            self._add_attribute(employee, definition, start, window=(turn, None)),
        ]

    def _add_attribute(
        self,
        employee: Employee,
        definition: int,
        start: int,
        window: tuple[int | None, int | None] = (None, None),
    ) -> int:
        written = self._written(start - 3)
        row = Attribute(
            id=self._records.attributes.next_id,
            created_at=written,
            updated_at=written,
            employee=employee.id,
            definition=definition,
            value=value_under(self._records, self._records.definitions[definition], self._invention, start),
            start=window[0],
            end=window[1],
        )
        return self._records.attributes.add(row).id

    def _written(self, day: int) -> int:
        """Return an instant on that day, or on the last before the company was looked at first."""
        return moment_of_day(min(day, self._epoch - 1)) + self._invention.between(8 * HOUR, DAY - HOUR)
