"""Before a date is told to have come: what is known of it is held against the snapshot once more.

A snapshot also changes without events (a new baseline after a restore, a filter that was narrowed). What
changed so is taken over in silence; what an event is still to come for waits for it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lucca_sync.ingest.business.book import Book
from lucca_sync.ingest.business.fold import Folding
from lucca_sync.ingest.business.person import Fact, Person
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.state import Held
from lucca_sync.ingest.canonical import decode_content
from lucca_sync.journal.protocol import EventFilter, JournalReader, Known, ResourceName
from lucca_sync.model.business import INDIRECT
from lucca_sync.model.pointer import text_at

_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Recheck:
    """Holds the states of one tenant's people against its snapshot; up to `position` all was folded."""

    journal: JournalReader
    tenant: str
    book: Book
    places: Places
    position: int

    async def sound(self, people: Collection[Held], now: datetime) -> Sequence[Held]:
        """Return those of whom everything is folded, put right where the snapshot says otherwise."""
        fit = list(people)
        for resource in {one.resource for held in fit for one in held.person.appointments.values()}:
            known = await self._known(resource, fit)
            fit = [held for held in fit if not await self._is_behind(held.person, resource, known)]
            for held in fit:
                self._put_right(held, resource, known, now)
        return fit

    async def _known(self, resource: str, people: Collection[Held]) -> Mapping[str, Known]:
        facts = {key: fact for held in people for key, fact in held.person.records(resource).items()}
        known = await self.journal.known(ResourceName(self.tenant, resource), facts)
        return known if resource not in INDIRECT else await self._with_whom(resource, facts, known)

    async def _with_whom(
        self, resource: str, facts: Mapping[str, Fact], known: Mapping[str, Known]
    ) -> Mapping[str, Known]:
        """Leave out what is found through a record that is gone: it concerns nobody any more."""
        through, path = INDIRECT[resource]
        between = {key: text_at(fact.record, path) or "" for key, fact in facts.items()}
        found = await self.journal.known(ResourceName(self.tenant, through), set(between.values()))
        gone = {key for key, one in found.items() if one.content is None}
        return {key: one for key, one in known.items() if between[key] not in gone}

    async def _is_behind(self, person: Person, resource: str, known: Mapping[str, Known]) -> bool:
        """Tell whether the snapshot holds the outcome of an event that will be folded.

        Those emptied or pruned meanwhile (the tenant was away from the settings for long) never will be.
        """
        facts = person.records(resource)
        newer = [key for key, fact in facts.items() if key in known and known[key].sequence > fact.sequence]
        return any([await self._is_to_come(resource, key) for key in newer])

    async def _is_to_come(self, resource: str, record_id: str) -> bool:
        wanted = EventFilter(tenant=self.tenant, resource=resource, record_id=record_id)
        found = await self.journal.events(after=self.position, limit=_AT_ONCE, wanted=wanted)
        return any(not entry.emptied for entry in found)

    def _put_right(self, held: Held, resource: str, known: Mapping[str, Known], now: datetime) -> None:
        person, before = held.person, held.person.records(resource)
        after = {key: fact for key in before if (fact := _as_stored(known.get(key))) is not None}
        if after == before:
            return
        person.facts[resource] = after
        for key, one in list(person.appointments.items()):
            if one.resource == resource and one.record not in after:
                del person.appointments[key]
        Folding(self.book, self.places, held.who).seed(person, resource, now)


def _as_stored(known: Known | None) -> Fact | None:
    if known is None or known.content is None:
        return None
    return Fact(decode_content(known.content), known.sequence)
