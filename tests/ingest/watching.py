"""Everything a look needs, around a tenant in memory and a journal in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.patience import Patience
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.ingest.watch import Watch
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import EventFilter, ResourceName
from lucca_sync.kit.clock import Clock, LoopClock
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Event
from lucca_sync.obs.metrics import Metrics
from tests.ingest.tenant import FakeTenant

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NAME = ResourceName("acme", "employees")
LANE = Lane("people", "crm")


@dataclass
class Standing:
    refusals: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    store: list[str] = field(default_factory=list[str])

    def refused(self, tenant: str, resource: str, reason: str, advice: str) -> None:
        self.refusals[resource] = (reason, advice)

    def granted(self, tenant: str, resource: str) -> None:
        self.refusals.pop(resource, None)

    def store_failed(self) -> None:
        self.store.append("failed")

    def store_ok(self) -> None:
        self.store.append("ok")


@dataclass
class Onlooker:
    ended: int = 0
    pages: list[tuple[int, int | None]] = field(default_factory=list[tuple[int, int | None]])

    def page_passed(self, name: ResourceName, *, baseline: bool, records: int, total: int | None) -> None:
        if baseline:
            self.pages.append((records, total))

    def sweep_ended(self, name: ResourceName, *, baseline: bool, records: int) -> None:
        self.ended += 1


class Scene:
    """One watched resource; `look` makes one sweep."""

    def __init__(
        self,
        tenant: FakeTenant,
        journal: MemoryJournal | None = None,
        watched: Watched | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.tenant = tenant
        self.journal = journal or MemoryJournal()
        self.metrics = Metrics()
        self.standing = Standing()
        self.onlooker = Onlooker()
        self.roused = 0
        clock = clock or LoopClock(START)
        self.metrics.initialise_tenant(NAME.tenant, [NAME.resource])
        self.lookout = Lookout(
            source=tenant,
            journal=self.journal,
            route=self._route,
            clock=clock,
            metrics=self.metrics,
            onlooker=self.onlooker,
            rouse=self._rouse,
        )
        self.gate = StoreGate(self.journal, self.standing, self.metrics)
        self.watched = watched or Watched(NAME, CATALOGUE["employees"], "https://acme.ilucca.net", every=60.0)
        self.post = Post(self.lookout, self.watched)
        patience = Patience(self.lookout, self.watched.name, self.gate, lambda: 1.0, standing=self.standing)
        self.watch = Watch(self.post, patience, Absentees(self.post))

    async def look(self) -> float:
        """Make one sweep and return the wait before the next."""
        return await self.watch.once()

    async def events(self) -> Sequence[Event]:
        """Return all events so far."""
        return [entry.event for entry in await self.journal.events(after=0, limit=1000, wanted=EventFilter())]

    async def told(self) -> list[tuple[str, str, int]]:
        """Return all events so far as (record, kind, sequence)."""
        return [(event.record_id, event.kind, event.sequence) for event in await self.events()]

    def metric(self, name: str, **labels: str) -> float:
        """Return a metric's value."""
        value = self.metrics.registry.get_sample_value(
            f"lucca_sync_{name}", {"tenant": NAME.tenant, "resource": NAME.resource, **labels}
        )
        assert value is not None, f"no such series: {name} {labels}"
        return value

    def _route(self, event: Event) -> tuple[Lane, ...]:
        return (LANE,)

    def _rouse(self) -> None:
        self.roused += 1


def staff(count: int = 8) -> FakeTenant:
    """Make a tenant with so many employees."""
    tenant = FakeTenant()
    for number in range(1, count + 1):
        tenant.put(str(number), familyName=f"Name {number}")
    return tenant
