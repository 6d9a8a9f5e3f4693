"""The composition root: builds what the settings ask for, owns the task tree, ends things in the right order.

With `stores` beside it, the only place that knows both halves, ingest and egress, and their store.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import Final

import anyio
import structlog
from anyio.abc import TaskGroup

from lucca_sync.app.business import unread_by_business
from lucca_sync.app.once import Once
from lucca_sync.app.pressing import Pressing, limits_of
from lucca_sync.app.pulse import Pulse
from lucca_sync.app.reload import Reloading, Wishes
from lucca_sync.app.roster import Roster, open_roster
from lucca_sync.app.routing import Routing
from lucca_sync.app.stores import opened_journal, store_path
from lucca_sync.app.tenancy import Premises, Wanted, opened_tenant
from lucca_sync.app.translate import routes_of, surroundings_of
from lucca_sync.app.upkeep import Upkeep
from lucca_sync.app.world import World
from lucca_sync.egress.means import Means
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.journal.protocol import Journal
from lucca_sync.kit.supervision import guarded
from lucca_sync.obs.metrics import Metrics
from lucca_sync.registry import ConnectorPlan, Plan
from lucca_sync.server.app import serving
from lucca_sync.server.health import Health
from lucca_sync.server.hints import Door, HintDesk
from lucca_sync.server.lag import measure_lag
from lucca_sync.settings.model import Settings

__all__ = ["GRACE", "Daemon", "World"]

_LOG: Final = structlog.get_logger("lucca_sync.app")
GRACE: Final = timedelta(seconds=35)
"""How long attempts in flight may go on once asked to stop: longer than a call's usual limit of 30 s."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What runs as long as the daemon does, whatever the settings say."""

    premises: Premises
    egress: Egress
    routing: Routing
    upkeep: Upkeep
    pressing: Pressing


class Daemon:
    """The whole product as one object: `run` it until `stop`.

    `plan` is in force; `read` reads the settings again for a `reload`, None where there is nothing to read.
    `address` is where the admin server listens, once it does.
    """

    def __init__(self, plan: Plan, world: World, read: Callable[[], Plan] | None = None) -> None:
        self.plan = plan
        self.metrics = Metrics()
        self.health = Health(world.clock)
        self.address: tuple[str, int] | None = None
        self._world = world
        self._read = read or (lambda: self.plan)
        self._stop = anyio.Event()
        self._wishes = Wishes()
        self._doors: dict[str, Door] = {}

    def stop(self) -> None:
        """Ask for an orderly end: stop looking, stop claiming, let attempts in flight end."""
        self._stop.set()

    def reload(self) -> None:
        """Ask for the settings to be read again: at any time, as often as one likes; the last one counts."""
        self._wishes.wish()

    async def run(self, *, once: bool = False, grace: timedelta = GRACE) -> bool:
        """Serve, look and deliver until stopped; with `once`, until everything was looked at and delivered.

        Returns whether all went well (`once`: every resource was read and nothing is left to deliver).
        Raises StoreInUse, StoreError or AddressUnavailable when it cannot start. Cancel it to end at once.
        """
        settings = self.plan.loaded.settings
        async with AsyncExitStack() as opened:
            journal = await opened.enter_async_context(opened_journal(store_path(settings)))
            desk = HintDesk(
                self._doors, journal, self._world.clock, self.metrics, lambda: self.health.is_draining
            )
            server = serving(self.health, self.metrics, *settings.server.address, desk.routes())
            self.address = await opened.enter_async_context(server)
            parts = self._parts(journal)
            self._in_force(self.plan, parts)
            _LOG.info("started", address="{}:{}".format(*self.address), store=settings.store)
            well = await self._working(parts, once=once, grace=grace)
        _LOG.info("stopped")
        return well

    async def _working(self, parts: _Parts, *, once: bool, grace: timedelta) -> bool:
        """Run the task tree: egress outlives ingest, so that what was found last is delivered too."""
        well = False
        await parts.pressing.measure()
        async with anyio.create_task_group() as delivering:
            await delivering.start(parts.egress.run)
            ending = partial(self._end_looking, grace)
            well = await (self._look_once(parts, ending) if once else self._look(parts, ending))
            parts.egress.stop(grace)
        return well

    async def _look(self, parts: _Parts, ending: Callable[[], None]) -> bool:
        """Look until told to stop, by whichever settings are in force."""
        async with open_roster(parts.premises) as roster, anyio.create_task_group() as tasks:
            await roster.keep(_wanted(self.plan.loaded.settings))
            self._keep_house(parts, tasks)
            apply = partial(self._apply, parts, roster)
            reloading = Reloading(self._read, apply, self.metrics, self._world.clock)
            _keep(tasks, "reload", partial(reloading.run, self._wishes, self.plan))
            self.health.started()
            await self._stop.wait()
            ending()
            tasks.cancel_scope.cancel()
        return True

    async def _look_once(self, parts: _Parts, ending: Callable[[], None]) -> bool:
        """Look at everything once, and deliver what can be."""
        well = False
        async with AsyncExitStack() as opened, anyio.create_task_group() as tasks:
            tenants = [
                await opened.enter_async_context(opened_tenant(name, wanted, parts.premises))
                for name, wanted in _wanted(self.plan.loaded.settings).items()
            ]
            self._keep_house(parts, tasks)
            self.health.started()
            once = Once(parts.premises.journal, tenants, parts.premises.gate, lambda: parts.egress.lanes)
            well = await once.everything(self._stop)
            ending()
            tasks.cancel_scope.cancel()
        return well  # pyright: ignore[reportPossiblyUnbound] - a task group lets nothing but its own end pass

    def _end_looking(self, grace: timedelta) -> None:
        self.health.draining()
        _LOG.info("stopping", grace_seconds=grace.total_seconds())

    def _keep_house(self, parts: _Parts, tasks: TaskGroup) -> None:
        _keep(tasks, "pulse", Pulse(parts.premises.journal, parts.premises.gate).run)
        _keep(tasks, "upkeep", parts.upkeep.run)
        _keep(tasks, "backpressure", parts.pressing.run)
        _keep(tasks, "loop-lag", partial(measure_lag, self.metrics.loop_lag))

    def _parts(self, journal: Journal) -> _Parts:
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
            ended=self.health.ended,
        )
        routing = Routing(routes_of(settings.routes))
        egress = Egress(routes_of(settings.routes), self._targets(self.plan), means)
        premises = Premises(
            journal, gate, self.health, self.metrics, world, routing.lanes, egress.bell.ring, self._doors
        )
        upkeep = Upkeep(journal, gate, self.metrics, world.clock, settings.retention, settings.history)
        upkeep.unread = lambda: unread_by_business(journal, list(self.plan.loaded.settings.tenants))
        tell = (self.metrics, self.health)
        pressing = Pressing(journal, gate, lambda: egress.lanes, world.clock, tell)
        return _Parts(premises, egress, routing, upkeep, pressing)

    async def _apply(self, parts: _Parts, roster: Roster, plan: Plan) -> None:
        """Put other settings in force: routes and targets in one step, then tenant by tenant."""
        self._in_force(plan, parts)
        routes = routes_of(plan.loaded.settings.routes)
        parts.routing.change(routes)
        parts.egress.reload(routes, self._targets(plan))
        await parts.pressing.measure()
        moved = await roster.keep(_wanted(plan.loaded.settings))
        _LOG.info("settings_reloaded", hash=plan.loaded.hash[:12], **moved._asdict())

    def _in_force(self, plan: Plan, parts: _Parts) -> None:
        """Take what is no tenant's, route's or target's from a plan; it is the one in force from now on."""
        settings, self.plan = plan.loaded.settings, plan
        parts.upkeep.retention, parts.upkeep.history = settings.retention, settings.history
        parts.pressing.limits = limits_of(settings.backpressure)
        metrics = self.metrics
        metrics.build_info.labels(version("lucca-sync")).set(1)
        metrics.config_info.clear()
        metrics.config_info.labels(plan.loaded.hash[:12]).set(1)

    def _targets(self, plan: Plan) -> list[Target]:
        return [self._target(connector) for connector in plan.connectors]

    def _target(self, connector: ConnectorPlan) -> Target:
        make = partial(connector.cls, connector.config, surroundings_of(connector.name, self._world.clock))
        return Target(connector.name, connector.config, make)


def _wanted(settings: Settings) -> Mapping[str, Wanted]:
    return {name: Wanted(tenant, settings.business) for name, tenant in settings.tenants.items()}


def _keep(tasks: TaskGroup, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Start a task that goes on for ever."""
    tasks.start_soon(partial(guarded, name, work, log=_LOG))
