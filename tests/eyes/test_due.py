"""Dates that come due flip computed fields with no write; the due eye looks again at midnight, wherever."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import anyio
import pytest

from lucca_sync.ingest.source import Answered, Source
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import ResourceName, ResourceState
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import ScopeMissing
from lucca_sync.model.catalogue import Resource
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.world.careers import EndContract, Hire
from lucca_sync.simulator.world.corrections import Set
from tests.eyes.town import VIRTUAL_TIME, Town, only, town

pytestmark = VIRTUAL_TIME

PEOPLE: Final = only("employees", "employments", "job-positions", "business-establishments")
SMALL: Final = SimulatorOptions(employees=30, requests_per_minute=0)
PARIS_MIDNIGHT: Final = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)


async def until(at: Town, instant: datetime) -> None:
    """Let time pass, and a little more than the eye waits after midnight."""
    await anyio.sleep((instant - at.simulator.world.now()).total_seconds() + 61)


async def seen_when_due(at: Town) -> set[tuple[str, str]]:
    """Return who was seen changing, and where, by the due eye."""
    return {
        (event.subject, change.path)
        for event in await at.events()
        if event.detected_by == "due"
        for change in event.changes
    }


async def begin(at: Town) -> None:
    """Have the baseline read and the dates looked at for the first time."""
    await at.sweep()
    await at.dates.look()


async def test_a_contract_that_ends_today_counts_through_its_last_day() -> None:
    """`end.date` is inclusive: the person still works that day."""
    async with town(PEOPLE, SMALL) as at:
        at.simulator.perform(Hire(start="2026-03-01"))
        at.simulator.perform(EndContract(employee="31", on="2026-03-02"))
        await begin(at)
        await until(at, datetime(2026, 3, 2, 22, 0, tzinfo=UTC))
        await at.dates.look()
        assert await seen_when_due(at) == set()
        await until(at, PARIS_MIDNIGHT)
        await at.dates.look()
        assert ("employees/31", "/status") in await seen_when_due(at)
        assert (at.simulator.record("employees", "31") or {})["status"] == "deactivated"


async def test_a_hire_of_tomorrow_becomes_active_at_midnight_with_one_request_a_resource() -> None:
    async with town(PEOPLE, SMALL) as at:
        for _ in range(3):
            at.simulator.perform(Hire(start="2026-03-03"))
        await begin(at)
        await until(at, PARIS_MIDNIGHT)
        await at.dates.look()
        assert at.requests("due") == 3
        seen = await seen_when_due(at)
        assert {("employees/31", "/status"), ("employees/32", "/status"), ("employees/33", "/status")} <= seen


async def test_midnight_is_that_of_the_establishment() -> None:
    async with town(PEOPLE, SMALL) as at:
        at.simulator.perform(
            Set(resource="business-establishments", id="1", path="/timezoneId", value="Asia/Tokyo")
        )
        at.simulator.perform(Hire(start="2026-03-03", establishment="1"))
        await begin(at)
        await until(at, datetime(2026, 3, 2, 15, 0, tzinfo=UTC))
        await at.dates.look()
        assert ("employees/31", "/status") in await seen_when_due(at)


async def test_the_rest_ends_at_the_next_midnight_also_in_the_night_that_is_an_hour_short() -> None:
    async with town(only("employees", "employments"), SMALL) as at:
        await begin(at)
        await until(at, datetime(2026, 3, 29, 0, 30, tzinfo=UTC))  # half past one in Paris, then it is three
        await at.dates.look()
        ends = at.simulator.world.now() + timedelta(seconds=at.dates.rest())
        assert ends == datetime(2026, 3, 29, 22, 1, tzinfo=UTC)


async def test_what_came_due_while_the_daemon_was_away_is_caught_up_with() -> None:
    journal = MemoryJournal()
    async with town(PEOPLE, SMALL, journal) as at:
        at.simulator.perform(Hire(start="2026-03-04"))
        await begin(at)
        await until(at, datetime(2026, 3, 6, 12, 0, tzinfo=UTC))
        again = at.restarted().dates
        assert again is not None
        await again.look()
        assert ("employees/31", "/status") in await seen_when_due(at)


@pytest.mark.parametrize("date", ["2026-04-31", "0001-01-01", "9999-12-31", "soon"])
async def test_a_date_that_never_comes_stops_nobody(date: str) -> None:
    async with town(PEOPLE, SMALL) as at:
        at.simulator.misbehave(overrides={"job-positions": {"4": {"endsOn": date}}})
        at.simulator.perform(Hire(start="2026-03-03"))
        await begin(at)
        await until(at, PARIS_MIDNIGHT)
        await at.dates.look()
        assert ("employees/31", "/status") in await seen_when_due(at)


async def test_the_first_look_of_all_looks_at_nobody() -> None:
    async with town(PEOPLE, SMALL) as at:
        await at.sweep()
        before = len(at.seen)
        await at.dates.look()
        assert len(at.seen) == before


async def test_a_resource_that_may_not_be_read_any_more_holds_back_no_other_and_is_caught_up_with() -> None:
    async with town(PEOPLE, SMALL) as at:
        at.simulator.perform(Hire(start="2026-03-03"))
        await begin(at)
        sound = at.station("employments").rereader.post
        granted = sound.lookout
        sound.lookout = replace(granted, source=cast("Source", Forbidden(granted.source)))
        await until(at, PARIS_MIDNIGHT)
        with pytest.raises(ScopeMissing):
            await at.dates.look()
        seen = await seen_when_due(at)
        assert ("employees/31", "/status") in seen
        assert any(subject.startswith("job-positions/") for subject, _ in seen)
        before = at.requests("due")
        sound.lookout = granted
        await at.dates.look()
        assert at.requests("due") - before == 2  # the employments, and whom they concern
        await at.dates.look()
        assert at.requests("due") - before == 2


async def test_a_date_that_comes_due_while_the_baseline_is_read_is_looked_into_after_it() -> None:
    """A row that was read before midnight may keep its ETag: no sweep would ever show the flip."""
    journal = MemoryJournal()
    async with town(PEOPLE, SMALL, journal) as at:
        at.simulator.perform(Hire(start="2026-03-03"))
        await begin(at)
        people = at.station("employees").rereader.post
        known = people.lookout
        people.lookout = replace(known, journal=Unfinished(journal))
        await until(at, PARIS_MIDNIGHT)
        await at.dates.look()
        assert ("employees/31", "/status") not in await seen_when_due(at)
        assert at.dates.rest() <= 600
        people.lookout = known
        await at.dates.look()
        assert ("employees/31", "/status") in await seen_when_due(at)
        assert at.dates.rest() > 600


@dataclass
class Forbidden:
    """A source that refuses to list anything."""

    source: Source

    def __getattr__(self, name: str) -> object:
        return getattr(self.source, name)

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answered:
        raise ScopeMissing(resource.scope)


class Unfinished(MemoryJournal):
    """The journal of another, of which no baseline is complete."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.__dict__ = journal.__dict__

    async def state(self, name: ResourceName) -> ResourceState:
        return replace(await super().state(name), baseline_done=False)
