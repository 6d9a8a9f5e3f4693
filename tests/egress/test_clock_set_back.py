"""A wall clock that is set back keeps nothing waiting: what it said before is as far away as it was."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import anyio
import pytest
from msgspec import structs

from lucca_sync.egress.stock import RENEWED_EVERY
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Claim, ResourceName, Settlement, StoreError, Write
from lucca_sync.model.delivery import Delivery, Lane
from lucca_sync.model.outcome import Done, Outcome, Retry
from tests.egress.events import LANE, NOW, event
from tests.egress.stage import Actor, JumpyClock, Stage, answers, events_of, running, takes

pytestmark = pytest.mark.looptime

YEARS = timedelta(days=4000)


class SlowJournal(MemoryJournal):
    """Lets five seconds pass before it settles, and `claiming` seconds after it has claimed."""

    claiming = 0.0

    async def claim(self, lane: Lane, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        claims = await super().claim(lane, now=now, lease=lease, limit=limit)
        await anyio.sleep(self.claiming if claims else 0)
        return claims

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        await anyio.sleep(5)
        return await super().settle(settlements)


def stage_with(clock: JumpyClock) -> Stage:
    return Stage(clock=clock)


async def test_what_waits_to_be_tried_again_waits_no_longer_than_before() -> None:
    clock, actor = JumpyClock(NOW), Actor(answers(Retry("busy")))
    stage = stage_with(clock)
    await stage.journal_events(event())
    async with running(stage.egress(actor)):
        await anyio.sleep(0.5)
        clock.jump(-YEARS)
        await anyio.sleep(15)
        assert await stage.states() == ["done"]


async def test_who_waits_behind_a_call_under_way_goes_on_after_it() -> None:
    clock, actor = JumpyClock(NOW), Actor(takes(5))
    stage = stage_with(clock)
    await stage.journal_events(event(sequence=1), event(sequence=2))
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        clock.jump(-YEARS)
        await anyio.sleep(15)
        assert actor.got == [("7", 1), ("7", 2)]
        assert await stage.states() == ["done", "done"]


async def test_what_was_claimed_before_the_new_time_was_noticed_is_not_claimed_again() -> None:
    clock, actor = JumpyClock(NOW), Actor()
    stage = Stage(SlowJournal(), clock)
    async with running(egress := stage.egress(actor)):
        await anyio.sleep(1.5)  # half-way between two looks of the watch
        clock.jump(-YEARS)
        for subject in "123":  # the first is claimed before the watch looks, and settled after the others are
            await stage.journal_events(event(record_id=subject))
            egress.bell.ring()
            await anyio.sleep(1)
        await stage.until_settled()
    assert actor.got == [("1", 1), ("2", 1), ("3", 1)]


async def test_what_was_being_claimed_as_the_clock_went_forward_is_not_claimed_again() -> None:
    """Leases are renewed at the new time meanwhile, but not one that nobody here knows of yet."""
    journal, clock, actor = SlowJournal(), JumpyClock(NOW), Actor()
    stage = Stage(journal, clock)
    async with running(egress := stage.egress(actor)):
        journal.claiming = 1.5 * RENEWED_EVERY
        await stage.journal_events(event(record_id="1"))
        egress.bell.ring()
        await anyio.sleep(1)
        clock.jump(YEARS)
        await anyio.sleep(1.5 * RENEWED_EVERY)  # the first was sent just now, and is not settled yet
        journal.claiming = 0
        await stage.journal_events(event(record_id="2"))
        egress.bell.ring()
        await stage.until_settled()
    assert actor.got == [("1", 1), ("2", 1)]


async def test_what_is_journaled_late_by_the_clock_before_waits_for_no_time_that_it_showed() -> None:
    clock, actor = JumpyClock(NOW), Actor()
    stage, late = stage_with(clock), event()
    async with running(egress := stage.egress(actor)):
        clock.jump(-YEARS)
        await anyio.sleep(3)
        write = Write(late.record_id, b"{}", late.id.encode(), late.sequence, late, (LANE,))
        await stage.journal.commit_writes(ResourceName(late.tenant, late.resource), NOW, [write])
        egress.bell.ring()
        await anyio.sleep(3)
    assert actor.got == [("7", 1)]


async def test_what_is_settled_late_by_the_clock_before_waits_for_no_time_that_it_showed() -> None:
    refusals = iter([Retry("busy")])

    async def play(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        if deliveries[0].event.record_id == "1":
            return [Done()]
        await anyio.sleep(1)
        return [next(refusals, Done())]

    clock = JumpyClock(NOW)
    stage = Stage(SlowJournal(), clock)
    await stage.journal_events(*events_of("1", "2"))
    async with running(stage.egress(Actor(play))):
        await anyio.sleep(1.5)  # the first is being settled, the second waits for that
        clock.jump(-YEARS)
        await anyio.sleep(60)
        assert await stage.states() == ["done", "done"]


async def test_what_must_be_settled_again_waits_for_no_time_that_the_clock_before_showed() -> None:
    class Failing(MemoryJournal):
        failures = 1

        async def settle(self, settlements: Sequence[Settlement]) -> int:
            if self.failures:
                self.failures -= 1
                await anyio.sleep(5)
                raise StoreError("the disk failed", "io")
            return await super().settle(settlements)

    clock = JumpyClock(NOW)
    stage = Stage(Failing(), clock)
    await stage.journal_events(event())
    async with running(stage.egress(Actor(answers(Retry("busy"))))):
        await anyio.sleep(1.5)  # being settled, which will fail
        clock.jump(-YEARS)
        await anyio.sleep(60)
        assert await stage.states() == ["done"]


async def test_what_waits_to_be_settled_comes_sooner_once_though_the_journal_follows_later() -> None:
    class Failing(MemoryJournal):
        fails = True

        async def settle(self, settlements: Sequence[Settlement]) -> int:
            if self.fails:
                raise StoreError("the disk failed", "io")
            return await super().settle(settlements)

        async def set_back(self, now: datetime, by: timedelta, *, spare: timedelta) -> None:
            if self.fails:
                raise StoreError("the disk failed", "io")
            await super().set_back(now, by, spare=spare)

    clock = JumpyClock(NOW)
    stage = Stage(journal := Failing(), clock)
    await stage.journal_events(event())
    async with running(stage.egress(Actor(answers(Retry("busy", after=timedelta(minutes=50)))))):
        await anyio.sleep(1.5)
        clock.jump(timedelta(minutes=-20))
        await anyio.sleep(10)  # the watch has tried several times
        journal.fails = False
        await anyio.sleep(timedelta(minutes=40).total_seconds())
        assert await stage.states() == ["retrying"]
        await stage.until_settled()


async def test_after_a_restart_nothing_waits_for_the_clock_before() -> None:
    clock, actor = JumpyClock(NOW), Actor(answers(*[Retry("busy")] * 2))
    stage = stage_with(clock)
    await stage.journal_events(*(structs.replace(one, recorded=NOW) for one in events_of("1", "2")))
    async with running(stage.egress(actor)):
        await anyio.sleep(0.5)
    clock.jump(-YEARS)
    again = Actor()
    async with running(stage.egress(again)):
        await anyio.sleep(15)
        assert await stage.states() == ["done", "done"]


async def test_notes_that_cannot_be_read_at_once_make_nothing_come_sooner_again() -> None:
    class Unreadable(MemoryJournal):
        tries = 10

        async def notes(self, prefix: str) -> Mapping[str, bytes]:
            self.tries -= 1
            if self.tries > 0:
                raise StoreError("the disk failed", "io")
            return await super().notes(prefix)

    asked, clock = answers(Retry("busy", after=timedelta(minutes=50))), JumpyClock(NOW)
    stage = Stage(journal := Unreadable(), clock)
    await stage.journal_events(structs.replace(event(), recorded=NOW))
    async with running(stage.egress(Actor(asked))):
        await anyio.sleep(60)
    assert await stage.states() == ["retrying"]
    clock.jump(timedelta(minutes=-20))
    journal.tries = 10
    async with running(stage.egress(Actor())):
        await anyio.sleep(timedelta(minutes=40).total_seconds())
        assert await stage.states() == ["retrying"]
        await stage.until_settled()


async def test_a_clock_that_is_nudged_makes_nothing_early() -> None:
    clock, actor = JumpyClock(NOW), Actor(answers(Retry("busy", after=timedelta(minutes=5))))
    stage = stage_with(clock)
    await stage.journal_events(event())
    async with running(stage.egress(actor)):
        for _ in range(100):
            await anyio.sleep(2)
            clock.jump(timedelta(seconds=-1))
            clock.jump(timedelta(seconds=1))
        assert await stage.states() == ["retrying"]


async def test_a_clock_that_goes_forward_is_followed_as_it_is() -> None:
    clock, actor = JumpyClock(NOW), Actor(answers(Retry("busy", after=timedelta(minutes=50))))
    stage = stage_with(clock)
    await stage.journal_events(event())
    async with running(stage.egress(actor)):
        await anyio.sleep(0.5)
        clock.jump(timedelta(hours=1))
        await anyio.sleep(31)
        assert await stage.states() == ["done"]
