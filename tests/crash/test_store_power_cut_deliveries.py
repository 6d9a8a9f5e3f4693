"""The power fails amid deliveries: no acknowledged verdict, person's act or removal is lost or halved."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal, cast

import pytest

from lucca_sync.journal.protocol import Claim, Journal, StoreError
from lucca_sync.journal.sqlite import Footing, open_sqlite
from tests.crash.simulated_disk import SimulatedDisk
from tests.crash.store_diary import assert_sound
from tests.crash.store_office import Act, Office, books

LIVES = 20
MANY_LIVES = 400
ACTS = 60
OPERATIONS = 900


@dataclass
class Trio:
    """The journal whose disk will lose power, one that is an act ahead of it, and one that never is.

    After a power cut the acts of the first are all there, and the one under way wholly or not at all: it is
    like one of the other two.
    """

    ahead: Journal
    mortal: Journal
    behind: Journal
    office: Office

    async def live(self) -> None:
        """Act until the power fails, or the day is over."""
        for _ in range(ACTS):
            act = await self.office.next_act(self.behind)
            await act(self.ahead)
            try:
                result = await act(self.mortal)
            except StoreError:
                return
            await self._follow(act, result)

    async def _follow(self, act: Act, result: object) -> None:
        assert await act(self.behind) == result
        if isinstance(result, Sequence):
            claims = cast("Sequence[object]", result)
            self.office.held += [claim for claim in claims if isinstance(claim, Claim)]


async def survived(folder: Path, seed: int, synchronous: Literal["FULL", "NORMAL"]) -> bool:
    """Live one life and tell whether all that was acknowledged is there, and nothing by halves."""
    chance, disk = Random(seed), SimulatedDisk()
    with disk.mounted() as name, SimulatedDisk().mounted() as healthy:
        footing = Footing(vfs=name, exclusive=True, synchronous=synchronous)
        sound = Footing(vfs=healthy, exclusive=True)
        paths = [folder / f"{seed}-{part}.db" for part in ("ahead", "mortal", "behind")]
        ahead, behind = [await open_sqlite(path, footing=sound) for path in paths[::2]]
        mortal = await open_sqlite(paths[1], footing=footing)
        disk.cut_after = chance.randrange(1, OPERATIONS)
        await Trio(ahead, mortal, behind, Office(chance)).live()
        disk.cut_after = 1
        await mortal.close()
        disk.reboot(chance)
        mortal = await open_sqlite(paths[1], footing=footing)
        there = await books(mortal)
        possible = [await books(journal) for journal in (behind, ahead)]
        for journal in (ahead, mortal, behind):
            await journal.close()
        assert_sound(paths[1], name)
        return there in possible


@pytest.mark.parametrize(
    "lives", [LIVES, pytest.param(MANY_LIVES, marks=[pytest.mark.torture, pytest.mark.timeout(600)])]
)
async def test_a_power_cut_loses_no_acknowledged_act_and_halves_none(tmp_path: Path, lives: int) -> None:
    assert [seed for seed in range(lives) if not await survived(tmp_path, seed, "FULL")] == []


async def test_without_waiting_for_the_disk_acknowledged_acts_would_be_lost(tmp_path: Path) -> None:
    """With synchronous=NORMAL they are: so the test above can fail."""
    assert [seed for seed in range(LIVES) if not await survived(tmp_path, seed, "NORMAL")] != []
