"""How a record stands, as an event: what a consumer is sent who was not there, or has lost it. Pure."""

from datetime import datetime
from typing import Final

from lucca_sync.ingest.canonical import decode_content
from lucca_sync.ingest.diff import parse_instant
from lucca_sync.journal.protocol import Known, ResourceName
from lucca_sync.model.catalogue import Resource
from lucca_sync.model.event import Event, event_id
from lucca_sync.model.pointer import text_at

_MARK: Final = b"snapshot"


def snapshot_of(
    known: Known, name: ResourceName, resource: Resource, *, source_url: str, at: datetime
) -> Event:
    """Return the event that shows a living record as it stands.

    It has the sequence of the record's last change, 0 where it never had one, and an id of its own: the same
    record at the same sequence has the same one, whenever and however often it is asked for.
    """
    content = decode_content(known.content or b"{}")
    written = parse_instant(content.get(resource.clock)) if resource.clock else None
    return Event(
        id=event_id((name.tenant, name.resource, known.id), known.digest, _MARK, known.sequence),
        tenant=name.tenant,
        source=source_url,
        resource=name.resource,
        singular=resource.singular,
        record_id=known.id,
        kind="snapshot",
        happened=min(written, at) if written else at,
        recorded=at,
        sequence=known.sequence,
        employee=text_at(content, resource.employee) if resource.employee else None,
        detected_by="person",
        record=content,
        previous=None,
        changes=(),
    )
