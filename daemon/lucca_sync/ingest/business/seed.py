"""Taking in what a baseline read: nobody did anything, but dates in it will come.

What was told since (there are raw events that were not folded yet) is taken in as it was before.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import anyio

from lucca_sync.ingest.business.aside import Asides, PutAside, each_alone
from lucca_sync.ingest.business.book import Book
from lucca_sync.ingest.business.fold import Folding
from lucca_sync.ingest.business.person import Fact
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.state import Held, States
from lucca_sync.ingest.business.telling import Origin
from lucca_sync.ingest.business.whom import Whom
from lucca_sync.ingest.canonical import decode_content
from lucca_sync.journal.protocol import EventFilter, Known, ResourceName

_AT_ONCE: Final = 200
_UNFOLDED: Final = 500

_Records: TypeAlias = dict[str, Known]
"""Records of one person by id, as the snapshot has them."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is taken in: a resource whose baseline ended at `swept`; events beyond a position are to come.

    With `only_new` the rules are asked about records that no state held yet, and about no others; what
    events are still to come for is left to them: some may have been folded before a crash.
    `only` restricts it to some people.
    """

    name: ResourceName
    swept: datetime | None
    beyond: int
    now: datetime
    only_new: bool = False
    only: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Seeding:
    """Takes the snapshot of one resource into the states of its people."""

    states: States
    book: Book
    places: Places
    whom: Whom
    asides: Asides
    put_aside: PutAside

    async def take_in(self, task: Task) -> None:
        """Take a resource in; whoever that breaks down for is set aside."""
        unfolded = await self._unfolded(task)
        async for batch in self._batches(task):
            await each_alone(
                [(who, records) for who, records in batch.items() if task.only is None or who in task.only],
                lambda people: self._seed(task, dict(people), unfolded),
                lambda person, error: self.put_aside(person[0], error, [task.name.resource]),
            )

    async def _unfolded(self, task: Task) -> Mapping[str, Sequence[int]]:
        """Return where events of each record stand that are still to be folded for somebody.

        Those of a baseline are no news.
        """
        found: dict[str, list[int]] = {}
        beyond = min([task.beyond, *(one.position for one in self.asides.standing)])
        wanted = EventFilter(tenant=task.name.tenant, resource=task.name.resource)
        while entries := await self.states.journal.events(after=beyond, limit=_UNFOLDED, wanted=wanted):
            for entry in entries:
                event = entry.event
                baseline = event.kind == "created" and task.swept is not None and event.recorded <= task.swept
                if not baseline and not entry.emptied:
                    found.setdefault(event.record_id, []).append(entry.position)
            beyond = entries[-1].position
        return found

    async def _batches(self, task: Task) -> AsyncIterator[Mapping[str, _Records]]:
        """Give the records of the snapshot some at a time, by the people whom they concern."""
        after = None
        while batch := await self.states.journal.scan(task.name, after, _AT_ONCE):
            contents = {known.id: decode_content(known.content or b"{}") for known in batch}
            whom = await self.whom.of_records(task.name.resource, contents)
            people: dict[str, _Records] = {}
            for known in batch:
                if known.id in whom:
                    people.setdefault(whom[known.id], {})[known.id] = known
            yield people
            after = batch[-1].id
            await anyio.lowlevel.checkpoint()

    async def _seed(
        self, task: Task, people: Mapping[str, _Records], unfolded: Mapping[str, Sequence[int]]
    ) -> None:
        held = await self.states.read(people)
        for who, one in held.items():
            await self._take_in(task, one, people[who], unfolded)
        origin = Origin(self.states.tenant, self.states.source, task.now)
        await self.states.write([(one, ()) for one in held.values()], origin)

    async def _take_in(
        self, task: Task, one: Held, records: _Records, unfolded: Mapping[str, Sequence[int]]
    ) -> None:
        resource, before = task.name.resource, one.person.records(task.name.resource)
        found: dict[str, Fact] = {}
        for known in records.values():
            first = self._first(task, one.who, unfolded.get(known.id, ()))
            if known.id not in before and (first is None or not task.only_new):
                fact = _as_stored(known) if first is None else await self._before(first)
                found |= {} if fact is None else {known.id: fact}
        one.person.facts[resource] = {**found, **before}
        passed_over = before.keys() if task.only_new else ()
        Folding(self.book, self.places, one.who).seed(one.person, resource, task.now, passed_over)

    def _first(self, task: Task, who: str, positions: Sequence[int]) -> int | None:
        """Return where the first event of a record stands that is to be folded for its person."""
        beyond = self.asides[who].position if who in self.asides else task.beyond
        return next((at for at in positions if at > beyond), None)

    async def _before(self, position: int) -> Fact | None:
        """Return a record as it was before what is still to be folded; None when it was not there then."""
        wanted = EventFilter(tenant=self.states.tenant)
        entries = await self.states.journal.events(after=position - 1, limit=1, wanted=wanted)
        event = entries[0].event
        return None if event.previous is None else Fact(event.previous, event.sequence - 1)


def _as_stored(known: Known) -> Fact:
    return Fact(decode_content(known.content or b"{}"), known.sequence)
