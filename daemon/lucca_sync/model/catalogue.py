"""The resource catalogue: what is known about each Lucca collection, one entry each.

Facts come from Lucca's developer documentation, `api-reference/latest` (Api-Version 2024-11-01).
Everything that treats one resource differently from another reads it here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Resource:
    """One v5 collection of a tenant.

    `name` is the path segment under `/lucca-api/` and the key people write in YAML; `singular` goes into
    event types (`lucca.job-position.updated`). `scope` is what an OAuth application must be granted.
    `sort` is a stable sort key the collection accepts, or None. `clock` is the field that moves with every
    write, or None where the collection carries no timestamps. `employee` is the path to the employee's id,
    used as the partition key. `volatile` top-level fields are no content; the arrays named in `sets` have no
    order of their own. `sensitive` fields reach a route only when it names them.
    """

    name: str
    singular: str
    scope: str
    sort: str | None = None
    clock: str | None = "lastUpdatedAt"
    employee: tuple[str, ...] | None = None
    volatile: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    sensitive: frozenset[str] = field(default_factory=frozenset[str])


_EMPLOYEE_REF: Final = ("employee", "id")

_ENTRIES: Final = (
    Resource(
        "employees",
        "employee",
        "employees.readonly",
        sort="id",
        employee=("id",),
        sensitive=frozenset({"birthDay"}),
    ),
    Resource("employments", "employment", "employments.readonly", sort="id", employee=_EMPLOYEE_REF),
    Resource(
        "job-positions",
        "job-position",
        "job-positions.readonly",
        sort="id",
        employee=_EMPLOYEE_REF,
        sets=("updatedAttributes",),
    ),
    Resource("departments", "department", "departments.readonly", clock=None),
    Resource("probationary-periods", "probationary-period", "probationary-periods.readonly", sort="id"),
    Resource("business-establishments", "business-establishment", "business-establishments.readonly"),
    Resource(
        "employee-attribute-definitions",
        "employee-attribute-definition",
        "employee-attribute-definitions.readonly",
        sort="id",
    ),
    Resource(
        "employee-attributes",
        "employee-attribute",
        "employee-attributes.readonly",
        sort="id",
        employee=_EMPLOYEE_REF,
    ),
)

CATALOGUE: Final[Mapping[str, Resource]] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
