"""Named records are read again a hundred at a time, whatever the tenant makes of such a request."""

import pytest
from structlog.testing import capture_logs

from lucca_sync.ingest.decode import decode_page
from lucca_sync.model.pointer import text_at
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.server.faults import Heavy
from lucca_sync.simulator.world.corrections import Delete, Set
from tests.eyes.town import VIRTUAL_TIME, only, town

pytestmark = VIRTUAL_TIME


async def test_two_hundred_and_fifty_people_take_three_requests() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        for number in (1, 120, 250):
            at.simulator.perform(Set(resource="employees", id=str(number), path="/familyName", value="Anew"))
        await at.reread("employees", "id", *map(str, range(1, 251)))
        assert at.requests("hint") == 3
        assert sorted(await at.told()) == [
            (f"employees/{number}", "updated", "hint") for number in (1, 120, 250)
        ]


async def test_all_that_belongs_to_a_person_is_read_by_the_person() -> None:
    async with town(only("employments")) as at:
        await at.sweep()
        owner = text_at(dict(at.simulator.record("employments", "9") or {}), ("employee", "id"))
        assert owner is not None
        at.simulator.perform(Set(resource="employments", id="9", path="/remoteId", value="x-9"))
        await at.reread("employments", "employee.id", owner)
        assert await at.told() == [("employments/9", "updated", "hint")]


async def test_who_is_asked_for_and_not_there_is_looked_into_before_anybody_is_told() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        at.simulator.perform(Delete(resource="employees", id="8"))
        at.simulator.misbehave(unlisted={"employees": ["9"]})
        await at.reread("employees", "id", "7", "8", "9")
        assert await at.told() == [("employees/8", "deleted", "hint")]
        assert at.requests("confirm") == 2


async def test_an_ignored_filter_is_noticed_said_once_and_gone_round() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        at.simulator.misbehave(ignored_filters=["id"])
        at.simulator.perform(Set(resource="employees", id="8", path="/familyName", value="Anew"))
        with capture_logs() as logs:
            for _ in range(2):
                await at.reread("employees", "id", "8")
        assert await at.told() == [("employees/8", "updated", "hint")]
        assert [line["event"] for line in logs].count("filter_ignored") == 1


async def test_a_resource_without_such_a_filter_is_read_one_by_one() -> None:
    async with town(only("departments")) as at:
        await at.sweep()
        at.simulator.perform(Set(resource="departments", id="2", path="/name", value="Anew"))
        await at.reread("departments", "id", "1", "2")
        assert await at.told() == [("departments/2", "updated", "hint")]


async def test_a_request_that_is_too_heavy_is_asked_for_less_at_a_time() -> None:
    """A 408 is never sent again as it was."""
    async with town(only("employees")) as at:
        await at.sweep()
        at.simulator.misbehave(heavy=Heavy(above=30))
        at.simulator.perform(Set(resource="employees", id="99", path="/familyName", value="Anew"))
        await at.reread("employees", "id", *map(str, range(1, 101)))
        assert await at.told() == [("employees/99", "updated", "hint")]


async def test_nothing_is_read_again_before_the_baseline() -> None:
    async with town(only("employees"), SimulatorOptions(employees=5, requests_per_minute=0)) as at:
        await at.reread("employees", "id", "1")
        assert at.seen == []


@pytest.mark.parametrize("late", ["update", "deletion"])
async def test_an_answer_that_was_overtaken_changes_nothing_back(late: str) -> None:
    """A sweep's page that was asked for before a hint's answer came, and arrives after it, is older."""
    async with town(only("employees"), SimulatorOptions(employees=5, requests_per_minute=0)) as at:
        await at.sweep()
        station = at.station("employees")
        source = station.post.lookout.source
        resource = station.post.watched.resource
        with station.post.asking() as moment:
            answer = await source.page(
                source.first_url(resource, {}), resource=resource, etag=None, purpose="sweep"
            )
            if late == "deletion":
                at.simulator.perform(Delete(resource="employees", id="2"))
                await at.reread("employees", "id", "2")
            for status in ("upcoming", "active", "upcoming") if late == "update" else ():
                at.simulator.perform(
                    Set(resource="employees", id="2", path="/status", value=status, stamp=False)
                )
                at.simulator.perform(
                    Set(resource="employees", id="2", path="/jobTitle", value=status, stamp=False)
                )
                await at.reread("employees", "id", "2")
            told = await at.told()
            await station.post.hand_in(decode_page(answer.body or b"").items, moment, "page", "/asked")
        assert told
        assert await at.told() == told


async def test_an_ignored_filter_of_ids_says_nothing_about_the_filter_of_people() -> None:
    async with town(only("employments")) as at:
        await at.sweep()
        at.simulator.misbehave(ignored_filters=["id"])
        await at.reread("employments", "id", "9")
        owner = text_at(dict(at.simulator.record("employments", "9") or {}), ("employee", "id"))
        assert owner is not None
        at.simulator.perform(Set(resource="employments", id="9", path="/remoteId", value="x-9"))
        before = at.requests("hint")
        await at.reread("employments", "employee.id", owner)
        assert at.requests("hint") - before == 1
        assert await at.told() == [("employments/9", "updated", "hint")]


async def test_an_ignored_filter_of_people_costs_one_request_and_tells_nothing() -> None:
    """Every answer would be the whole collection, page after page."""
    async with town(only("employments")) as at:
        await at.sweep()
        at.simulator.misbehave(ignored_filters=["employee.id"])
        at.simulator.perform(Set(resource="employments", id="9", path="/remoteId", value="x-9"))
        before = len(at.seen)
        with capture_logs() as logs:
            for _ in range(2):
                await at.reread("employments", "employee.id", "200")
        assert len(at.seen) - before == 1
        assert await at.told() == []
        assert [line["event"] for line in logs].count("filter_ignored") == 1


async def test_an_id_that_looks_like_several_spoils_no_list() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        at.simulator.perform(Set(resource="employees", id="8", path="/familyName", value="Anew"))
        with capture_logs() as logs:
            await at.reread("employees", "id", "1,2,3", "8")
        assert await at.told() == [("employees/8", "updated", "hint")]
        assert [line["event"] for line in logs] == []
