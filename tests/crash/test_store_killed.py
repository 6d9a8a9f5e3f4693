"""The process is killed: what it acknowledged is there, its lock is not, and its claims are due again."""

import os
import random
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream

from lucca_sync.journal.protocol import StoreInUse
from lucca_sync.journal.sqlite import open_sqlite
from tests.crash.store_diary import assert_sound, entries, write_entry

ROOT = Path(__file__).parents[2]
KILLS = 6


@asynccontextmanager
async def writing(path: Path) -> AsyncGenerator[Process]:
    """Run a process that writes to the journal; it is gone when the block ends."""
    search = os.pathsep.join((str(ROOT), str(ROOT / "daemon")))
    process = await anyio.open_process(
        [sys.executable, "-m", "tests.crash.store_writer", str(path)],
        env={**os.environ, "PYTHONPATH": search},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await process.aclose()


async def acknowledgements(process: Process, enough: int) -> int:
    """Listen until `enough` entries more were acknowledged and return the last one's number."""
    assert process.stdout is not None
    heard, text = 0, ""
    async for part in TextReceiveStream(process.stdout):
        text += part
        heard = text.count("\n")
        if heard >= enough:
            break
    assert heard >= enough, "the writer ended by itself"
    return int(text.split("\n")[heard - 1])


async def test_every_acknowledged_entry_survives_kill_9(tmp_path: Path) -> None:
    path, chance = tmp_path / "journal.db", random.Random(1)
    for _ in range(KILLS):
        async with writing(path) as process:
            acknowledged = await acknowledgements(process, chance.randrange(1, 40))
            process.kill()
            await process.wait()
        journal = await open_sqlite(path)
        assert await entries(journal) >= acknowledged
        await journal.close()
        assert_sound(path)


async def test_a_second_instance_is_refused_until_the_first_one_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    async with writing(path) as process:
        await acknowledgements(process, 1)
        with pytest.raises(StoreInUse) as refused:
            await open_sqlite(path)
        assert str(path) in str(refused.value)
        assert str(process.pid) in str(refused.value)
        with pytest.raises(StoreInUse):
            await open_sqlite(path)
        process.kill()
        await process.wait()
    journal = await open_sqlite(path)
    await write_entry(journal, await entries(journal) + 1)
    await journal.close()


async def test_a_second_instance_in_the_same_process_is_refused_too(tmp_path: Path) -> None:
    journal = await open_sqlite(tmp_path / "journal.db")
    link = tmp_path / "another-name.db"
    link.symlink_to(tmp_path / "journal.db")
    with pytest.raises(StoreInUse):
        await open_sqlite(link)
    await write_entry(journal, 1)
    await journal.close()
    again = await open_sqlite(link)
    assert await entries(again) == 1
    await again.close()
