"""A world that lives faster: its clock, its limit, its tokens and its life, but not the waits it asks for."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.kit.clock import LoopClock
from lucca_sync.simulator import SimulatorOptions
from lucca_sync.simulator.pace import FastClock
from lucca_sync.simulator.world.actions import ChangePhone
from tests.simulator.receiver import receiving, subscribe
from tests.simulator.visitor import NOON, HandClock, unlimited, visiting


@given(st.floats(0.1, 10_000), st.lists(st.floats(0, 1000), max_size=5))
def test_a_fast_clock_starts_with_the_other_and_then_runs_so_many_times_as_fast(
    speed: float, steps: list[float]
) -> None:
    slow = HandClock()
    fast = FastClock(slow, speed)
    assert fast.now() == NOON
    for step in steps:
        slow.move(seconds=step)
    expected = (slow.now() - NOON) * speed
    assert abs(fast.now() - NOON - expected) <= timedelta(milliseconds=1)


async def test_without_speed_the_clock_that_was_passed_in_is_the_world_s() -> None:
    clock = HandClock()
    async with visiting(clock=clock) as visitor:
        clock.move(seconds=7)
        assert visitor.simulator.world.now() == clock.now()


async def test_its_minute_of_requests_is_shorter_and_a_429_names_seconds_out_here() -> None:
    clock = HandClock()
    async with visiting(SimulatorOptions(requests_per_minute=2, speed=30), clock) as visitor:
        for _ in range(2):
            assert (await visitor.get("departments")).status == 200
        refused = await visitor.get("departments")
        assert (refused.status, refused.headers["Retry-After"]) == (429, "2")
        clock.move(seconds=2)
        assert (await visitor.get("departments")).status == 200


async def test_its_tokens_live_shorter_and_say_so() -> None:
    clock = HandClock()
    async with visiting(unlimited(speed=60), clock) as visitor:
        assert (await visitor.sign_in()).json["expires_in"] == 30
        clock.move(seconds=29)
        assert (await visitor.get("departments")).status == 200
        clock.move(seconds=1)
        assert (await visitor.get("departments")).status == 401


async def test_its_answers_bear_its_own_date() -> None:
    clock = HandClock()
    async with visiting(unlimited(speed=60), clock) as visitor:
        clock.move(minutes=1)
        reply = await visitor.get("departments", Authorization="")
        assert parsedate_to_datetime(reply.headers["Date"]) == NOON + timedelta(hours=1)


@pytest.mark.leaping
async def test_its_life_and_the_waits_between_webhooks_are_faster() -> None:
    async with visiting(unlimited(speed=3600), LoopClock(NOON)) as visitor, receiving() as receiver:
        await subscribe(visitor, receiver.url)
        receiver.status = lambda _: 503
        visitor.simulator.perform(ChangePhone(employee="4"))
        began = anyio.current_time()
        await receiver.count(5)
        assert anyio.current_time() - began < 60
        visitor.simulator.alive_per_minute = 1
        await anyio.sleep(1)
        assert 50 < len({entry.at for entry in visitor.simulator.ledger.after(0)}) < 70
