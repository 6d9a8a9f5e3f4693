"""What each list can be filtered and sorted by, as the reference documents it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lucca_sync.simulator.answers.conditions import (
    AsOf,
    Between,
    Filter,
    IsTrue,
    OfThese,
    OnDay,
    OneOf,
    SameValue,
    Search,
)

_STATUS = frozenset({"active", "upcoming", "deactivated"})


@dataclass(frozen=True)
class Resource:
    """One resource of the tenant."""

    name: str
    filters: Mapping[str, Filter]
    sorts: frozenset[str] = frozenset()
    value_filters: bool = False
    """Whether it also takes `value.{part}` as a filter and a sort key."""
    owners: Mapping[str, str] = field(default_factory=dict[str, str])
    """Filters whose values lead straight to the records: parameter to what the values name."""
    covered_by: str | None = None
    """The family of scopes that lets it be read, where that isn't its own name."""
    opt_in: bool = False
    """Whether it is answered only where support has switched it on."""
    read_only: bool = False
    """Whether there is no scope for writing it."""

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of which any one lets it be read."""
        rights = ("readonly",) if self.read_only else ("readonly", "readwrite")
        return frozenset(f"{self.covered_by or self.name}.{right}" for right in rights)


def _same(*paths: str) -> dict[str, Filter]:
    return {path: OneOf(path) for path in paths}


_EMPLOYMENT, _POSITION = "applicableEmployment", "applicableJobPosition"
_EMPLOYEES = Resource(
    "employees",
    {
        "search": Search(("givenName", "familyName")),
        "status": OneOf("status", _STATUS),
        **_same("id", "email"),
        **_same(f"{_EMPLOYMENT}.legalEntity.id", f"{_EMPLOYMENT}.remoteId", f"{_EMPLOYMENT}.template.id"),
        f"{_EMPLOYMENT}.template.term": OneOf(
            f"{_EMPLOYMENT}.template.term", frozenset({"permanent", "fixed"})
        ),
        f"{_EMPLOYMENT}.startsOn": OnDay(f"{_EMPLOYMENT}.start.date"),
        f"{_EMPLOYMENT}.startsOn.between": Between(f"{_EMPLOYMENT}.start.date"),
        f"{_EMPLOYMENT}.endsOn": OnDay(f"{_EMPLOYMENT}.end.date", null=True),
        f"{_EMPLOYMENT}.endsOn.between": Between(f"{_EMPLOYMENT}.end.date"),
        **_same(f"{_POSITION}.remoteId", f"{_POSITION}.businessEstablishment.id"),
        **_same(f"{_POSITION}.department.id", f"{_POSITION}.manager.id"),
        **_same(f"{_POSITION}.jobQualification.id", f"{_POSITION}.jobQualification.remoteId"),
        **_same(f"{_POSITION}.occupationCategory.id", f"{_POSITION}.occupationCategory.remoteId"),
    },
    frozenset({"id", "familyName", "createdAt"}),
    owners={"id": "employees"},
)
_EMPLOYMENTS = Resource(
    "employments",
    {
        **_same("id", "remoteId", "employee.id", "legalEntity.id", "template.id"),
        "status": OneOf("status", _STATUS),
        "start.date": OnDay("start.date"),
        "start.date.between": Between("start.date"),
        "end.date": OnDay("end.date", null=True),
        "end.date.between": Between("end.date"),
    },
    frozenset({"id", "start.date", "end.date"}),
    owners={"id": "employments", "employee.id": "employees"},
)
_JOB_POSITIONS = Resource(
    "job-positions",
    {
        **_same("id", "remoteId", "employment.id", "employment.employee.id", "businessEstablishment.id"),
        **_same("jobQualification.id", "occupationCategory.id", "manager.id", "department.id"),
        "status": OneOf("status", _STATUS),
        "startsOn": OnDay("startsOn"),
        "startsOn.between": Between("startsOn"),
        "endsOn": OnDay("endsOn", null=True),
        "endsOn.between": Between("endsOn"),
        "updatedAttributes": OneOf("updatedAttributes"),
    },
    frozenset({"id", "startsOn", "endsOn"}),
    owners={"id": "job-positions", "employment.id": "employments", "employment.employee.id": "employees"},
)
_PROBATIONARY_PERIODS = Resource(
    "probationary-periods",
    {
        **_same("employment.id", "employment.employee.id"),
        **{
            f"{day}.between": Between(day)
            for day in ("startsOn", "endsOn", "initialEndsOn", "extendedEndsOn")
        },
        "isExtended": IsTrue("extendedEndsOn"),
    },
    frozenset({"id", "startsOn", "endsOn"}),
    owners={"employment.id": "employments", "employment.employee.id": "employees"},
)
_ATTRIBUTES = Resource(
    "employee-attributes",
    {
        **_same("employee.id", "definition.id"),
        "applicability.asOf": AsOf("applicability"),
        "value": SameValue("value"),
    },
    frozenset({"id", "createdAt", "value", "definition.id"}),
    value_filters=True,
    owners={"employee.id": "employees"},
)
_DEFINITIONS = Resource(
    "employee-attribute-definitions",
    {**_same("id"), "search": Search(("name",)), "isArchived": IsTrue("isArchived")},
    frozenset({"id", "name", "createdAt"}),
    owners={"id": "employee-attribute-definitions"},
)
_ESTABLISHMENTS = Resource(
    "business-establishments",
    {
        **_same("legalEntity.id"),
        "search": Search(("name", "remoteId"), anywhere=True),
        "isArchived": IsTrue("isArchived"),
    },
)
_DEPARTMENTS = Resource(
    "departments",
    {"search": Search(("name",), anywhere=True), "isArchived": IsTrue("isArchived")},
)
_LEGAL_ENTITIES = Resource("legal-entities", {**_same("countryCode"), "isArchived": IsTrue("isArchived")})
_PROFESSIONS = Resource("professions", {"isArchived": IsTrue("isArchived")}, covered_by="job-qualifications")
_QUALIFICATIONS = Resource("job-qualifications", _same("rank", "profession.id"))
_CATEGORIES = Resource(
    "occupation-categories",
    {
        "businessEstablishments.id": OfThese("businessEstablishments"),
        "search": Search(("title",), anywhere=True),
    },
)
_TEMPLATES = Resource("employment-templates", {})
_CALENDARS = Resource("public-holidays-calendars", {}, read_only=True)
_ARRANGEMENTS = Resource("working-time-arrangements", {}, read_only=True)
_TAXONOMIES = Resource("taxonomies", {})
_LABELS = Resource(
    "taxonomy-labels",
    {**_same("taxonomy.id"), "search": Search(("name",)), "isArchived": IsTrue("isArchived")},
    frozenset({"id", "name"}),
    covered_by="taxonomies",
)
_PERSONAL_RECORDS = Resource(
    "employee-personal-records",
    {
        **_same("employee.id", "nationalitiesCountryCodes"),
        "legalGender": OneOf("legalGender", frozenset({"unknown", "male", "female", "diverse"})),
    },
    owners={"employee.id": "employees"},
)
_LEAVES = Resource(
    "leaves",
    {
        "status": OneOf("status", frozenset({"tentative", "confirmed", "cancelled"})),
        "startsOn": OnDay("startsOn"),
        "startsOn.between": Between("startsOn"),
    },
    frozenset({"id", "startsOn", "createdAt"}),
    opt_in=True,
)
_LEAVE_ACCOUNTS = Resource("leave-accounts", {}, covered_by="leaves", opt_in=True)
_LEAVE_REQUESTS = Resource("leave-requests", {}, frozenset({"id", "createdAt"}), opt_in=True)

CATALOGUE: Mapping[str, Resource] = {
    resource.name: resource
    for resource in (
        _LEGAL_ENTITIES,
        _ESTABLISHMENTS,
        _DEPARTMENTS,
        _PROFESSIONS,
        _QUALIFICATIONS,
        _CATEGORIES,
        _TEMPLATES,
        _CALENDARS,
        _ARRANGEMENTS,
        _TAXONOMIES,
        _LABELS,
        _DEFINITIONS,
        _EMPLOYEES,
        _PERSONAL_RECORDS,
        _EMPLOYMENTS,
        _JOB_POSITIONS,
        _PROBATIONARY_PERIODS,
        _ATTRIBUTES,
        _LEAVE_ACCOUNTS,
        _LEAVES,
        _LEAVE_REQUESTS,
    )
}
UNLISTED: Mapping[str, Resource] = {"portraits": Resource("portraits", {}, covered_by="employees")}
"""What is answered by id alone."""
SCOPES = frozenset(scope for resource in CATALOGUE.values() for scope in resource.scopes)
