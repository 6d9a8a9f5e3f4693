"""Reads the query string of a list: limit, page, include, sort and filters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lucca_sync.simulator.answers.catalogue import Resource
from lucca_sync.simulator.answers.conditions import (
    Filter,
    SameValue,
    Test,
    Unreadable,
    read_list,
    read_number,
)
from lucca_sync.simulator.answers.problems import bad_parameters
from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.world.records import Records

DEFAULT_LIMIT = 25
MAX_LIMIT = 100
INCLUDES = frozenset({"embedded", "links", "totalCount"})
Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Sort:
    """One key that a list is ordered by."""

    key: str
    descending: bool

    def __str__(self) -> str:
        return f"-{self.key}" if self.descending else self.key


@dataclass(frozen=True)
class Condition:
    """One filter with the value that was asked for."""

    name: str
    text: str
    negated: bool
    test: Test

    def holds(self, records: Records, view: View) -> bool:
        """Say whether a record fits."""
        return self.test(records, view) is not self.negated


@dataclass(frozen=True)
class Query:
    """What a list was asked for."""

    resource: Resource
    parameters: Parameters
    limit: int = DEFAULT_LIMIT
    page: str | None = None
    includes: frozenset[str] = frozenset()
    sorts: tuple[Sort, ...] = (Sort("id", descending=False),)
    conditions: tuple[Condition, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the answer depends on this resource's records alone."""
        return not self.conditions and "embedded" not in self.includes


class QueryReader:
    """Collects everything that is wrong before it complains."""

    def __init__(self, resource: Resource, parameters: Parameters, *, strict: bool) -> None:
        self._resource = resource
        self._parameters = parameters
        self._strict = strict
        self._errors: dict[str, list[str]] = {}

    def read(self) -> Query:
        """Return the query, or raise a 400 that names every parameter in error."""
        query = Query(
            resource=self._resource,
            parameters=self._parameters,
            limit=self._limit(),
            page=self._last("page"),
            includes=self._includes(),
            sorts=self._sorts(),
            conditions=tuple(self._conditions()),
        )
        if self._errors:
            raise bad_parameters(self._errors)
        return query

    def _last(self, name: str) -> str | None:
        values = [value for key, value in self._parameters if key == name]
        return values[-1] if values else None

    def _wrong(self, name: str, message: str) -> None:
        self._errors.setdefault(name, []).append(f"The value is not valid: {message}.")

    def _limit(self) -> int:
        text = self._last("limit")
        if text is None:
            return DEFAULT_LIMIT
        limit = read_number(text)
        if limit is None or limit > MAX_LIMIT:
            self._wrong("limit", f"a number from 0 to {MAX_LIMIT}")
            return DEFAULT_LIMIT
        return limit

    def _includes(self) -> frozenset[str]:
        words = [word for key, value in self._parameters if key == "include" for word in value.split(",")]
        unknown = [word for word in words if word not in INCLUDES]
        if unknown:
            self._wrong("include", f"some of {', '.join(sorted(INCLUDES))}")
        return frozenset(words) & INCLUDES

    def _sorts(self) -> tuple[Sort, ...]:
        text = self._last("sort") if self._resource.sorts else None
        if text is None:
            return Query.sorts
        keys = [
            Sort(word.removeprefix("-").removeprefix("+"), word.startswith("-")) for word in text.split(",")
        ]
        for sort in keys:
            if not self._sortable(sort.key):
                self._wrong("sort", f"some of {', '.join(sorted(self._resource.sorts))}")
        return tuple(keys)

    def _sortable(self, key: str) -> bool:
        part_of_value = self._resource.value_filters and key.startswith("value.")
        return key in self._resource.sorts or part_of_value

    def _conditions(self) -> Iterable[Condition]:
        known = {"limit", "page", "include", "sort"}
        for name, text in self._parameters:
            negated = name.startswith("-")
            found = self._filter(name.removeprefix("-"))
            if found is not None:
                try:
                    yield Condition(name.removeprefix("-"), text, negated, found.read(text))
                except Unreadable as error:
                    self._wrong(name, str(error))
            elif self._strict and name not in known:
                self._wrong(name, "this list takes no such parameter")

    def _filter(self, name: str) -> Filter | None:
        if self._resource.value_filters and name.startswith("value."):
            return SameValue(name)
        return self._resource.filters.get(name)


def direct_ids(query: Query) -> tuple[str, list[str]] | None:
    """Return what the query names its records by, if it does: a resource and ids in it."""
    for condition in query.conditions:
        owner = query.resource.owners.get(condition.name)
        if owner is not None and not condition.negated:
            return owner, read_list(condition.text)
    return None
