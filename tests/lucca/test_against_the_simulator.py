"""The client against a simulated tenant, which shares no code with it and behaves as documented."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import anyio
import msgspec
import pytest

from lucca_sync.kit.clock import LoopClock
from lucca_sync.kit.secret import Secret
from lucca_sync.lucca.access import TenantAccess
from lucca_sync.lucca.budget import Budget
from lucca_sync.lucca.client import LuccaClient, RequestSeen
from lucca_sync.lucca.errors import CredentialsRefused, CursorLost, ScopeMissing
from lucca_sync.model.catalogue import CATALOGUE, Resource
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.server.faults import Fault, FaultKind
from lucca_sync.simulator.simulator import Simulator
from tests.lucca.notes import MemoryNotes
from tests.lucca.tenant import VIRTUAL_TIME

pytestmark = VIRTUAL_TIME

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
EMPLOYEES = CATALOGUE["employees"]


@dataclass
class Visit:
    """A simulated tenant with a client of it."""

    simulator: Simulator
    client: LuccaClient
    budget: Budget
    seen: list[RequestSeen]

    def outcomes(self) -> set[str]:
        return {seen.outcome for seen in self.seen}


@asynccontextmanager
async def visiting(
    options: SimulatorOptions | None = None, secret: str = SimulatorOptions.client_secret, rate: float = 50
) -> AsyncGenerator[Visit, None]:
    clock, seen = LoopClock(START), list[RequestSeen]()
    simulator = Simulator(options or SimulatorOptions(employees=450, requests_per_minute=0), clock)
    async with simulator.serving() as url:
        scopes = tuple(resource.scope for resource in CATALOGUE.values())
        access = TenantAccess(url, f"{url}/connect/token", "simulator", Secret(secret), scopes)
        budget = Budget(rate, MemoryNotes(), "budget", clock)
        async with LuccaClient(access, budget, clock, seen.append, random=Random(1)) as client:
            yield Visit(simulator, client, budget, seen)


class Item(msgspec.Struct):
    id: str


class Link(msgspec.Struct):
    href: str


class Links(msgspec.Struct):
    next: Link | None


class Page(msgspec.Struct):
    items: list[Item]
    links: Links


async def sweep(visit: Visit, resource: Resource, etags: dict[str, str | None]) -> list[str]:
    """Follow a collection from its first page to its last; return the ids, and keep each page's ETag."""
    ids: list[str] = []
    url: str | None = visit.client.first_url(resource)
    while url is not None:
        answer = await visit.client.page(url, resource=resource, etag=None, purpose="sweep")
        etags[url] = answer.etag
        page = msgspec.json.decode(answer.body or b"", type=Page)
        ids += [item.id for item in page.items]
        url = visit.client.follow(page.links.next.href, url) if page.links.next else None
    return ids


@pytest.mark.parametrize("name", [name for name, resource in CATALOGUE.items() if resource.api == "v5"])
async def test_every_record_of_a_resource_is_reached_though_next_links_lose_what_was_asked(name: str) -> None:
    """Trap 4."""
    options = SimulatorOptions(employees=450, requests_per_minute=0, leaves_v5=True)
    async with visiting(options) as visit:
        ids = await sweep(visit, CATALOGUE[name], {})
        theirs = visit.simulator.records(CATALOGUE[name].path.removeprefix("/lucca-api/"))
        assert sorted(ids) == sorted(str(record["id"]) for record in theirs)
        assert len(set(ids)) == len(ids)


async def test_unchanged_pages_are_answered_304_the_second_time() -> None:
    async with visiting() as visit:
        etags: dict[str, str | None] = {}
        await sweep(visit, EMPLOYEES, etags)
        assert len(etags) == 5
        for url, etag in etags.items():
            answer = await visit.client.page(url, resource=EMPLOYEES, etag=etag, purpose="sweep")
            assert answer.body is None


async def test_all_of_a_tenants_share_is_used_without_ever_being_throttled() -> None:
    options = SimulatorOptions(employees=20, requests_per_minute=50)
    async with visiting(options, rate=50) as visit:
        began = anyio.current_time()
        for _ in range(150):
            await visit.client.record(EMPLOYEES, "1", "sweep")
        assert "throttled" not in visit.outcomes()
        assert 150 / ((anyio.current_time() - began) / 60) > 48


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_a_share_that_is_too_large_is_throttled_and_every_request_succeeds_all_the_same(
    form: str,
) -> None:
    options = msgspec.convert(
        {"employees": 20, "requests_per_minute": 10, "retry_after": form}, SimulatorOptions
    )
    async with visiting(options, rate=50) as visit:
        for _ in range(30):
            answer = await visit.client.page(
                visit.client.first_url(EMPLOYEES), resource=EMPLOYEES, etag=None, purpose="sweep"
            )
            assert answer.body
        assert "throttled" in visit.outcomes()


@pytest.mark.parametrize("kind", ["status", "reset"])
async def test_one_bad_answer_in_four_costs_no_record(kind: FaultKind) -> None:
    async with visiting() as visit:
        visit.simulator.misbehave(faults=(Fault(kind=kind, rate=0.25),))
        ids = await sweep(visit, EMPLOYEES, {})
        assert len(ids) == visit.simulator.counts()["employees"]


async def test_a_scope_that_was_not_granted_leaves_the_others_working() -> None:
    granted = frozenset(resource.scope for resource in CATALOGUE.values()) - {EMPLOYEES.scope}
    async with visiting(SimulatorOptions(employees=20, scopes=granted)) as visit:
        with pytest.raises(ScopeMissing, match=r"employees\.readonly"):
            await sweep(visit, EMPLOYEES, {})
        assert await sweep(visit, CATALOGUE["departments"], {})


async def test_a_wrong_secret_is_told_from_trouble() -> None:
    async with visiting(secret="wrong") as visit:
        with pytest.raises(CredentialsRefused):
            await sweep(visit, EMPLOYEES, {})


async def test_tokens_that_are_revoked_are_renewed_unnoticed() -> None:
    async with visiting() as visit:
        await sweep(visit, EMPLOYEES, {})
        visit.simulator.revoke_tokens()
        assert await sweep(visit, EMPLOYEES, {})


async def test_a_cursor_of_a_former_life_of_the_tenant_is_lost() -> None:
    async with visiting() as visit:
        url = visit.client.first_url(EMPLOYEES, {"page": "!nobodyknows"})
        with pytest.raises(CursorLost):
            await visit.client.page(url, resource=EMPLOYEES, etag=None, purpose="sweep")


async def test_a_record_and_its_absence_are_told_apart() -> None:
    async with visiting() as visit:
        known = next(iter(visit.simulator.records("employees")))
        answer = await visit.client.record(EMPLOYEES, str(known["id"]), "confirm")
        assert answer is not None
        assert msgspec.json.decode(answer.body or b"", type=Item).id == known["id"]
        assert await visit.client.record(EMPLOYEES, "999999999", "confirm") is None
