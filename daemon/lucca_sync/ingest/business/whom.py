"""Whom a record concerns: by itself, or through the contract that it belongs to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lucca_sync.ingest.canonical import decode_content
from lucca_sync.journal.protocol import EventEntry, EventFilter, JournalReader, ResourceName
from lucca_sync.model.business import INDIRECT
from lucca_sync.model.catalogue import described
from lucca_sync.model.pointer import text_at
from lucca_sync.model.values import JsonObject


@dataclass(frozen=True, slots=True)
class Whom:
    """Finds the employees behind the records of one tenant."""

    journal: JournalReader
    tenant: str

    async def of_entry(self, entry: EventEntry) -> str | None:
        """Return whom an event concerns; None when that is not known yet, empty where it concerns nobody."""
        event = entry.event
        if event.resource not in INDIRECT:
            return event.employee or ""
        through, path = INDIRECT[event.resource]
        between = text_at(event.record or event.previous or {}, path) or ""
        known = (await self.journal.known(ResourceName(self.tenant, through), [between])).get(between)
        if known is None:
            return None
        if known.content is None:
            return await self._of_gone(through, between, entry.position)
        return text_at(decode_content(known.content), _path(through)) or ""

    async def _of_gone(self, resource: str, record_id: str, position: int) -> str:
        """Return whose a record was that is gone now and was there at a position, as its deletion says.

        What was changed before is told, however late it is read.
        """
        wanted = EventFilter(tenant=self.tenant, resource=resource, record_id=record_id, kind="deleted")
        found = await self.journal.events(after=position, limit=1, wanted=wanted)
        return (found[0].event.employee or "") if found else ""

    async def of_records(self, resource: str, records: Mapping[str, JsonObject]) -> Mapping[str, str]:
        """Return the employees of records by the records' ids, those that are known."""
        if resource not in INDIRECT:
            found = {key: text_at(record, _path(resource)) for key, record in records.items()}
            return {key: who for key, who in found.items() if who}
        through, path = INDIRECT[resource]
        between = {key: text_at(record, path) for key, record in records.items()}
        owners = await self._owners(through, {one for one in between.values() if one})
        return {key: owners[one] for key, one in between.items() if one is not None and one in owners}

    async def _owners(self, resource: str, ids: Collection[str]) -> Mapping[str, str]:
        known = await self.journal.known(ResourceName(self.tenant, resource), ids)
        contents = {one.id: decode_content(one.content) for one in known.values() if one.content}
        found = {key: text_at(content, _path(resource)) for key, content in contents.items()}
        return {key: who for key, who in found.items() if who}


def _path(resource: str) -> tuple[str, ...]:
    return described(resource).employee or ()
