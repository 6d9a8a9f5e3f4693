"""The lists of the legacy API: users, half-days of absences, requests for them."""

from collections.abc import Iterator

from lucca_sync.simulator.answers.problems import Problem
from lucca_sync.simulator.legacy.conditions import Kind
from lucca_sync.simulator.legacy.listing import Asked, Listing, Property, Read, fitting
from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.absences import LeavePeriod
from lucca_sync.simulator.world.days import moment_of_day, moment_text
from lucca_sync.simulator.world.halves import day_of, is_morning
from lucca_sync.simulator.world.legacy import (
    LegacyLeave,
    LegacyRequest,
    LegacyUser,
    leaves_of,
)
from lucca_sync.simulator.world.people import Employment, JobPosition
from lucca_sync.simulator.world.records import Records

OWNERS = ("leaveperiod.ownerid", "leaveperiod.owner.departmentid", "leaveperiod.owner.legalentityid")
_CANCELLATION = frozenset({"isactive", "cancellationdate", "cancellationuserid"})
_FORMER, _CONTRACT_END = "formeremployees", "dtcontractend"


def _users(records: Records, asked: Asked[LegacyUser]) -> Iterator[LegacyUser]:
    everybody = (LegacyUser(row) for row in records.employees)
    found = fitting(everybody, asked.conditions, records)
    with_leavers = asked.words.get(_FORMER, "").lower() == "true" or _CONTRACT_END in asked.names
    return found if with_leavers else (row for row in found if not _has_left(row, records))


def _has_left(user: LegacyUser, records: Records) -> bool:
    employment = user.employee.employment(records)
    return employment is None or employment.status(records) == "deactivated"


def _contract(user: LegacyUser, records: Records) -> Employment | None:
    return user.employee.employment(records)


def _position(user: LegacyUser, records: Records) -> JobPosition | None:
    return user.employee.position(records)


def _begin(user: LegacyUser, records: Records) -> int | None:
    contract = _contract(user, records)
    return None if contract is None else moment_of_day(contract.start)


def _end(user: LegacyUser, records: Records) -> int | None:
    contract = _contract(user, records)
    return None if contract is None or contract.end is None else moment_of_day(contract.end)


def _department(user: LegacyUser, records: Records) -> int | None:
    position = _position(user, records)
    return None if position is None else position.department


def _workplace(user: LegacyUser, records: Records) -> int | None:
    position = _position(user, records)
    return None if position is None else position.establishment


def _manager(user: LegacyUser, records: Records) -> int | None:
    position = _position(user, records)
    return None if position is None else position.manager


def _department_view(user: LegacyUser, records: Records, base: str) -> Json:
    row = records.departments.get(_department(user, records) or 0)
    return None if row is None else _named(row.id, row.name, f"{base}/api/v3/departments/{row.id}")


def _workplace_view(user: LegacyUser, records: Records, base: str) -> Json:
    row = records.establishments.get(_workplace(user, records) or 0)
    return None if row is None else _named(row.id, row.name, f"{base}/api/v3/legalEntities/{row.id}")


def _manager_view(user: LegacyUser, records: Records, base: str) -> Json:
    row = records.employees.get(_manager(user, records) or 0)
    return None if row is None else records.view(LegacyUser(row), base)


def _named(number: int, name: str, url: str) -> View:
    return {"id": number, "name": name, "url": url}


def _text(read: Read[LegacyUser]) -> Property[LegacyUser]:
    return Property("text", read)


USERS = Listing[LegacyUser](
    "v3/users",
    1000,
    {
        "id": Property("number", lambda row, _: row.id),
        "name": _text(lambda row, _: row.display_name),
        "displayname": _text(lambda row, _: row.display_name),
        "firstname": _text(lambda row, _: row.employee.given_name),
        "lastname": _text(lambda row, _: row.employee.family_name),
        "login": _text(lambda row, _: row.login),
        "mail": _text(lambda row, _: row.employee.email),
        "employeenumber": _text(lambda row, _: row.employee.number),
        "dtcontractstart": Property("day", _begin),
        _CONTRACT_END: Property("day", _end),
        "departmentid": Property("number", _department),
        "legalentityid": Property("number", _workplace),
        "managerid": Property("number", _manager),
        "modifiedat": Property("moment", lambda row, records: row.modified_at(records)),
    },
    _users,
    {"department": _department_view, "legalentity": _workplace_view, "manager": _manager_view},
    frozenset({_FORMER}),
)


def _owner(period: LeavePeriod, records: Records) -> LegacyUser:
    return LegacyUser(records.employees[period.owner])


def _logs(period: LeavePeriod) -> Json:
    """Return what was done to a period, as far as it is remembered."""
    known = [(period.created_at, 0), (period.confirmed_at, 1)]
    return [
        {"id": f"{period.id}-{status}", "date": moment_text(at), "comment": None, "status": status}
        for at, status in known
        if at is not None
    ]


def _leaves(records: Records, asked: Asked[LegacyLeave]) -> Iterator[LegacyLeave]:
    """Ask each period once for what all its half-days share, and only then each half-day."""
    shared = [condition for condition in asked.conditions if condition.property.of_group]
    others = [condition for condition in asked.conditions if not condition.property.of_group]
    # Most periods hold nothing cancelled: then this, too, is the same for all their half-days.
    of_cancelled = [condition for condition in others if condition.name in _CANCELLATION]
    for period in records.absences.periods:
        sample = LegacyLeave(period, period.first)
        alike = [*shared, *of_cancelled] if period.cancelled is None else shared
        if all(condition.holds(sample, records) for condition in alike):
            yield from fitting(leaves_of(period), others, records)


def _need_date_and_owner(asked: Asked[LegacyLeave]) -> None:
    if "date" not in asked.names or asked.names.isdisjoint(OWNERS):
        raise Problem(400, "Leaves must be filtered both by date and by leavePeriod.ownerId or its like.")


def _shared(kind: Kind, read: Read[LegacyLeave]) -> Property[LegacyLeave]:
    return Property(kind, read, of_group=True)


def _of_owner(read: Read[LegacyUser]) -> Property[LegacyLeave]:
    return _shared("number", lambda row, records: read(_owner(row.period, records), records))


def _account_view(row: LegacyLeave, records: Records, base: str) -> Json:
    account = records.absences.accounts[row.period.account]
    return _named(account.id, account.name, f"{base}/api/v3/leaveAccounts/{account.id}")


def _siblings(row: LegacyLeave, records: Records, base: str) -> Json:
    return [records.view(leave, base) for leave in leaves_of(row.period)]


LEAVES = Listing[LegacyLeave](
    "v3/leaves",
    10_000,
    {
        "id": Property("text", lambda row, _: row.public_id),
        "date": Property("day", lambda row, _: moment_of_day(day_of(row.half))),
        "isam": Property("flag", lambda row, _: int(is_morning(row.half))),
        "isactive": Property("flag", lambda row, _: int(row.cancellation is None)),
        "cancellationdate": Property("moment", lambda row, _: row.cancellation and row.cancellation[0]),
        "cancellationuserid": Property("number", lambda row, _: row.cancellation and row.cancellation[1]),
        "creationdate": _shared("moment", lambda row, _: row.period.created_at),
        "comment": _shared("text", lambda row, _: row.period.comment),
        "status": _shared("number", lambda row, _: int(row.period.confirmed_at is not None)),
        "leaveaccountid": _shared("number", lambda row, _: row.period.account),
        "leaveaccount.id": _shared("number", lambda row, _: row.period.account),
        "leaveperiodid": _shared("number", lambda row, _: row.period.id),
        "leaveperiod.id": _shared("number", lambda row, _: row.period.id),
        "leaveperiod.ownerid": _shared("number", lambda row, _: row.period.owner),
        "leaveperiod.isconfirmed": _shared("flag", lambda row, _: int(row.period.confirmed_at is not None)),
        "leaveperiod.confirmationdate": _shared("moment", lambda row, _: row.period.confirmed_at),
        "leaveperiod.owner.departmentid": _of_owner(_department),
        "leaveperiod.owner.legalentityid": _of_owner(_workplace),
    },
    _leaves,
    {
        "leaveaccount": _account_view,
        "leaveperiod.owner": lambda row, records, base: records.view(_owner(row.period, records), base),
        "leaveperiod.leaves": _siblings,
        "leaveperiod.logs": lambda row, _records, _base: _logs(row.period),
    },
    check=_need_date_and_owner,
)


def _requests(records: Records, asked: Asked[LegacyRequest]) -> Iterator[LegacyRequest]:
    everything = (LegacyRequest(row) for row in records.absences.requests)
    return fitting(everything, asked.conditions, records)


def _period(row: LegacyRequest, records: Records) -> LeavePeriod:
    return records.absences.periods[row.request.period]


REQUESTS = Listing[LegacyRequest](
    "v3/leaveRequests",
    1000,
    {
        "id": Property("number", lambda row, _: row.id),
        "status": Property("number", lambda row, _: row.request.status),
        "creationdate": Property("moment", lambda row, _: row.request.created_at),
        "isactive": Property("flag", lambda row, _: int(row.request.is_active)),
        "nextapproverid": Property("number", lambda row, _: row.request.approver),
        "leaveperiodid": Property("number", lambda row, _: row.request.period),
        "leaveperiod.id": Property("number", lambda row, _: row.request.period),
        "leaveperiod.ownerid": Property("number", lambda row, _: row.request.owner),
        "leaveperiod.isconfirmed": Property(
            "flag", lambda row, records: int(_period(row, records).confirmed_at is not None)
        ),
        "leaveperiod.confirmationdate": Property(
            "moment", lambda row, records: _period(row, records).confirmed_at
        ),
    },
    _requests,
    {
        "leaveperiod.owner": lambda row, records, base: records.view(
            _owner(_period(row, records), records), base
        ),
        "leaveperiod.leaves": lambda row, records, base: [
            records.view(leave, base) for leave in leaves_of(_period(row, records))
        ],
        "leaveperiod.logs": lambda row, records, _base: _logs(_period(row, records)),
    },
)
