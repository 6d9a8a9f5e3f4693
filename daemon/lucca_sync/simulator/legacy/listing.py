"""What all legacy lists have in common: properties to filter and sort by, and the reading of a query."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from lucca_sync.simulator.answers.conditions import Unreadable, read_number
from lucca_sync.simulator.answers.problems import Problem
from lucca_sync.simulator.answers.query import Parameters
from lucca_sync.simulator.legacy.conditions import Kind, Scalar, Test, read_condition
from lucca_sync.simulator.legacy.fields import COUNT, DEFAULT, Fields, read_fields
from lucca_sync.simulator.shapes import Json
from lucca_sync.simulator.world.records import Records
from lucca_sync.simulator.world.row import Record

RowT = TypeVar("RowT", bound=Record)
RowT_contra = TypeVar("RowT_contra", bound=Record, contravariant=True)
_KEYWORDS = frozenset({"fields", "paging", "orderby", "metadata", "notify", "callback", "dry"})
_DEFAULT_LIMIT = 1000
_DIRECTIONS = ("asc", "desc")


class Read(Protocol[RowT_contra]):
    """Reads one value of a record."""

    def __call__(self, row: RowT_contra, records: Records, /) -> Scalar:
        """Return it as filters compare it."""
        ...


@dataclass(frozen=True)
class Property(Generic[RowT]):
    """What a list can be filtered and sorted by."""

    kind: Kind
    read: Read[RowT]
    of_group: bool = False
    """Whether all records of a group (the half-days of a period) have the same value."""

    def sort_key(self, records: Records) -> Callable[[RowT], tuple[int, int, str]]:
        """Return what puts records in order by it; those without a value come first."""
        return lambda row: _sortable(self.read(row, records))


@dataclass(frozen=True)
class Condition(Generic[RowT]):
    """One filter with the value that was asked for."""

    name: str
    property: Property[RowT]
    test: Test

    def holds(self, row: RowT, records: Records) -> bool:
        """Say whether a record fits."""
        return self.test(self.property.read(row, records))


@dataclass(frozen=True)
class Asked(Generic[RowT]):
    """What a list was asked for."""

    conditions: Sequence[Condition[RowT]]
    orders: Sequence[tuple[Property[RowT], bool]]
    """Sort keys, each with whether it is descending."""
    offset: int
    limit: int
    fields: Fields
    counts: bool
    words: Mapping[str, str]
    """The list's own keywords that are no filters."""

    @property
    def names(self) -> set[str]:
        """The properties that it filters by."""
        return {condition.name for condition in self.conditions}


Rows = Callable[[Records, Asked[RowT]], Iterable[RowT]]
Check = Callable[[Asked[RowT]], None]
Expansion = Callable[[RowT, Records, str], Json]


def _unchecked(asked: Asked[RowT]) -> None:
    """Most lists need no filter."""
    del asked


@dataclass(frozen=True)
class Listing(Generic[RowT]):
    """One list of the legacy API."""

    resource: str
    max_limit: int
    properties: Mapping[str, Property[RowT]]
    """By name in lower case."""
    rows: Rows[RowT]
    """Walks through the records that fit, in the order of their numbers."""
    expansions: Mapping[str, Expansion[RowT]] = field(default_factory=dict[str, Expansion[RowT]])
    """What is shown only when asked for, by path in lower case."""
    keywords: frozenset[str] = frozenset()
    check: Check[RowT] = _unchecked
    """Raises a 400 when a filter that the list needs is missing."""

    def read(self, parameters: Parameters, zone: str) -> Asked[RowT]:
        """Read a query, or raise a 400."""
        texts = {name.lower(): text for name, text in parameters}
        fields = read_fields(texts.get("fields", ""))
        counts = fields.pop(COUNT, None)
        offset, limit = self._paging(texts.get("paging", f"0,{_DEFAULT_LIMIT}"))
        asked = Asked(
            conditions=tuple(self._conditions(parameters, zone)),
            orders=tuple(self._orders(texts.get("orderby"))),
            offset=offset,
            limit=limit,
            fields=fields or {name: {} for name in DEFAULT},
            counts=counts is not None,
            words={name: text for name, text in texts.items() if name in self.keywords},
        )
        self.check(asked)
        return asked

    def page(
        self, records: Records, asked: Asked[RowT], lists: Callable[[Record], bool]
    ) -> tuple[list[RowT], int]:
        """Return the records of one page, and how many there are on all pages."""
        rows = [row for row in self.rows(records, asked) if lists(row)]
        for order, descending in reversed(asked.orders):
            rows.sort(key=order.sort_key(records), reverse=descending)
        return rows[asked.offset : asked.offset + asked.limit], len(rows)

    def expand(self, row: RowT, records: Records, base: str) -> Callable[[str], Json]:
        """Return what makes the parts of a record that are shown only when asked for."""
        return lambda path: self.expansions[path](row, records, base)

    def _conditions(self, parameters: Parameters, zone: str) -> Iterator[Condition[RowT]]:
        for name, text in parameters:
            if name.lower() in _KEYWORDS | self.keywords:
                continue
            known = self._property(name)
            try:
                yield Condition(name.lower(), known, read_condition(known.kind, text, zone))
            except Unreadable as error:
                raise Problem(400, f"{name} cannot be read: {error}.") from None

    def _orders(self, text: str | None) -> Iterator[tuple[Property[RowT], bool]]:
        words = [] if text is None else text.split(",")
        names, directions = words[::2], [word.lower() for word in words[1::2]]
        if len(names) != len(directions) or any(word not in _DIRECTIONS for word in directions):
            raise Problem(400, "orderBy holds pairs of a property and asc or desc.")
        for name, direction in zip(names, directions, strict=True):
            yield self._property(name), direction == "desc"

    def _property(self, name: str) -> Property[RowT]:
        known = self.properties.get(name.lower())
        if known is None:
            raise Problem(400, f"Unknown property {name}.")
        return known

    def _paging(self, text: str) -> tuple[int, int]:
        first, comma, second = text.partition(",")
        offset, limit = read_number(first), read_number(second)
        if not comma or offset is None or limit is None:
            raise Problem(400, "paging is written like 0,1000.")
        if limit > self.max_limit:
            raise Problem(400, f"At most {self.max_limit} items a page.")
        return offset, limit


def fitting(rows: Iterable[RowT], conditions: Sequence[Condition[RowT]], records: Records) -> Iterator[RowT]:
    """Leave out what does not fit."""
    return (row for row in rows if all(condition.holds(row, records) for condition in conditions))


def _sortable(value: Scalar) -> tuple[int, int, str]:
    if isinstance(value, str):
        return (1, 0, value.casefold())
    return (0, 0, "") if value is None else (1, value, "")
