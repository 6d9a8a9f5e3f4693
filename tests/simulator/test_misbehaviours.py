"""Told to, the tenant fails in every way that a client must survive, and is well again when told so."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import anyio
import msgspec
import pytest

from lucca_sync.simulator import Fault, Refused, Simulator
from lucca_sync.simulator.world.actions import Rename
from tests.simulator.visitor import NOON, HandClock, Visitor, unlimited, visiting


async def misbehave(visitor: Visitor, **misbehaviours: object) -> None:
    reply = await visitor.control("PUT", "misbehaviours", misbehaviours)
    assert reply.status == 200, reply.body


@pytest.mark.parametrize("status", [408, 500, 503])
async def test_the_next_requests_fail_with_a_status_and_then_no_more(status: int) -> None:
    async with visiting() as visitor:
        await misbehave(visitor, faults=[{"kind": "status", "status": status, "requests": 2}])
        replies = [await visitor.get("employees") for _ in range(3)]
        assert [reply.status for reply in replies] == [status, status, 200]
        assert replies[0].json["status"] == status
        assert (await visitor.control("GET", "misbehaviours")).json["faults"] == []


async def test_a_429_names_its_delay_in_either_form() -> None:
    async with visiting() as visitor:
        forced = {"kind": "status", "status": 429, "retry_after": 7, "requests": 1}
        await misbehave(visitor, faults=[forced, {**forced, "resource": "departments"}])
        assert (await visitor.get("employees")).headers["Retry-After"] == "7"
        await misbehave(visitor, faults=[{**forced, "retry_after_as": "date"}])
        named = parsedate_to_datetime((await visitor.get("employees")).headers["Retry-After"])
        assert named == NOON + timedelta(seconds=7)


async def test_a_fault_strikes_only_the_resource_and_kind_of_request_it_names() -> None:
    async with visiting() as visitor:
        await misbehave(visitor, faults=[{"kind": "status", "resource": "employees", "of": "list"}])
        paths = ["employees", "employees/1", "departments"]
        assert [(await visitor.get(path)).status for path in paths] == [503, 200, 200]
        await misbehave(visitor, faults=[{"kind": "status", "resource": "employees", "of": "record"}])
        assert [(await visitor.get(path)).status for path in paths] == [200, 503, 200]


async def test_a_rate_spoils_its_share_the_same_way_each_time() -> None:
    async def statuses() -> list[int]:
        async with visiting() as visitor:
            await misbehave(visitor, faults=[{"kind": "status", "rate": 0.5}])
            return [(await visitor.get("departments")).status for _ in range(40)]

    first = await statuses()
    assert 5 < first.count(503) < 35
    assert await statuses() == first


async def test_credentials_can_be_refused() -> None:
    async with visiting() as visitor:
        for status in (400, 401):
            await misbehave(visitor, refuse_credentials=status)
            reply = await visitor.sign_in()
            assert (reply.status, reply.json) == (status, {"error": "invalid_client"})
        await misbehave(visitor, refuse_credentials=None, faults=[{"kind": "status", "resource": "token"}])
        assert (await visitor.sign_in()).status == 503


async def test_a_scope_can_be_lost() -> None:
    async with visiting() as visitor:
        await misbehave(visitor, refuse_scopes=["employments"])
        paths = ["employments", "employments/1", "employees"]
        assert [(await visitor.get(path)).status for path in paths] == [403, 403, 200]


async def test_a_body_can_be_cut_off() -> None:
    async with visiting() as visitor:
        whole = (await visitor.get("departments")).body
        await misbehave(visitor, faults=[{"kind": "truncate"}])
        cut = await visitor.get("departments")
        assert cut.status == 200
        assert cut.body == whole[: len(whole) // 2]


async def test_a_page_can_be_no_json() -> None:
    async with visiting() as visitor:
        await misbehave(visitor, faults=[{"kind": "invalid-json"}])
        reply = await visitor.get("departments")
        assert reply.status == 200
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(reply.body)


async def test_a_connection_can_break_in_the_middle_of_a_body() -> None:
    async with visiting() as visitor:
        await misbehave(visitor, faults=[{"kind": "reset", "requests": 1}])
        with pytest.raises((aiohttp.ClientPayloadError, ConnectionError, aiohttp.ClientOSError)):
            await visitor.get("employees")
        assert (await visitor.get("employees")).status == 200


@pytest.mark.leaping
async def test_an_answer_can_take_its_time() -> None:
    async with visiting() as visitor:
        await misbehave(visitor, faults=[{"kind": "delay", "seconds": 30, "requests": 1}])
        began = anyio.current_time()
        assert (await visitor.get("departments")).status == 200
        assert 30 <= anyio.current_time() - began < 31


@pytest.mark.parametrize(("malformed", "shown"), [("not-an-object", str), ("no-id", dict)])
async def test_a_malformed_record_can_stand_among_the_others(malformed: str, shown: type) -> None:
    async with visiting() as visitor:
        whole = (await visitor.get("employees?limit=4")).items
        await misbehave(
            visitor, faults=[{"kind": "malformed-record", "resource": "employees", "malformed": malformed}]
        )
        items = (await visitor.get("employees?limit=4")).items
        odd = [item for item in items if item not in whole]
        assert [item for item in items if item in whole] == whole
        assert [type(item) for item in odd] == [shown]
        assert "id" not in odd[0]


async def test_a_list_can_turn_empty() -> None:
    async with visiting() as visitor:
        await misbehave(visitor, unlisted={"employees": ["*"]})
        reply = await visitor.get("employees?include=links,totalCount")
        assert (reply.ids, reply.next, reply.json["totalCount"]) == ([], None, 0)
        assert (await visitor.get("employees/1")).status == 200


async def test_a_record_can_be_missing_from_lists_or_from_everywhere() -> None:
    async with visiting() as visitor:
        await misbehave(visitor, unlisted={"employees": ["3"]}, hidden={"employees": ["4"]})
        listed = await visitor.get("employees?limit=5&include=totalCount")
        assert listed.ids == ["1", "2", "5", "6", "7"]
        assert listed.json["totalCount"] == 48
        paths = ["employees/3", "employees/4", "employees/5"]
        assert [(await visitor.get(path)).status for path in paths] == [200, 404, 200]
        assert (await visitor.get("employees?id=3,4,5")).ids == ["5"]
        assert (await visitor.control("GET", "records/employees/4")).status == 404


async def test_lists_can_show_a_record_as_it_was_before_its_latest_change() -> None:
    async with visiting() as visitor:
        old = (await visitor.get("employees/3")).json
        await misbehave(visitor, stale={"employees": ["3"]})
        await visitor.control("POST", "changes", {"action": "rename", "employee": "3"})
        assert (await visitor.get("employees?id=3")).items == [old]
        assert (await visitor.get("employees/3")).json["familyName"] != old["familyName"]
        await misbehave(visitor, stale={})
        assert (await visitor.get("employees?id=3")).items[0]["familyName"] != old["familyName"]


async def test_records_can_show_new_fields_unknown_words_and_days_that_do_not_exist() -> None:
    overrides = {
        "employees": {"*": {"favouriteColour": "blue"}, "3": {"status": "onLeave"}},
        "probationary-periods": {"1": {"endsOn": "2026-04-31"}},
    }
    async with visiting() as visitor:
        await misbehave(visitor, overrides=overrides)
        items = (await visitor.get("employees?limit=5")).items
        assert {item["favouriteColour"] for item in items} == {"blue"}
        assert [item["id"] for item in items if item["status"] == "onLeave"] == ["3"]
        assert (await visitor.get("employees/3")).json["status"] == "onLeave"
        assert (await visitor.get("probationary-periods")).items[0]["endsOn"] == "2026-04-31"
        assert len(visitor.simulator.world.ledger) == 0


async def test_a_named_misbehaviour_is_replaced_the_others_stay_and_all_end_at_once() -> None:
    async with visiting() as visitor:
        await misbehave(visitor, refuse_scopes=["employees"])
        await misbehave(visitor, hidden={"departments": ["1"]})
        await misbehave(visitor, hidden={"departments": ["2"]})
        now = (await visitor.control("GET", "misbehaviours")).json
        assert (now["refuse_scopes"], now["hidden"]) == (["employees"], {"departments": ["2"]})
        await visitor.control("DELETE", "misbehaviours")
        assert (await visitor.get("employees")).status == 200
        assert (await visitor.get("departments/2")).status == 200


@pytest.mark.parametrize("wrong", [{"moody": True}, {"faults": [{"kind": "flood"}]}, {"hidden": ["4"]}])
async def test_an_unknown_misbehaviour_is_refused(wrong: dict[str, Any]) -> None:
    async with visiting() as visitor:
        assert (await visitor.control("PUT", "misbehaviours", wrong)).status == 400


async def test_what_is_spoilt_is_never_remembered_as_the_page() -> None:
    async with visiting() as visitor:
        await misbehave(visitor, faults=[{"kind": "malformed-record", "requests": 1}])
        spoilt = await visitor.get("employees")
        whole = await visitor.get("employees")
        assert len(whole.items) == len(spoilt.items) - 1
        assert whole.headers["ETag"] != spoilt.headers["ETag"]


def test_in_python_the_same_is_said_with_methods() -> None:
    simulator = Simulator(unlimited(), HandClock())
    simulator.misbehave(faults=[Fault(kind="status", status=500, requests=3)], hidden={"employees": {"4"}})
    assert simulator.record("employees", "4") is None
    assert simulator.misbehaviours.faults[0].requests == 3
    with pytest.raises(Refused, match="moody"):
        simulator.misbehave(moody=True)
    simulator.behave()
    simulator.perform(Rename(employee="4", family_name="Perrault"))
    view = simulator.record("employees", "4")
    assert view is not None
    assert view["familyName"] == "Perrault"
