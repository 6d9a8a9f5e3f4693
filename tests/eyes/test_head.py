"""The head probe sees new records with one request."""

from lucca_sync.simulator.world.careers import Hire
from lucca_sync.simulator.world.corrections import Delete, Set
from tests.eyes.town import VIRTUAL_TIME, only, town

pytestmark = VIRTUAL_TIME


async def test_new_employees_are_seen_with_one_request_between_sweeps() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        entries = at.simulator.perform(Hire())
        before = len(at.seen)
        await at.head("employees").look()
        assert len(at.seen) - before == 1
        hired = next(entry.id for entry in entries if entry.resource == "employees")
        assert await at.told() == [(f"employees/{hired}", "created", "head")]


async def test_resources_without_a_creation_date_are_asked_by_id() -> None:
    async with town(only("employments", "job-positions")) as at:
        await at.sweep()
        at.simulator.perform(Hire())
        for name in ("employments", "job-positions"):
            await at.head(name).look()
        told = await at.told()
        assert [(subject.split("/")[0], kind, eye) for subject, kind, eye in told] == [
            ("employments", "created", "head"),
            ("job-positions", "created", "head"),
        ]


async def test_more_new_records_than_fit_on_a_page_are_followed() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        for _ in range(130):
            at.simulator.perform(Hire())
        await at.head("employees").look()
        assert len(await at.told()) == 130


async def test_the_sweep_does_not_tell_again_what_the_head_probe_told() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        at.simulator.perform(Hire())
        await at.head("employees").look()
        await at.sweep()
        assert len(await at.told()) == 1


async def test_nothing_is_new_before_the_baseline_is_complete() -> None:
    async with town(only("employees")) as at:
        await at.head("employees").look()
        assert at.seen == []
        assert await at.told() == []


async def test_an_edit_of_one_of_the_newest_is_seen_as_well() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        at.simulator.perform(Set(resource="employees", id="250", path="/familyName", value="Anew"))
        await at.head("employees").look()
        assert await at.told() == [("employees/250", "updated", "head")]


async def test_a_record_that_is_deleted_and_not_listed_is_no_news_to_the_head_probe() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        at.simulator.perform(Delete(resource="employees", id="250"))
        await at.head("employees").look()
        assert await at.told() == []
