"""The filters of the legacy query language: `p=1,2`, `notequal,…`, `since,…`, `between,a,b` and so on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from lucca_sync.simulator.answers.conditions import Unreadable
from lucca_sync.simulator.world.days import milliseconds

Scalar = str | int | None
"""Days and instants are milliseconds since 1970, yes and no are 1 and 0."""
Kind = Literal["number", "text", "flag", "day", "moment"]
Test = Callable[[Scalar], bool]
_BARE = len("2026-11-22")
_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1)
_FLAGS = {"true": 1, "false": 0, "1": 1, "0": 0}
_ORDERED = ("number", "day", "moment")
_IN_TIME = ("day", "moment")


def read_condition(kind: Kind, text: str, zone: str = "UTC") -> Test:
    """Return the test that a parameter's value asks for; raise `Unreadable` when it makes no sense.

    `zone` is that of instants that don't name one; days have none.
    """
    word, _, rest = text.partition(",")
    reader = _Reader(kind, "UTC" if kind == "day" else zone)
    match word.lower():
        case "notequal":
            equal = reader.equal(rest)
            return lambda value: not equal(value)
        case "like" | "starts" if kind == "text":
            return _contains(rest, anywhere=word.lower() == "like")
        case "since" | "until" | "between" if kind in _IN_TIME:
            return reader.within(word.lower(), rest)
        case "greaterthan" | "greaterthanorequal" | "lessthan" | "lessthanorequal" if kind in _ORDERED:
            return reader.beside(word.lower(), rest)
        case _:
            return reader.equal(text)


class _Reader:
    """Reads values of one kind."""

    def __init__(self, kind: Kind, zone: str) -> None:
        self._kind = kind
        self._zone = zone

    def equal(self, text: str) -> Test:
        wanted = frozenset(self._value(word) for word in text.split(","))
        return lambda value: _folded(value) in wanted

    def beside(self, word: str, text: str) -> Test:
        bound = self._number(text)
        strict = not word.endswith("orequal")
        if word.startswith("greater"):
            return lambda value: isinstance(value, int) and (value > bound if strict else value >= bound)
        return lambda value: isinstance(value, int) and (value < bound if strict else value <= bound)

    def within(self, word: str, text: str) -> Test:
        """Read a range of time, both bounds included; the last day of `between` counts to its end."""
        low, high = -(1 << 62), 1 << 62
        first, comma, last = text.partition(",")
        if (word == "between") is not bool(comma):
            raise Unreadable("between takes two dates, since and until take one")
        if word != "until":
            low = self._number(first)
        if word == "until":
            high = self._number(first)
        if word == "between":
            high = milliseconds(self._moment(last) + (_DAY - _MILLISECOND if _is_bare(last) else timedelta()))
        return lambda value: isinstance(value, int) and low <= value <= high

    def _number(self, text: str) -> int:
        value = self._value(text)
        if not isinstance(value, int):
            raise Unreadable("a value that can be compared")
        return value

    def _value(self, text: str) -> Scalar:
        if text.lower() == "null":
            return None
        match self._kind:
            case "text":
                return text.casefold()
            case "flag":
                return _flag(text)
            case "number":
                return _number(text)
            case _:
                return milliseconds(self._moment(text))

    def _moment(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Unreadable("a date is written like 2026-11-22 or 2026-11-22T08:45:23") from None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(self._zone))


def _contains(text: str, *, anywhere: bool) -> Test:
    wanted = text.casefold()

    def test(value: Scalar) -> bool:
        found = str(_folded(value) or "")
        return wanted in found if anywhere else found.startswith(wanted)

    return test


def _folded(value: Scalar) -> Scalar:
    return value.casefold() if isinstance(value, str) else value


def _flag(text: str) -> int:
    if text.lower() not in _FLAGS:
        raise Unreadable("true or false")
    return _FLAGS[text.lower()]


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Unreadable("a whole number") from None


def _is_bare(text: str) -> bool:
    return len(text) == _BARE


def naive_text(instant: int, zone: str) -> str:
    """Write an instant as a clock on a wall in a time zone shows it, without saying which."""
    local = datetime.fromtimestamp(instant / 1000, UTC).astimezone(ZoneInfo(zone))
    return local.replace(tzinfo=None).isoformat(timespec="milliseconds")
