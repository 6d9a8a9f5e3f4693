"""Everything at once, for long: Lucca and targets misbehave while the daemon is ended two hundred times.

CRASH_SEED repeats a run, as far as two processes can be repeated; CRASH_RESTARTS makes it longer. The figures
are written to the file that CRASH_FIGURES names.
"""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from random import Random

import anyio
import pytest

from lucca_sync.kit.clock import SystemClock
from tests.crash.ends import one_more_life
from tests.crash.figures import Circumstances, page
from tests.crash.oracle import Verdict
from tests.crash.stage import Stage, stage
from tests.crash.targets import ROUGH

pytestmark = pytest.mark.timeout(300)  # where processes are many, all of them wait for two cores

RESTARTS = int(os.environ.get("CRASH_RESTARTS", "200"))
SEED = int(os.environ.get("CRASH_SEED", "0")) or Random().randrange(1, 1_000_000)
_SHORT = 6
_FAIR_EVERY = 10
LUCCA = (
    *("408", "500", "503", "resets", "truncated", "not-json", "malformed", "token-trouble", "heavy"),
    *("clock-skew", "shrinking", "dead-cursors", "strict", "no-304"),
    *("reordered", "reformatted", "restless-order"),
)
"""Misbehaviours of the tenant that are no lies: what it shows is true, if it shows anything."""


async def besieged(made: Stage, chance: Random, restarts: int) -> None:
    """Live and end again and again; now and then Lucca behaves for a life, so that something is seen."""
    made.misbehave(everything=ROUGH, names=ROUGH, business=ROUGH)
    for number in range(restarts):
        made.simulator.behave()
        if number % _FAIR_EVERY:
            made.simulator.misbehave_as(*LUCCA)
        await one_more_life(made, chance)


def keep(verdict: Verdict, minutes: float) -> None:
    """Print the figures, and write the page of them where it is wanted."""
    print(f"seed {SEED}, {RESTARTS} restarts\n{verdict}")  # noqa: T201 - shown when it fails
    if wanted := os.environ.get("CRASH_FIGURES"):
        day, python = SystemClock().now().date().isoformat(), platform.python_version()
        around = Circumstances(SEED, RESTARTS, minutes, day, version("lucca-sync"), python)
        Path(wanted).write_text(page(verdict, around), encoding="utf-8")


async def test_while_everything_fails_and_it_is_killed_again_and_again_nothing_is_lost(
    tmp_path: Path,
) -> None:
    chance = Random(11)
    async with stage(tmp_path, seed=11) as made:
        await besieged(made, chance, _SHORT)
        await made.come_to_rest()
        verdict = await made.verdict(business=await made.derived())
    assert not verdict.findings, str(verdict)
    assert not verdict.figures.standing
    assert verdict.figures.announced


@pytest.mark.torture
@pytest.mark.timeout(2 * 60 * 60)
async def test_besieged_for_long_nothing_is_lost_nothing_invented_and_all_is_in_order(tmp_path: Path) -> None:
    """Two hundred lives, each ended in a way that is drawn."""
    chance, began = Random(SEED), anyio.current_time()
    print(f"seed {SEED}")  # noqa: T201 - repeats it
    async with stage(tmp_path, seed=SEED, people=300) as made:
        await besieged(made, chance, RESTARTS)
        await made.come_to_rest()
        verdict = await made.verdict(business=await made.derived())
    keep(verdict, (anyio.current_time() - began) / 60)
    assert not verdict.findings, str(verdict)
    assert not verdict.figures.standing
    assert verdict.figures.ends.total() >= RESTARTS
