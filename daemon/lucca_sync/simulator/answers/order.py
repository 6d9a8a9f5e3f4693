"""Puts a list in order and finds the place in it that a page token names."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from lucca_sync.simulator.answers.query import Sort
from lucca_sync.simulator.shapes import Json
from lucca_sync.simulator.world.records import Records
from lucca_sync.simulator.world.row import Record, SortValue

Element = tuple[int, int | float | str | tuple[int, ...]]
Key = tuple[Element | int, ...]
Place = tuple[SortValue, ...]
"""The raw values of the sort keys, and the record's number at the end."""


class Order(Protocol):
    """A list in order."""

    def after(self, place: Place | None) -> Iterator[Record]:
        """Walk on from a place, or from the beginning."""
        ...

    def before(self, place: Place) -> Iterator[Record]:
        """Walk back from a place."""
        ...


class NumberOrder:
    """All records of a resource by their number, without making a list of them."""

    def __init__(self, records: Records, resource: str, *, descending: bool) -> None:
        self._records = records
        self._resource = resource
        self._descending = descending

    def after(self, place: Place | None) -> Iterator[Record]:
        """Walk on from a number."""
        number = None if place is None else _number_in(place)
        return self._down(number) if self._descending else self._up(number)

    def before(self, place: Place) -> Iterator[Record]:
        """Walk back from a number."""
        number = _number_in(place)
        return self._up(number) if self._descending else self._down(number)

    def _up(self, number: int | None) -> Iterator[Record]:
        return self._records.rows(self._resource, after=number or 0)

    def _down(self, number: int | None) -> Iterator[Record]:
        before = self._records.next_id(self._resource) if number is None else number
        return self._records.rows_down(self._resource, before=before)


class SortedOrder:
    """A list that was sorted by any keys; the number decides among equals."""

    def __init__(
        self, records: Records, resource: str, sorts: Sequence[Sort], rows: Iterable[Record]
    ) -> None:
        self._records = records
        self._resource = resource
        self._sorts = sorts
        self._keys: list[Key] = sorted(self._key(place_of(row, sorts, records)) for row in rows)

    def after(self, place: Place | None) -> Iterator[Record]:
        """Walk on from a place, whether or not its record is still there."""
        start = 0 if place is None else bisect_right(self._keys, self._key(place))
        return self._rows(range(start, len(self._keys)))

    def before(self, place: Place) -> Iterator[Record]:
        """Walk back from a place."""
        start = bisect_left(self._keys, self._key(place))
        return self._rows(range(start - 1, -1, -1))

    def _rows(self, places: range) -> Iterator[Record]:
        for place in places:
            number = self._keys[place][-1]
            row = self._records.row(self._resource, number) if isinstance(number, int) else None
            if row is not None:
                yield row

    def _key(self, place: Place) -> Key:
        elements = [
            _element(value, descending=sort.descending)
            for value, sort in zip(place[:-1], self._sorts, strict=True)
        ]
        return (*elements, _number_in(place))


def place_of(row: Record, sorts: Sequence[Sort], records: Records) -> Place:
    """Return where a record stands in a list."""
    return (*(_value(row, sort, records) for sort in sorts), row.id)


def read_place(values: Sequence[Json], sorts: Sequence[Sort]) -> Place | None:
    """Return the place that a token's values name, or None when they don't fit the order."""
    plain = [value for value in values if value is None or isinstance(value, str | int | float)]
    if len(plain) != len(values) or len(plain) != len(sorts) + 1 or not isinstance(plain[-1], int):
        return None
    return tuple(plain)


def _value(row: Record, sort: Sort, records: Records) -> SortValue:
    if sort.key == "id":
        return row.id
    return row.sort_value(sort.key, records)


def _number_in(place: Place) -> int:
    number = place[-1]
    return number if isinstance(number, int) else 0


def _element(value: SortValue, *, descending: bool) -> Element:
    """Make values of any type comparable: numbers, then texts, then null; reversed if descending."""
    if value is None:
        return (-2 if descending else 2, 0)
    if isinstance(value, str):
        # A longer text comes before its own beginning when the order is reversed: hence the end mark.
        return (-1, (*(-ord(letter) for letter in value), 1)) if descending else (1, value)
    return (0, -value if descending else value)
