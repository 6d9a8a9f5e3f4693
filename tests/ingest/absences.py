"""Absences in memory, asked as the legacy API is, and the watch that looks at them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import anyio
import msgspec

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.leave_records import leave_post
from lucca_sync.ingest.leave_watch import LeaveWatch
from lucca_sync.ingest.patience import Patience
from lucca_sync.ingest.source import Lookout, Watched, Window
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import EventFilter, ResourceName
from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import Refused, SourceError, TooHeavy
from lucca_sync.model.catalogue import CATALOGUE, Resource
from lucca_sync.model.event import Event
from lucca_sync.model.values import Json, JsonObject
from lucca_sync.obs.metrics import Metrics
from tests.ingest.tenant import Answer
from tests.ingest.watching import LANE, Onlooker, Standing

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TENANT = "acme"
LONG_AGO = "2026-01-15T09:00:00Z"
_LINKED = {
    "leavePeriod.confirmationDate": ("leavePeriod", "confirmationDate"),
    "cancellationDate": ("cancellationDate",),
    "creationDate": ("creationDate",),
}


def half_day(
    period: int, day: str, half: str = "AM", *, owner: int = 7, account: int = 1, **fields: Json
) -> JsonObject:
    """A half-day as listed."""
    return {
        "id": f"{period}-{day.replace('-', '')}-{half}",
        "date": f"{day}T00:00:00",
        "isAm": half == "AM",
        "leaveAccountId": account,
        "leaveAccount": {"id": account, "name": f"Account {account}", "url": "x"},
        "leavePeriodId": period,
        "leavePeriod": {"ownerId": owner, "isConfirmed": True, "confirmationDate": LONG_AGO},
        "status": 1,
        "value": None,
        "duration": "12:00:00",
        "creationDate": LONG_AGO,
        "isActive": True,
        "cancellationDate": None,
        "cancellationUserId": None,
        "comment": None,
        **fields,
    }


def days(first: str, last: str) -> Iterator[str]:
    """Walk through the working days from one to another."""
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        if day.weekday() < 5:
            yield day.isoformat()
        day += timedelta(days=1)


@dataclass
class FakeAbsences:
    """Users and half-days. `refused` parameters are answered 400, `ignored` ones as if they weren't there."""

    users: list[int] = field(default_factory=lambda: [7, 8])
    rows: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    refused: set[str] = field(default_factory=set[str])
    ignored: set[str] = field(default_factory=set[str])
    most: int = 10_000
    heavy: int = 1000
    """More owners than this at once are answered 408."""
    slow: float = 0.0
    """Seconds that each answer takes."""
    hidden: set[str] = field(default_factory=set[str])
    trouble: list[SourceError] = field(default_factory=list[SourceError])
    asked: list[str] = field(default_factory=list[str])

    def put(self, *rows: JsonObject) -> None:
        """Add or change half-days."""
        self.rows |= {str(row["id"]): row for row in rows}

    def away(self, period: int, first: str, last: str, **fields: Json) -> None:
        """Put in whole days, weekends left out."""
        for day in days(first, last):
            self.put(*(_half_day(period, day, half, fields) for half in ("AM", "PM")))

    def cancel(self, period: int, at: datetime) -> None:
        """Cancel a period, whose half-days stay readable."""
        for row in self._of(period):
            row |= {"isActive": False, "cancellationDate": _text(at)}

    def erase(self, period: int) -> None:
        """Take a period out without a trace."""
        for row in self._of(period):
            del self.rows[str(row["id"])]

    def first_url(self, resource: Resource, filters: Mapping[str, str]) -> str:
        raise NotImplementedError

    def follow(self, href: str, asked: str) -> str:
        raise NotImplementedError

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        self.asked.append(url)
        await anyio.sleep(self.slow)
        if self.trouble:
            raise self.trouble.pop(0)
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        found = self._users(query) if "/users" in url else self._found(query)
        offset, limit = map(int, query["paging"].split(","))
        items = found[offset : offset + min(limit, self.most)]
        return Answer(msgspec.json.encode({"header": {}, "data": {"items": items}, "metadata": None}), None)

    async def record(self, resource: Resource, record_id: str, purpose: Purpose) -> Answer | None:
        self.asked.append(f"{resource.path}/{record_id}")
        row = self.rows.get(record_id)
        return None if row is None else Answer(msgspec.json.encode({"header": {}, "data": row}), None)

    def _of(self, period: int) -> list[JsonObject]:
        return [row for row in self.rows.values() if row["leavePeriodId"] == period]

    def _users(self, query: Mapping[str, str]) -> list[JsonObject]:
        assert query["formerEmployees"] == "true"
        return [{"id": number} for number in self.users]

    def _found(self, query: Mapping[str, str]) -> list[JsonObject]:
        _, first, last = query["date"].split(",")
        owners = query["leavePeriod.ownerId"]
        if len(owners.split(",")) > self.heavy:
            raise TooHeavy("too many owners")
        for name in self.refused & query.keys():
            raise Refused(400, name)
        return [
            row
            for row in self.rows.values()
            if first <= str(row["date"])[:10] <= last
            and row["id"] not in self.hidden
            and (owners == "greaterthan,0" or str(_at(row, ("leavePeriod", "ownerId"))) in owners.split(","))
            and self._fits(row, query)
        ]

    def _fits(self, row: JsonObject, query: Mapping[str, str]) -> bool:
        for name, path in _LINKED.items():
            if name in query and name not in self.ignored:
                since = datetime.fromisoformat(query[name].removeprefix("since,"))
                value = _at(row, path)
                if not isinstance(value, str) or datetime.fromisoformat(value) < since:
                    return False
        return query.get("isActive") != "false" or row["isActive"] is False


class Scene:
    """The absences of one tenant, watched; half-days, periods, or both."""

    def __init__(
        self,
        tenant: FakeAbsences,
        *resources: str,
        journal: MemoryJournal | None = None,
        window: Window | None = None,
        clock: LoopClock | None = None,
    ) -> None:
        self.tenant = tenant
        self.journal = journal or MemoryJournal()
        self.clock = clock or LoopClock(START)
        metrics, standing = Metrics(), Standing()
        names = resources or ("leaves", "leave-periods")
        metrics.initialise_tenant(TENANT, names)
        lookout = Lookout(
            source=tenant,
            journal=self.journal,
            route=lambda event: (LANE,),
            clock=self.clock,
            metrics=metrics,
            onlooker=Onlooker(),
            rouse=lambda: None,
        )
        gate = StoreGate(self.journal, standing, metrics)
        posts = [leave_post(lookout, watched(name, window or Window())) for name in names]
        patience = Patience(lookout, posts[0].watched.name, gate, lambda: 1.0, standing=standing)
        self.watch = LeaveWatch([(post, Absentees(post)) for post in posts], patience)

    async def look(self) -> float:
        """Look once."""
        wait = await self.watch.once()
        assert not self.watch.failing
        return wait

    async def events(self, resource: str) -> list[Event]:
        """Return all events so far about a resource."""
        found = await self.journal.events(after=0, limit=10_000, wanted=EventFilter(resource=resource))
        return [entry.event for entry in found]

    async def told(self, resource: str) -> list[tuple[str, str]]:
        """Return all events so far about a resource: record and kind."""
        return [(event.record_id, event.kind) for event in await self.events(resource)]

    async def record(self, resource: str, record_id: str) -> JsonObject:
        """Return what is known of a record."""
        known = await self.journal.known(ResourceName(TENANT, resource), [record_id])
        content: JsonObject = msgspec.json.decode(known[record_id].content or b"null")
        return content

    async def living(self, resource: str) -> list[str]:
        """Return the ids of all living records."""
        return sorted(one.id for one in await self.journal.beginning(ResourceName(TENANT, resource), [""]))


def watched(resource: str, window: Window) -> Watched:
    name = ResourceName(TENANT, resource)
    return replace(Watched(name, CATALOGUE[resource], "https://acme.ilucca.net", every=300.0), window=window)


def _half_day(period: int, day: str, half: str, fields: Mapping[str, Json]) -> JsonObject:
    row = half_day(period, day, half)
    owner = fields.get("owner")
    if owner is not None:
        row["leavePeriod"] = {"ownerId": owner, "isConfirmed": True, "confirmationDate": LONG_AGO}
    return {**row, **{name: value for name, value in fields.items() if name != "owner"}}


def _at(row: JsonObject, path: tuple[str, ...]) -> Json:
    value: Json = row
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
