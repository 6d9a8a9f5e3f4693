"""Signing in: one token for all, renewed in time, and what a refusal costs. Time is virtual."""

import asyncio
import gzip
from pathlib import Path

import anyio
import pytest
from aiohttp import web

from lucca_sync.kit.secret import SecretUnreadable
from lucca_sync.lucca.errors import CredentialsRefused, Refused, ScopeMissing, SourceError, Unavailable
from lucca_sync.model.catalogue import CATALOGUE, Resource
from tests.lucca.tenant import VIRTUAL_TIME, Connection, Reaction, connected, reply

pytestmark = VIRTUAL_TIME

EMPLOYEES, DEPARTMENTS, POSITIONS = (
    CATALOGUE[name] for name in ("employees", "departments", "job-positions")
)


async def ask(connection: Connection, resource: Resource = EMPLOYEES) -> None:
    url = connection.client.first_url(resource)
    await connection.client.page(url, resource=resource, etag=None, purpose="sweep")


def error(code: str, status: int = 400) -> Reaction:
    return reply(status, f'{{"error": "{code}"}}'.encode(), {"Content-Type": "application/json"})


async def test_it_signs_in_by_a_form_with_all_scopes_sorted() -> None:
    async with connected() as there:
        await ask(there)
        (asked,) = there.tenant.signed_in
        assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert asked.form == {
            "grant_type": "client_credentials",
            "client_id": "our-client",
            "client_secret": "planted-secret",
            "scope": "departments.readonly employees.readonly job-positions.readonly",
        }


async def test_fifty_requests_at_once_share_one_token() -> None:
    async with connected() as there:
        await asyncio.gather(*(ask(there) for _ in range(50)))
        assert len(there.tenant.signed_in) == 1
        assert len(there.tenant.asked) == 50


async def test_fifty_requests_at_once_share_one_refusal() -> None:
    async with connected() as there:
        there.tenant.token_reactions.extend([error("invalid_client")] * 50)
        outcomes = await asyncio.gather(*(ask(there) for _ in range(50)), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {CredentialsRefused}
        assert len(there.tenant.signed_in) == 1


async def test_who_asks_after_a_refusal_signs_in_anew() -> None:
    async with connected() as there:
        there.tenant.token_reactions.append(error("invalid_client"))
        with pytest.raises(CredentialsRefused):
            await ask(there)
        await ask(there)
        assert len(there.tenant.asked) == 1


async def test_who_gives_up_while_signing_in_leaves_the_others_served() -> None:
    arrived = asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        arrived.set()
        await asyncio.sleep(3600)
        return web.Response()

    async with connected() as there:
        there.tenant.token_reactions.append(hang)
        first, second = asyncio.ensure_future(ask(there)), asyncio.ensure_future(ask(there))
        await arrived.wait()
        first.cancel()
        await second
        assert len(there.tenant.asked) == 1


async def test_many_refusals_of_one_token_renew_it_once() -> None:
    async with connected() as there:
        there.tenant.revoked = {"token-1"}
        await asyncio.gather(*(ask(there) for _ in range(8)))
        assert len(there.tenant.signed_in) == 2


async def test_a_token_is_renewed_a_minute_before_it_ends() -> None:
    async with connected() as there:
        await ask(there)
        await asyncio.sleep(1800 - 62)
        await ask(there)
        assert len(there.tenant.signed_in) == 1
        await asyncio.sleep(3)
        await ask(there)
        assert [asked.headers["Authorization"] for asked in there.tenant.asked] == [
            "Bearer token-1",
            "Bearer token-1",
            "Bearer token-2",
        ]


async def test_a_token_of_half_a_minute_is_used_for_half_its_life() -> None:
    async with connected() as there:
        there.tenant.token_life = 30
        await ask(there)
        await asyncio.sleep(14)
        await ask(there)
        assert len(there.tenant.signed_in) == 1
        await asyncio.sleep(2)
        await ask(there)
        assert len(there.tenant.signed_in) == 2


async def test_a_token_that_ends_while_a_request_waits_its_turn_is_not_used() -> None:
    async with connected(rate=1) as there:
        there.tenant.token_life = 90
        await ask(there)
        await asyncio.sleep(25)  # good for five more seconds, the turn comes in thirty
        await ask(there)
        assert there.tenant.asked[1].headers["Authorization"] == "Bearer token-2"


@pytest.mark.parametrize(
    "body", [b'{"access_token": "good"}', b'{"access_token": "good", "expires_in": "1800", "more": []}']
)
async def test_an_answer_is_read_tolerantly(body: bytes) -> None:
    async with connected() as there:
        there.tenant.token_reactions.append(reply(200, body))
        await ask(there)
        await asyncio.sleep(1700)
        await ask(there)
        assert there.tenant.asked[1].headers["Authorization"] == "Bearer good"


async def test_a_packed_answer_is_read() -> None:
    async with connected() as there:
        packed = gzip.compress(b'{"access_token": "good"}')
        there.tenant.token_reactions.append(reply(200, packed, {"Content-Encoding": "gzip"}))
        await ask(there)
        assert there.tenant.asked[0].headers["Authorization"] == "Bearer good"


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"{}", b'{"access_token": ""}', b'{"access_token": "a\\r\\nb"}', b'{"access_token": 7}'],
)
async def test_an_answer_without_a_token_is_trouble_that_may_pass(body: bytes) -> None:
    async with connected() as there:
        there.tenant.token_reactions.extend([reply(200, body)] * 3)
        with pytest.raises(Unavailable) as caught:
            await ask(there)
        assert caught.value.reason == "server"
        assert there.tenant.asked == []


@pytest.mark.parametrize(
    "refusal",
    [
        error("invalid_client"),
        error("invalid_client", 401),
        error("unauthorized_client"),
        reply(401),
        reply(403),
    ],
)
async def test_refused_credentials_say_what_to_check_and_cost_one_request(refusal: Reaction) -> None:
    async with connected() as there:
        there.tenant.token_reactions.append(refusal)
        with pytest.raises(CredentialsRefused, match="client_secret") as caught:
            await ask(there)
        assert "planted-secret" not in str(caught.value)
        assert (len(there.tenant.signed_in), len(there.tenant.asked)) == (1, 0)


async def test_a_foreign_error_code_is_not_shown() -> None:
    async with connected() as there:
        there.tenant.token_reactions.append(error("planted-secret is wrong"))
        with pytest.raises(CredentialsRefused, match="status 400") as caught:
            await ask(there)
        assert "planted" not in str(caught.value)


async def test_trouble_at_the_token_endpoint_is_tried_again() -> None:
    async with connected() as there:
        there.tenant.token_reactions.extend([reply(503), reply(500)])
        await ask(there)
        assert (len(there.tenant.signed_in), len(there.tenant.asked)) == (3, 1)


async def test_a_token_endpoint_that_does_not_listen_is_unreachable() -> None:
    async with connected(token_url="http://127.0.0.1:1/connect/token") as there:
        with pytest.raises(Unavailable, match="/connect/token") as caught:
            await ask(there)
        assert caught.value.reason == "unreachable"
        assert there.tenant.asked == []


async def test_a_token_endpoint_that_is_elsewhere_is_refused_not_followed() -> None:
    async with connected() as there:
        there.tenant.token_reactions.append(reply(307, headers={"Location": "/connect/token"}))
        with pytest.raises(Refused, match=r"307.*settings"):
            await ask(there)
        assert len(there.tenant.signed_in) == 1


async def test_a_throttling_token_endpoint_is_left_alone_as_long_as_it_asks() -> None:
    async with connected() as there:
        there.tenant.token_reactions.append(reply(429, headers={"Retry-After": "30"}))
        began = anyio.current_time()
        for _ in range(3):
            with pytest.raises(Unavailable) as caught:
                await ask(there)
            assert caught.value.reason == "throttled"
        assert len(there.tenant.signed_in) == 1
        assert anyio.current_time() - began < 0.1
        await asyncio.sleep(31)
        await ask(there)


async def test_one_missing_scope_keeps_the_other_resources_going() -> None:
    async with connected() as there:
        there.tenant.refused_scopes = {"employees.readonly"}
        with pytest.raises(ScopeMissing) as caught:
            await ask(there, EMPLOYEES)
        assert caught.value.scope == "employees.readonly"
        await ask(there, DEPARTMENTS)
        await ask(there, POSITIONS)
        asked_for = [signed_in.form["scope"] for signed_in in there.tenant.signed_in]
        assert asked_for == [
            "departments.readonly employees.readonly job-positions.readonly",
            "departments.readonly",
            "employees.readonly",
            "job-positions.readonly",
            "departments.readonly job-positions.readonly",
        ]
        assert {asked.headers["Authorization"] for asked in there.tenant.asked} == {"Bearer token-5"}


async def test_a_single_scope_that_is_refused_is_asked_for_once() -> None:
    async with connected(scopes=("employees.readonly",)) as there:
        there.tenant.refused_scopes = {"employees.readonly"}
        with pytest.raises(ScopeMissing):
            await ask(there)
        assert len(there.tenant.signed_in) == 1


async def test_a_refused_scope_costs_neither_a_turn_nor_a_sign_in_for_ten_minutes() -> None:
    async with connected() as there:
        there.tenant.refused_scopes = {"employees.readonly"}
        with pytest.raises(ScopeMissing):
            await ask(there)
        before, room = len(there.tenant.signed_in), there.budget.available()
        await asyncio.sleep(590)
        with pytest.raises(ScopeMissing):
            await ask(there)
        assert (len(there.tenant.signed_in), there.budget.available()) == (before, room)
        await asyncio.sleep(11)
        with pytest.raises(ScopeMissing):
            await ask(there)
        assert len(there.tenant.signed_in) == before + 1
        assert there.tenant.asked == []


async def test_a_scope_that_is_granted_at_last_is_used_within_ten_minutes() -> None:
    async with connected() as there:
        there.tenant.refused_scopes = {"employees.readonly"}
        with pytest.raises(ScopeMissing):
            await ask(there)
        there.tenant.refused_scopes = set()
        await asyncio.sleep(601)
        await ask(there)
        assert there.tenant.signed_in[-1].form["scope"].count("employees.readonly") == 1
        assert there.tenant.signed_in[-1].form["scope"].count("departments.readonly") == 1


async def test_a_missing_scope_is_not_blamed_on_a_resource_that_asked_at_the_same_time() -> None:
    async with connected() as there:
        there.tenant.refused_scopes = {"employees.readonly"}
        outcomes = await asyncio.gather(
            ask(there, EMPLOYEES), ask(there, DEPARTMENTS), ask(there, POSITIONS), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes] == [ScopeMissing, type(None), type(None)]


async def test_without_any_scope_nothing_is_asked_of_the_tenant() -> None:
    async with connected() as there:
        there.tenant.refused_scopes = {"employees.readonly", "departments.readonly", "job-positions.readonly"}
        for resource in (EMPLOYEES, DEPARTMENTS):
            with pytest.raises(ScopeMissing) as caught:
                await ask(there, resource)
            assert caught.value.scope == resource.scope
        assert there.tenant.asked == []


async def test_scopes_that_are_refused_only_together_are_trouble_that_may_pass() -> None:
    async with connected() as there:
        alone = [reply(200, b'{"access_token": "good"}')] * 3
        once = [error("invalid_scope"), *alone, error("invalid_scope")]
        there.tenant.token_reactions.extend(once * 3)
        with pytest.raises(Unavailable) as caught:
            await ask(there)
        assert caught.value.reason == "server"


async def test_a_rotated_secret_is_read_at_the_next_renewal(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("first\n")
    async with connected(secret_file=file) as there:
        await ask(there)
        file.write_text("second\n")
        there.tenant.will(reply(401))
        await ask(there)
        assert [asked.form["client_secret"] for asked in there.tenant.signed_in] == ["first", "second"]


async def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    async with connected(secret_file=file) as there:
        outcomes = await asyncio.gather(ask(there), ask(there), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [SecretUnreadable] * 2
        assert str(file) in str(outcomes[0])
        file.write_text("back again")
        await ask(there)


async def test_signing_in_is_seen_and_takes_no_turn_of_the_tenants() -> None:
    async with connected(rate=1) as there:
        there.tenant.token_reactions.append(error("invalid_client"))
        with pytest.raises(SourceError):
            await ask(there)
        assert [(seen.purpose, seen.outcome) for seen in there.seen] == [("token", "refused")]
        assert there.budget.available() == 1
