"""Absences and users of a living company, seen through the legacy API: nothing missed, nothing invented."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

import anyio
import msgspec
import pytest

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.emit import Route
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.guard import Threshold
from lucca_sync.ingest.leave_watch import Seat, seats_for
from lucca_sync.ingest.patience import Patience
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.reread import Rereader
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.ingest.users import UsersDelta
from lucca_sync.ingest.watch import Watch
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import EventFilter, ResourceName
from lucca_sync.kit.clock import LoopClock
from lucca_sync.kit.secret import Secret
from lucca_sync.lucca.access import TenantAccess
from lucca_sync.lucca.budget import Budget
from lucca_sync.lucca.client import LuccaClient
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.event import Event
from lucca_sync.model.values import JsonObject
from lucca_sync.obs.metrics import Metrics
from lucca_sync.simulator import Simulator, SimulatorOptions
from lucca_sync.simulator.world.actions import Set
from tests.ingest.watching import LANE, Onlooker, Standing
from tests.lucca.notes import MemoryNotes

pytestmark = pytest.mark.leaping

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TENANT = "acme"
FIRST = "2026-01-01"
"""The past edge of the window."""
LOOSE = Threshold(10_000, 1.0)
RESOURCES = ("leaves", "leave-periods", "leave-requests", "users", "employees")


@dataclass
class Company:
    """A simulated company, a client of it, and what watches it."""

    simulator: Simulator
    lookout: Lookout
    journal: MemoryJournal
    seats: Mapping[str, Seat]
    gate: StoreGate

    def watch(self, resource: str) -> Watch:
        post = Post(self.lookout, watched(resource))
        return Watch(post, self.patience(ResourceName(TENANT, resource)), Absentees(post))

    def patience(self, name: ResourceName) -> Patience:
        return Patience(self.lookout, name, self.gate, lambda: 1.0)

    async def events(self, resource: str) -> list[Event]:
        found = await self.journal.events(after=0, limit=100_000, wanted=EventFilter(resource=resource))
        return [entry.event for entry in found]

    async def known(self, resource: str) -> dict[str, JsonObject]:
        living = await self.journal.beginning(ResourceName(TENANT, resource), [""])
        return {one.id: msgspec.json.decode(one.content or b"") for one in living}


def watched(resource: str) -> Watched:
    name = ResourceName(TENANT, resource)
    plain = Watched(name, CATALOGUE[resource], "https://acme.ilucca.net", every=300.0)
    return replace(plain, deletions=LOOSE, changes=LOOSE)


@asynccontextmanager
async def company(options: SimulatorOptions) -> AsyncGenerator[Company]:
    clock, journal, metrics = LoopClock(START), MemoryJournal(), Metrics()
    metrics.initialise_tenant(TENANT, RESOURCES)
    simulator = Simulator(options, clock)
    route: Route = lambda event: (LANE,)  # noqa: E731 - every event goes the same way
    async with simulator.serving() as url:
        access = TenantAccess(
            url,
            f"{url}/connect/token",
            "simulator",
            Secret("simulator-secret"),
            ("employees.readonly",),
            Secret(options.api_key),
        )
        budget = Budget(10_000, MemoryNotes(), "budget", clock)
        async with LuccaClient(access, budget, clock, lambda seen: None, random=Random(1)) as client:
            lookout = Lookout(client, journal, route, clock, metrics, Onlooker(), lambda: None)
            gate = StoreGate(journal, Standing(), metrics)
            made = Company(simulator, lookout, journal, {}, gate)
            absences = [watched("leaves"), watched("leave-periods")]
            made.seats = {
                seat.post.watched.name.resource: seat for seat in seats_for(lookout, absences, made.patience)
            }
            yield made


def truth(simulator: Simulator) -> dict[str, bool]:
    """Each half-day and whether it is active, by the identity that we give it."""
    found: dict[str, bool] = {}
    for view in simulator.records("v3/leaves"):
        period = view["leavePeriod"]
        assert isinstance(period, dict)
        day, half = str(view["date"])[:10], "AM" if view["isAm"] else "PM"
        identity = f"{period['ownerId']}-{day.replace('-', '')}-{half}-{view['leaveAccountId']}"
        if FIRST <= day <= "2027-03-02":
            found[identity] = found.get(identity, False) or bool(view["isActive"])
    return found


async def places(there: Company) -> int:
    """Count the half-days of the window that periods stand for."""
    periods = (await there.known("leave-periods")).values()
    halves = [place for record in periods for place in msgspec.convert(record["halfDays"], list[str])]
    return sum(place >= FIRST for place in halves)


def replayed(events: list[Event], before: dict[str, JsonObject]) -> dict[str, bool]:
    """Whether each half-day is active, for somebody who knew `before` and was told the rest."""
    state = {key: record["isActive"] is not False for key, record in before.items()}
    for event in events:
        if event.record is None:
            del state[event.record_id]
        else:
            state[event.record_id] = event.record["isActive"] is not False
    return state


@pytest.mark.parametrize("half_day_name", ["isAm", "isAM"])
async def test_a_life_of_absences_is_told_as_it_was(half_day_name: str) -> None:
    """However the tenant spells which half of the day it is."""
    options = msgspec.convert(
        {"employees": 12, "absences": 2.0, "requests_per_minute": 0, "half_day_name": half_day_name},
        SimulatorOptions,
    )
    async with company(options) as there:
        leaves = there.seats["leaves"]
        await leaves.once()
        before = await there.known("leaves")
        for _ in range(30):
            for _ in range(12):
                there.simulator.step()
            await anyio.sleep(300)
            await leaves.once()
            assert not leaves.failing
        assert len(await there.events("leaves")) > 50
        deltas = {event.detected_by for event in await there.events("leaves")}
        assert "delta" in deltas
        leaves.survey_now()
        await leaves.once()
        now = truth(there.simulator)
        known = await there.known("leaves")
        assert {key: record["isActive"] is not False for key, record in known.items()} == now
        assert replayed(await there.events("leaves"), before) == now
        assert await places(there) == sum(now.values()) > 0
        await leaves.once()
        told = len(await there.events("leaves")), len(await there.events("leave-periods"))
        leaves.survey_now()
        await leaves.once()
        assert told == (len(await there.events("leaves")), len(await there.events("leave-periods")))


async def test_requests_are_told_apart_from_leaves() -> None:
    async with company(SimulatorOptions(employees=12, absences=2.0, requests_per_minute=0)) as there:
        requests = there.watch("leave-requests")
        await requests.once()
        assert not requests.failing
        for _ in range(200):
            there.simulator.step()
        await requests.once()
        assert not requests.failing
        known = await there.known("leave-requests")
        shown = {str(view["id"]): view["status"] for view in there.simulator.records("v3/leaveRequests")}
        assert {key: record["status"] for key, record in known.items()} == shown
        events = await there.events("leave-requests")
        assert {event.kind for event in events} >= {"created", "updated"}
        assert all(event.employee for event in events)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris"])
async def test_a_modified_user_sends_us_to_look_at_the_employee(zone: str) -> None:
    """Trap 46: nobody says in which time zone users were modified."""
    options = SimulatorOptions(employees=12, requests_per_minute=0, users_zone=zone)
    async with company(options) as there:
        users, employees = there.watch("users"), there.watch("employees")
        await users.once()
        await employees.once()
        rereader = Rereader(employees.post, employees.absentees)
        delta = UsersDelta(TENANT, there.lookout, [rereader], users.post)
        assert await delta.look()
        await anyio.sleep(120)
        assert await delta.look()
        there.simulator.perform(Set(resource="employees", id="3", path="/familyName", value="Renamed"))
        await anyio.sleep(120)
        assert await delta.look()
        for resource in ("users", "employees"):
            (event,) = await there.events(resource)
            assert (event.record_id, event.kind, event.detected_by) == ("3", "updated", "delta")


async def test_leavers_are_users_too() -> None:
    """Trap 40: the list hides leavers unless asked for them."""
    async with company(SimulatorOptions(employees=40, requests_per_minute=0)) as there:
        users = there.watch("users")
        await users.once()
        assert len(await there.known("users")) == there.simulator.counts()["employees"]
