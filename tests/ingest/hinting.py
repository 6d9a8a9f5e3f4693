"""A tenant of many resources in memory, with its list of events, and everything that listens to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from lucca_sync.ingest.abilities import Abilities
from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.attention import Listening
from lucca_sync.ingest.feed import Feed, Listeners
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.hints import Desk, HintWorker
from lucca_sync.ingest.listing import EventPages
from lucca_sync.ingest.patience import Patience
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.reread import Rereader
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.ingest.watch import Watch
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import EventFilter, ResourceName
from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.budget import Purpose
from lucca_sync.model.catalogue import CATALOGUE, Resource
from lucca_sync.model.event import Event
from lucca_sync.model.hint import Hint
from lucca_sync.model.values import Json, JsonObject
from lucca_sync.obs.metrics import Metrics
from tests.ingest.tenant import Answer
from tests.ingest.watching import START, Onlooker, Standing

URL = "https://acme.ilucca.net"
PEOPLE = ("employees", "employments", "job-positions", "employee-attributes", "departments")


@dataclass
class Company:
    """Answers pages, filters by id lists, and lists events `page_size` at a time, in any order."""

    records: dict[str, dict[str, JsonObject]] = field(default_factory=dict[str, dict[str, JsonObject]])
    events: list[JsonObject] = field(default_factory=list[JsonObject])
    failed: list[JsonObject] = field(default_factory=list[JsonObject])
    newest_first: bool = True
    page_size: int = 3
    asked: list[str] = field(default_factory=list[str])
    purposes: list[Purpose] = field(default_factory=list[Purpose])
    trouble: dict[str, list[Exception]] = field(default_factory=dict[str, list[Exception]])

    def put(self, resource: str, record_id: str, **fields: Json) -> None:
        held = self.records.setdefault(resource, {})
        held[record_id] = {**held.get(record_id, {"id": record_id}), **fields}

    def tell(self, number: int, topic: str = "employee.updated", record: str = "1") -> JsonObject:
        at = (START + timedelta(minutes=number)).isoformat()
        event: JsonObject = {
            "id": str(number),
            "topic": topic,
            "occurredAt": at,
            "source": URL,
            "data": {"id": record},
        }
        self.events.append(event)
        return event

    def first_url(self, resource: Resource, filters: Mapping[str, str]) -> str:
        query = "&".join(f"{name}={value}" for name, value in filters.items() if name != "include")
        return f"{resource.name}?{query}"

    def follow(self, href: str, asked: str) -> str:
        return href

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        self._asked(url, resource, purpose)
        query = dict(part.split("=", 1) for part in url.partition("?")[2].split("&") if "=" in part)
        if resource.name == "events":
            return self._listed(query, url)
        found = [
            record
            for record in self.records.get(resource.name, {}).values()
            if all(_at(record, path) in wanted.split(",") for path, wanted in query.items())
        ]
        return Answer(msgspec.json.encode({"items": found, "links": {"next": None}}), None)

    async def record(self, resource: Resource, record_id: str, purpose: Purpose) -> Answer | None:
        self._asked(f"{resource.name}/{record_id}", resource, purpose)
        record = self.records.get(resource.name, {}).get(record_id)
        return None if record is None else Answer(msgspec.json.encode(record), None)

    def _asked(self, url: str, resource: Resource, purpose: Purpose) -> None:
        self.asked.append(url)
        self.purposes.append(purpose)
        if self.trouble.get(resource.name):
            raise self.trouble[resource.name].pop(0)

    def _listed(self, query: Mapping[str, str], url: str) -> Answer:
        events = self.failed if "status" in query else self.events
        events = events[::-1] if self.newest_first and "status" not in query else events
        start = int(query.get("page", "0"))
        following = start + self.page_size
        path = url.partition("&page=")[0] if "page" in query else url
        link = {"href": f"{path}&page={following}"} if following < len(events) else None
        return Answer(msgspec.json.encode({"items": events[start:following], "links": {"next": link}}), None)


class Ears:
    """What listens: the worker, the feed; `hear` is a webhook that arrived."""

    def __init__(self, company: Company, resources: tuple[str, ...] = PEOPLE) -> None:
        self.company = company
        self.journal = MemoryJournal()
        self.metrics = Metrics()
        self.metrics.initialise_tenant("acme", resources)
        self.gate = StoreGate(self.journal, Standing(), self.metrics)
        self.lookout = Lookout(
            source=company,
            journal=self.journal,
            route=lambda event: (),
            clock=LoopClock(START),
            metrics=self.metrics,
            onlooker=Onlooker(),
            rouse=lambda: None,
        )
        self.watches: dict[str, Watch] = {}
        self.desks = {name: self.new_desk(name) for name in resources}
        self.worker = HintWorker("acme", self.desks, self.lookout, self.gate)
        self.listening = Listening()
        self.alarms = 0
        self.feed = self.new_feed()

    def new_feed(self, every: float | None = 30.0) -> Feed:
        abilities = Abilities(self.journal, ResourceName("acme", "events"))
        listeners = Listeners(self.worker.bell.ring, self._alarm, self.listening)
        return Feed(EventPages(self.lookout, URL), abilities, listeners, every)

    def patience(self, resource: str) -> Patience:
        return Patience(self.lookout, ResourceName("acme", resource), self.gate, lambda: 1.0, "hint")

    async def baseline(self) -> None:
        for watch in self.watches.values():
            await watch.once()
        self.company.asked.clear()
        self.company.purposes.clear()

    async def hear(
        self, number: int, topic: str, record: str, employee: str | None = None, employment: str | None = None
    ) -> None:
        now = self.lookout.clock.now()
        hint = Hint(f"{URL} {number}", topic, record, now, employee=employee, employment=employment)
        await self.journal.take_in("acme", [hint])

    async def waiting(self) -> list[str]:
        return [hint.id.removeprefix(f"{URL} ") for hint in await self.journal.hints("acme", 100)]

    async def events(self) -> list[Event]:
        return [entry.event for entry in await self.journal.events(after=0, limit=100, wanted=EventFilter())]

    async def told(self) -> list[tuple[str, str, str]]:
        return [(event.subject, event.kind, event.detected_by) for event in await self.events()]

    def metric(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"lucca_sync_{name}", {"tenant": "acme", **labels})

    def new_desk(self, name: str) -> Desk:
        post = Post(self.lookout, Watched(ResourceName("acme", name), CATALOGUE[name], URL, every=600.0))
        absentees = Absentees(post)
        self.watches[name] = Watch(post, self.patience(name), absentees)
        return Desk(Rereader(post, absentees), self.patience(name))

    def _alarm(self) -> None:
        self.alarms += 1


def company() -> Company:
    """A company of three people with an employment each, two attributes and a department."""
    made = Company()
    for number in ("1", "2", "3"):
        made.put("employees", number, familyName=f"Name {number}")
        made.put("employments", f"1{number}", employee={"id": number}, end=None)
        made.put("job-positions", f"2{number}", employee={"id": number}, employment={"id": f"1{number}"})
        made.put("employee-attributes", f"3{number}", employee={"id": number}, value=1)
    made.put("departments", "9", name="Sales")
    return made


def _at(record: JsonObject, path: str) -> str:
    value: Json = record
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return str(value)
