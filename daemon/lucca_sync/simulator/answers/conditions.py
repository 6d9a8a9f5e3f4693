"""The kinds of filters that lists take: how each reads its parameter and tests a record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import msgspec

from lucca_sync.simulator.answers.look import value_at
from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.records import Records

MAX_VALUES = 100
_MAX_DIGITS = 9
Test = Callable[[Records, View], bool]


class Unreadable(ValueError):
    """A parameter's value cannot be understood."""


class Filter(Protocol):
    """One filter that a list takes."""

    def read(self, text: str) -> Test:
        """Return the test that the parameter's value asks for, or raise `Unreadable`."""
        ...


@dataclass(frozen=True)
class OneOf:
    """Equal to one of up to a hundred values; `null` where the value may be missing."""

    path: str
    choices: frozenset[str] | None = None

    def read(self, text: str) -> Test:
        """Accept a comma-separated list."""
        wanted = frozenset(read_list(text))
        if self.choices is not None and not wanted <= self.choices:
            raise Unreadable(f"one of {', '.join(sorted(self.choices))}")
        return lambda records, view: _words(value_at(records, view, self.path)) & wanted != frozenset()


@dataclass(frozen=True)
class OfThese:
    """Naming one of up to a hundred records in an array of references, where null names them all."""

    path: str

    def read(self, text: str) -> Test:
        """Accept a comma-separated list of ids."""
        wanted = frozenset(read_list(text))

        def test(records: Records, view: View) -> bool:
            value = value_at(records, view, self.path)
            if not isinstance(value, list):
                return True
            return any(isinstance(item, dict) and item.get("id") in wanted for item in value)

        return test


@dataclass(frozen=True)
class OnDay:
    """Equal to a date; `null` where the date may be missing."""

    path: str
    null: bool = False

    def read(self, text: str) -> Test:
        """Accept a date or, perhaps, the word null."""
        wanted = None if self.null and text == "null" else read_day(text)
        return lambda records, view: value_at(records, view, self.path) == wanted


@dataclass(frozen=True)
class Between:
    """Within a range of dates, both ends included; a missing date is in no range."""

    path: str

    def read(self, text: str) -> Test:
        """Accept `A--B`, either end perhaps open as `..`."""
        low, separator, high = text.partition("--")
        if not separator:
            raise Unreadable("a range is written like 2026-01-01--2026-12-31, an open end as ..")
        first = "" if low == ".." else read_day(low)
        last = "9999-12-31" if high == ".." else read_day(high)

        def test(records: Records, view: View) -> bool:
            value = value_at(records, view, self.path)
            return isinstance(value, str) and first <= value <= last

        return test


@dataclass(frozen=True)
class IsTrue:
    """A yes or no: whether something is set, or equal to a flag."""

    path: str

    def read(self, text: str) -> Test:
        """Accept true or false."""
        if text not in ("true", "false"):
            raise Unreadable("true or false")
        return lambda records, view: bool(value_at(records, view, self.path)) is (text == "true")


@dataclass(frozen=True)
class Search:
    """The beginning of a word in one of several texts, or any part of them."""

    paths: Sequence[str]
    anywhere: bool = False

    def read(self, text: str) -> Test:
        """Accept any text; an empty one fits everything."""
        wanted = text.casefold().split()

        def test(records: Records, view: View) -> bool:
            texts = [str(value_at(records, view, path) or "").casefold() for path in self.paths]
            if self.anywhere:
                return any(" ".join(wanted) in found for found in texts)
            words = [word for found in texts for word in found.replace("-", " ").split()]
            words += texts
            return all(any(word.startswith(part) for word in words) for part in wanted)

        return test


@dataclass(frozen=True)
class AsOf:
    """In force on a day: the slice of a history that applies then."""

    path: str

    def read(self, text: str) -> Test:
        """Accept a date."""
        day = read_day(text)

        def test(records: Records, view: View) -> bool:
            start = value_at(records, view, f"{self.path}.start")
            end = value_at(records, view, f"{self.path}.end")
            begun = not isinstance(start, str) or start <= day
            return begun and (not isinstance(end, str) or day <= end)

        return test


@dataclass(frozen=True)
class SameValue:
    """Strictly equal to a value of any type, written as JSON or as plain text."""

    path: str

    def read(self, text: str) -> Test:
        """Accept any text."""

        def test(records: Records, view: View) -> bool:
            value = value_at(records, view, self.path)
            return value == text if isinstance(value, str) else msgspec.json.encode(value).decode() == text

        return test


def read_list(text: str) -> list[str]:
    """Split a comma-separated list of at most a hundred values."""
    values = text.split(",")
    if len(values) > MAX_VALUES:
        raise Unreadable(f"at most {MAX_VALUES} values")
    return values


def read_number(text: str) -> int | None:
    """Read a plain whole number of at most nine digits; None for anything else."""
    plain = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    return int(text) if plain else None


def read_day(text: str) -> str:
    """Accept a date and nothing else."""
    try:
        return date.fromisoformat(text).isoformat() if len(text) == len("2026-01-01") else _no_day()
    except ValueError:
        raise Unreadable("a date is written like 2026-11-22") from None


def _no_day() -> str:
    raise ValueError


def _words(value: Json) -> frozenset[str]:
    """Return what a list filter compares: the value itself, or each value of an array."""
    values = value if isinstance(value, list) else [value]
    return frozenset("null" if item is None else str(item) for item in values)
