"""The whole daemon on a disk that fails: it says so, stops looking, loses nothing, and goes on by itself."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.crash.store_faults import Order
from tests.crash.store_stage import StoreStage, said_more, store_stage
from tests.running import Running, fetched, sample, until

BROKEN = (
    Order("sync", "io"),
    Order("write", "io"),
    Order("write", "torn"),
    Order("write", "full"),
    Order("write", "readonly"),
)
REFUSES, TAKES_AGAIN = "store_refuses_writes", "store_takes_writes_again"
long = pytest.mark.timeout(600)


async def has_stopped_looking(stage: StoreStage) -> None:
    """Wait for many tries of the store between which not one request is sent."""
    while True:
        asked = stage.simulator.stats.requests()
        await until(stage.switch.met_more(stage.switch.met() + 8))
        if stage.simulator.stats.requests() == asked:
            return


async def live_through(stage: StoreStage, daemon: Running, order: Order) -> None:
    """Let every operation of a kind fail until the daemon has said so and stopped looking; then heal."""
    base = await daemon.started()
    said, again = (len(daemon.lines(event)) for event in ("store_refuses_writes", "store_takes_writes_again"))
    stage.switch.fail(order)
    stage.change()
    await until(said_more(daemon, REFUSES, said))
    await has_stopped_looking(stage)
    assert (await fetched(f"{base}/readyz"))[0] == 503
    assert (await fetched(f"{base}/livez"))[0] == 200
    assert await sample(base, "lucca_sync_store_writable") == 0
    stage.change()
    stage.switch.heal()
    await stage.arrived()
    await until(said_more(daemon, TAKES_AGAIN, again))
    assert (await fetched(f"{base}/readyz"))[0] == 200


async def test_while_the_disk_fails_it_says_so_and_does_not_look_and_then_everything_arrives(
    tmp_path: Path,
) -> None:
    async with store_stage(tmp_path) as stage:
        async with stage.daemon() as daemon:
            for order in BROKEN:
                await live_through(stage, daemon, order)
            assert await daemon.stop() == 0
        await stage.end()


async def stumble(stage: StoreStage, daemon: Running, places: Sequence[int]) -> None:
    """Let one operation fail at a time: of each kind, at each of these places."""
    await daemon.started()
    for after in places:
        for order in BROKEN:
            met = stage.switch.met()
            stage.switch.fail(Order(order.on, order.how, after, times=1))
            while stage.switch.met() == met:
                stage.change(1)
                await stage.arrived_or(stage.switch.met_more(met))
            stage.switch.heal()
        await stage.arrived()


@pytest.mark.parametrize(
    "places", [(0, 4), pytest.param(range(25), marks=[pytest.mark.torture, long])], ids=["few", "many"]
)
async def test_single_failures_anywhere_lose_nothing_and_double_nothing(
    tmp_path: Path, places: Sequence[int]
) -> None:
    """A commit that raised may have happened: it is read again, and what is there is not told anew."""
    async with store_stage(tmp_path) as stage:
        async with stage.daemon() as daemon:
            await stumble(stage, daemon, places)
            assert await daemon.stop() == 0
        assert stage.switch.met() >= len(places) * len(BROKEN)
        await stage.end()


@pytest.mark.parametrize("rounds", [1, pytest.param(12, marks=[pytest.mark.torture, long])])
async def test_killed_amid_failures_of_the_disk_it_has_lost_nothing(tmp_path: Path, rounds: int) -> None:
    chance = random.Random(4)
    async with store_stage(tmp_path) as stage:
        for order in BROKEN * rounds:
            async with stage.daemon() as daemon:
                await daemon.started()
                enough = stage.switch.met() + chance.randrange(5)
                stage.change()
                stage.switch.fail(Order(order.on, order.how, chance.randrange(20)))
                while stage.switch.met() <= enough:
                    await stage.arrived_or(stage.switch.met_more(enough))
                    stage.change(1)
                await daemon.kill()
            stage.switch.heal()
        await stage.end()


async def test_without_room_for_a_new_store_it_does_not_start_and_says_why(tmp_path: Path) -> None:
    async with store_stage(tmp_path, baseline=False) as stage:
        stage.switch.fail(Order("write", "full"))
        async with stage.daemon() as daemon:
            assert await daemon.ended() != 0
        assert any("no room left" in line for line in daemon.complaints)
        stage.switch.heal()
        await stage.take_everything_in()
        await stage.end()


async def test_started_on_a_full_disk_it_waits_for_room_and_goes_on(tmp_path: Path) -> None:
    async with store_stage(tmp_path) as stage:
        stage.switch.fail(Order("write", "full"))
        stage.change()
        async with stage.daemon() as daemon:
            await until(said_more(daemon, REFUSES, 0))
            stage.switch.heal()
            await stage.arrived()
            assert await daemon.stop() == 0
        await stage.end()
