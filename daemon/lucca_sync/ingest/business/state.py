"""People's states in the journal: read, and written with what is told of them in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import xxhash

from lucca_sync.ingest.business.person import Person, decode, encode
from lucca_sync.ingest.business.telling import Origin, Telling
from lucca_sync.ingest.emit import Route
from lucca_sync.journal.protocol import Journal, Known, ResourceName, Write
from lucca_sync.model.event import PEOPLE, Event


@dataclass(slots=True, repr=False)
class Held:
    """One person as read for a transaction: the state, the bytes it was read from, the events so far."""

    who: str
    person: Person
    content: bytes | None
    sequence: int


@dataclass(frozen=True, slots=True)
class States:
    """The states of one tenant's people. `route` says along which lanes an event travels."""

    journal: Journal
    tenant: str
    source: str
    route: Route

    @property
    def name(self) -> ResourceName:
        """The place of people in the snapshot."""
        return ResourceName(self.tenant, PEOPLE)

    async def read(self, people: Collection[str]) -> Mapping[str, Held]:
        """Return people as they are stored, those unknown as they begin."""
        known = await self.journal.known(self.name, people)
        return {who: held_as(known[who]) if who in known else Held(who, Person(), None, 0) for who in people}

    async def scan(self, after: str | None, limit: int) -> Sequence[Known]:
        """Return people beyond an id as they are written, in the store's own order; `held_as` reads them."""
        return await self.journal.scan(self.name, after, limit)

    async def write(self, told: Sequence[tuple[Held, Sequence[Telling]]], origin: Origin) -> Sequence[Event]:
        """Write states that changed and what is told, in one transaction; return the events."""
        writes = [write for held, tellings in told for write in self._writes(held, tellings, origin)]
        if writes:
            await self.journal.commit_writes(self.name, origin.now, writes)
        return [write.event for write in writes if write.event is not None]

    def _writes(self, held: Held, tellings: Sequence[Telling], origin: Origin) -> list[Write]:
        content = encode(held.person)
        digest, sequence, writes = xxhash.xxh3_128_digest(content), held.sequence, list[Write]()
        for told in tellings:
            sequence += 1
            event = told.event(origin, held.who, sequence)
            writes.append(Write(held.who, content, digest, sequence, event, self.route(event)))
        if not writes and content != held.content:
            writes.append(Write(held.who, content, digest, sequence))
        return writes


def held_as(known: Known) -> Held:
    """Read a person's state."""
    return Held(known.id, decode(known.content), known.content, known.sequence)
