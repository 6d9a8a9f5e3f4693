"""The real daemon, killed at every seam and at random, while Lucca changes and targets fail."""

from pathlib import Path
from random import Random

import pytest

from tests.crash.ends import AT_WORK, REMOVING, killed_at, killed_at_random
from tests.crash.launch import STATEMENT
from tests.crash.stage import stage
from tests.crash.targets import ROUGH

pytestmark = pytest.mark.timeout(300)  # where processes are many, all of them wait for two cores

KILLS = 6


async def test_killed_at_random_again_and_again_it_loses_and_invents_nothing(tmp_path: Path) -> None:
    chance = Random(20)
    async with stage(tmp_path, seed=20) as made:
        made.misbehave(everything=ROUGH, names=ROUGH)
        for _ in range(KILLS):
            await killed_at_random(made, chance)
        verdict = await made.end()
    assert verdict.figures.folded < verdict.figures.changes / 2, str(verdict)


@pytest.mark.parametrize("passes", [2, *(pytest.param(one, marks=pytest.mark.torture) for one in (1, 3, 5))])
async def test_killed_at_every_seam_it_loses_and_invents_nothing(tmp_path: Path, passes: int) -> None:
    async with stage(tmp_path, seed=passes) as made:
        made.misbehave(everything=ROUGH, names=ROUGH)
        for seam in AT_WORK:
            await killed_at(made, seam, 1 if seam.startswith("while") else passes)
        verdict = await made.end()
    assert verdict.figures.ends.keys() == set(AT_WORK)


async def test_killed_at_any_statement_of_the_store_it_loses_and_invents_nothing(tmp_path: Path) -> None:
    chance = Random(7)
    async with stage(tmp_path, seed=7) as made:
        made.misbehave(everything=ROUGH, names=ROUGH)
        for _ in range(KILLS):
            await killed_at(made, STATEMENT, chance.randrange(1, 1200))
        await made.end()


async def test_killed_while_old_events_are_removed_it_loses_and_invents_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, seed=3) as made:
        made.misbehave(everything=ROUGH, names=ROUGH)
        made.settings["retention"] = "10ms"
        for seam in REMOVING:
            made.settings["history"] = "10ms" if "pruning" in seam else "1d"
            async with made.daemon() as daemon:
                made.change(9)
                await made.up_to_date(daemon)
                await daemon.stop()
            await killed_at(made, seam, 1)
        verdict = await made.end()
    assert verdict.figures.ends.keys() == set(REMOVING)
