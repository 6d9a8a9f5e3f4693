"""Changes that a person or a test writes by hand: any value of any record, any record away."""

from typing import Literal
from zoneinfo import ZoneInfo

from lucca_sync.simulator.shapes import Json, PointerError, pointer_segments
from lucca_sync.simulator.world.absences import LeavePeriod, LeaveRequest
from lucca_sync.simulator.world.absent import erase, forget_absences, opened_period
from lucca_sync.simulator.world.act import Act
from lucca_sync.simulator.world.attached import is_used
from lucca_sync.simulator.world.attributes import Attribute
from lucca_sync.simulator.world.days import day_number
from lucca_sync.simulator.world.edit import Edit, Refused, not_there
from lucca_sync.simulator.world.legacy import LegacyLeave, LegacyRequest, LegacyUser
from lucca_sync.simulator.world.organisation import Establishment
from lucca_sync.simulator.world.people import Employee, Employment, JobPosition, ProbationaryPeriod
from lucca_sync.simulator.world.personal import PersonalRecord
from lucca_sync.simulator.world.places import PLACES, Place
from lucca_sync.simulator.world.row import Record, Stamped


class Set(Act, frozen=True, kw_only=True, tag="set"):
    """Any value of any record.

    What follows from other values (`status`, `applicable…`), what the world does not know, and
    values that it cannot hold are forced onto the record as they are.
    """

    resource: str
    id: str
    path: str
    value: Json
    stamp: bool = True
    """Move the record's last update as well, where it shows one."""

    def apply(self, edit: Edit) -> None:
        """Write the value where it is kept, or force it."""
        try:
            segments = pointer_segments(self.path)
        except PointerError as error:
            raise Refused(str(error)) from None
        record = _opened(edit, self.resource, self.id)
        if segments == ["value"] and isinstance(record, Attribute):
            record.value = self.value
        elif not _keep(edit, record, "/".join(segments), self.value):
            _force(edit, record, segments, self.value)
        if self.stamp and isinstance(record, Stamped) and segments != ["lastUpdatedAt"]:
            edit.stamp(record)


class Delete(Act, frozen=True, kw_only=True, tag="delete"):
    """Any record away, with what belongs to it; refused while others refer to it."""

    resource: str
    id: str

    def apply(self, edit: Edit) -> None:
        """Take the record out."""
        record = _opened(edit, self.resource, self.id)
        match record:
            case Employee():
                _delete_employee(edit, record)
            case Employment():
                _delete_employment(edit, record)
            case JobPosition():
                _delete_position(edit, record)
            case ProbationaryPeriod():
                edit.records.employments[record.employment].probation = None
            case PersonalRecord():
                raise Refused("a personal record goes with its person")
            case LeavePeriod():
                erase(edit, record)
            case LeaveRequest() | LegacyUser() | LegacyLeave() | LegacyRequest():
                raise Refused("it goes with what it belongs to")
            case Attribute():
                employee = edit.records.employees[record.employee]
                employee.attributes = tuple(item for item in employee.attributes if item != record.id)
            case _:
                _detach(edit, record)
        edit.records.remove(record)


class Touch(Act, frozen=True, kw_only=True, tag="touch"):
    """Only the last update of a record moves; its content stays."""

    resource: str
    id: str

    def apply(self, edit: Edit) -> None:
        """Stamp the record."""
        record = _opened(edit, self.resource, self.id)
        if not isinstance(record, Stamped):
            raise Refused(f"{self.resource} carry no timestamps")
        edit.stamp(record)


class Restore(Act, frozen=True, kw_only=True, tag="restore"):
    """The sandbox is restored: the same content under other ids, or stamped anew; nothing has changed."""

    moves: Literal["ids", "timestamps"] = "ids"

    def apply(self, edit: Edit) -> None:
        """Let everything look different; the ledger, which knows of changes alone, notes nothing."""
        if self.moves == "ids":
            edit.records.restoration.replace_ids()
        else:
            edit.records.restoration.move_timestamps(edit.now)
        edit.restored = True


def _opened(edit: Edit, resource: str, public_id: str) -> Record:
    """Open whatever dossier a record stands in, and return the record."""
    record = edit.records.find(resource, public_id)
    if record is None:
        not_there(resource, public_id)
    owner, period = _owner(edit, record), _period(record)
    if period is not None:
        opened_period(edit, str(period))
    elif owner is None:
        edit.open_other(record)
    else:
        edit.open(edit.records.employees[owner])
    return edit.records.personal_records.kept(record.id) if isinstance(record, PersonalRecord) else record


def _owner(edit: Edit, record: Record) -> int | None:
    match record:
        case Employee() | PersonalRecord() | LegacyUser():
            return record.id
        case Employment() | JobPosition() | Attribute():
            return record.employee
        case ProbationaryPeriod():
            return edit.records.employments[record.employment].employee
        case _:
            return None


def _period(record: Record) -> int | None:
    match record:
        case LeavePeriod():
            return record.id
        case LegacyLeave():
            return record.period.id
        case LeaveRequest():
            return record.period
        case LegacyRequest():
            return record.request.period
        case _:
            return None


def _keep(edit: Edit, record: Record, path: str, value: Json) -> bool:
    """Write a value where the world keeps it; say whether it has such a place for such a value."""
    place = PLACES.get(record.resource, {}).get(path)
    if place is None:
        return _keep_object(edit, record, path, value)
    readable, kept = _read(edit, place, value)
    if not readable:
        return False
    _open_affected(edit, record, place)
    setattr(record, place.field, kept)
    _unforce(edit, record, path.split("/"))
    _restore_order(edit, record)
    return True


def _keep_object(edit: Edit, record: Record, path: str, value: Json) -> bool:
    """Write `/end: {date: …}` or `/manager: null` as if the inner value had been named."""
    inner = [name for name in PLACES.get(record.resource, {}) if name.startswith(f"{path}/")]
    if not inner:
        return False
    if value is None:
        return all(_keep(edit, record, name, None) for name in inner)
    if not isinstance(value, dict):
        return False
    given = {name: value.get(name.rpartition("/")[2]) for name in inner}
    return all(_keep(edit, record, name, item) for name, item in given.items())


def _read(edit: Edit, place: Place, value: Json) -> tuple[bool, str | int | None]:
    """Turn a shown value into a kept one; False when the place cannot hold it."""
    if value is None:
        return place.null, None
    match place.form, value:
        case ("flag", bool(kept)) | ("text", str(kept)):
            return True, kept
        case "number", int(kept) if not isinstance(kept, bool):
            return True, kept
        case (("day" | "zone" | "reference"), str(text)):
            return _read_meaning(edit, place, text)
        case _:
            return False, None


def _read_meaning(edit: Edit, place: Place, value: str) -> tuple[bool, str | int | None]:
    if place.form == "day":
        return _read_day(value)
    if place.form == "zone":
        return True, _read_zone(value)
    return _read_reference(edit, place, value)


def _read_zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError):
        raise Refused(f"{value} is no time zone") from None


def _read_day(value: str) -> tuple[bool, int | None]:
    try:
        return True, day_number(value)
    except ValueError:
        return False, None


def _read_reference(edit: Edit, place: Place, value: str) -> tuple[bool, int | None]:
    record = edit.records.find(place.refers_to, value)
    if record is None:
        not_there(place.refers_to, value)
    return True, record.id


def _open_affected(edit: Edit, record: Record, place: Place) -> None:
    """A time zone says what day it is for everybody who works there."""
    if not isinstance(record, Establishment) or place.field != "zone":
        return
    for position in edit.records.job_positions:
        if position.establishment == record.id:
            edit.open(edit.records.employees[position.employee])


def _restore_order(edit: Edit, record: Record) -> None:
    records = edit.records
    if isinstance(record, Employment):
        employee = records.employees[record.employee]
        employee.employments = tuple(
            sorted(employee.employments, key=lambda number: records.employments[number].start)
        )
    if isinstance(record, JobPosition):
        employment = records.employments[record.employment]
        employment.positions = tuple(
            sorted(employment.positions, key=lambda number: records.job_positions[number].start)
        )


def _force(edit: Edit, record: Record, segments: list[str], value: Json) -> None:
    _unforce(edit, record, segments)
    key = (record.resource, record.public_id)
    edit.records.forced.setdefault(key, []).append((segments, value))


def _unforce(edit: Edit, record: Record, segments: list[str]) -> None:
    forced = edit.records.forced.get((record.resource, record.public_id), [])
    forced[:] = [(place, value) for place, value in forced if place != segments]


def _delete_employee(edit: Edit, employee: Employee) -> None:
    """Delete the dossier, and the mention of the person as anybody's manager."""
    records = edit.records
    for position in records.job_positions:
        if position.manager == employee.id:
            edit.open(records.employees[position.employee])
            position.manager = None
    for department in records.departments:
        if department.manager == employee.id:
            edit.open_other(department)
            department.manager = None
    forget_absences(edit, employee)
    for record in list(records.dossier(employee)):
        records.remove(record)


def _delete_employment(edit: Edit, employment: Employment) -> None:
    records = edit.records
    employee = records.employees[employment.employee]
    employee.employments = tuple(item for item in employee.employments if item != employment.id)
    for number in employment.positions:
        records.remove(records.job_positions[number])
    if employment.probation is not None:
        records.remove(records.probationary_periods[employment.probation])


def _delete_position(edit: Edit, position: JobPosition) -> None:
    employment = edit.records.employments[position.employment]
    employment.positions = tuple(item for item in employment.positions if item != position.id)


def _detach(edit: Edit, record: Record) -> None:
    """Let go of a definition's attributes; refuse what people or departments still stand in."""
    records = edit.records
    if record.resource == "employee-attribute-definitions":
        for attribute in [row for row in records.attributes if row.definition == record.id]:
            employee = edit.open(records.employees[attribute.employee])
            employee.attributes = tuple(item for item in employee.attributes if item != attribute.id)
            records.remove(attribute)
    elif is_used(records, record):
        raise Refused("something is still attached")
