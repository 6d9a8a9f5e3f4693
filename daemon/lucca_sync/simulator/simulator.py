"""A Lucca tenant in one object: its world, its API, its token endpoint and its control API."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from random import Random

import anyio
import msgspec
from aiohttp import web

from lucca_sync.kit.clock import Clock, SystemClock
from lucca_sync.simulator.answers.catalogue import CATALOGUE
from lucca_sync.simulator.answers.lens import Lens
from lucca_sync.simulator.answers.pages import Pages
from lucca_sync.simulator.answers.tokens import PageTokens
from lucca_sync.simulator.legacy.api import LegacyApi
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.pace import FastClock
from lucca_sync.simulator.pulse import Pulse
from lucca_sync.simulator.server.control import Control
from lucca_sync.simulator.server.faults import Misbehaviours, Mischief
from lucca_sync.simulator.server.gate import Gate
from lucca_sync.simulator.server.identity import Identity
from lucca_sync.simulator.server.limit import RequestLimit
from lucca_sync.simulator.server.paper import Paper
from lucca_sync.simulator.server.presets import PRESETS, combined
from lucca_sync.simulator.server.push import ROUTE, PushApi
from lucca_sync.simulator.server.stats import Stats
from lucca_sync.simulator.server.tenant import Tenant
from lucca_sync.simulator.server.tokens import AccessTokens
from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.webhooks.office import Office
from lucca_sync.simulator.webhooks.postman import Postman
from lucca_sync.simulator.world.edit import Refused
from lucca_sync.simulator.world.ledger import Ledger, LedgerEntry
from lucca_sync.simulator.world.life import Life
from lucca_sync.simulator.world.records import LEGACY
from lucca_sync.simulator.world.time_off import days_a_month
from lucca_sync.simulator.world.world import Action, World

_GRACE = 1.0


class Simulator:
    """An invented tenant. It can be changed and read with or without its server running."""

    def __init__(self, options: SimulatorOptions | None = None, clock: Clock | None = None) -> None:
        self.options = options or SimulatorOptions()
        clock = clock or SystemClock()
        if self.options.speed != 1:
            clock = FastClock(clock, self.options.speed)
        epoch, absences = self.options.epoch, self.options.absences
        if absences is None:
            absences = days_a_month(self.options.employees)
        self.world = World(
            clock,
            people=self.options.employees,
            seed=self.options.seed,
            epoch=None if epoch is None else epoch.toordinal(),
            absences=absences,
        )
        self.world.records.absences.in_v5 = self.options.leaves_v5
        self.stats = Stats()
        self.url = ""
        """Where it serves, while it does."""
        bent = set[str]()
        self._lens = Lens(self.world, bent.add)
        self._mischief = Mischief(self._lens, Random(self.options.seed + 3))
        self._tokens = AccessTokens(clock, self.options)
        self._limit = RequestLimit(clock, self.options.requests_per_minute)
        self._gate = Gate(
            self.world, self.options, self._limit, self._tokens, self._mischief, self.stats, bent, count()
        )
        self.webhooks = Office(self.world, self._lens, self._mischief, self.stats, self.options)
        """The webhook endpoints there are, the events and their deliveries."""
        self._postman = Postman(self.webhooks, self._mischief, self.stats, self.options)
        self._life = Life(self.world, self.options.seed, takes_leave=absences > 0)
        self._pulse = Pulse(self._life, self.options.alive_per_minute, self.options.speed)

    @property
    def ledger(self) -> Ledger:
        """Every change so far; `listen` to hear of each."""
        return self.world.ledger

    def step(self) -> list[LedgerEntry]:
        """Let exactly one thing happen now, as life would have it; return what it changed."""
        return self._life.step()

    def perform(self, action: Action) -> list[LedgerEntry]:
        """Let this happen now; raise `Refused` when it makes no sense. Return what it changed."""
        return self.world.perform(action)

    def record(self, resource: str, public_id: str) -> View | None:
        """Return what the API would show of a record now, without links; None for a 404."""
        self.world.catch_up()
        row = self.world.records.find(resource, public_id)
        return self._lens.view(row, self.url) if row is not None and self._lens.answers(row) else None

    def records(self, resource: str) -> Iterator[View]:
        """Walk through what the API would show of a whole resource now, in the order of ids."""
        self.world.catch_up()
        for row in self.world.records.rows(resource):
            if self._lens.answers(row):
                yield self._lens.view(row, self.url)

    def counts(self) -> dict[str, int]:
        """Return how many records each resource of the current API has."""
        shown = (
            name for name, resource in CATALOGUE.items() if self.options.leaves_v5 or not resource.opt_in
        )
        return {name: self.world.records.count(name) for name in shown}

    def legacy_counts(self) -> dict[str, int]:
        """Return how many records each resource of the legacy API has."""
        return {name: self.world.records.count(name) for name in LEGACY}

    @property
    def alive_per_minute(self) -> float:
        """Changes that happen by themselves in a minute, while the server runs."""
        return self._pulse.per_minute

    @alive_per_minute.setter
    def alive_per_minute(self, value: float) -> None:
        self._pulse.per_minute = value

    @property
    def requests_per_minute(self) -> int:
        """The tenant's limit; 0 means none."""
        return self._limit.per_minute

    @requests_per_minute.setter
    def requests_per_minute(self, value: int) -> None:
        self._limit.per_minute = value

    @property
    def misbehaviours(self) -> Misbehaviours:
        """What is wrong with the tenant at the moment."""
        return self._mischief.present

    def misbehave(self, **changes: object) -> None:
        """Replace the named misbehaviours (see `Misbehaviours`); raise `Refused` when one is unknown."""
        present: dict[str, object] = msgspec.to_builtins(self._mischief.present)
        wanted = {**present, **msgspec.to_builtins(changes)}
        try:
            self._become(msgspec.convert(wanted, Misbehaviours))
        except msgspec.ValidationError as error:
            raise Refused(str(error)) from None

    def misbehave_as(self, *names: str) -> None:
        """Let named misbehaviours (see `PRESETS`) come on top of the present ones."""
        if unknown := [name for name in names if name not in PRESETS]:
            raise Refused(f"there is no misbehaviour {', '.join(unknown)}")
        present: dict[str, object] = msgspec.to_builtins(self._mischief.present)
        self.misbehave(**combined(present, list(names)))

    def behave(self) -> None:
        """Switch all misbehaviours off."""
        self._become(Misbehaviours())

    def _become(self, misbehaviours: Misbehaviours) -> None:
        self._mischief.present = misbehaviours
        self.world.skew = timedelta(seconds=misbehaviours.clock_skew)

    @property
    def granted(self) -> frozenset[str]:
        """The scopes that the client application has at the moment."""
        return self._tokens.granted

    def grant(self, *scopes: str) -> None:
        """Grant the client application more scopes; raise `Refused` when one does not exist."""
        self._tokens.grant(scopes)

    def revoke(self, *scopes: str) -> None:
        """Take scopes away, from the tokens of the present as well."""
        self._tokens.revoke(scopes)

    def revoke_tokens(self) -> None:
        """Make every access token worthless at once."""
        self._tokens.revoke_all()

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0) -> AsyncGenerator[str]:
        """Serve, and live, inside this block; gives the base URL.

        It holds a task group, so enter it in the task that leaves it: not in a fixture that yields.
        """
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=_GRACE)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            name = f"[{host}]" if ":" in host else host
            self.url = f"http://{name}:{runner.addresses[0][1]}"
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._pulse.beat, name="simulated life")
                await tasks.start(self._postman.work, self.url, name="simulated postman")
                yield self.url
                tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            # What the block raised leaves it as it was raised, as from any other `with`.
            if len(group.exceptions) == 1:
                raise group.exceptions[0] from None
            raise
        finally:
            await runner.cleanup()
            self.url = ""

    def _application(self) -> web.Application:
        cursors = PageTokens(stable=self.options.stable_cursors)
        pages = Pages(self.world, self._lens, cursors)
        paper = Paper(cursors, self._gate)
        tenant = Tenant(pages, paper, self._gate)
        push = PushApi(self._gate, self.webhooks, self._postman, cursors, paper)
        identity = Identity(self._gate)
        application = web.Application()
        application.add_routes(Control(self).routes())
        application.router.add_post("/connect/token", identity.answer)
        application.router.add_route("*", ROUTE, push.answer)
        application.router.add_route("*", "/lucca-api/{tail:.*}", tenant.answer)
        application.router.add_route("*", "/api/{tail:.*}", LegacyApi(self._lens, self._gate).answer)
        return application
