"""What the snapshot tells about records that went from view together: whose they were, and what they share.

Reads the journal only. Knows nothing of thresholds or of what becomes of the answer.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import anyio

from lucca_sync.ingest.canonical import decode_content
from lucca_sync.ingest.guard import nearly_all
from lucca_sync.ingest.source import Watched
from lucca_sync.journal.protocol import Journal, Known, ResourceName
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.pointer import text_at
from lucca_sync.model.values import JsonObject

_PLACES: Final = "business-establishments"
_AT_ONCE: Final = 500
_FEWEST: Final = 2
"""People, or definitions, that must go together before it says something."""
_REFUSAL_REMEMBERED: Final = timedelta(days=1)


class Evidence:
    """Answers questions about the records of one resource from the snapshots of the whole tenant."""

    def __init__(self, journal: Journal, watched: Watched) -> None:
        self._journal = journal
        self._name = watched.name
        self._employee = watched.resource.employee
        self._sectioned = watched.resource.name == "employee-attributes"

    def scope(self, refused: Mapping[str, datetime], now: datetime) -> bool:
        """Tell whether Lucca refused one of the tenant's resources for want of a scope, of late."""
        return any(now - at < _REFUSAL_REMEMBERED for at in refused.values())

    async def emptied(self, *, refused: bool) -> Literal["sections-lost", "scope-lost", "emptied"]:
        """Say why a resource that had rows may show none, `refused` if a scope is known to be lacking."""
        if self._sectioned:
            return "sections-lost"
        return "scope-lost" if refused or await self._others_show_rows() else "emptied"

    async def _others_show_rows(self) -> bool:
        for other in CATALOGUE.keys() - {self._name.resource}:
            name = self._other(other)
            records = (await self._journal.state(name)).records
            if records and records > await self._journal.count_missing(name):
                return True
        return False

    async def together(
        self, missing: Sequence[Known]
    ) -> Literal["sections-lost", "establishment-lost"] | None:
        """Tell whether a whole establishment, or whole definitions, are among what is missing."""
        if len(missing) < _FEWEST:
            return None
        if self._sectioned and await self._definitions_lost(missing):
            return "sections-lost"
        return "establishment-lost" if await self._establishment_lost(missing) else None

    async def of_a_lost_establishment(self, records: Sequence[Known]) -> bool:
        """Tell whether nearly all records belong to one establishment that is itself gone from view."""
        places = await self._establishments(records)
        found = list(places.values())
        leading = max(found, key=found.count, default=None)
        if leading is None or not nearly_all(found.count(leading), len(records)):
            return False
        name = self._other(_PLACES)
        if not (await self._journal.state(name)).baseline_done:
            return False
        known = (await self._journal.known(name, [leading])).get(leading)
        missing = await self._journal.missing(name, await self._journal.count_missing(name))
        return known is None or known.content is None or any(one.id == leading for one in missing)

    async def places(self, records: Sequence[Known]) -> Sequence[str]:
        """Return the establishments that records belong to, as far as we know them; these come first.

        Of establishments, those in which people work: nobody can have deleted them. All of these, too, for
        people of whom no place is known: their position may have gone before them.
        """
        if self._name.resource == _PLACES:
            return sorted(await self._in_use({known.id for known in records}))
        placed = await self._establishments(records)
        living = await self._contents(_PLACES, placed.values())
        people = await self._people({known.id: _content(known) for known in records})
        if not people.keys() - placed.keys():
            return sorted(living)
        others = await self._in_use({*await self._journal.ids(self._other(_PLACES))} - living.keys())
        return [*sorted(living), *sorted(others)]

    async def _in_use(self, places: set[str]) -> set[str]:
        used = set[str]()
        after: str | None = None
        while batch := await self._journal.scan(self._other("job-positions"), after, _AT_ONCE):
            used.update(place for known in batch if (place := _establishment(_content(known))) in places)
            after = batch[-1].id
        return used

    async def _definitions_lost(self, missing: Sequence[Known]) -> bool:
        """Tell whether several definitions have no visible attribute any more, of several people."""
        lost = defaultdict[str, set[str]](set)
        async for batch in _batches(missing):
            for known in batch:
                content = _content(known)
                lost[text_at(content, ("definition", "id")) or ""].add(self._person(known.id, content))
        gone = {known.id for known in missing}
        async for batch in self._others(gone):
            for known in batch:
                lost.pop(text_at(_content(known), ("definition", "id")) or "", None)
            if len(lost) < _FEWEST:
                return False
        people = set[str]().union(*lost.values())
        return len(lost) >= _FEWEST and len(people) >= _FEWEST

    async def _establishment_lost(self, missing: Sequence[Known]) -> bool:
        """Tell whether all that an establishment of several people had is among what is missing."""
        people = defaultdict[str, set[str]](set)
        async for batch in _batches(missing):
            places = await self._establishments(batch)
            for known in batch:
                if place := places.get(known.id):
                    people[place].add(self._person(known.id, _content(known)))
        lost = {place for place, members in people.items() if len(members) >= _FEWEST}
        if not lost:
            return False
        async for batch in self._others({known.id for known in missing}):
            lost -= set((await self._establishments(batch)).values())
            if not lost:
                return False
        return True

    async def _others(self, missing: set[str]) -> AsyncGenerator[Sequence[Known]]:
        """Give the living records that are not missing."""
        after: str | None = None
        while batch := await self._journal.scan(self._name, after, _AT_ONCE):
            yield [known for known in batch if known.id not in missing]
            after = batch[-1].id

    async def _establishments(self, records: Sequence[Known]) -> Mapping[str, str]:
        """Return the establishment of each record of which it is known: its own, or its employee's."""
        contents = {known.id: _content(known) for known in records}
        places = {name: _establishment(content) for name, content in contents.items()}
        people = await self._people(
            {name: content for name, content in contents.items() if places[name] is None}
        )
        if people:
            employed = await self._establishments_of_people(people.values())
            places.update({name: employed.get(person) for name, person in people.items()})
        return {name: place for name, place in places.items() if place is not None}

    async def _people(self, contents: Mapping[str, JsonObject]) -> Mapping[str, str]:
        """Return whose the records are, where they say so or name the contract that they belong to."""
        if self._employee is not None:
            return {name: self._person(name, content) for name, content in contents.items()}
        contracts = {
            name: contract
            for name, content in contents.items()
            if (contract := text_at(content, ("employment", "id")))
        }
        found = await self._contents("employments", contracts.values())
        return {
            name: person
            for name, contract in contracts.items()
            if contract in found and (person := text_at(found[contract], ("employee", "id")))
        }

    async def _establishments_of_people(self, people: Iterable[str]) -> Mapping[str, str]:
        employees = await self._contents("employees", people)
        positions = {
            person: position
            for person, content in employees.items()
            if (position := text_at(content, ("applicableJobPosition", "id")))
        }
        found = await self._contents("job-positions", positions.values())
        return {
            person: place
            for person, position in positions.items()
            if position in found and (place := _establishment(found[position]))
        }

    async def _contents(self, resource: str, ids: Iterable[str]) -> Mapping[str, JsonObject]:
        known = await self._journal.known(self._other(resource), set(ids))
        return {name: _content(one) for name, one in known.items() if one.content is not None}

    def _person(self, record_id: str, content: JsonObject) -> str:
        """Return whose a record is: an employee's, or its own."""
        return (text_at(content, self._employee) if self._employee else None) or record_id

    def _other(self, resource: str) -> ResourceName:
        return ResourceName(self._name.tenant, resource)


async def _batches(records: Sequence[Known]) -> AsyncGenerator[Sequence[Known]]:
    """Give records a few at a time, and others a turn in between: all of a resource may be missing."""
    for start in range(0, len(records), _AT_ONCE):
        yield records[start : start + _AT_ONCE]
        await anyio.lowlevel.checkpoint()


def _establishment(content: JsonObject) -> str | None:
    return text_at(content, ("businessEstablishment", "id"))


def _content(known: Known) -> JsonObject:
    return decode_content(known.content or b"{}")
