"""Whatever happens to the process, no 60 seconds ever hold more requests than the share."""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime

import anyio
import looptime
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.budget import PURPOSES, Budget, Purpose
from lucca_sync.lucca.window import Window

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Life:
    """One process: who asks when (seconds since its start), when it ends, and how."""

    asked: list[tuple[float, Purpose]]
    seconds: float
    orderly: bool
    write_takes: float
    refused: list[float]


@dataclass
class Disk:
    """Notes whose writes take time; a process that dies meanwhile may leave the old value or the new one."""

    values: dict[str, bytes]
    write_takes: float = 0.0
    lands_early: bool = True

    async def note(self, key: str) -> bytes | None:
        return self.values.get(key)

    async def write_note(self, key: str, value: bytes) -> None:
        if self.lands_early:
            self.values[key] = value
        await asyncio.sleep(self.write_takes)
        self.values[key] = value


LIVES = st.builds(
    Life,
    asked=st.lists(st.tuples(st.floats(0, 90), st.sampled_from(PURPOSES)), max_size=25),
    seconds=st.floats(0, 130),
    orderly=st.booleans(),
    write_takes=st.sampled_from([0.0, 0.002, 3.0]),
    refused=st.lists(st.floats(0, 90), max_size=3),
)
RATES = st.one_of(st.floats(0.3, 3), st.integers(1, 25).map(float))


async def live(life: Life, budget: Budget, sent: list[float]) -> None:
    async def ask(after: float, purpose: Purpose) -> None:
        await asyncio.sleep(after)
        await budget.take(purpose)
        sent.append(anyio.current_time())

    async def refuse(after: float) -> None:
        await asyncio.sleep(after)
        budget.refused(anyio.current_time(), START)

    tasks = [asyncio.create_task(ask(*request)) for request in life.asked]
    tasks += [asyncio.create_task(refuse(after)) for after in life.refused]
    await asyncio.sleep(life.seconds)
    if life.orderly:
        await budget.save()
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task


def run(work: Coroutine[None, None, None]) -> None:
    loop = looptime.new_event_loop()
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()


@given(
    rate=RATES,
    lives=st.lists(LIVES, min_size=1, max_size=6),
    lands_early=st.booleans(),
    reserve=st.sampled_from([0.0, 0.2, 0.9]),
)
def test_no_sixty_seconds_hold_more_than_the_share_over_any_restarts(
    rate: float,
    lives: list[Life],
    lands_early: bool,  # noqa: FBT001
    reserve: float,
) -> None:
    sent: list[float] = []

    async def all_lives() -> None:
        disk = Disk({}, lands_early=lands_early)
        clock = LoopClock(START)
        for life in lives:
            disk.write_takes = life.write_takes
            await live(life, Budget(rate, disk, "budget", clock, reserve=reserve), sent)

    run(all_lives())
    limit = max(1, int(rate))
    span = max(60.0, 60.0 / rate)
    crowded = [first for first, last in zip(sent, sent[limit:], strict=False) if last - first <= span]
    assert not crowded


@given(
    rate=st.floats(0.1, 5000),
    steps=st.lists(st.tuples(st.floats(0, 40), st.integers(1, 60)), max_size=60),
)
def test_a_window_never_holds_more_than_its_limit_however_closely_requests_come(
    rate: float, steps: list[tuple[float, int]]
) -> None:
    window = Window(rate)
    now, sent = 0.0, list[float]()
    for pause, wanted in steps:
        now += pause
        for _ in range(min(wanted, window.free(now))):
            window.spend(now)
            sent.append(now)
    limit = window.capacity
    assert limit <= max(1, rate)
    assert all(last - first > 60 for first, last in zip(sent, sent[limit:], strict=False))


@given(rate=st.floats(0.1, 200))
def test_who_waits_as_long_as_a_window_says_finds_room(rate: float) -> None:
    window = Window(rate)
    now = 0.0
    for _ in range(100):
        now += window.wait(now)
        # Adding a float to another rounds: a hair more may be needed, as the loop gives it.
        assert window.free(now) or window.free(now + 0.001)
        window.spend(now)
