"""Taking in what a baseline read: nobody did anything, but dates in it will come.

What was told since (there are raw events that were not folded yet) is taken in as it was before.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import anyio

from lucca_sync.ingest.business.book import Book
from lucca_sync.ingest.business.fold import Folding
from lucca_sync.ingest.business.person import Fact
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.state import States
from lucca_sync.ingest.business.telling import Origin
from lucca_sync.ingest.business.whom import Whom
from lucca_sync.ingest.canonical import decode_content
from lucca_sync.journal.protocol import EventFilter, Known, ResourceName
from lucca_sync.model.event import Event

_AT_ONCE: Final = 200
_UNFOLDED: Final = 500


@dataclass(frozen=True, slots=True)
class Seeding:
    """Takes the snapshot of one resource into the states of its people."""

    states: States
    book: Book
    places: Places
    whom: Whom

    async def take_in(
        self, name: ResourceName, swept: datetime | None, beyond: int, now: datetime, *, only_new: bool
    ) -> None:
        """Take in a resource whose baseline ended at `swept`; events beyond a position are still to come.

        With `only_new` the rules are asked about records that no state held yet, and about no others; what
        events are still to come for is left to them: some may have been folded before a crash.
        """
        unfolded = await self._unfolded(name, beyond, swept)
        async for batch in self._records(name):
            quiet = [known for known in batch if not (only_new and known.id in unfolded)]
            facts = {known.id: fact for known in quiet if (fact := _before(known, unfolded)) is not None}
            await self._seed(name.resource, facts, now, only_new=only_new)

    async def _unfolded(self, name: ResourceName, beyond: int, swept: datetime | None) -> Mapping[str, Event]:
        """Return the first event of each record that is still to be folded; a baseline's own are no news."""
        found: dict[str, Event] = {}
        wanted = EventFilter(tenant=name.tenant, resource=name.resource)
        while entries := await self.states.journal.events(after=beyond, limit=_UNFOLDED, wanted=wanted):
            for entry in entries:
                event = entry.event
                baseline = event.kind == "created" and swept is not None and event.recorded <= swept
                if not baseline and not entry.emptied:
                    found.setdefault(event.record_id, event)
            beyond = entries[-1].position
        return found

    async def _records(self, name: ResourceName) -> AsyncIterator[Sequence[Known]]:
        after = None
        while batch := await self.states.journal.scan(name, after, _AT_ONCE):
            yield batch
            after = batch[-1].id
            await anyio.lowlevel.checkpoint()

    async def _seed(self, resource: str, facts: Mapping[str, Fact], now: datetime, *, only_new: bool) -> None:
        people: dict[str, dict[str, Fact]] = {}
        whom = await self.whom.of_records(resource, {key: fact.record for key, fact in facts.items()})
        for record_id, who in whom.items():
            people.setdefault(who, {})[record_id] = facts[record_id]
        held = await self.states.read(people)
        for who, one in held.items():
            before = one.person.records(resource)
            one.person.facts[resource] = {**people[who], **before}
            passed_over = before.keys() if only_new else ()
            Folding(self.book, self.places, who).seed(one.person, resource, now, passed_over)
        origin = Origin(self.states.tenant, self.states.source, now)
        await self.states.write([(one, ()) for one in held.values()], origin)


def _before(known: Known, unfolded: Mapping[str, Event]) -> Fact | None:
    """Return a record as it was before what is still to be folded; None when it was not there then."""
    first = unfolded.get(known.id)
    if first is None:
        return Fact(decode_content(known.content or b"{}"), known.sequence)
    return None if first.previous is None else Fact(first.previous, first.sequence - 1)
