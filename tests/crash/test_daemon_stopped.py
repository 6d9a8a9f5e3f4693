"""The real daemon asked to end, or frozen, under load: nothing is lost, and nothing in flight forgotten."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.crash.ends import asked_twice
from tests.crash.plan import NAMES
from tests.crash.stage import Stage, stage
from tests.crash.targets import ROUGH
from tests.running import Running, fetched, until

pytestmark = pytest.mark.timeout(300)  # where processes are many, all of them wait for two cores

_TRY_LATER = 75
_LEASE = 0.7
"""Seconds that a lease lasts here: 0.4 for the time-out, and margins that the launcher makes short."""


async def held_up(made: Stage, daemon: Running) -> str:
    """Have changes made and several calls held by a target; return where the daemon serves."""
    base = await daemon.started()
    made.targets[NAMES.name].hold()
    made.change(12)
    await until(lambda: made.targets[NAMES.name].waiting > 1)
    return base


async def test_asked_to_end_under_load_it_lets_calls_in_flight_end_and_repeats_none(tmp_path: Path) -> None:
    async with stage(tmp_path, seed=1) as made:
        made.settings["connectors"]["names"]["timeout"] = "20s"
        made.misbehave(everything=ROUGH)
        async with made.daemon() as daemon:
            base = await held_up(made, daemon)
            daemon.process.send_signal(signal.SIGTERM)
            await until(lambda: bool(daemon.lines("stopping")))
            for _ in range(50):  # whoever has no patience with calls in flight would be gone by then
                assert (await fetched(f"{base}/livez"))[0] == 200
            assert made.targets[NAMES.name].waiting > 1
            made.targets[NAMES.name].let_go()
            assert await daemon.ended() == 0
        made.ends["SIGTERM"] += 1
        answered = len(made.book.arrivals)
        await made.end()
    before = {one.told.id for one in made.book.arrivals[:answered] if one.route == NAMES.name}
    after = {one.told.id for one in made.book.arrivals[answered:] if one.route == NAMES.name}
    assert before
    assert not before & after, "what was answered before the end is not sent again"


async def test_asked_twice_it_ends_at_once_and_loses_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, seed=2) as made:
        made.settings["connectors"]["names"]["timeout"] = "60s"
        made.misbehave(everything=ROUGH)
        async with made.daemon() as daemon:
            await held_up(made, daemon)
            await asked_twice(daemon)  # while the target would never answer
            made.ends["SIGTERM twice"] += 1
            made.targets[NAMES.name].let_go()
        await made.end()


async def test_frozen_for_longer_than_a_lease_it_goes_on_and_loses_nothing(tmp_path: Path) -> None:
    """When it thaws, the clock has passed the end of all leases: what is in flight is due again.

    A second daemon is refused meanwhile: what the first holds is the file, and nobody writes beside it.
    """
    async with stage(tmp_path, seed=4) as made:
        made.misbehave(everything=ROUGH)
        async with made.daemon("--short-leases") as daemon:
            await held_up(made, daemon)
            daemon.process.send_signal(signal.SIGSTOP)
            made.ends["SIGSTOP"] += 1
            now = asyncio.get_running_loop().time
            over = now() + 2 * _LEASE
            made.change(5)
            async with made.daemon() as second:
                assert await second.ended() == _TRY_LATER
            assert f"process {daemon.process.pid}" in second.complaints[-1]
            await until(lambda: now() > over)
            daemon.process.send_signal(signal.SIGCONT)
            made.targets[NAMES.name].let_go()
            await made.all_arrived(daemon)
            assert await daemon.stop() == 0
        await made.assert_whole()
