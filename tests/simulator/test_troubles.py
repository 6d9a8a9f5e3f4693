"""Each misbehaviour of the wire is met as described, counted when it is, and gone when it is switched off."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import anyio
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.kit.clock import LoopClock
from lucca_sync.simulator import PRESETS, Refused, Simulator, SimulatorOptions
from lucca_sync.simulator.server.limit import Others, RequestLimit
from lucca_sync.simulator.world.actions import ChangePhone
from tests.simulator.receiver import receiving, subscribe
from tests.simulator.visitor import NOON, HandClock, Reply, Visitor, unlimited, visiting


async def met(visitor: Visitor) -> Mapping[str, int]:
    """What the control API counts, which is what Python counts."""
    counted = (await visitor.control("GET", "stats")).json["misbehaviours"]
    assert counted == visitor.simulator.stats.met
    return dict(counted)


async def test_storms_come_and_go_by_the_clock_and_name_their_delay_in_each_form() -> None:
    clock = HandClock()
    async with visiting(clock=clock) as visitor:
        visitor.simulator.misbehave(storm={"every": 600, "lasts": 30})
        replies = [await visitor.get("departments") for _ in range(3)]
        assert [reply.status for reply in replies] == [429] * 3
        headers = [reply.headers.get("Retry-After") for reply in replies]
        assert headers[0] == "30"
        assert headers[1] is not None
        assert parsedate_to_datetime(headers[1]) == NOON + timedelta(seconds=30)
        assert headers[2] is None
        clock.move(seconds=30)
        assert (await visitor.get("departments")).status == 200
        clock.move(seconds=575)
        assert (await visitor.get("departments")).status == 429
        assert await met(visitor) == {"storm-seconds": 2, "storm-date": 1, "storm-none": 1}


@pytest.mark.parametrize("form", ["seconds", "date", "none"])
async def test_a_storm_can_keep_to_one_form(form: str) -> None:
    async with visiting() as visitor:
        visitor.simulator.misbehave(storm={"retry_after": form})
        for _ in range(4):
            await visitor.get("departments")
        assert await met(visitor) == {f"storm-{form}": 4}


@pytest.mark.parametrize("others", ["steady", "bursty"])
async def test_another_integration_takes_its_share_of_the_limit(others: str) -> None:
    """Trap 7: fifty requests a minute are the tenant's, not ours."""
    clock = HandClock()
    async with visiting(SimulatorOptions(requests_per_minute=10), clock) as visitor:
        visitor.simulator.misbehave(others_per_minute=6, others=others)
        statuses = [(await visitor.get("departments")).status for _ in range(5)]
        assert statuses == [200] * 4 + [429]
        assert await met(visitor) == {"others": 1}
        visitor.simulator.behave()
        clock.move(seconds=60)
        assert [(await visitor.get("departments")).status for _ in range(11)] == [200] * 10 + [429]


@given(
    gaps=st.lists(st.floats(0.01, 20), min_size=1, max_size=40),
    share=st.floats(0.5, 12),
    bursty=st.booleans(),
)
def test_with_others_no_sixty_seconds_hold_more_than_the_limit(
    gaps: list[float],
    share: float,
    bursty: bool,  # noqa: FBT001 - drawn
) -> None:
    clock = HandClock()
    window, others = RequestLimit(clock, 8), Others(share, bursty=bursty)
    ours: list[Any] = []
    for gap in gaps:
        clock.move(seconds=gap)
        if window.admit(others) is None:
            ours.append(clock.now())
        recent = [moment for moment in ours if clock.now() - moment < timedelta(seconds=60)]
        assert len(recent) <= 8
    arrivals = list(others.arrivals(NOON, NOON + timedelta(minutes=10)))
    assert abs(len(arrivals) - 10 * (round(share) if bursty else share)) <= 1
    assert arrivals == sorted(arrivals)


async def test_heavy_requests_take_too_long_and_lighter_ones_do_not() -> None:
    """Trap 9: the same request again would end the same way."""
    async with visiting() as visitor:
        visitor.simulator.misbehave(heavy={})
        heavy = ["employees?limit=51", "employees?include=totalCount", "employees?include=links,embedded"]
        light = ["employees?limit=50&include=links", "employees", "employees/1?include=embedded"]
        assert [(await visitor.get(path)).status for path in heavy] == [408] * 3
        assert [(await visitor.get(path)).status for path in light] == [200] * 3
        assert await met(visitor) == {"heavy": 3}


async def test_a_list_can_refuse_a_large_limit() -> None:
    async with visiting() as visitor:
        visitor.simulator.misbehave(max_limit=50)
        refused = await visitor.get("employees?limit=51")
        assert (refused.status, list(refused.json["errors"])) == (400, ["limit"])
        assert (await visitor.get("employees?limit=50")).status == 200
        assert await met(visitor) == {"max-limit": 1}


async def test_page_numbers_can_be_honoured_refused_or_ignored() -> None:
    async with visiting() as visitor:
        paths = [f"employees?limit=10&page={page}" for page in (1, 3)]
        honoured = [(await visitor.get(path)).ids for path in paths]
        assert honoured == [[str(number) for number in range(start, start + 10)] for start in (1, 21)]
        visitor.simulator.misbehave(page_numbers="refused")
        assert [(await visitor.get(path)).status for path in paths] == [400, 400]
        visitor.simulator.misbehave(page_numbers="ignored")
        assert [(await visitor.get(path)).ids for path in paths] == [honoured[0]] * 2
        assert len(await visitor.walk("employees?limit=10")) == 5
        assert await met(visitor) == {"page-number-refused": 2, "page-number-ignored": 2}


async def test_the_count_alone_can_be_asked_for() -> None:
    async with visiting() as visitor:
        reply = (await visitor.get("employees?limit=0&include=totalCount")).json
        assert (reply["items"], reply["totalCount"]) == ([], 50)


async def test_a_filter_can_be_ignored() -> None:
    """Trap 2: an ignored filter looks like an answer."""
    async with visiting() as visitor:
        visitor.simulator.misbehave(ignored_filters=["id"])
        assert (await visitor.get("employees?id=7&limit=3")).ids == ["1", "2", "3"]
        assert await met(visitor) == {"ignored-filter": 1}
        visitor.simulator.behave()
        assert (await visitor.get("employees?id=7&limit=3")).ids == ["7"]


async def test_unknown_parameters_can_be_ignored_or_refused_at_any_time() -> None:
    async with visiting(unlimited(strict_parameters=True)) as visitor:
        path = "employees?lastUpdatedAt.between=2026-01-01--.."
        statuses: list[int] = []
        for kind in (None, "ignored", "refused"):
            visitor.simulator.misbehave(unknown_parameters=kind)
            statuses.append((await visitor.get(path)).status)
        assert statuses == [400, 200, 400]


async def test_page_tokens_can_die() -> None:
    async with visiting() as visitor:
        visitor.simulator.misbehave(dead_cursors=1.0)
        first = await visitor.get("employees?include=links")
        assert first.next is not None
        assert (await visitor.get(first.next)).status == 400
        assert (await visitor.get("employees?page=2")).status == 200
        assert await met(visitor) == {"dead-cursor": 1}


async def test_lists_can_ignore_if_none_match_while_records_honour_it() -> None:
    async with visiting() as visitor:
        visitor.simulator.misbehave(ignore_if_none_match=True)
        statuses: list[int] = []
        for path in ("departments", "departments/1"):
            etag = (await visitor.get(path)).headers["ETag"]
            statuses.append((await visitor.get(path, If_None_Match=etag)).status)
        assert statuses == [200, 304]
        assert await met(visitor) == {"ignored-if-none-match": 1}


async def test_the_tenant_s_own_clock_can_be_off() -> None:
    """Trap 48: what it stamps is by its clock, not by ours."""
    async with visiting() as visitor:
        visitor.simulator.misbehave(clock_skew=-300)
        (entry,) = [
            entry
            for entry in visitor.simulator.perform(ChangePhone(employee="4"))
            if entry.resource == "employees"
        ]
        reply = await visitor.get("employees/4")
        assert parsedate_to_datetime(reply.headers["Date"]) == NOON - timedelta(minutes=5)
        assert reply.json["lastUpdatedAt"] == "2026-11-22T11:55:00.000Z"
        assert entry.at == "2026-11-22T12:00:00.000Z"
        assert await met(visitor) == {"clock-skew": 1}


async def test_records_can_be_deleted_while_somebody_turns_the_pages() -> None:
    """Trap 47: with page numbers, whatever slides onto a page already read is never seen."""
    async with visiting() as visitor:
        visitor.simulator.misbehave(shrinking=1.0)
        pages = [await visitor.get(f"employee-attributes?limit=20&page={page}") for page in range(1, 5)]
        seen = {number for page in pages for number in page.ids}
        deleted = {entry.id for entry in visitor.simulator.ledger.after(0) if entry.kind == "deleted"}
        assert len(deleted) == (await met(visitor))["shrinking"] == 4
        assert all([(await visitor.get(f"employee-attributes/{number}")).status == 404 for number in deleted])
        cursored = {
            number for page in await visitor.walk("employee-attributes?limit=20") for number in page.ids
        }
        assert cursored - seen


async def test_what_will_go_announces_its_sunset() -> None:
    """Trap 54: the headers say so half a year before."""
    async with visiting() as visitor:
        visitor.simulator.misbehave(deprecated={"employees": "2027-06-30"})
        reply = await visitor.get("employees")
        assert reply.headers["Sunset"] == "2027-06-30T00:00:00Z"
        assert reply.headers["Deprecation"] == "2026-11-22"
        assert "Sunset" not in (await visitor.get("departments")).headers
        assert await met(visitor) == {"deprecated": 1}


async def test_the_token_endpoint_can_fail_in_every_way() -> None:
    async with visiting() as visitor:
        token = {"resource": "token", "requests": 1}
        too_many = {**token, "kind": "status", "status": 429, "retry_after": 9}
        visitor.simulator.misbehave(faults=[too_many])
        refused = await visitor.sign_in()
        assert (refused.status, refused.headers["Retry-After"]) == (429, "9")
        for kind in ("truncate", "invalid-json"):
            visitor.simulator.misbehave(faults=[{**token, "kind": kind}])
            with pytest.raises(msgspec.DecodeError):
                msgspec.json.decode((await ask_for_token(visitor)).body)
        visitor.simulator.misbehave(faults=[{**token, "kind": "reset"}])
        with pytest.raises((aiohttp.ClientError, ConnectionError)):
            await visitor.sign_in()
        assert (await visitor.sign_in()).status == 200
        assert await met(visitor) == {
            "token-status-429": 1,
            "token-truncate": 1,
            "token-invalid-json": 1,
            "token-reset": 1,
        }


async def ask_for_token(visitor: Visitor) -> Reply:
    form = {"grant_type": "client_credentials", "client_id": "simulator", "client_secret": "simulator-secret"}
    return await visitor.ask("POST", "/connect/token", data=form)


async def test_a_token_can_die_before_its_time() -> None:
    clock = HandClock()
    async with visiting(clock=clock) as visitor:
        visitor.simulator.misbehave(token_lifetime=60)
        assert (await visitor.sign_in()).json["expires_in"] == 1800
        clock.move(seconds=60)
        assert (await visitor.get("departments")).status == 401


async def test_a_scope_comes_and_goes_and_tokens_in_use_feel_only_the_loss() -> None:
    async with visiting(unlimited(scopes=frozenset({"departments.readonly"}))) as visitor:
        assert (await visitor.sign_in("events.readonly")).json == {"error": "invalid_scope"}
        await visitor.control("PUT", "grants", {"grant": ["events.readonly"]})
        assert (await visitor.get("events")).status == 403
        assert (await visitor.sign_in("events.readonly departments.readonly")).status == 200
        assert (await visitor.get("events")).status == 200
        reply = await visitor.control("PUT", "grants", {"revoke": ["departments.readonly"]})
        assert reply.json["scopes"] == ["events.readonly"]
        assert [(await visitor.get(name)).status for name in ("events", "departments")] == [200, 403]
        assert (await visitor.control("PUT", "grants", {"grant": ["salaries.readonly"]})).status == 400


async def test_establishments_are_granted_and_taken_away_by_the_same_way() -> None:
    async with visiting() as visitor:
        reply = await visitor.control("PUT", "grants", {"establishments": ["2"]})
        assert reply.json["establishments"] == ["2"]
        assert 0 < (await total(visitor, "employees")) < 50
        await visitor.control("PUT", "grants", {"establishments": None})
        assert await total(visitor, "employees") == 50


async def total(visitor: Visitor, resource: str) -> int:
    return int((await visitor.get(f"{resource}?limit=0&include=totalCount")).json["totalCount"])


async def test_misbehaviours_have_names_and_add_up() -> None:
    async with visiting() as visitor:
        reply = await visitor.control("POST", "misbehaviours", ["503", "resets", "webhooks-lost"])
        assert [fault["kind"] for fault in reply.json["faults"]] == ["status", "reset"]
        reply = await visitor.control("POST", "misbehaviours", ["slow", "webhooks-repeated"])
        assert [fault["kind"] for fault in reply.json["faults"]] == ["status", "reset", "delay"]
        assert (reply.json["webhooks"]["lost"], reply.json["webhooks"]["repeated"]) == (0.2, 0.2)
        assert (await visitor.control("POST", "misbehaviours", ["moody"])).status == 400


@pytest.mark.parametrize("name", PRESETS)
def test_each_name_sets_something_that_there_is(name: str) -> None:
    simulator = Simulator(unlimited(employees=1), HandClock())
    well = simulator.misbehaviours
    simulator.misbehave_as(name)
    assert simulator.misbehaviours != well
    with pytest.raises(Refused, match="moody"):
        simulator.misbehave_as("moody")
    simulator.behave()
    assert simulator.misbehaviours == well


async def test_the_guide_names_every_preset() -> None:
    async with visiting() as visitor:
        guide = (await visitor.ask("GET", "/control/")).body.decode()
        assert [name for name in PRESETS if f"\n    {name} " not in guide] == []


async def test_what_is_bent_is_counted_when_a_request_meets_it_and_not_when_the_truth_is_read() -> None:
    async with visiting() as visitor:
        visitor.simulator.misbehave(hidden={"employees": ["4"]}, unlisted={"departments": ["1"]})
        assert visitor.simulator.record("employees", "4") is None
        assert await met(visitor) == {}
        await visitor.get("employees/4")
        await visitor.get("departments")
        assert await met(visitor) == {"hidden": 1, "unlisted": 1}


ALL_MET = {
    *("status-408", "status-500", "status-503", "delay", "reset", "truncate", "invalid-json"),
    *("malformed-record", "token-status-503", "token-lifetime", "storm-seconds", "storm-date", "storm-none"),
    *("heavy", "dead-cursor", "page-number-refused", "ignored-filter", "shrinking"),
    *("ignored-if-none-match", "clock-skew", "deprecated", "others", "stale", "reordered", "reformatted"),
    *("overrides", "webhook-lost", "webhook-repeated", "webhook-shuffled", "webhook-delayed"),
    *("webhook-wrong-signature", "webhook-old-timestamp", "webhook-unrecorded"),
}


@pytest.mark.leaping
async def test_with_everything_wrong_at_once_each_trouble_is_met_and_the_tenant_never_falls_over() -> None:
    options = SimulatorOptions(requests_per_minute=50, alive_per_minute=30)
    async with visiting(options, LoopClock(NOON)) as visitor, receiving() as receiver:
        await subscribe(
            visitor, receiver.url, "employee.updated", "job-position.created", "department.updated"
        )
        visitor.simulator.misbehave_as(*(name for name in PRESETS if name != "page-numbers-ignored"))
        for _ in range(20):
            await visitor.sign_in()
            for path in PATHS:
                await suffer(visitor, path)
            await anyio.sleep(45)
        assert set(visitor.simulator.stats.met) >= ALL_MET


PATHS = (
    "departments?include=links&limit=10",
    "employees?include=links&limit=10",
    "employees?include=embedded",
    "employees?page=2&limit=10",
    "employees?limit=100",
    "employees?id=1,2",
    "employees/1",
    "employee-attributes?include=links&limit=10",
    "job-positions?limit=20&include=links",
    "occupation-categories",
    "events",
)


async def suffer(visitor: Visitor, path: str) -> None:
    """Ask for a path, its next page and the same again, whatever comes of it."""
    with suppress(aiohttp.ClientError, ConnectionError, msgspec.DecodeError):
        reply = await visitor.get(path)
        if reply.status == 500:
            assert reply.json["detail"].endswith("told to.")
        if reply.status != 200:
            return
        await visitor.get(path, If_None_Match=reply.headers["ETag"])
        if "include=links" in path and (further := reply.next) is not None:
            await visitor.get(further)
