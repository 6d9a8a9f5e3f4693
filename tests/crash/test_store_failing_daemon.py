"""The whole daemon on a disk that fails: it says so, stops looking, loses nothing, and goes on by itself."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from lucca_sync.cli.exits import TRY_LATER
from tests.crash.stage import Stage, said_more, stage
from tests.crash.store_faults import Order
from tests.running import Running, fetched, sample, until

pytestmark = pytest.mark.timeout(300)  # where processes are many, all of them wait for two cores

BROKEN = (
    Order("sync", "io"),
    Order("write", "io"),
    Order("write", "torn"),
    Order("write", "full"),
    Order("write", "readonly"),
)
REFUSES, TAKES_AGAIN = "store_refuses_writes", "store_takes_writes_again"
long = pytest.mark.timeout(600)


async def has_stopped_looking(made: Stage) -> None:
    """Wait for many tries of the store between which not one request is sent."""
    while True:
        asked = made.simulator.stats.requests()
        await until(made.switch.met_more(made.switch.met() + 8))
        if made.simulator.stats.requests() == asked:
            return


async def live_through(made: Stage, daemon: Running, order: Order) -> None:
    """Let every operation of a kind fail until the daemon has said so and stopped looking; then heal."""
    base = await daemon.started()
    said, again = (len(daemon.lines(event)) for event in ("store_refuses_writes", "store_takes_writes_again"))
    made.switch.fail(order)
    made.rename()
    await until(said_more(daemon, REFUSES, said))
    await has_stopped_looking(made)
    assert (await fetched(f"{base}/readyz"))[0] == 503
    assert (await fetched(f"{base}/livez"))[0] == 200
    assert await sample(base, "lucca_sync_store_writable") == 0
    made.rename()
    made.switch.heal()
    await made.up_to_date(daemon)
    await until(said_more(daemon, TAKES_AGAIN, again))
    assert (await fetched(f"{base}/readyz"))[0] == 200


async def test_while_the_disk_fails_it_says_so_and_does_not_look_and_then_everything_arrives(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, seed=1, people=30, fragile=True) as made:
        async with made.daemon() as daemon:
            for order in BROKEN:
                await live_through(made, daemon, order)
            assert await daemon.stop() == 0
        await made.end(seen=["faults", "acknowledgements"])


async def test_a_disk_that_cannot_be_read_is_said_too_and_nothing_is_lost(tmp_path: Path) -> None:
    """What is in SQLite's memory is no matter; here nothing is."""
    async with stage(tmp_path, seed=8, people=30, fragile=True) as made:
        async with made.daemon("--forgetful") as daemon:
            base = await daemon.started()
            for broken in range(2):
                refused, again = said_more(daemon, REFUSES, broken), said_more(daemon, TAKES_AGAIN, broken)
                made.switch.fail(Order("read", "io"))
                made.rename()
                await until(refused)
                assert (await fetched(f"{base}/readyz"))[0] == 503
                assert (await fetched(f"{base}/livez"))[0] == 200
                made.switch.heal()
                await made.up_to_date(daemon)
                await until(again)
            assert await daemon.stop() == 0
        await made.end(seen=["faults", "acknowledgements"])


async def stumble(made: Stage, daemon: Running, places: Sequence[int]) -> None:
    """Let one operation fail at a time: of each kind, at each of these places."""
    await daemon.started()
    for after in places:
        for order in BROKEN:
            met = made.switch.met()
            made.switch.fail(Order(order.on, order.how, after, times=1))
            while made.switch.met() == met:
                made.rename(1)
                await made.up_to_date_or(made.switch.met_more(met))
            made.switch.heal()
        await made.up_to_date(daemon)


@pytest.mark.parametrize(
    "places", [(0, 4), pytest.param(range(25), marks=[pytest.mark.torture, long])], ids=["few", "many"]
)
async def test_single_failures_anywhere_lose_nothing_and_double_nothing(
    tmp_path: Path, places: Sequence[int]
) -> None:
    """A commit that raised may have happened: it is read again, and what is there is not told anew."""
    async with stage(tmp_path, seed=2, people=30, fragile=True) as made:
        async with made.daemon() as daemon:
            await stumble(made, daemon, places)
            assert await daemon.stop() == 0
        assert made.switch.met() >= len(places) * len(BROKEN)
        await made.end(seen=["faults", "acknowledgements"])


@pytest.mark.parametrize("rounds", [1, pytest.param(12, marks=[pytest.mark.torture, long])])
async def test_killed_amid_failures_of_the_disk_it_has_lost_nothing(tmp_path: Path, rounds: int) -> None:
    chance = random.Random(4)
    async with stage(tmp_path, seed=3, people=30, fragile=True) as made:
        for order in BROKEN * rounds:
            async with made.daemon() as daemon:
                await daemon.started()
                enough = made.switch.met() + chance.randrange(5)
                made.rename()
                made.switch.fail(Order(order.on, order.how, chance.randrange(20)))
                while made.switch.met() <= enough:
                    await made.up_to_date_or(made.switch.met_more(enough))
                    made.rename(1)
                await made.kill(daemon)
            made.switch.heal()
        await made.end(seen=["faults", "ends", "acknowledgements"])


async def test_without_room_for_a_new_store_it_does_not_start_and_says_why(tmp_path: Path) -> None:
    async with stage(tmp_path, seed=6, people=30, fragile=True, baseline=False) as made:
        made.switch.fail(Order("write", "full"))
        async with made.daemon() as daemon:
            assert await daemon.ended() == TRY_LATER, daemon.complaints
        assert any("no room left" in line for line in daemon.complaints)
        made.switch.heal()
        await made.take_everything_in()
        await made.end(seen=["faults", "acknowledgements"])


async def test_started_on_a_full_disk_it_waits_for_room_and_goes_on(tmp_path: Path) -> None:
    async with stage(tmp_path, seed=4, people=30, fragile=True) as made:
        made.switch.fail(Order("write", "full"))
        made.rename()
        async with made.daemon() as daemon:
            await until(said_more(daemon, REFUSES, 0))
            made.switch.heal()
            await made.up_to_date(daemon)
            assert await daemon.stop() == 0
        await made.end(seen=["faults", "acknowledgements"])
