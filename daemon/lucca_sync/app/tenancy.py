"""One tenant at work: how it is reached, what looks at it, what listens to it. Decides nothing."""

from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

from lucca_sync.app.business import TenantBusiness, initialise_business
from lucca_sync.app.eyes import Surroundings, Task, TenantEyes
from lucca_sync.app.hints import Ear, TenantHints, asked_besides, listens, telling_access
from lucca_sync.app.translate import access_of
from lucca_sync.app.world import World
from lucca_sync.ingest.attention import Listening
from lucca_sync.ingest.emit import Route
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.lucca.access import TenantAccess
from lucca_sync.lucca.budget import Budget
from lucca_sync.lucca.client import LuccaClient, RequestSeen
from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.health import Health
from lucca_sync.server.hints import Door
from lucca_sync.settings.business import Business
from lucca_sync.settings.model import Tenant

URGENT_SHARE: Final = 0.2
"""What sweeps leave of the requests to what hints and the feed make urgent."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings say of one tenant: while it is equal, the tenant's eyes go on undisturbed."""

    tenant: Tenant
    business: Business


@dataclass(frozen=True, slots=True)
class AtWork:
    """What works for one tenant: its eyes, and what folds what they saw into business events."""

    eyes: TenantEyes
    business: TenantBusiness

    def tasks(self) -> Iterator[Task]:
        """What runs for as long as the tenant is watched."""
        yield from self.eyes.tasks()
        yield from self.business.tasks()


@dataclass(frozen=True, slots=True)
class Premises:
    """What all tenants share. `route` goes by the present settings; `rouse` wakes those who deliver."""

    journal: Journal
    gate: StoreGate
    health: Health
    metrics: Metrics
    world: World
    route: Route
    rouse: Callable[[], None]
    doors: dict[str, Door] = field(default_factory=dict[str, Door])
    """Where webhooks come in, by tenant."""


class _Reach(NamedTuple):
    """How a tenant is reached: for its records, and for what it tells of them by itself."""

    client: LuccaClient
    teller: LuccaClient | None
    listening: Listening


@asynccontextmanager
async def opened_tenant(name: str, wanted: Wanted, premises: Premises) -> AsyncGenerator[AtWork]:
    """Open what it takes to look at a tenant; at the end, turns that were reserved are given back."""
    tenant, world = wanted.tenant, premises.world
    _initialise(premises.metrics, name, tenant)
    initialise_business(premises.metrics, name, wanted.business)
    async with _reached(name, tenant, premises) as reach:
        around = Surroundings(premises.gate, premises.health, world.random.random)
        lookout = Lookout(
            source=reach.client,
            journal=premises.journal,
            route=premises.route,
            clock=world.clock,
            metrics=premises.metrics,
            onlooker=world.onlooker,
            rouse=premises.rouse,
            attention=reach.listening,
        )
        eyes = TenantEyes(name, tenant, lookout, around)
        door = None
        if reach.teller is not None:
            hints = TenantHints(
                Ear(name, tenant, reach.teller, lookout, around, reach.listening), eyes.stations
            )
            eyes.others.append(hints.tasks)
            door = hints.door()
        _put_up(premises.doors, name, door)
        yield AtWork(eyes, TenantBusiness(name, tenant, wanted.business, lookout, premises.gate))


def _put_up(doors: dict[str, Door], name: str, door: Door | None) -> None:
    """Open the door in the place of the one before, in one step: Lucca may be at it this moment."""
    if door is None:
        doors.pop(name, None)
    else:
        doors[name] = door


@asynccontextmanager
async def _reached(name: str, tenant: Tenant, premises: Premises) -> AsyncGenerator[_Reach]:
    """Open a tenant's client; at the end, turns that were reserved and not used are given back."""
    world, metrics = premises.world, premises.metrics
    budget = Budget(tenant.requests_per_minute, premises.journal, f"budget/{name}", world.clock)

    def keep_room() -> None:
        """Keep room for what hints and the feed make urgent, as long as there are any."""
        told = tenant.hints is not None or listening.working_since("feed") is not None
        budget.reserve = URGENT_SHARE if told else 0.0

    listening = Listening(keep_room)
    keep_room()

    def observe(seen: RequestSeen) -> None:
        metrics.requests.labels(name, seen.purpose, seen.outcome).inc()

    def client(access: TenantAccess) -> LuccaClient:
        return LuccaClient(access, budget, world.clock, observe, random=world.random)

    async with AsyncExitStack() as opened:
        opened.enter_context(_shown(metrics, name, budget))
        reader = await opened.enter_async_context(client(access_of(tenant)))
        if listens(tenant):
            teller = await opened.enter_async_context(client(telling_access(tenant)))
            yield _Reach(reader, teller, listening)
        else:
            yield _Reach(reader, None, listening)
    with suppress(StoreError):  # then they stay spent: rather too few requests
        await budget.save()


def _initialise(metrics: Metrics, name: str, tenant: Tenant) -> None:
    metrics.initialise_tenant(name, tenant.resources, asked_besides(tenant))
    for resource, wanted in tenant.resources.items():
        metrics.look_interval.labels(name, resource).set(wanted.every.total_seconds())


@contextmanager
def _shown(metrics: Metrics, tenant: str, budget: Budget) -> Generator[None]:
    """Let each scrape ask the governor: what is free and allowed grows while no request is sent."""
    asked = (
        (metrics.budget_available.labels(tenant), budget.available),
        (metrics.budget_allowed.labels(tenant), budget.allowed_per_minute),
        (metrics.budget_others.labels(tenant), budget.estimated_others),
    )
    for gauge, ask in asked:
        gauge.set_function(ask)
    try:
        yield
    finally:
        for gauge, ask in asked:  # it can't be asked once the loop has ended
            gauge.set_function(partial(float, ask()))
