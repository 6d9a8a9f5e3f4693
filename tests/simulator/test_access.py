"""Only who asks rightly is answered: token, scope, version, method, place."""

import pytest

from lucca_sync.simulator import Simulator
from tests.simulator.visitor import HandClock, Visitor, unlimited, visiting


async def test_the_token_endpoint_answers_form_encoded_credentials() -> None:
    async with visiting() as visitor:
        reply = await visitor.sign_in("employees.readonly departments.readonly")
        assert reply.json.keys() == {"access_token", "token_type", "expires_in"}
        assert (reply.json["token_type"], reply.json["expires_in"]) == ("Bearer", 1800)


WRONG_FORMS = [
    ({"client_id": "somebody"}, "invalid_client"),
    ({"client_secret": "guessed"}, "invalid_client"),
    ({"scope": "employees.readonly salaries.readonly"}, "invalid_scope"),
    ({"scope": " ".join(["employees.readonly"] * 300)}, "invalid_scope"),
    ({"grant_type": "password"}, "unsupported_grant_type"),
]


@pytest.mark.parametrize(("form", "error"), WRONG_FORMS)
async def test_the_token_endpoint_says_in_oauths_words_why_it_refuses(
    form: dict[str, str], error: str
) -> None:
    async with visiting() as visitor:
        reply = await visitor.sign_in(**form)
        assert (reply.status, reply.json) == (400, {"error": error})


async def test_the_token_endpoint_takes_no_json() -> None:
    async with visiting() as visitor:
        fields = {"grant_type": "client_credentials", "client_id": "simulator"}
        reply = await visitor.ask("POST", "/connect/token", json=fields)
        assert (reply.status, reply.json) == (400, {"error": "invalid_request"})


async def test_a_scope_that_was_not_granted_is_refused() -> None:
    async with visiting(unlimited(scopes=frozenset({"employees.readonly"}))) as visitor:
        assert (await visitor.sign_in("departments.readonly")).json == {"error": "invalid_scope"}
        assert (await visitor.sign_in("employees.readonly")).status == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic abc", "lucca application=guid"])
async def test_a_missing_or_unknown_token_is_a_401(header: str) -> None:
    async with visiting() as visitor:
        assert (await visitor.get("employees", Authorization=header)).status == 401


async def test_a_token_lives_for_thirty_minutes() -> None:
    clock = HandClock()
    async with visiting(unlimited(), clock) as visitor:
        clock.move(minutes=29, seconds=59)
        assert (await visitor.get("employees")).status == 200
        clock.move(seconds=1)
        assert (await visitor.get("employees")).status == 401
        await visitor.sign_in()
        assert (await visitor.get("employees")).status == 200


async def test_revoked_tokens_are_worthless() -> None:
    async with visiting() as visitor:
        await visitor.control("DELETE", "tokens")
        assert (await visitor.get("employees")).status == 401


async def test_a_token_without_the_resources_scope_is_a_403_that_calls_itself_unauthorized() -> None:
    async with visiting() as visitor:
        await visitor.sign_in("employees.readonly departments.readwrite")
        for resource in Simulator().counts():
            expected = 200 if resource in ("employees", "departments") else 403
            assert (await visitor.get(resource)).status == expected
        reply = await visitor.get("employments/1")
        assert (reply.status, reply.json["title"]) == (403, "Unauthorized")


@pytest.mark.parametrize("version", ["2024-11-01", "2025-03-01"])
async def test_the_version_that_serves_is_echoed(version: str) -> None:
    async with visiting() as visitor:
        reply = await visitor.get("employees", Api_Version=version)
        assert (reply.status, reply.headers["Api-Version"]) == (200, "2024-11-01")


async def versionless(visitor: Visitor) -> int:
    del visitor.headers["Api-Version"]
    return (await visitor.get("employees")).status


async def test_a_request_without_a_version_or_with_one_too_early_is_a_400() -> None:
    async with visiting() as visitor:
        assert (await visitor.get("employees", Api_Version="2020-01-01")).status == 400
        assert (await visitor.get("employees", Api_Version="latest")).status == 400
        assert await versionless(visitor) == 400


@pytest.mark.parametrize(
    "path",
    ["employees/0", "employees/51", "employees/07", "employees/x", "employees/1/2", "shoes", "shoes/1", ""],
)
async def test_what_is_not_there_is_a_404(path: str) -> None:
    async with visiting() as visitor:
        assert (await visitor.get(path)).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_written(method: str) -> None:
    async with visiting() as visitor:
        reply = await visitor.ask(method, "/lucca-api/departments/1", headers=visitor.headers)
        assert reply.status == 405
