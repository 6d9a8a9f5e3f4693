"""The composition root: builds what the settings ask for, owns the task tree, ends things in the right order.

With `stores` beside it, the only place that knows both halves, ingest and egress, and their store.
"""

from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from random import Random
from typing import Final, NamedTuple

import anyio
import structlog

from lucca_sync.app.engine import Engine
from lucca_sync.app.eyes import Surroundings, TenantEyes
from lucca_sync.app.hints import Ear, TenantHints, asked_besides, listens, telling_access
from lucca_sync.app.stores import opened_journal, store_path
from lucca_sync.app.translate import access_of, routes_of, surroundings_of
from lucca_sync.egress.means import Means
from lucca_sync.egress.route import Router
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.ingest.attention import Listening
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.source import Lookout, Onlooker
from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.kit.clock import Clock, SystemClock
from lucca_sync.lucca.access import TenantAccess
from lucca_sync.lucca.budget import Budget
from lucca_sync.lucca.client import LuccaClient, RequestSeen
from lucca_sync.obs.metrics import Metrics
from lucca_sync.registry import ConnectorPlan, Plan
from lucca_sync.server.app import serving
from lucca_sync.server.health import Health
from lucca_sync.server.hints import Door, HintDesk
from lucca_sync.settings.model import Settings, Tenant

_LOG: Final = structlog.get_logger("lucca_sync.app")
URGENT_SHARE: Final = 0.2
"""What sweeps leave of the requests to what hints and the feed make urgent."""
GRACE: Final = timedelta(seconds=35)
"""How long attempts in flight may go on once asked to stop: longer than a call's usual limit of 30 s."""


class _Reach(NamedTuple):
    """How a tenant is reached: for its records, and for what it tells of them by itself."""

    client: LuccaClient
    teller: LuccaClient | None
    listening: Listening


@dataclass(frozen=True, slots=True)
class World:
    """What the daemon is given of its surroundings: time, chance, and who looks on."""

    onlooker: Onlooker
    clock: Clock = field(default_factory=SystemClock)
    random: Random = field(default_factory=Random)


class Daemon:
    """The whole product as one object: `run` it until `stop`.

    `address` is where the admin server listens, once it does.
    """

    def __init__(self, plan: Plan, world: World) -> None:
        self.plan = plan
        self.metrics = Metrics()
        self.health = Health(world.clock)
        self.address: tuple[str, int] | None = None
        self._world = world
        self._stop = anyio.Event()
        self._doors: dict[str, Door] = {}

    def stop(self) -> None:
        """Ask for an orderly end: stop looking, stop claiming, let attempts in flight end."""
        self._stop.set()

    async def run(self, *, once: bool = False, grace: timedelta = GRACE) -> bool:
        """Serve, look and deliver until stopped; with `once`, until everything was looked at and delivered.

        Returns whether all went well (`once`: every resource was read and nothing is left to deliver).
        Raises StoreInUse, StoreError or AddressUnavailable when it cannot start. Cancel it to end at once.
        """
        settings = self.plan.loaded.settings
        self._initialise_metrics(settings)
        async with AsyncExitStack() as opened:
            journal = await opened.enter_async_context(opened_journal(store_path(settings)))
            desk = HintDesk(
                self._doors, journal, self._world.clock, self.metrics, lambda: self.health.is_draining
            )
            server = serving(self.health, self.metrics, *settings.server.address, desk.routes())
            self.address = await opened.enter_async_context(server)
            engine = await self._engine(journal, opened)
            _LOG.info("started", address="{}:{}".format(*self.address), store=settings.store)
            well = await self._working(engine, once=once, grace=grace)
        _LOG.info("stopped")
        return well

    async def _working(self, engine: Engine, *, once: bool, grace: timedelta) -> bool:
        """Run the task tree: egress outlives ingest, so that what was found last is delivered too."""
        well = True
        async with anyio.create_task_group() as delivering:
            await delivering.start(engine.egress.run)
            async with anyio.create_task_group() as looking:
                engine.start(looking, watching=not once)
                self.health.started()
                if once:
                    well = await engine.everything_once(self._stop)
                else:
                    await self._stop.wait()
                self.health.draining()
                _LOG.info("stopping", grace_seconds=grace.total_seconds())
                looking.cancel_scope.cancel()
            engine.egress.stop(grace)
        return well

    async def _engine(self, journal: Journal, opened: AsyncExitStack) -> Engine:
        world, settings = self._world, self.plan.loaded.settings
        gate = StoreGate(journal, self.health, self.metrics)
        means = Means(
            journal=journal,
            clock=world.clock,
            random=world.random,
            metrics=self.metrics,
            log=structlog.get_logger("lucca_sync.egress"),
            beat=self.health.beat,
            store=gate.report,
        )
        routes = routes_of(settings.routes)
        egress = Egress(routes, [self._target(connector) for connector in self.plan.connectors], means)
        looking: list[TenantEyes] = []
        around = Surroundings(gate, self.health, world.random.random)
        for name, tenant in settings.tenants.items():
            reach = await opened.enter_async_context(self._reached(name, tenant, journal))
            lookout = Lookout(
                source=reach.client,
                journal=journal,
                route=Router(routes).lanes,
                clock=world.clock,
                metrics=self.metrics,
                onlooker=world.onlooker,
                rouse=egress.bell.ring,
                attention=reach.listening,
            )
            eyes = TenantEyes(name, tenant, lookout, around)
            looking.append(eyes)
            if reach.teller is not None:
                self._listen(Ear(name, tenant, reach.teller, lookout, around, reach.listening), eyes)
        return Engine(journal, egress, looking, gate, self.metrics, world.clock, settings.retention)

    def _listen(self, ear: Ear, eyes: TenantEyes) -> None:
        """Have what Lucca tells by itself taken in, and looked into."""
        hints = TenantHints(ear, eyes.stations)
        eyes.others.append(hints.tasks)
        if (door := hints.door()) is not None:
            self._doors[ear.name] = door

    @asynccontextmanager
    async def _reached(self, name: str, tenant: Tenant, journal: Journal) -> AsyncGenerator[_Reach]:
        """Open a tenant's client; at the end, turns that were reserved and not used are given back."""
        budget = Budget(tenant.requests_per_minute, journal, f"budget/{name}", self._world.clock)

        def keep_room() -> None:
            """Keep room for what hints and the feed make urgent, as long as there are any."""
            told = tenant.hints is not None or listening.working_since("feed") is not None
            budget.reserve = URGENT_SHARE if told else 0.0

        listening = Listening(keep_room)
        keep_room()

        def observe(seen: RequestSeen) -> None:
            self.metrics.requests.labels(name, seen.purpose, seen.outcome).inc()

        def client(access: TenantAccess) -> LuccaClient:
            return LuccaClient(access, budget, self._world.clock, observe, random=self._world.random)

        async with AsyncExitStack() as opened:
            opened.enter_context(_shown(self.metrics, name, budget))
            reader = await opened.enter_async_context(client(access_of(tenant)))
            if listens(tenant):
                teller = await opened.enter_async_context(client(telling_access(tenant)))
                yield _Reach(reader, teller, listening)
            else:
                yield _Reach(reader, None, listening)
        with suppress(StoreError):  # then they stay spent: rather too few requests
            await budget.save()

    def _target(self, connector: ConnectorPlan) -> Target:
        make = partial(connector.cls, connector.config, surroundings_of(connector.name, self._world.clock))
        return Target(connector.name, connector.config, make)

    def _initialise_metrics(self, settings: Settings) -> None:
        self.metrics.build_info.labels(version("lucca-sync")).set(1)
        self.metrics.config_info.labels(self.plan.loaded.hash[:12]).set(1)
        for name, tenant in settings.tenants.items():
            self.metrics.initialise_tenant(name, tenant.resources, asked_besides(tenant))
            for resource, wanted in tenant.resources.items():
                self.metrics.look_interval.labels(name, resource).set(wanted.every.total_seconds())


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
