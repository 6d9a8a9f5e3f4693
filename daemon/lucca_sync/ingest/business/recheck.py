"""Before a date is told to have come: what is known of it is held against the snapshot once more.

A snapshot also changes without events (a new baseline after a restore, a filter that was narrowed). What
changed so is taken over in silence; what an event is still to come for waits for it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lucca_sync.ingest.business.book import Book
from lucca_sync.ingest.business.fold import Folding
from lucca_sync.ingest.business.person import Fact, Person
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.state import Held
from lucca_sync.ingest.canonical import decode_content
from lucca_sync.journal.protocol import JournalReader, Known, ResourceName


@dataclass(frozen=True, slots=True)
class Recheck:
    """Holds the states of one tenant's people against its snapshot."""

    journal: JournalReader
    tenant: str
    book: Book
    places: Places

    async def sound(self, people: Collection[Held], now: datetime) -> Sequence[Held]:
        """Return those of whom everything is folded, put right where the snapshot says otherwise."""
        fit = list(people)
        for resource in {one.resource for held in fit for one in held.person.appointments.values()}:
            known = await self._known(resource, fit)
            fit = [held for held in fit if not _is_behind(held.person, resource, known)]
            for held in fit:
                self._put_right(held, resource, known, now)
        return fit

    async def _known(self, resource: str, people: Collection[Held]) -> Mapping[str, Known]:
        ids = {record_id for held in people for record_id in held.person.records(resource)}
        return await self.journal.known(ResourceName(self.tenant, resource), ids)

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


def _is_behind(person: Person, resource: str, known: Mapping[str, Known]) -> bool:
    """Tell whether the snapshot holds the outcome of an event that was not folded yet."""
    facts = person.records(resource)
    return any(key in known and known[key].sequence > fact.sequence for key, fact in facts.items())
