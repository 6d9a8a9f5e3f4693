"""What other parts of ingest know that dates depend on: time zones, up to when a resource was looked at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.canonical import decode_content
from lucca_sync.journal.protocol import JournalReader, ResourceName
from lucca_sync.model.pointer import text_at

_ESTABLISHMENTS: Final = "business-establishments"
_AT_ONCE: Final = 500
_PATIENCE: Final = timedelta(hours=1)
"""After so long in vain, what is known is what is told."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Looks at what other eyes left in the journal. `since` is when the daemon began to look."""

    journal: JournalReader
    tenant: str
    since: datetime

    async def seen_to(self, resources: Collection[str], now: datetime) -> Mapping[str, datetime]:
        """Return the instant up to which each resource was looked at.

        After a pause the store shows dates that may have been moved meanwhile: they wait until somebody has
        looked, a whole sweep or the eye for due dates, but not for ever.
        """
        if now - self.since >= _PATIENCE:
            return dict.fromkeys(resources, now)
        dues, states = await self.journal.notes(f"due/{self.tenant}/"), await self.journal.resources()
        found: dict[str, datetime] = {}
        for resource in resources:
            note = dues.get(f"due/{self.tenant}/{resource}")
            state = states.get(ResourceName(self.tenant, resource))
            seen = [datetime.fromisoformat(note.decode())] if note else []
            seen += [state.swept] if state is not None and state.swept is not None else []
            found |= {resource: max(seen)} if seen else {}
        return found

    async def learn_zones(self, places: Places) -> None:
        """Learn the time zones of the tenant's establishments."""
        name, after, zones = ResourceName(self.tenant, _ESTABLISHMENTS), None, dict[str, ZoneInfo]()
        while known := await self.journal.scan(name, after, _AT_ONCE):
            for one in known:
                zone = _zone(text_at(decode_content(one.content or b"{}"), ("timezoneId",)))
                zones |= {one.id: zone} if zone is not None else {}
            after = known[-1].id
        places.zones = zones


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):
        return None
