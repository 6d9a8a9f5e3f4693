"""Requests that change something at Lucca: sent again only when Lucca surely did nothing."""

import json

import anyio
import pytest

from lucca_sync.lucca.endpoints import DELIVERIES, ENDPOINTS, Endpoints
from lucca_sync.lucca.errors import Refused, ScopeMissing, Unavailable, Unreadable
from lucca_sync.lucca.wire import Writing
from tests.lucca.tenant import VIRTUAL_TIME, connected, reply

SCOPES = (ENDPOINTS.scope, DELIVERIES.scope)
pytestmark = VIRTUAL_TIME


async def test_an_endpoint_is_made_and_its_secret_shows_nowhere() -> None:
    """Trap 38: the answer to the creation is the only one that holds it."""
    async with connected(scopes=SCOPES) as at:
        at.tenant.will(reply(201, b'{"id": "12", "secret": "planted", "status": "inactive"}'))
        made = await Endpoints(at.client).create("https://hooks.example.org/hints/acme", ["employee.created"])
        assert (made.id, made.secret) == ("12", "planted")
        assert "planted" not in repr(made)
        (asked,) = at.tenant.asked
        assert (asked.method, asked.path) == ("POST", "/lucca-api/webhook-endpoints")
        assert asked.headers["Content-Type"] == "application/json"
        assert asked.headers["Api-Version"] == "2024-11-01"
        assert [seen.outcome for seen in at.seen if seen.purpose != "token"] == ["ok"]


@pytest.mark.parametrize(("status", "tries"), [(401, 2), (429, 2), (500, 1), (503, 1), (408, 1)])
async def test_what_may_have_been_done_is_not_done_twice(status: int, tries: int) -> None:
    async with connected(scopes=SCOPES) as at:
        at.tenant.will(reply(status), reply(201, json.dumps({"id": "12", "secret": "s"}).encode()))
        making = Endpoints(at.client).create("https://hooks.example.org/hints/acme", [])
        if tries == 1:
            with pytest.raises(Unavailable):
                await making
        else:
            assert (await making).id == "12"
        assert len(at.tenant.asked) == tries


async def test_refusals_are_told_apart() -> None:
    async with connected(scopes=SCOPES) as at:
        desk = Endpoints(at.client)
        at.tenant.will(reply(403), reply(400), reply(404), reply(200, b"[]"))
        with pytest.raises(ScopeMissing, match=r"webhook-endpoints\.readwrite"):
            await desk.activate("12")
        with pytest.raises(Refused):
            await desk.activate("12")
        await desk.delete("12")
        with pytest.raises(Unreadable):
            await desk.all()


async def test_what_went_wrong_is_told_of_the_request_that_was_sent() -> None:
    async with connected(scopes=SCOPES) as at:
        at.tenant.will(reply(500), reply(409), reply(403))
        for trouble in (Unavailable, Refused, ScopeMissing):
            with pytest.raises(trouble, match="PATCH 127"):
                await Endpoints(at.client).activate("12")


@pytest.mark.parametrize("status", [503, 408])
async def test_a_server_in_trouble_is_left_alone_for_as_long_as_it_asks(status: int) -> None:
    async with connected(scopes=SCOPES) as at:
        at.tenant.will(reply(status, headers={"Retry-After": "40"}))
        began = anyio.current_time()
        with pytest.raises(Unavailable):
            await Endpoints(at.client).activate("12")
        await Endpoints(at.client).activate("12")
        assert anyio.current_time() - began >= 40


async def test_an_id_is_no_way_to_another_address() -> None:
    async with connected(scopes=SCOPES) as at:
        await at.client.write("/lucca-api/x", Writing("DELETE"), resource=ENDPOINTS, purpose="probe")
        await Endpoints(at.client).delete("../employees/1?x=")
        assert at.tenant.asked[1].path == "/lucca-api/webhook-endpoints/..%2Femployees%2F1%3Fx%3D"
        assert "Content-Type" not in at.tenant.asked[0].headers
