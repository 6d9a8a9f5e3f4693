"""What differs between two canonical forms of one record, leaf by leaf.

Pure. Null and absent count as the same; an object that appears or vanishes is told by its leaves, so that
`/manager/id` changes whether there was a manager before or not. Instants and durations are compared by what
they mean: /documentation/using-api/data-types shows both in several spellings.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from lucca_sync.ingest.canonical import identities
from lucca_sync.model.event import FieldChange
from lucca_sync.model.pointer import segment
from lucca_sync.model.values import Json, JsonObject

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)")
# Without months and years, which have no length of their own.
_DURATION: Final = re.compile(
    r"(-?)P(?=.*\d)(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?"
)
_UNITS: Final = (604_800, 86_400, 3_600, 60, 1)


def diff(before: JsonObject, after: JsonObject) -> tuple[FieldChange, ...]:
    """List the leaves that differ, in the order of their paths."""
    return tuple(_changes("", before, after))


def _changes(path: str, before: Json, after: Json) -> Iterator[FieldChange]:
    was, now = _members(before), _members(after)
    if _comparable(before, was, after, now):
        for key in sorted((was or {}).keys() | (now or {}).keys()):
            yield from _changes(f"{path}/{segment(key)}", (was or {}).get(key), (now or {}).get(key))
    elif not _same(before, after):
        yield FieldChange(path, before, after)


def _members(value: Json) -> "Mapping[str, Json] | None":
    """An object's members, or an array's identified objects; None for a leaf."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return identities(value) or None
    return None


def _comparable(
    before: Json, was: "Mapping[str, Json] | None", after: Json, now: "Mapping[str, Json] | None"
) -> bool:
    """Tell whether both sides have members, or one has and the other holds nothing."""
    if was is None and now is None:
        return False
    return (was is not None or _empty(before)) and (now is not None or _empty(after))


def _empty(value: Json) -> bool:
    return value is None or value == []


def _same(before: Json, after: Json) -> bool:
    if isinstance(before, bool) or isinstance(after, bool):
        return before is after
    if isinstance(before, str) and isinstance(after, str):
        return before == after or _same_instant(before, after) or _same_duration(before, after)
    if isinstance(before, list) and isinstance(after, list):
        pairs = zip(before, after, strict=False)
        return len(before) == len(after) and not any(list(_changes("", was, now)) for was, now in pairs)
    return before == after


def _same_instant(before: str, after: str) -> bool:
    if not (_INSTANT.fullmatch(before) and _INSTANT.fullmatch(after)):
        return False
    first, second = parse_instant(before), parse_instant(after)
    return first is not None and first == second


def _same_duration(before: str, after: str) -> bool:
    first, second = _seconds(before), _seconds(after)
    return first is not None and first == second


def _seconds(text: str) -> Decimal | None:
    """Read an ISO 8601 duration; None when it is none, or of no fixed length."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    sign, *parts = found.groups()
    seconds = sum((Decimal(part or 0) * unit for part, unit in zip(parts, _UNITS, strict=True)), Decimal())
    return -seconds if sign else seconds


def parse_instant(text: Json) -> datetime | None:
    """Read a timestamp with an offset, any fraction length (docs vary), as UTC; None when it is none.

    Nor is it one outside the calendar: the year 1 in Paris began before the year 1 in UTC.
    """
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
