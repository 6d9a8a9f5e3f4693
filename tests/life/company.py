"""A company of a thousand people, the daemon that watches all of it, and who receives what it tells.

One process, one loop, virtual time. The daemon is the real one, from its YAML to its signed webhooks.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import anyio
import msgspec
from aiohttp import web

from lucca_sync.app.daemon import Daemon, World
from lucca_sync.app.holdings import held_sets, leave_decision
from lucca_sync.app.registration import registrar
from lucca_sync.ingest.held import Decision, Held, Verdict
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.kit.clock import Clock, LoopClock
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.registry import load_all
from lucca_sync.simulator import Simulator, SimulatorOptions
from tests.life.oracle import Told
from tests.life.states import ADDED, state_of
from tests.life.truth import NAMES, Truth, moment
from tests.serving import SECRET, served

START = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
PEOPLE = 1000
TITLES = "titles"
EVERY: Mapping[str, str] = {
    **dict.fromkeys(("employees", "employments", "job-positions", "departments"), "45m"),
    **dict.fromkeys(
        ("employment-templates", "occupation-categories"), "30m"
    ),  # they hold arrays of references
    **dict.fromkeys(("employee-attributes", "leaves", "leave-periods", "users", "leave-requests"), "1h"),
}
"""Resources that are looked at more often than once an hour."""
_OURS = (
    *("ownerId", "isConfirmed", "leaveAccount", "luccaId", "confirmationDate", "employee", "start", "end"),
    *("startHalf", "endHalf", "halves", "days", "hours", "cancelledHalves", "halfDays", "cancelledHalfDays"),
)
"""Fields that are made by ourselves, of half-days and periods."""


@dataclass
class Receiver:
    """Takes every event in the order of its arrival; for a while it may be down."""

    up: bool = True
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    refused: int = 0

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self.up:
            self.refused += 1
            return web.Response(status=503)
        self.events.append(msgspec.json.decode(body))
        return web.Response(status=204)


@dataclass
class Company:
    """The simulated tenant, what watches it, and everything that is known about both."""

    simulator: Simulator
    daemon: Daemon
    receiver: Receiver
    clock: Clock
    store: Path
    truth: Truth

    async def held(self) -> Mapping[str, Held]:
        """Return what the brake holds, as people see it."""
        return {one.name.resource: one.held for one in await held_sets(self.store)}

    async def decide(self, resource: str, held: Held, verdict: Verdict) -> None:
        """Decide about what is held, as people do."""
        decision = Decision(verdict=verdict, since=held.since, at=self.clock.now())
        await leave_decision(self.store, ResourceName("acme", resource), decision)

    def told(self, since: int = 0) -> list[Told]:
        """Return what arrived, from a place on, in the oracle's form."""
        return [told_of(event) for event in self.receiver.events[since:]]

    def sample(self, name: str, **labels: str) -> float:
        """Return one value of the daemon's metrics."""
        return self.daemon.metrics.registry.get_sample_value(f"lucca_sync_{name}", labels) or 0.0

    def samples(self, name: str, label: str) -> Counter[str]:
        """Return a metric by one of its labels."""
        found = Counter[str]()
        for family in self.daemon.metrics.registry.collect():
            for one in family.samples:
                if one.name == f"lucca_sync_{name}":
                    found[one.labels[label]] += int(one.value)
        return found

    @property
    def all_known(self) -> bool:
        """Whether every resource was read once."""
        return all(
            self.sample("look_last_success_timestamp_seconds", tenant="acme", resource=name) > 0
            for name in self.resources
        )

    @property
    def resources(self) -> Iterable[str]:
        """Everything that is watched."""
        return self.daemon.plan.loaded.settings.tenants["acme"].resources


@asynccontextmanager
async def company(folder: Path, seed: int, start: datetime = START) -> AsyncGenerator[Company]:
    """Found a company and watch it; everything ends with the block."""
    clock = LoopClock(start)
    simulator = Simulator(
        SimulatorOptions(employees=PEOPLE, seed=seed, leaves_v5=True, absences=0.4, gzip=False), clock
    )
    receiver = Receiver()
    async with simulator.serving() as tenant, _served(receiver) as target:
        settings = folder / "lucca-sync.yaml"
        settings.write_bytes(msgspec.json.encode(_settings(simulator, tenant, target)))  # JSON is YAML
        daemon = Daemon(load_all(settings, {}), World(_Nobody(), clock, Random(seed)))
        made = Company(simulator, daemon, receiver, clock, folder / "journal.db", Truth(simulator))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(daemon.run)
            await until(lambda: daemon.address is not None)
            yield made
            daemon.stop()


async def register(made: Company) -> None:
    """Have the tenant send its webhooks to the daemon."""
    assert made.daemon.address is not None
    host, port = made.daemon.address
    said: list[str] = []
    async with registrar("acme", made.daemon.plan.loaded.settings.tenants["acme"], said.append) as desk:
        assert await desk.register(f"http://{host}:{port}/hints/acme", replace=False), said


async def until(holds: Callable[[], bool], seconds: float = 86_400) -> None:
    """Come back when something holds."""
    with anyio.fail_after(seconds):
        while not holds():  # noqa: ASYNC110 - time is virtual: it costs nothing
            await anyio.sleep(5)


@asynccontextmanager
async def _served(receiver: Receiver) -> AsyncGenerator[str]:
    app = web.Application()
    app.router.add_post("/", receiver.receive)
    async with served(app, patience=0) as url:
        yield f"{url}/"


def _settings(simulator: Simulator, tenant: str, target: str) -> dict[str, object]:
    resources: dict[str, dict[str, object]] = {name: {"every": EVERY.get(name, "90m")} for name in CATALOGUE}
    for name in ("leaves", "leave-periods"):
        resources[name] |= {"past": "150d", "future": "500d"}
    resources[TITLES] = {
        "every": "1h",
        "path": "/lucca-api/professions",
        "scope": "job-qualifications.readonly",
        "singular": "title",
    }
    return {
        "version": 1,
        "tenants": {
            "acme": {
                "url": tenant,
                "token_url": f"{tenant}/connect/token",
                "client_id": "simulator",
                "client_secret": SimulatorOptions.client_secret,
                "legacy_api_key": SimulatorOptions.api_key,
                "requests_per_minute": 40,
                "resources": resources,
                "eyes": {"head": "1h", "count": "90m", "feed": "10m", "survey": "6h"},
                "hints": {"secret_file": "hint-secret"},
            }
        },
        "store": "sqlite:journal.db",
        "connectors": {
            "receiver": {
                "type": "webhook",
                "url": target,
                "secret": SECRET,
                "allow": ["127.0.0.0/8"],
                "retry": {"schedule": ["10s", "1m", "5m"], "max_age": "3d"},
            }
        },
        "routes": {"all": {"resources": [*resources], "fields": fields_of(simulator), "to": ["receiver"]}},
        "server": {"listen": "127.0.0.1:0"},
    }


def fields_of(simulator: Simulator) -> Sequence[str]:
    """Return all fields that there are: what is sensitive has to be named."""
    records = simulator.world.records
    shown = {name for resource in NAMES for row in records.rows(resource) for name in records.view(row)}
    return sorted({*shown, *_OURS, *(name for names in ADDED.values() for name in names)} - {"url"})


def told_of(event: Mapping[str, Any]) -> Told:
    """Return a CloudEvent in the oracle's form."""
    subject: str = event["subject"]
    resource = subject.partition("/")[0]
    data = event["data"]
    return Told(
        event["id"],
        subject,
        event["type"].rpartition(".")[2],
        int(event["sequence"]),
        event["recordedtime"],
        state_of(resource, data["previous"]),
        state_of(resource, data["record"]),
        event["detectedby"],
    )


class _Nobody:
    """Watches no baseline."""

    def page_passed(self, name: ResourceName, *, baseline: bool, records: int, total: int | None) -> None:
        """Nothing to do."""

    def sweep_ended(self, name: ResourceName, *, baseline: bool, records: int) -> None:
        """Nothing to do."""


__all__ = ["START", "Company", "company", "fields_of", "moment", "register", "told_of", "until"]
