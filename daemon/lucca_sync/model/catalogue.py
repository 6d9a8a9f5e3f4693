"""The resource catalogue: what is known about each Lucca collection, one entry each.

Facts come from Lucca's developer documentation: `api-reference/latest` (Api-Version 2024-11-01) for v5,
`api-reference/legacy` for v3. Everything that treats one resource differently from another reads it here.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

Api: TypeAlias = Literal["v5", "v3"]
Path: TypeAlias = tuple[str, ...]
"""A way into a record, member by member."""

_NO_LISTS: Final[Mapping[str, Path]] = MappingProxyType({})
_NOTHING_ELSE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Due:
    """A date in a record on which computed fields flip without anybody writing.

    `after` for an inclusive end: the flip comes at the midnight that ends the day.
    """

    path: Path
    after: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """One collection of a tenant.

    `name` is the key people write in YAML; `singular` goes into event types (`lucca.job-position.updated`).
    `scope` is what an OAuth application must be granted; v3 resources take the legacy API key instead.
    `path` leads to the collection. `optional` ones exist only on tenants where Lucca switched them on.

    `sort` is a stable sort key the collection accepts; `newest` one under which new records come first.
    `lists` are the filters that take up to 100 values: parameter to the field that it compares; `stable` is
    the one of them by which pages of a fixed address can be made, at most one record a value.
    `topic` is what Lucca's own webhooks call it, None where they don't tell of it.

    `clock` is the field that moves with every write, None where the collection carries no timestamps.
    `employee` leads to the employee's id, the partition key. `dates` come due without a write.
    `volatile` top-level fields are no content; a change of `quiet` fields alone is no event; the arrays named
    in `sets` have no order of their own. `sensitive` fields reach a route only when it names them; where
    `open` is given, so do all that it doesn't list.
    `every` is the default time between two looks.

    v3 only: `fields` says what to ask of each record, `asks` with what else each list is asked, `page` how
    many records fit on a page.
    """

    name: str
    singular: str
    scope: str
    path: str = ""
    api: Api = "v5"
    optional: bool = False
    sort: str | None = None
    newest: str | None = None
    lists: Mapping[str, Path] = field(default_factory=lambda: _NO_LISTS, hash=False)
    stable: str | None = None
    topic: str | None = None
    clock: str | None = "lastUpdatedAt"
    employee: Path | None = None
    dates: tuple[Due, ...] = ()
    volatile: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    sensitive: frozenset[str] = field(default_factory=frozenset[str])
    open: frozenset[str] | None = None
    every: timedelta = timedelta(minutes=15)
    fields: str = ""
    asks: Mapping[str, str] = field(default_factory=lambda: _NOTHING_ELSE, hash=False)
    page: int = 100

    def __post_init__(self) -> None:
        if not self.path:
            object.__setattr__(self, "path", f"/lucca-api/{self.name}")

    def hidden(self, names: AbstractSet[str]) -> AbstractSet[str]:
        """Return those of some top-level fields that reach a route only when it names them."""
        sensitive = self.sensitive & names
        return sensitive if self.open is None else sensitive | (names - self.open)


_ID: Final[Mapping[str, Path]] = MappingProxyType({"id": ("id",)})
_EMPLOYEE: Final[Path] = ("employee", "id")
_BY_EMPLOYEE: Final[Mapping[str, Path]] = MappingProxyType({"employee.id": _EMPLOYEE})
_HOURLY: Final = timedelta(hours=1)
_ABSENCE_DETAILS: Final = frozenset({"details", "comment"})

_PEOPLE: Final = (
    Resource(
        "employees",
        "employee",
        "employees.readonly",
        sort="id",
        newest="-createdAt",
        lists=_ID,
        stable="id",
        topic="employee",
        employee=("id",),
        sensitive=frozenset({"birthDay"}),
        every=timedelta(minutes=2),
    ),
    Resource(
        "employee-personal-records",
        "employee-personal-record",
        "employee-personal-records.readonly",
        lists=_BY_EMPLOYEE,
        stable="employee.id",
        topic="employee-personal-record",
        employee=_EMPLOYEE,
        open=frozenset({"id", "type", "employee", "createdAt", "lastUpdatedAt"}),
        every=_HOURLY,
    ),
    Resource(
        "employments",
        "employment",
        "employments.readonly",
        sort="id",
        newest="-id",
        lists=MappingProxyType({"id": ("id",), "employee.id": _EMPLOYEE}),
        stable="id",
        topic="employment",
        employee=_EMPLOYEE,
        dates=(Due(("start", "date")), Due(("end", "date"), after=True)),
        every=timedelta(minutes=5),
    ),
    Resource("employment-templates", "employment-template", "employment-templates.readonly", every=_HOURLY),
    Resource(
        "job-positions",
        "job-position",
        "job-positions.readonly",
        sort="id",
        newest="-id",
        lists=MappingProxyType({"id": ("id",), "employment.id": ("employment", "id")}),
        stable="id",
        topic="job-position",
        employee=_EMPLOYEE,
        dates=(Due(("startsOn",)), Due(("endsOn",), after=True)),
        sets=("updatedAttributes",),
        every=timedelta(minutes=5),
    ),
    Resource(
        "probationary-periods",
        "probationary-period",
        "probationary-periods.readonly",
        sort="id",
        newest="-id",
        lists=MappingProxyType({"employment.id": ("employment", "id")}),
        dates=(Due(("endsOn",), after=True),),
    ),
)

_ORGANISATION: Final = (
    Resource(
        "departments",
        "department",
        "departments.readonly",
        topic="department",
        clock=None,
        quiet=("sortOrder",),
    ),
    Resource(
        "business-establishments",
        "business-establishment",
        "business-establishments.readonly",
        topic="business-establishment",
        every=_HOURLY,
    ),
    Resource(
        "legal-entities", "legal-entity", "legal-entities.readonly", topic="legal-entity", every=_HOURLY
    ),
    Resource("professions", "profession", "job-qualifications.readonly", clock=None, every=_HOURLY),
    Resource(
        "job-qualifications",
        "job-qualification",
        "job-qualifications.readonly",
        topic="job-qualification",
        every=_HOURLY,
    ),
    Resource(
        "occupation-categories",
        "occupation-category",
        "occupation-categories.readonly",
        topic="occupation-category",
        clock=None,
        sets=("businessEstablishments",),
        every=_HOURLY,
    ),
    Resource(
        "working-time-arrangements",
        "working-time-arrangement",
        "working-time-arrangements.readonly",
        clock=None,
        every=_HOURLY,
    ),
    Resource(
        "public-holidays-calendars",
        "public-holidays-calendar",
        "public-holidays-calendars.readonly",
        clock=None,
        every=_HOURLY,
    ),
)

_ATTRIBUTES: Final = (
    Resource(
        "employee-attribute-definitions",
        "employee-attribute-definition",
        "employee-attribute-definitions.readonly",
        sort="id",
        newest="-createdAt",
        lists=_ID,
        every=_HOURLY,
    ),
    Resource(
        "employee-attributes",
        "employee-attribute",
        "employee-attributes.readonly",
        sort="id",
        newest="-createdAt",
        lists=_BY_EMPLOYEE,
        employee=_EMPLOYEE,
        dates=(Due(("applicability", "start")), Due(("applicability", "end"), after=True)),
        every=timedelta(minutes=30),
    ),
    Resource("taxonomies", "taxonomy", "taxonomies.readonly", every=_HOURLY),
    Resource(
        "taxonomy-labels", "taxonomy-label", "taxonomies.readonly", sort="id", newest="-id", every=_HOURLY
    ),
)

_ABSENCES: Final = (
    Resource("leave-accounts", "leave-account", "leaves.readonly", clock=None, optional=True, every=_HOURLY),
    Resource(
        "leaves-v5",
        "leave-v5",
        "leaves.readonly",
        path="/lucca-api/leaves",
        optional=True,
        topic="leave",
        employee=_EMPLOYEE,
        sensitive=_ABSENCE_DETAILS,
    ),
    Resource(
        "leave-requests-v5",
        "leave-request-v5",
        "leave-requests.readonly",
        path="/lucca-api/leave-requests",
        optional=True,
        topic="leave-request",
        employee=_EMPLOYEE,
        sensitive=_ABSENCE_DETAILS,
    ),
)

_OWNER: Final[Path] = ("ownerId",)
_HALF_DAY_FIELDS: Final = (
    "id,date,isAm,leaveAccountId,leaveAccount[id,name],leavePeriodId,"
    "leavePeriod[ownerId,isConfirmed,confirmationDate],status,value,duration,creationDate,"
    "isActive,cancellationDate,cancellationUserId,comment"
)
_HALF_DAYS_A_PAGE: Final = 10_000

_LEGACY: Final = (
    Resource(
        "users",
        "user",
        "",
        path="/api/v3/users",
        api="v3",
        sort="id,asc",
        lists=_ID,
        clock="modifiedAt",
        employee=("id",),
        sensitive=frozenset(
            {"birthDate", "address", "personalEmail", "personalMobile", "insuranceNumber", "bankName"}
        ),
        fields="id,firstName,lastName,displayName,login,mail,employeeNumber,jobTitle,dtContractStart,"
        "dtContractEnd,legalEntityId,departmentId,managerId,modifiedAt",
        asks=MappingProxyType({"formerEmployees": "true"}),  # else leavers look deleted
        page=1000,
    ),
    # A record is one half-day, as `ingest.halves` reads it: known by its owner, day, half and account, since
    # Lucca's own id changes when a period is edited.
    Resource(
        "leaves",
        "leave",
        "",
        path="/api/v3/leaves",
        api="v3",
        clock=None,
        employee=_OWNER,
        quiet=("luccaId", "leavePeriodId", "confirmationDate", "creationDate"),
        sensitive=_ABSENCE_DETAILS,
        fields=_HALF_DAY_FIELDS,
        page=_HALF_DAYS_A_PAGE,
        every=timedelta(minutes=5),
    ),
    # Made of the same half-days by `ingest.periods`.
    Resource(
        "leave-periods",
        "leave-period",
        "",
        path="/api/v3/leaves",
        api="v3",
        clock=None,
        employee=_OWNER,
        quiet=("leavePeriodId", "confirmationDate"),
        fields=_HALF_DAY_FIELDS,
        page=_HALF_DAYS_A_PAGE,
        every=timedelta(minutes=5),
    ),
    Resource(
        "leave-requests",
        "leave-request",
        "",
        path="/api/v3/leaveRequests",
        api="v3",
        sort="id,asc",
        clock=None,
        employee=("leavePeriod", "ownerId"),
        sensitive=_ABSENCE_DETAILS,
        fields="id,status,creationDate,isActive,nextApproverId,approvals,cancellationRequests,"
        "leavePeriod[id,ownerId,isConfirmed,confirmationDate]",
        page=1000,
    ),
)

_GROUPS: Final = (_PEOPLE, _ORGANISATION, _ATTRIBUTES, _ABSENCES, _LEGACY)

CATALOGUE: Final[Mapping[str, Resource]] = MappingProxyType(
    {entry.name: entry for group in _GROUPS for entry in group}
)


MAX_SCOPE_CHARACTERS: Final = 4000
"""What one token may carry: Lucca, /documentation/limits."""


def default_scope(path: str) -> str:
    """Return the scope that a v5 collection needs, as most do."""
    return f"{path.rpartition('/')[2]}.readonly"


def spelled(scopes: Iterable[str]) -> str:
    """Return scopes as a token request spells them: each once, sorted, separated by a space."""
    return " ".join(sorted(set(scopes)))


def too_many_scopes(scopes: Iterable[str]) -> str | None:
    """Say why one token can't carry all of these scopes; None when it can."""
    size = len(spelled(scopes))
    if size <= MAX_SCOPE_CHARACTERS:
        return None
    return (
        f"the scopes of the configured resources take {size} characters and Lucca allows "
        f"{MAX_SCOPE_CHARACTERS} a token: split the resources over two tenants' entries"
    )


def described(name: str) -> Resource:
    """Return what is known of a resource; of one that only the settings name, what is true of most."""
    return CATALOGUE.get(name) or Resource(name, name, f"{name}.readonly", employee=_EMPLOYEE)
