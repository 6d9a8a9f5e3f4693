"""The disk is full: the journal says so, loses nothing, and goes on by itself when there is room."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.journal.sqlite import Footing, open_sqlite
from lucca_sync.testing.events import NOON
from lucca_sync.testing.journal.scene import claimed, done
from tests.crash.simulated_disk import SimulatedDisk
from tests.crash.store_diary import assert_sound, entries, write_entry

ROOM = 400_000
ROOT = Path(__file__).parents[2]


async def fill(journal: Journal, number: int = 1) -> int:
    """Write entries from `number` on until the disk is full and return how many there are then."""
    while True:
        try:
            await write_entry(journal, number)
        except StoreError as error:
            assert error.reason == "full"  # noqa: PT017 - the loop ends with it
            return number - 1
        number += 1


async def live_through_a_full_disk(journal: Journal) -> int:
    """Fill the disk; nothing is lost and nothing more is accepted. Return how many entries there are."""
    acknowledged = await fill(journal)
    assert acknowledged > 0
    assert await entries(journal) == acknowledged
    for _ in range(3):
        with pytest.raises(StoreError):
            await write_entry(journal, acknowledged + 1)
    assert await entries(journal) == acknowledged
    return acknowledged


async def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_room(tmp_path: Path) -> None:
    disk = SimulatedDisk()
    with disk.mounted() as name:
        footing = Footing(vfs=name, exclusive=True)
        path = tmp_path / "journal.db"
        journal = await open_sqlite(path, footing=footing)
        disk.room = ROOM
        acknowledged = await live_through_a_full_disk(journal)
        disk.room = None
        await write_entry(journal, acknowledged + 1)
        assert await entries(journal) == acknowledged + 1
        await journal.close()
        assert_sound(path, name)


async def test_a_journal_closed_on_a_full_disk_is_whole_when_it_is_opened_again(tmp_path: Path) -> None:
    disk = SimulatedDisk()
    with disk.mounted() as name:
        footing = Footing(vfs=name, exclusive=True)
        path = tmp_path / "journal.db"
        journal = await open_sqlite(path, footing=footing)
        disk.room = ROOM
        acknowledged = await live_through_a_full_disk(journal)
        await journal.close()
        disk.room = None
        journal = await open_sqlite(path, footing=footing)
        assert await entries(journal) == acknowledged
        await journal.close()
        assert_sound(path, name)


async def test_a_settlement_that_found_no_room_can_be_repeated(tmp_path: Path) -> None:
    disk = SimulatedDisk()
    with disk.mounted() as name:
        journal = await open_sqlite(tmp_path / "journal.db", footing=Footing(vfs=name, exclusive=True))
        await write_entry(journal, 1)
        claims = await claimed(journal, limit=1)
        disk.room = 0
        with pytest.raises(StoreError) as full:
            await journal.settle([done(claims[0])])
        assert full.value.reason == "full"
        disk.room = None
        assert await journal.settle([done(claims[0])]) == 1
        assert len(await claimed(journal, NOON)) == 2
        await journal.close()


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounting takes root and Linux"
)
def test_the_same_on_a_real_file_system(tmp_path: Path) -> None:
    """A tmpfs of one megabyte in a mount namespace of its own, which is gone with the process."""
    program = "mount -t tmpfs -o size=1m tmpfs disk && exec $0 -m tests.crash.full_tmpfs"
    (tmp_path / "disk").mkdir()
    ran = subprocess.run(
        ["unshare", "--mount", "sh", "-c", program, sys.executable],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "daemon")))},
        capture_output=True,
        text=True,
        check=False,
    )
    if "permission denied" in ran.stderr.lower() or "not permitted" in ran.stderr.lower():
        pytest.skip("this container may not mount")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "whole"
