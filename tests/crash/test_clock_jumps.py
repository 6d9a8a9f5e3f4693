"""The wall clock is set forwards or back while the daemon lives: nothing is told twice or sleeps for ever."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import anyio
import pytest
import structlog

from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.kit.supervision import guarded
from lucca_sync.lucca.budget import Purpose
from lucca_sync.model.catalogue import Resource
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.world.careers import EndContract, Hire
from tests.egress.events import NOW
from tests.egress.stage import Actor, JumpyClock, Stage, events_of, running, takes
from tests.eyes.town import START as MORNING
from tests.eyes.town import Town, only, town
from tests.ingest.tenant import Answer, FakeTenant
from tests.ingest.test_stable import EVERY, STABLE, large, rounds, watching
from tests.ingest.watching import START, Scene, staff

pytestmark = pytest.mark.looptime
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
JUMPS = (-400 * DAY, -DAY, -HOUR, HOUR, DAY, 400 * DAY)
by_jump = pytest.mark.parametrize("jump", JUMPS, ids=str)
PEOPLE = only("employees", "employments", "job-positions", "business-establishments")


class Overtaken(FakeTenant):
    """A tenant during whose next answer the clock is set."""

    def __init__(self, clock: JumpyClock, jump: timedelta) -> None:
        super().__init__()
        self._clock, self._jump = clock, jump

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        self._clock.jump(self._jump)
        self._jump = timedelta(0)
        return await super().page(url, resource=resource, etag=etag, purpose=purpose)


@by_jump
async def test_a_clock_set_during_a_look_moves_the_next_one_by_no_more_than_its_interval(
    jump: timedelta,
) -> None:
    clock = JumpyClock(START)
    tenant = Overtaken(clock, jump)
    tenant.records.update(staff().records)
    scene = Scene(tenant, clock=clock)
    assert 0 < await scene.look() <= scene.watched.every


@by_jump
async def test_a_clock_set_between_looks_neither_stops_them_nor_makes_anything_up(jump: timedelta) -> None:
    clock, tenant = JumpyClock(START), large(250)
    async with watching(tenant, clock=clock) as scene:
        await rounds(3)
        clock.jump(jump)
        tenant.put("7", familyName="Renamed")
        await rounds(3)
        assert await scene.told() == [("7", "updated", 1)]


@by_jump
async def test_what_only_a_survey_finds_is_found_within_a_day_after_the_clock_was_set(
    jump: timedelta,
) -> None:
    clock, tenant = JumpyClock(START), large(250)
    hidden = tenant.records.pop("120")
    async with watching(tenant, clock=clock) as scene:
        await rounds(3)
        clock.jump(jump)
        tenant.records["120"] = hidden
        await anyio.sleep(STABLE.survey + 2 * EVERY)
        assert [told[:2] for told in await scene.told()] == [("120", "created")]


async def test_a_survey_noted_in_the_future_is_due_after_its_interval() -> None:
    """The daemon was restarted, and the clock set back meanwhile."""
    tenant, journal, clock = large(250), MemoryJournal(), JumpyClock(START)
    async with watching(tenant, journal, clock=clock):
        await rounds(3)
    clock.jump(-400 * DAY)
    before = len(tenant.asked)
    async with watching(tenant, journal, clock=clock):
        await anyio.sleep(STABLE.survey + 2 * EVERY)
    assert tenant.asked[before:].count("/first") == 1


@asynccontextmanager
async def watched_dates(clock: JumpyClock) -> AsyncGenerator[Town]:
    """A town where somebody's contract ends on the second of March, whose dates are watched."""
    options = SimulatorOptions(employees=30, requests_per_minute=0)
    async with town(PEOPLE, options, clock=clock) as at, anyio.create_task_group() as tasks:
        at.simulator.perform(Hire(start="2026-03-01"))
        at.simulator.perform(EndContract(employee="31", on="2026-03-02"))
        await at.sweep()
        (due,) = [work for name, work in at.eyes.tasks() if name.startswith("due:")]
        tasks.start_soon(partial(guarded, "due", due, log=structlog.get_logger()))
        await anyio.sleep(10)
        yield at
        tasks.cancel_scope.cancel()


async def flips(at: Town) -> int:
    """Return how often it was told that the person's status changed."""
    return sum(
        event.subject == "employees/31" and change.path == "/status"
        for event in await at.events()
        for change in event.changes
    )


async def test_a_midnight_that_a_jump_passes_over_is_noticed_within_minutes() -> None:
    clock = JumpyClock(MORNING)
    async with watched_dates(clock) as at:
        clock.jump(20 * HOUR)
        await anyio.sleep(400)
        assert await flips(at) == 1


async def test_a_midnight_that_comes_twice_tells_nothing_twice() -> None:
    clock = JumpyClock(MORNING)
    async with watched_dates(clock) as at:
        await anyio.sleep(16 * 3600)
        assert await flips(at) == 1
        clock.jump(-12 * HOUR)
        await anyio.sleep(13 * 3600)
        assert await flips(at) == 1


async def test_midnights_are_met_on_days_of_twenty_three_and_twenty_five_hours() -> None:
    """Summer time begins on 29 March 2026 in Paris and ends on 25 October."""
    for evening, hours in (("2026-03-28", 23), ("2026-10-24", 25)):
        clock = JumpyClock(datetime.fromisoformat(f"{evening}T12:00:00").replace(tzinfo=UTC))
        options = SimulatorOptions(employees=5, requests_per_minute=0)
        async with town(only("employees", "employments"), options, clock=clock) as at:
            await at.sweep()
            await at.dates.look_if_due()
            first = at.dates.rest()
            await anyio.sleep(first)
            assert round(at.dates.rest() / 3600) == hours


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_call_under_way_when_the_clock_is_set_is_made_once(jump: timedelta) -> None:
    clock = JumpyClock(NOW)
    stage, actor = Stage(clock=clock), Actor(takes(5))
    await stage.journal_events(*events_of("1", "2", count=2))
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        clock.jump(jump)
        with anyio.fail_after(60):
            await stage.until_settled()
    assert sorted(actor.got) == [("1", 1), ("1", 2), ("2", 1), ("2", 2)]


async def test_resources_that_began_together_do_not_look_together_again() -> None:
    """The second look comes early, by chance: else everything would be asked for at the same instants."""
    tenant = staff()
    scene = Scene(tenant)
    scene.watch.patience.draw = lambda: 0.25
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.watch.run)
        await anyio.sleep(scene.watched.every / 2)
        tasks.cancel_scope.cancel()
    assert sum(url.startswith("/first") for url in tenant.asked) == 2
