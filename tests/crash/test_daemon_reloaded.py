"""The real daemon given new settings under load, and killed before, amid and after: nothing is lost."""

from pathlib import Path
from random import Random

import pytest

from tests.crash.ends import RELOADING, killed_at, reload, reloaded_and_killed
from tests.crash.stage import stage
from tests.crash.targets import ROUGH

pytestmark = pytest.mark.timeout(300)  # where processes are many, all of them wait for two cores


async def test_reloaded_and_killed_again_and_again_it_loses_and_invents_nothing(tmp_path: Path) -> None:
    chance = Random(8)
    async with stage(tmp_path, seed=8) as made:
        made.misbehave(everything=ROUGH, names=ROUGH)
        for seam in RELOADING:
            await killed_at(made, seam, 2)
            await reloaded_and_killed(made, chance)
        async with made.daemon() as daemon:
            await daemon.started()
            reload(made, daemon)
            await made.all_arrived(daemon)
            assert await daemon.stop() == 0
        verdict = await made.assert_whole()
    assert verdict.figures.ends.keys() == {*RELOADING, "after reloads"}
