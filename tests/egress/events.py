"""Events and claims to test with: made-up employees, a fixed day."""

from datetime import UTC, datetime
from hashlib import blake2b

from lucca_sync.journal.protocol import Claim
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Event, FieldChange, Kind
from lucca_sync.model.values import Json, JsonObject

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
LANE = Lane("people-to-crm", "crm")


def employee(record_id: str = "7", **fields: Json) -> JsonObject:
    return {"id": record_id, "type": "employee", "givenName": "Ada", "birthDay": "1990-01-31", **fields}


def changed(*paths: str) -> tuple[FieldChange, ...]:
    return tuple(FieldChange(path, "before", "after") for path in paths)


def event(
    kind: Kind = "updated",
    record_id: str = "7",
    sequence: int = 1,
    *,
    tenant: str = "acme",
    changes: tuple[FieldChange, ...] = changed("/givenName"),
    **fields: Json,
) -> Event:
    record = employee(record_id, **fields)
    return Event(
        id=blake2b(f"{tenant}/{record_id}/{sequence}".encode(), digest_size=16).hexdigest(),
        tenant=tenant,
        source=f"https://{tenant}.ilucca.net",
        resource="employees",
        singular="employee",
        record_id=record_id,
        kind=kind,
        happened=NOW,
        recorded=NOW,
        sequence=sequence,
        employee=record_id,
        detected_by="sweep",
        record=None if kind == "deleted" else record,
        previous=None if kind == "created" else record,
        changes=changes if kind == "updated" else (),
    )


def claim(of: Event | None = None, *, attempt: int = 1, journaled: datetime = NOW) -> Claim:
    return Claim(key=1, lane=LANE, event=of or event(), attempt=attempt, journaled=journaled)
