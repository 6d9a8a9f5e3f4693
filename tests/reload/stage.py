"""A daemon inside the test, two simulated tenants, a receiver; settings are rewritten while it runs."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import msgspec
from aiohttp import web

from lucca_sync.app.daemon import Daemon, World
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.kit.clock import SystemClock
from lucca_sync.registry import load_all
from lucca_sync.server.health import Health
from lucca_sync.simulator import Simulator, SimulatorOptions
from lucca_sync.simulator.world.actions import Rename
from tests.running import until
from tests.serving import SECRET, served

Settings = dict[str, Any]


class Nobody:
    """Looks on and says nothing."""

    def page_passed(self, name: ResourceName, *, baseline: bool, records: int, total: int | None) -> None:
        """Ignore it."""

    def sweep_ended(self, name: ResourceName, *, baseline: bool, records: int) -> None:
        """Ignore it."""


@dataclass
class Receiver:
    """Takes what comes to any path, but to those that are down or refuse."""

    down: set[str] = field(default_factory=set[str])
    refusing: set[str] = field(default_factory=set[str])
    arrived: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """Path, source and family name, in the order of arrival."""

    async def receive(self, request: web.Request) -> web.Response:
        if request.path in self.down:
            return web.Response(status=503)
        if request.path in self.refusing:
            return web.Response(status=422)
        event: dict[str, Any] = msgspec.json.decode(await request.read())
        record: dict[str, Any] = event["data"]["record"] or {"familyName": ""}
        self.arrived.append((request.path, str(event["source"]), str(record["familyName"])))
        return web.Response(status=204)

    def names(self, path: str) -> list[str]:
        """Return the family names that arrived at a path."""
        return [name for at, _, name in self.arrived if at == path]


@dataclass
class Stage:
    """What a test needs: change `settings` and call `reloaded`."""

    file: Path
    settings: Settings
    tenants: dict[str, Simulator]
    addresses: dict[str, str]
    receiver: Receiver
    target: str
    daemon: Daemon = field(init=False)

    def connector(self, path: str) -> Settings:
        """Return a webhook that leads to a path of the receiver."""
        return {
            "type": "webhook",
            "url": f"{self.target}{path}",
            "secret": SECRET,
            "allow": ["127.0.0.0/8"],
            "retry": {"schedule": ["50ms"], "max_age": "1h"},
        }

    def tenant(self, name: str) -> Settings:
        """Return a tenant that is looked at all the time."""
        return {
            "url": self.addresses[name],
            "token_url": f"{self.addresses[name]}/connect/token",
            "client_id": "simulator",
            "client_secret": "simulator-secret",
            "requests_per_minute": 100_000,
            "resources": {"employees": {"every": "100ms"}},
            "eyes": {"feed": False},
        }

    def write(self) -> None:
        """Write the settings as they are now: JSON is YAML."""
        self.file.write_bytes(msgspec.json.encode(self.settings))

    def rename(self, tenant: str, name: str) -> None:
        """Have somebody change their name."""
        self.tenants[tenant].perform(Rename(employee="7", family_name=name))

    def sample(self, name: str, **labels: str) -> float | None:
        """Return one value of the daemon's metrics."""
        return self.daemon.metrics.registry.get_sample_value(f"lucca_sync_{name}", labels)

    def attempts(self) -> float:
        """Return how many reloads have come to an end."""
        outcomes = ("applied", "invalid", "refused", "failed")
        return sum(self.sample("config_reloads_total", outcome=one) or 0 for one in outcomes)

    async def reloaded(self) -> None:
        """Write the settings, have them read, and wait until that has come to its end."""
        self.write()
        before = self.attempts()
        self.daemon.reload()
        await until(lambda: self.attempts() > before)

    async def known(self, tenant: str) -> None:
        """Wait until a tenant was completely looked at."""
        labels = {"tenant": tenant, "resource": "employees"}
        await until(lambda: bool(self.sample("look_last_success_timestamp_seconds", **labels)))

    def tokens(self, tenant: str) -> float:
        """Return how often a tenant was asked for a token: whoever starts anew does."""
        return self.sample("requests_total", tenant=tenant, purpose="token", outcome="ok") or 0.0


@asynccontextmanager
async def staged(
    folder: Path, *, prepare: Callable[[Stage], object] = lambda _stage: None
) -> AsyncGenerator[Stage]:
    """Run a daemon that watches `acme` and sends to `/crm`; `prepare` may change its settings beforehand."""
    async with AsyncExitStack() as opened:
        tenants = {
            name: Simulator(SimulatorOptions(employees=10, seed=seed, requests_per_minute=0))
            for seed, name in enumerate(("acme", "beta"))
        }
        addresses = {name: await opened.enter_async_context(one.serving()) for name, one in tenants.items()}
        receiver = Receiver()
        target = await opened.enter_async_context(_served(receiver))
        stage = Stage(folder / "lucca-sync.yaml", {}, tenants, addresses, receiver, target)
        stage.settings |= {
            "version": 1,
            "tenants": {"acme": stage.tenant("acme")},
            "store": "sqlite:journal.db",
            "connectors": {"crm": stage.connector("/crm")},
            "routes": {"to-crm": {"to": ["crm"]}},
            "server": {"listen": "127.0.0.1:0"},
        }
        prepare(stage)
        stage.write()
        read = partial(load_all, stage.file, {})
        stage.daemon = Daemon(read(), World(Nobody()), read)
        # Without patience everybody counts as stuck who is expected to give a sign of life.
        stage.daemon.health = Health(SystemClock(), patience=timedelta(0))
        tasks = await opened.enter_async_context(anyio.create_task_group())
        tasks.start_soon(stage.daemon.run)
        for name in stage.settings["tenants"]:
            await stage.known(name)
        yield stage
        stage.daemon.stop()


@asynccontextmanager
async def _served(receiver: Receiver) -> AsyncGenerator[str]:
    app = web.Application()
    app.router.add_post("/{any:.*}", receiver.receive)
    async with served(app) as url:
        yield url
