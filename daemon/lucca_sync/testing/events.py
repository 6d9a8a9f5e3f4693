"""Made-up events and deliveries, derived from what you name: the same words make the same event."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final, TypedDict, Unpack

from msgspec import structs

from lucca_sync.model.delivery import Delivery, Lane
from lucca_sync.model.event import Event, Eye, FieldChange, Kind, event_id
from lucca_sync.model.values import JsonObject

NOON: Final = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
LANE: Final = Lane("a-route", "a-connector")


class EventParts(TypedDict, total=False):
    """What can be said about an event; the rest is filled in."""

    id: str
    tenant: str
    source: str
    resource: str
    singular: str
    record_id: str
    kind: Kind
    happened: datetime
    recorded: datetime
    sequence: int
    employee: str | None
    detected_by: Eye
    record: JsonObject | None
    previous: JsonObject | None
    changes: tuple[FieldChange, ...]


class DeliveryParts(TypedDict, total=False):
    """What can be said about a delivery; the rest is filled in."""

    key: int
    lane: Lane
    attempt: int
    journaled: datetime


def an_event(**parts: Unpack[EventParts]) -> Event:
    """Make an event: by default employee 1 was renamed from Ada to Grace."""
    record_id, kind = parts.get("record_id", "1"), parts.get("kind", "updated")
    defaults = EventParts(
        employee=record_id,
        record=None if kind == "deleted" else {"id": record_id, "givenName": "Grace"},
        previous=None if kind == "created" else {"id": record_id, "givenName": "Ada"},
        changes=(FieldChange("/givenName", "Ada", "Grace"),) if kind == "updated" else (),
    )
    event = structs.replace(structs.replace(_RENAMED, **defaults), **parts)
    return event if event.id else structs.replace(event, id=_id(event))


def a_delivery(event: Event | None = None, **parts: Unpack[DeliveryParts]) -> Delivery:
    """Make a delivery of an event (default: `an_event()`), its key derived from the event's id."""
    of = event or an_event()
    key = int.from_bytes(blake2b(of.id.encode(), digest_size=6).digest())
    return replace(Delivery(key, of, LANE, 1, NOON), **parts)


_RENAMED: Final = Event(
    id="",
    tenant="acme",
    source="https://acme.ilucca.net",
    resource="employees",
    singular="employee",
    record_id="1",
    kind="updated",
    happened=NOON,
    recorded=NOON,
    sequence=1,
    employee="1",
    detected_by="sweep",
    record=None,
    previous=None,
    changes=(),
)


def _id(event: Event) -> str:
    subject = (event.tenant, event.resource, event.record_id)
    return event_id(subject, _digest(event.record), _digest(event.previous), event.sequence)


def _digest(record: JsonObject | None) -> bytes:
    if record is None:
        return b""
    return blake2b(json.dumps(record, sort_keys=True).encode(), digest_size=16).digest()
