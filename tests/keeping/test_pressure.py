"""How much is kept decides how much is looked for, and it comes back by itself."""

from datetime import timedelta

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.ingest.pressure import EASED, Level, Limits, Load, Pressure, level_of
from tests.ingest.watching import Scene, staff

LIMITS = Limits(slow_at=1000, pause_at=2000, oldest=timedelta(hours=1))
LEVELS = st.sampled_from(Level)
USED = st.integers(0, 4000)
AGES = st.integers(0, 10_000).map(lambda seconds: timedelta(seconds=seconds))
LOADS = st.builds(Load, USED, AGES)


@pytest.mark.parametrize(
    ("load", "level"),
    [
        (Load(999), Level.NONE),
        (Load(1000), Level.SLOW),
        (Load(1999), Level.SLOW),
        (Load(2000), Level.PAUSED),
        (Load(0, timedelta(minutes=59)), Level.NONE),
        (Load(0, timedelta(minutes=60)), Level.SLOW),
        (Load(0, timedelta(minutes=120)), Level.PAUSED),
        (Load(1999, timedelta(minutes=120)), Level.PAUSED),
    ],
)
def test_size_and_age_each_slow_and_then_pause(load: Load, level: Level) -> None:
    assert level_of(load, LIMITS, Level.NONE) is level


def test_age_counts_only_where_the_settings_say_so() -> None:
    assert level_of(Load(0, timedelta(days=9)), Limits(1000, 2000), Level.NONE) is Level.NONE


def test_a_level_is_left_only_once_the_load_is_clearly_below_it() -> None:
    """Else it would flap with each event that goes and comes."""
    assert level_of(Load(1999), LIMITS, Level.PAUSED) is Level.PAUSED
    assert level_of(Load(1799), LIMITS, Level.PAUSED) is Level.SLOW
    assert level_of(Load(999), LIMITS, Level.SLOW) is Level.SLOW
    assert level_of(Load(899), LIMITS, Level.SLOW) is Level.NONE
    assert level_of(Load(0), LIMITS, Level.PAUSED) is Level.NONE


@given(LOADS, LOADS, LEVELS)
def test_more_load_never_lowers_the_level(one: Load, other: Load, before: Level) -> None:
    more = Load(max(one.used, other.used), max(one.waiting, other.waiting))
    assert level_of(more, LIMITS, before) >= level_of(one, LIMITS, before)


@given(LOADS, LEVELS)
def test_a_load_that_stays_settles_at_one_level(load: Load, before: Level) -> None:
    settled = level_of(load, LIMITS, before)
    assert level_of(load, LIMITS, settled) is settled


@given(USED, LEVELS)
def test_little_load_always_ends_it(used: int, before: Level) -> None:
    assert level_of(Load(int(used * EASED / 4.01)), LIMITS, before) is Level.NONE


@pytest.mark.looptime
async def test_whoever_looks_rests_four_times_as_long_while_slowed() -> None:
    pressure = Pressure()
    await pressure.passed(10)
    assert anyio.current_time() == 0
    pressure.set(Level.SLOW)
    await pressure.passed(10)
    assert anyio.current_time() == 30


@pytest.mark.looptime
async def test_nobody_passes_while_paused_and_everybody_at_once_when_it_ends() -> None:
    pressure = Pressure()
    pressure.set(Level.PAUSED)
    passed = list[float]()

    async def pass_by(rest: float) -> None:
        await pressure.passed(rest)
        passed.append(anyio.current_time())

    async with anyio.create_task_group() as tasks:
        for rest in (0, 10, 86_400):
            tasks.start_soon(pass_by, rest)
        await anyio.sleep(80_000)
        assert passed == []
        pressure.set(Level.NONE)
    assert passed == [80_000] * 3


@pytest.mark.looptime
async def test_looks_become_rare_then_end_and_then_go_on_without_anybodys_help() -> None:
    scene = Scene(staff())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.watch.run)

        async def looks_in(seconds: float) -> int:
            before = scene.onlooker.ended
            await anyio.sleep(seconds)
            return scene.onlooker.ended - before

        await anyio.sleep(90)
        assert await looks_in(2400) == 40
        scene.gate.pressure.set(Level.SLOW)
        assert 9 <= await looks_in(2400) <= 11
        scene.gate.pressure.set(Level.PAUSED)
        assert await looks_in(2400) <= 1
        assert await looks_in(86_400) == 0
        scene.gate.pressure.set(Level.NONE)
        assert await looks_in(2400) >= 40
        tasks.cancel_scope.cancel()
