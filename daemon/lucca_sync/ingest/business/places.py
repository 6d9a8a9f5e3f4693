"""When a day begins for a person: at midnight where they work then. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from lucca_sync.ingest.business.person import Person
from lucca_sync.ingest.business.timeline import starts
from lucca_sync.model.pointer import text_at
from lucca_sync.model.values import JsonObject

_POSITIONS: Final = "job-positions"
_ESTABLISHMENT: Final = ("businessEstablishment", "id")
_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class Places:
    """The time zones of a tenant: of its establishments by id, and the one where no other is known."""

    zone: ZoneInfo
    zones: Mapping[str, ZoneInfo] = field(default_factory=dict[str, ZoneInfo])

    def begins(self, day: date, person: Person, record: JsonObject | None) -> datetime:
        """Return the instant at which a day begins for a person, by the record that the day is from."""
        zone = self._zone_of(record, day, person)
        return datetime.combine(day, time(), zone).astimezone(UTC)

    def has_ended(self, day: date, person: Person, record: JsonObject, at: datetime) -> bool:
        """Tell whether a day is over at an instant."""
        return day < date.max - _DAY and self.begins(day + _DAY, person, record) <= at

    def _zone_of(self, record: JsonObject | None, day: date, person: Person) -> ZoneInfo:
        place = text_at(record or {}, _ESTABLISHMENT) or _workplace(person, day)
        return self.zones.get(place or "", self.zone)


def _workplace(person: Person, day: date) -> str | None:
    """Return the establishment of the last position that has begun by a day, else of the first to come."""
    dated = [
        (start, fact.record)
        for fact in person.records(_POSITIONS).values()
        if (start := starts(_POSITIONS, fact.record)) is not None
    ]
    dated.sort(key=lambda found: (found[0], str(found[1].get("id"))))
    begun = [record for start, record in dated if start <= day]
    chosen = begun[-1:] or [record for _, record in dated[:1]]
    return text_at(chosen[0], _ESTABLISHMENT) if chosen else None
