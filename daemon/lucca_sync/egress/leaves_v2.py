"""The payload that the v2 API gave for a half-day of absence, rebuilt from a record of `leaves`. Pure.

That API ended on 2026-03-31; its consumers live on. Source: Lucca's guide migrate-from-leaves-v2, whose own
mapper is not followed: it loses days, halves and cancellations. What cannot be rebuilt is null.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

from msgspec.structs import replace

from lucca_sync.model.event import Event, FieldChange
from lucca_sync.model.pointer import segment
from lucca_sync.model.values import Json, JsonObject

Shape: TypeAlias = Literal["leaves-v2"]
SHAPED: Final = "leaves"
"""The resource whose records can be given the old shape."""

_NEW, _APPROVED, _REJECTED, _CANCELLED = 0, 2, 3, 4
_DURATION: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?")
_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_CONFIRMED: Final = 1


def in_old_shape(event: Event, owner: JsonObject | None) -> Event:
    """Return an event about a half-day with record, previous and changes as v2 would have shown them.

    `owner` is the record of `users` of whoever is away, None where it is not known.
    """
    record = None if event.record is None else old_leave(event.record, owner)
    previous = None if event.previous is None else old_leave(event.previous, owner)
    changes = _changes(previous, record) if event.kind == "updated" else ()
    return replace(event, record=record, previous=previous, changes=tuple(changes))


def old_leave(record: JsonObject, owner: JsonObject | None) -> JsonObject:
    """Return what v2 would have shown of a half-day."""
    number, day = record.get("ownerId"), record.get("date")
    morning = record.get("isAm")
    scope = None if not isinstance(morning, bool) else "AM" if morning else "PM"
    name = _inside(record.get("leaveAccount"), "name")
    return {
        "id": _old_id(number, day, scope),
        "name": name,
        "date": f"{day}T{'12' if scope == 'PM' else '00'}:00:00" if isinstance(day, str) and scope else None,
        "leaveScope": scope,
        "duration": _minutes(record.get("duration")),
        "status": _status(record),
        "accountLabel": name,
        "accountCode": None,
        "owner": {
            "id": number,
            "mail": _of(owner, "mail"),
            "login": _of(owner, "login"),
            "matricule": _of(owner, "employeeNumber"),
        },
    }


def _old_id(owner: Json, day: Json, scope: str | None) -> Json:
    """Write `7-02/03/2026 12:00:00-PM`."""
    found = _DAY.fullmatch(day) if isinstance(day, str) else None
    if found is None or owner is None or scope is None:
        return None
    year, month, date = found.groups()
    return f"{owner}-{date}/{month}/{year} {'12' if scope == 'PM' else '00'}:00:00-{scope}"


def _status(record: JsonObject) -> Json:
    """Tell 0 new, 2 approved, 3 rejected, 4 cancelled; 1, partly approved, is not in any half-day of v3.

    What was never confirmed and was ended by somebody else than its owner was refused.
    """
    if record.get("isActive") is None:
        return None
    confirmed = record.get("isConfirmed") is True or record.get("status") == _CONFIRMED
    if record.get("isActive") is True:
        return _APPROVED if confirmed else _NEW
    by = record.get("cancellationUserId")
    refused = not confirmed and by is not None and by != record.get("ownerId")
    return _REJECTED if refused else _CANCELLED


def _minutes(duration: Json) -> Json:
    """Read the duration that the record has in ISO 8601, days as hours."""
    found = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
    if found is None:
        return None
    hours, minutes = (int(part or 0) for part in found.groups())
    return hours * 60 + minutes


def _changes(before: JsonObject | None, after: JsonObject | None) -> Iterator[FieldChange]:
    was, now = dict(_leaves("", before or {})), dict(_leaves("", after or {}))
    for path in sorted(was.keys() | now.keys()):
        if was.get(path) != now.get(path):
            yield FieldChange(path, was.get(path), now.get(path))


def _leaves(path: str, value: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for key, part in value.items():
        here = f"{path}/{segment(key)}"
        if isinstance(part, dict):
            yield from _leaves(here, part)
        else:
            yield here, part


def _of(owner: JsonObject | None, name: str) -> Json:
    return None if owner is None else owner.get(name)


def _inside(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None
