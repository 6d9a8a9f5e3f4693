"""A daemon, a simulated tenant and a webhook receiver: a hire, a move that is planned, moved and comes."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import anyio
from aiohttp import web

from lucca_sync.app.daemon import Daemon, World
from lucca_sync.app.stores import reading_store
from lucca_sync.ingest.business.cursor import PREFIX, decode
from lucca_sync.journal.protocol import StoreError
from lucca_sync.kit.clock import SystemClock
from lucca_sync.registry import load_all
from lucca_sync.simulator import Refused, Simulator, SimulatorOptions
from lucca_sync.simulator.world.actions import (
    ApproveLeave,
    CancelLeave,
    Hire,
    Move,
    RequestLeave,
    Set,
)
from lucca_sync.simulator.world.ledger import LedgerEntry
from tests.endtoend.scene import Receiver
from tests.reload.stage import Nobody
from tests.running import until
from tests.serving import SECRET, served

SETTINGS = """\
version: 1
tenants:
  acme:
    url: {tenant}
    token_url: {tenant}/connect/token
    client_id: simulator
    client_secret: simulator-secret
    legacy_api_key: simulator-key
    requests_per_minute: 100000
    eyes: {{stable_pages: false, head: false, count: false, feed: false}}
    resources:
      employees: {{every: 100ms}}
      employments: {{every: 100ms}}
      job-positions: {{every: 100ms}}
      business-establishments: {{every: 1s}}
      leave-periods: {{every: 100ms}}
store: sqlite:journal.db
connectors:
  receiver: {{type: webhook, url: "{receiver}", secret: {secret}, allow: [127.0.0.0/8]}}
business: {{window: 500ms}}
routes:
  people:
    types: [employee.hired, position.changed.*, leave.requested, leave.approved, leave.cancelled]
    to: [receiver]
server: {{listen: "127.0.0.1:0"}}
"""


@dataclass
class Calendar:
    """The machine's clock, which can be put forward."""

    ahead: timedelta = field(default_factory=timedelta)
    system: SystemClock = field(default_factory=SystemClock)

    def now(self) -> datetime:
        return self.system.now() + self.ahead


@dataclass
class Scene:
    simulator: Simulator
    receiver: Receiver
    calendar: Calendar
    daemon: Daemon

    @property
    def today(self) -> date:
        return self.calendar.now().date()

    async def told(self, *names: str) -> None:
        """Wait until business events of these names have arrived, and nothing else."""
        await until(lambda: len(self.receiver.events) >= len(names))
        assert sorted(event["type"] for event in self.receiver.events) == sorted(
            f"lucca.{name}" for name in names
        )
        self.receiver.events.clear()


@asynccontextmanager
async def receiving() -> AsyncGenerator[tuple[Receiver, str]]:
    """Start a webhook receiver; gives it and its URL."""
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/", receiver.receive)
    async with served(app) as url:
        yield receiver, f"{url}/"


async def taken_in(store: Path) -> None:
    """Wait until the baseline of every resource that matters was taken in."""
    wanted = {"employees", "employments", "job-positions", "leave-periods"}
    seeded = set[str]()
    while not seeded >= wanted:
        await anyio.sleep(0.05)
        with suppress(StoreError, FileNotFoundError):
            async with reading_store(store) as reader:
                notes = await reader.notes(PREFIX)
            seeded = {name for note in notes.values() for name in decode(note).seeded}


@asynccontextmanager
async def scene(folder: Path) -> AsyncGenerator[Scene]:
    calendar = Calendar()
    simulator = Simulator(SimulatorOptions(employees=8, requests_per_minute=0), calendar)
    async with simulator.serving() as tenant, receiving() as (receiver, url):
        file = folder / "lucca-sync.yaml"
        file.write_text(SETTINGS.format(tenant=tenant, receiver=url, secret=SECRET), "utf-8")
        daemon = Daemon(load_all(file, {}), World(Nobody(), calendar))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(daemon.run)
            at = Scene(simulator, receiver, calendar, daemon)
            await taken_in(folder / "journal.db")
            yield at
            daemon.stop()


async def test_a_life_at_work_is_told_in_words(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        entries = at.simulator.perform(Hire(given_name="Ada", family_name="Byron"))
        (person,) = [one.id for one in entries if one.resource == "employees"]
        await until(lambda: len(at.receiver.events) == 1)
        assert at.receiver.events[0]["data"]["record"]["givenName"] == "Ada"
        assert at.receiver.events[0]["subject"] == f"people/{person}"
        await at.told("employee.hired")

        first, later = at.today + timedelta(days=20), at.today + timedelta(days=30)
        move = Move(employee=person, job_title="Director", on=first.isoformat())
        entries = at.simulator.perform(move)
        (planned,) = [one.id for one in entries if one.resource == "job-positions" and one.kind == "created"]
        await at.told("position.changed.scheduled")
        change = Set(resource="job-positions", id=planned, path="/startsOn", value=later.isoformat())
        at.simulator.perform(change)
        await at.told("position.changed.rescheduled")
        at.calendar.ahead = timedelta(days=31)
        await until(lambda: len(at.receiver.events) == 1)
        assert at.receiver.events[0]["data"]["on"] == later.isoformat()
        assert at.receiver.events[0]["data"]["record"]["jobTitle"] == "Director"
        await at.told("position.changed.effective")
        page = at.daemon.metrics.page().decode()
        counted = 'lucca_sync_business_events_total{name="employee.hired",tenant="acme"} 1.0'
        assert counted in page
        assert 'lucca_sync_business_events_total{name="leave.cancelled",tenant="acme"} 0.0' in page
        assert 'lucca_sync_business_lag_seconds{tenant="acme"}' in page
        assert 'resource="people"' not in page, "nobody looks at what is only derived"


def requested(at: Scene, start: str) -> Sequence[LedgerEntry]:
    """Let somebody ask for time off who is not away then."""
    for person in map(str, range(1, 9)):
        with suppress(Refused):
            return at.simulator.perform(RequestLeave(employee=person, start=start, half_days=6))
    raise AssertionError("everybody is away")


async def test_an_absence_is_told_in_words(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        start = (at.today + timedelta(days=14)).isoformat()
        entries = requested(at, start)
        (request,) = [one.id for one in entries if one.resource == "v3/leaveRequests"]
        period = next(one.id for one in entries if one.resource == "v3/leaves").partition("-")[0]
        await at.told("leave.requested")
        at.simulator.perform(ApproveLeave(request=request))
        await at.told("leave.approved")
        at.simulator.perform(CancelLeave(period=period))
        await at.told("leave.cancelled")
