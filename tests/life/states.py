"""What two people must agree on who speak of the same state of a record: the oracle's own canonical form.

Written from the documentation, not from the product's code, so that a mistake there is not repeated here.
"""

import re
from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from lucca_sync.simulator.shapes import Json

State: TypeAlias = bytes | None
"""A record in canonical form; None where there is none."""

ADDED = {"employees": ("favouriteColour",)}
"""Fields that the API comes to show of every record, at some time in a life: learnt, no change."""
_ADDRESSES = ("url", "links", "embedded")
_CLOCKS = ("lastUpdatedAt", "modifiedAt")
_QUIET = {"departments": ("sortOrder",), "leave-requests": ()}
_UNORDERED = {"job-positions": ("updatedAttributes",)}
_HALF_DAY = (
    "id",
    "ownerId",
    "date",
    "isAm",
    "leaveAccountId",
    "status",
    "duration",
    "value",
    "isActive",
    "isConfirmed",
    "cancellationDate",
    "cancellationUserId",
    "comment",
)
_ENCODER = msgspec.json.Encoder(order="deterministic")
_NET_SPAN = re.compile(r"(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)")
_ISO_SPAN = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


def state_of(resource: str, record: Mapping[str, Json] | None) -> State:
    """Return what counts of a record; the same whoever shows it, and however it is written."""
    if record is None:
        return None
    if resource == "leaves":
        told = {name: record.get(name) for name in _HALF_DAY}
        told |= {name: _seconds(told[name]) for name in ("duration", "value")}
        return _ENCODER.encode(_plain(told))
    dropped = {*_ADDRESSES, *_CLOCKS, *_QUIET.get(resource, ()), *ADDED.get(resource, ())}
    told = {name: _plain(value) for name, value in record.items() if name not in dropped}
    for name in _UNORDERED.get(resource, ()):
        members = told.get(name)
        if isinstance(members, list):
            told[name] = sorted(members, key=str)
    return _ENCODER.encode(told)


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        kept = {name: _plain(part) for name, part in value.items()}
        return {name: part for name, part in kept.items() if "id" not in kept or name not in _ADDRESSES}
    if isinstance(value, list):
        parts = [_plain(part) for part in value]
        named = {str(part["id"]): part for part in parts if isinstance(part, dict) and "id" in part}
        return [named[key] for key in sorted(named)] if len(named) == len(parts) else parts
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _seconds(span: Json) -> Json:
    """Return a duration in seconds, whether it is written as .NET or as ISO 8601 does."""
    if not isinstance(span, str):
        return span
    if found := _NET_SPAN.fullmatch(span):
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    elif found := _ISO_SPAN.fullmatch(span):
        days, (hours, minutes, seconds) = 0, (int(part or 0) for part in found.groups())
    else:
        return span
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
