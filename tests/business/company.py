"""A company whose records go into a journal as ingest would write them, and what is derived from that."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from lucca_sync.ingest.business.book import book_of
from lucca_sync.ingest.business.deriver import Deriver, Told
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.state import States
from lucca_sync.ingest.canonical import canonicalise
from lucca_sync.ingest.emit import (
    Origin,
    write_created,
    write_deleted,
    write_first,
    write_forgotten,
    write_updated,
)
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import EventFilter, Journal, ResourceName, Write
from lucca_sync.model.business import RULES, Rule
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import PEOPLE, Event
from lucca_sync.model.values import Json, JsonObject

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
WINDOW = timedelta(seconds=30)
_PAGE = 1000
TENANT, URL = "acme", "https://acme.ilucca.net"
V5 = (
    "employees",
    "employments",
    "job-positions",
    "probationary-periods",
    "leave-requests-v5",
    "leaves-v5",
    "business-establishments",
)
V3 = ("users", "leaves")
LANE = Lane("all", "crm")
Record: TypeAlias = JsonObject


@dataclass
class Hands:
    """A clock that somebody turns."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@dataclass
class Company:
    """One tenant: `put` and `remove` are changes that an eye has seen."""

    journal: Journal = field(default_factory=MemoryJournal)
    clock: Hands = field(default_factory=Hands)
    watched: Sequence[str] = V5
    rules: Sequence[Rule] = RULES
    notices: Sequence[int] = (14,)
    behind: list[datetime | None] = field(default_factory=list[datetime | None])
    room: int = 20_000
    aside: list[int] = field(default_factory=list[int])
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    snapshots: Sequence[str] = ()

    def deriver(self, journal: Journal | None = None, places: Places | None = None) -> Deriver:
        """Start a daemon's deriver, which knows nothing but the journal."""
        return Deriver(
            states=States(journal or self.journal, TENANT, URL, lambda _event: (LANE,)),
            book=book_of(self.rules, self.watched, self.notices),
            places=places or Places(self.zone),
            clock=self.clock,
            window=WINDOW,
            snapshots=self.snapshots,
            room=self.room,
            told=Told(lambda _events: None, self.behind.append, self.aside.append),
        )

    async def baseline(self, **records: Sequence[Record]) -> None:
        """Have every watched resource read for the first time, in silence."""
        for resource in self.watched:
            found = records.get(resource.replace("-", "_"), ())
            writes = [
                write_first(str(one["id"]), canonicalise(one, CATALOGUE[resource]), None) for one in found
            ]
            await self.journal.commit_writes(ResourceName(TENANT, resource), self.clock.at, writes)
            await self.seen(resource)

    async def seen(self, resource: str) -> None:
        """End a complete look at a resource."""
        await self.journal.finish_sweep(ResourceName(TENANT, resource), self.clock.at, 0)

    async def seen_all(self) -> None:
        """Look at everything."""
        for resource in self.watched:
            await self.seen(resource)

    async def put(self, resource: str, record: Record) -> None:
        """Let a record be seen as it is now: new, or changed."""
        write = await self._written(resource, str(record["id"]), record)
        if write is not None:
            await self.journal.commit_writes(ResourceName(TENANT, resource), self.clock.at, [write])

    async def remove(self, resource: str, record_id: str) -> None:
        """Let a record be seen to be gone."""
        write = await self._written(resource, record_id, None)
        assert write is not None
        await self.journal.commit_writes(ResourceName(TENANT, resource), self.clock.at, [write])

    async def rewrite(self, resource: str, record: Record, *, gone: bool = False) -> None:
        """Let the snapshot change in silence, as a new baseline does."""
        known = await self.journal.known(self.place(resource), [str(record["id"])])
        one = known[str(record["id"])]
        write = write_first(one.id, canonicalise(record, CATALOGUE[resource]), one)
        writes = [write_forgotten(one) if gone else write]
        await self.journal.commit_writes(self.place(resource), self.clock.at, writes)

    async def _written(self, resource: str, record_id: str, record: Record | None) -> Write | None:
        origin = Origin(TENANT, URL, CATALOGUE[resource], self.clock.at, "sweep")
        name = ResourceName(TENANT, resource)
        known = (await self.journal.known(name, [record_id])).get(record_id)
        if record is None:
            assert known is not None
            return write_deleted(origin, known, nowhere)
        canonical = canonicalise(record, CATALOGUE[resource])
        if known is None or known.content is None:
            return write_created(origin, record_id, canonical, known, nowhere)
        return write_updated(origin, canonical, known, nowhere)

    def place(self, resource: str) -> ResourceName:
        """Name a resource of this tenant."""
        return ResourceName(TENANT, resource)

    async def events(self) -> list[Event]:
        """Return every business event so far."""
        wanted, found, after = EventFilter(tenant=TENANT, resource=PEOPLE), list[Event](), 0
        while page := await self.journal.events(after=after, limit=_PAGE, wanted=wanted):
            found += [entry.event for entry in page]
            after = page[-1].position
        return found

    async def told(self) -> list[tuple[str, str | None]]:
        """Return name and date of every business event so far."""
        return [(one.business.name, one.business.on) for one in await self.events() if one.business]

    async def names(self) -> list[str]:
        """Return the names of all business events so far."""
        return [name for name, _ in await self.told()]

    async def derive(self, deriver: Deriver | None = None) -> Deriver:
        """Let the window pass, everything be looked at, and what follows be derived."""
        one = deriver or self.deriver()
        await one.look()
        self.clock.at += WINDOW
        await self.seen_all()
        await one.look()
        return one

    async def day(self, text: str) -> None:
        """Let time pass until noon of a day, with a look at everything."""
        self.clock.at = datetime.fromisoformat(f"{text}T11:00:00+00:00")
        await self.seen_all()


def nowhere(_event: Event) -> tuple[Lane, ...]:
    """Route raw events to nobody."""
    return ()


def employee(number: str = "1", **fields: Json) -> Record:
    return {
        "id": number,
        "givenName": "Ada",
        "familyName": "Byron",
        "status": "active",
        "lastUpdatedAt": "2026-03-10T11:59:00Z",
        **fields,
    }


def employment(
    number: str = "10", start: str = "2020-01-01", end: str | None = None, **fields: Json
) -> Record:
    return {
        "id": number,
        "employee": {"id": "1", "type": "employee"},
        "legalEntity": {"id": "1"},
        "template": {"id": "1"},
        "start": {"date": start},
        "end": None if end is None else {"date": end},
        **fields,
    }


def position(
    number: str = "100", start: str = "2020-01-01", end: str | None = None, **fields: Json
) -> Record:
    return {
        "id": number,
        "employee": {"id": "1", "type": "employee"},
        "employment": {"id": "10"},
        "startsOn": start,
        "endsOn": end,
        "jobTitle": "Analyst",
        "department": {"id": "5"},
        "manager": {"id": "9"},
        "businessEstablishment": {"id": "1"},
        **fields,
    }


def probation(end: str, extended: str | None = None, **fields: Json) -> Record:
    return {
        "id": "500",
        "employment": {"id": "10"},
        "startsOn": "2020-01-01",
        "initialEndsOn": end,
        "extendedEndsOn": extended,
        "endsOn": extended or end,
        **fields,
    }


def settled() -> dict[str, list[Record]]:
    """A baseline with one person who has been here for years."""
    return {"employees": [employee()], "employments": [employment()], "job_positions": [position()]}
