"""The power fails at a random instant: what was acknowledged is there afterwards, and nothing is torn."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from lucca_sync.journal.protocol import StoreError
from lucca_sync.journal.sqlite import Footing, open_sqlite
from tests.crash.simulated_disk import SimulatedDisk
from tests.crash.store_diary import assert_sound, entries, write_entry

LIVES = 30
ENTRIES = 25
OPERATIONS = 700


@dataclass
class Life:
    """One journal on one simulated disk."""

    path: Path
    disk: SimulatedDisk
    footing: Footing
    chance: random.Random

    async def write_until_the_power_fails(self) -> int:
        """Write entries and return how many were acknowledged."""
        acknowledged = 0
        self.disk.cut_after = self.chance.randrange(1, OPERATIONS)
        try:
            journal = await open_sqlite(self.path, footing=self.footing)
        except StoreError:
            return acknowledged
        try:
            for number in range(1, ENTRIES + 1):
                await write_entry(journal, number)
                acknowledged = number
        except StoreError:
            pass
        finally:
            self.disk.cut_after = self.disk.cut_after or 1
            await journal.close()
        return acknowledged

    async def look(self) -> int:
        """Start the machine again and return how many entries are there; it must be possible to go on."""
        self.disk.reboot(self.chance)
        journal = await open_sqlite(self.path, footing=self.footing)
        try:
            there = await entries(journal)
            await write_entry(journal, there + 1)
            assert await entries(journal) == there + 1
        finally:
            await journal.close()
        assert_sound(self.path, self.disk.name)
        return there


async def losses(tmp_path: Path, synchronous: Literal["FULL", "NORMAL"]) -> list[int]:
    """Live many lives and return how many acknowledged entries each has lost."""
    lost: list[int] = []
    for seed in range(LIVES):
        disk = SimulatedDisk()
        with disk.mounted() as name:
            footing = Footing(vfs=name, exclusive=True, synchronous=synchronous)
            life = Life(tmp_path / f"{seed}.db", disk, footing, random.Random(seed))
            acknowledged = await life.write_until_the_power_fails()
            lost.append(max(0, acknowledged - await life.look()))
    return lost


async def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    assert await losses(tmp_path, "FULL") == [0] * LIVES


async def test_the_simulated_disk_does_lose_what_was_never_synced(tmp_path: Path) -> None:
    """With synchronous=NORMAL acknowledged entries go missing: so the test above can fail."""
    assert sum(await losses(tmp_path, "NORMAL")) > 0


@pytest.mark.parametrize("healthy", range(1, 6))
async def test_after_a_failed_sync_the_next_acknowledgement_is_to_be_trusted(
    tmp_path: Path, healthy: int
) -> None:
    """A failed sync may leave pages that no later sync writes: what is acknowledged next must do without."""
    disk = SimulatedDisk()
    with disk.mounted() as name:
        footing = Footing(vfs=name, exclusive=True)
        life = Life(tmp_path / "journal.db", disk, footing, random.Random(healthy))
        journal = await open_sqlite(life.path, footing=footing)
        for number in range(1, healthy + 1):
            await write_entry(journal, number)
        disk.failing_syncs = 1
        with pytest.raises(StoreError) as failure:
            await write_entry(journal, healthy + 1)
        assert failure.value.reason == "io"
        there = await entries(journal)
        assert there in (healthy, healthy + 1), "unknown, but never torn"
        await write_entry(journal, there + 1)
        disk.cut_after = 1
        await journal.close()
        assert await life.look() == there + 1
