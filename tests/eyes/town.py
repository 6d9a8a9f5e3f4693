"""A simulated tenant with all its eyes around it, in virtual time: every request goes over a real socket."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from random import Random

from lucca_sync.app.eyes import Station, Surroundings, TenantEyes
from lucca_sync.app.translate import access_of
from lucca_sync.ingest.count import CountProbe
from lucca_sync.ingest.due import DueDates
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.head import HeadProbe
from lucca_sync.ingest.reread import Errand
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import EventFilter
from lucca_sync.kit.clock import Clock, LoopClock
from lucca_sync.lucca.budget import Budget
from lucca_sync.lucca.client import LuccaClient, RequestSeen
from lucca_sync.model.event import Event
from lucca_sync.obs.metrics import Metrics
from lucca_sync.settings.model import Tenant
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.simulator import Simulator
from tests.ingest.watching import Onlooker, Standing
from tests.lucca.tenant import VIRTUAL_TIME

__all__ = ["VIRTUAL_TIME", "Town", "town"]

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass
class Town:
    """A tenant called `acme` and what looks at it."""

    simulator: Simulator
    journal: MemoryJournal
    eyes: TenantEyes
    metrics: Metrics
    standing: Standing
    restarted: Callable[[], TenantEyes]
    """Makes the eyes anew, as a restart does."""
    seen: list[RequestSeen] = field(default_factory=list[RequestSeen])

    def station(self, resource: str) -> Station:
        """Return what looks at one resource."""
        return self.eyes.stations[resource]

    def head(self, resource: str) -> HeadProbe:
        """Return what looks at the newest records of a resource."""
        head = self.station(resource).head
        assert head is not None
        return head

    def count(self, resource: str) -> CountProbe:
        """Return what counts a resource."""
        count = self.station(resource).count
        assert count is not None
        return count

    @property
    def dates(self) -> DueDates:
        """Return what looks at dates."""
        assert self.eyes.dates is not None
        return self.eyes.dates

    async def reread(self, resource: str, by: str, *ids: str) -> None:
        """Read records again, as after a hint."""
        await self.station(resource).rereader.reread(by, ids, Errand("hint", "hint"))

    async def sweep(self) -> None:
        """Sweep every resource once."""
        for watch in self.eyes.watches:
            await watch.once()

    async def events(self) -> Sequence[Event]:
        """Return all events so far."""
        found = await self.journal.events(after=0, limit=100_000, wanted=EventFilter())
        return [entry.event for entry in found]

    async def told(self) -> list[tuple[str, str, str]]:
        """Return all events so far as (subject, kind, eye)."""
        return [(event.subject, event.kind, event.detected_by) for event in await self.events()]

    def requests(self, purpose: str) -> int:
        """Return how many requests were sent for a purpose."""
        return sum(1 for seen in self.seen if seen.purpose == purpose)


@asynccontextmanager
async def town(
    resources: Mapping[str, object],
    options: SimulatorOptions | None = None,
    journal: MemoryJournal | None = None,
    clock: Clock | None = None,
    **tenant: object,
) -> AsyncGenerator[Town]:
    """Open a tenant whose resources are watched as the settings say; nothing looks until told to."""
    clock, metrics, standing = clock or LoopClock(START), Metrics(), Standing()
    simulator = Simulator(options or SimulatorOptions(employees=250, requests_per_minute=0), clock)
    journal = journal or MemoryJournal()
    seen: list[RequestSeen] = []
    async with simulator.serving() as url:
        settings = Tenant.model_validate(
            {
                "url": url,
                "token_url": f"{url}/connect/token",
                "client_id": "simulator",
                "client_secret": SimulatorOptions.client_secret,
                "legacy_api_key": "simulator-key",
                "resources": resources,
                **tenant,
            }
        )
        metrics.initialise_tenant("acme", settings.resources)
        budget = Budget(100_000, journal, "budget/acme", clock)
        async with LuccaClient(access_of(settings), budget, clock, seen.append, random=Random(1)) as client:
            lookout = Lookout(client, journal, lambda _event: (), clock, metrics, Onlooker(), lambda: None)
            around = Surroundings(StoreGate(journal, standing, metrics), standing, lambda: 0.5)
            restarted = partial(TenantEyes, "acme", settings, lookout, around)
            yield Town(simulator, journal, restarted(), metrics, standing, restarted, seen)


def only(*names: str) -> Mapping[str, object]:
    """Watch these resources with their defaults."""
    return dict.fromkeys(names)
