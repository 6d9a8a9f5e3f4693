"""Speaking with the legacy API: its addresses, its key, its pages, within the same budget as all else."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest

from lucca_sync.ingest.decode import decode_page, decode_record, legacy_rows
from lucca_sync.kit.clock import LoopClock
from lucca_sync.kit.secret import Secret, SecretUnreadable
from lucca_sync.lucca.budget import Budget
from lucca_sync.lucca.client import LuccaClient, RequestSeen
from lucca_sync.lucca.errors import CredentialsRefused, Refused, RightMissing, TooHeavy, Unavailable
from lucca_sync.lucca.legacy import first_url, next_url, record_url
from lucca_sync.lucca.paging import simpler
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.simulator import Simulator, SimulatorOptions
from tests.lucca.notes import MemoryNotes
from tests.lucca.tenant import START, VIRTUAL_TIME, Connection, Tenant, access_to, problem, reply, tenant

USERS = CATALOGUE["users"]
REQUESTS = CATALOGUE["leave-requests"]
LEGACY = [name for name, resource in CATALOGUE.items() if resource.api == "v3"]


def asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@asynccontextmanager
async def connected(key: Secret | None) -> AsyncGenerator[Connection]:
    async with tenant() as source:
        access = replace(access_to(source), legacy_api_key=key)
        notes, clock, seen = MemoryNotes(), LoopClock(START), list[RequestSeen]()
        budget = Budget(10_000, notes, "budget", clock)
        async with LuccaClient(access, budget, clock, seen.append, random=Random(1)) as client:
            yield Connection(source, client, budget, notes, clock, seen)


KEY = Secret("planted-key")


@pytest.mark.parametrize("name", LEGACY)
def test_lists_ask_for_fields_by_name_and_page_by_offset(name: str) -> None:
    """Traps 39 and 40: only id, name and url come by themselves, and leavers only when asked for."""
    query = asked(first_url(CATALOGUE[name]))
    assert {"id", "name"} != set(query["fields"].split(","))
    assert query["paging"] == f"0,{CATALOGUE[name].page}"
    assert (query.get("formerEmployees") == "true") is (name == "users")


def test_filters_win_and_the_words_of_v5_are_translated() -> None:
    url = first_url(USERS, {"id": "1,2", "include": "links,totalCount", "limit": "0"})
    query = asked(url)
    assert (query["id"], query["paging"]) == ("1,2", "0,1")
    assert query["fields"].endswith(",collection.count")
    assert not {"include", "limit"} & query.keys()


def test_a_full_page_is_followed_by_one_that_overlaps_it_and_a_short_one_by_none() -> None:
    """Trap 47: rows move up while pages are read; those at the seam are read twice rather than skipped."""
    first = first_url(USERS)
    second = next_url(first, 1000)
    assert second is not None
    assert asked(second)["paging"] == "990,1000"
    assert asked(second) | {"paging": ""} == asked(first) | {"paging": ""}
    assert next_url(first, 999) is None


@pytest.mark.parametrize("limit", [1, 2, 3, 25])
def test_pages_always_move_on(limit: int) -> None:
    following = next_url(first_url(USERS, limit=limit), limit)
    assert following is not None
    assert int(asked(following)["paging"].partition(",")[0]) > 0


def test_a_page_that_was_too_heavy_is_asked_for_in_halves() -> None:
    lighter = simpler(first_url(USERS))
    assert lighter is not None
    assert asked(lighter)["paging"] == "0,500"
    assert simpler(first_url(USERS, limit=10)) is None


def test_a_records_address_asks_for_the_same_fields_and_its_id_cannot_lead_elsewhere() -> None:
    url = record_url(USERS, "../x?y")
    assert urlsplit(url).path == "/api/v3/users/..%2Fx%3Fy"
    assert asked(url)["fields"] == USERS.fields


def test_an_envelope_of_the_legacy_api_is_read_as_a_page() -> None:
    page = decode_page(
        b'{"header": {}, "data": {"items": [{"id": 1}, {"id": 1}, {"name": "x"}], "count": 9}}'
    )
    assert ([item.id for item in page.items], page.total, page.rows, page.unidentified) == (["1"], 9, 3, 1)
    assert page.next_href is None
    assert len(legacy_rows(b'{"data": {"items": [1]}}')) == 1


def test_a_single_record_of_the_legacy_api_is_unwrapped() -> None:
    item = decode_record(b'{"header": {}, "data": {"id": 7, "name": "x"}, "metadata": null}')
    assert item is not None
    assert (item.id, item.content()) == ("7", {"id": 7, "name": "x"})
    assert decode_record(b'{"data": null}') is None


@VIRTUAL_TIME
async def test_the_key_goes_with_a_request_and_neither_token_nor_version_does() -> None:
    async with connected(KEY) as there:
        there.tenant.will(reply(200, b'{"data": {"items": []}}'))
        await there.client.page(first_url(USERS), resource=USERS, etag='W/"x"', purpose="sweep")
        (request,) = there.tenant.asked
        assert request.headers["Authorization"] == "lucca application=planted-key"
        assert not {"Api-Version", "If-None-Match"} & set(request.headers)
        assert there.tenant.signed_in == []


@VIRTUAL_TIME
async def test_both_apis_draw_on_one_budget() -> None:
    """Trap 7: the requests of a minute are the tenant's, whatever API they go to."""
    async with connected(KEY) as there:
        before = there.budget.available()
        await there.client.page(first_url(USERS), resource=USERS, etag=None, purpose="sweep")
        assert there.budget.available() == before - 1


@VIRTUAL_TIME
async def test_a_refused_key_is_named_and_not_tried_again() -> None:
    async with connected(KEY) as there:
        there.tenant.will(reply(401))
        with pytest.raises(CredentialsRefused, match="legacy_api_key") as refusal:
            await there.client.page(first_url(USERS), resource=USERS, etag=None, purpose="sweep")
        assert "planted" not in str(refusal.value)
        assert len(there.tenant.asked) == 1


@VIRTUAL_TIME
async def test_a_key_whose_role_is_too_narrow_is_told_from_a_missing_scope() -> None:
    """Trap 10: a person must act; asking again gives the same."""
    async with connected(KEY) as there:
        there.tenant.will(reply(403))
        with pytest.raises(RightMissing, match="users"):
            await there.client.page(first_url(USERS), resource=USERS, etag=None, purpose="sweep")
        assert len(there.tenant.asked) == 1


@VIRTUAL_TIME
async def test_without_a_key_nothing_is_sent() -> None:
    async with connected(None) as there:
        with pytest.raises(CredentialsRefused, match="legacy_api_key"):
            await there.client.record(USERS, "1", "confirm")
        assert there.tenant.asked == []


@VIRTUAL_TIME
@pytest.mark.parametrize("key", ["planted\nplanted: 1", "planted\x00", "clé"])
async def test_a_file_with_more_than_a_key_is_said_to_be_none_and_asks_nobody(key: str) -> None:
    async with connected(Secret(key)) as there:
        with pytest.raises(CredentialsRefused, match="one line") as caught:
            await there.client.page(first_url(USERS), resource=USERS, etag=None, purpose="sweep")
        assert "planted" not in str(caught.value)
        assert there.tenant.asked == []


@VIRTUAL_TIME
async def test_the_key_is_read_anew_at_each_use(tmp_path: Path) -> None:
    file = tmp_path / "key"
    async with connected(Secret(file=file)) as there:
        with pytest.raises(SecretUnreadable):
            await there.client.record(USERS, "1", "confirm")
        for key in ("first", "second"):
            file.write_text(key)
            await there.client.record(USERS, "1", "confirm")
        keys = [request.headers["Authorization"].rpartition("=")[2] for request in there.tenant.asked]
        assert keys == ["first", "second"]


@VIRTUAL_TIME
async def test_troubles_are_borne_as_in_v5() -> None:
    async with connected(KEY) as there:
        there.tenant.will(reply(503), reply(429), reply(200, b'{"data": {"id": 1}}'), reply(404), reply(408))
        assert await there.client.record(USERS, "1", "confirm")
        assert await there.client.record(USERS, "2", "confirm") is None
        with pytest.raises(TooHeavy):
            await there.client.page(first_url(USERS), resource=USERS, etag=None, purpose="sweep")
        there.tenant.will(problem(400, '{"title": "Unknown property"}'))
        with pytest.raises(Refused):
            await there.client.page(first_url(USERS), resource=USERS, etag=None, purpose="sweep")
        there.tenant.will(*(reply(500) for _ in range(3)))
        with pytest.raises(Unavailable):
            await there.client.record(USERS, "1", "confirm")


@VIRTUAL_TIME
@pytest.mark.parametrize("name", ["users", "leave-requests"])
async def test_every_record_is_reached_page_by_page(name: str) -> None:
    clock, resource = LoopClock(START), replace(CATALOGUE[name], page=30)
    simulator = Simulator(SimulatorOptions(employees=80, requests_per_minute=0), clock)
    for _ in range(400):
        simulator.step()
    async with simulator.serving() as url:
        access = replace(access_to(Tenant(url)), legacy_api_key=Secret("simulator-key"))
        budget = Budget(10_000, MemoryNotes(), "budget", clock)
        async with LuccaClient(access, budget, clock, lambda seen: None, random=Random(1)) as client:
            ids: list[str] = []
            at: str | None = client.first_url(resource)
            while at is not None:
                answer = await client.page(at, resource=resource, etag=None, purpose="sweep")
                page = decode_page(answer.body or b"")
                ids += [item.id for item in page.items]
                at = next_url(at, page.rows)
    kept = simulator.records(resource.path.removeprefix("/api/"))
    assert set(ids) == {str(view["id"]) for view in kept}
    assert len(ids) > 30
