"""Beside a running daemon another process may look, leave notes and act by hand; both go on."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from anyio.abc import Process

from lucca_sync.app.stores import leave_note_in, opened_desk
from lucca_sync.journal.protocol import EventFilter, Journal, StoreError
from lucca_sync.journal.sqlite import open_desk, open_sqlite, read_sqlite
from lucca_sync.journal.sqlite.driver import connect
from lucca_sync.testing.events import NOON
from lucca_sync.testing.journal.scene import (
    HOUR,
    NAME,
    claimed,
    dead,
    done,
    first_page,
    listed,
    retrying,
    telling,
    told,
)
from tests.conformance.desk_process import LANE
from tests.conformance.journal_audit import wrongs

LATER = NOON + HOUR


@asynccontextmanager
async def opened(path: Path) -> AsyncGenerator[Journal]:
    journal = await open_sqlite(path)
    try:
        yield journal
    finally:
        await journal.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


async def test_a_note_is_left_beside_a_running_daemon_and_both_go_on_writing(path: Path) -> None:
    async with opened(path) as journal:
        await journal.commit_page(first_page(0, "1", "2"))
        for turn in range(20):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(leave_note_in, path, f"brake-decision/{turn}", b"guest")
                tasks.start_soon(journal.write_note, f"window/{turn}", b"daemon")
        assert len(await journal.notes("brake-decision/")) == 20
        assert len(await journal.notes("window/")) == 20
        assert (await journal.state(NAME)).records == 2


async def test_a_note_is_left_without_a_daemon_too_and_survives(path: Path) -> None:
    await (await open_sqlite(path)).close()
    await leave_note_in(path, "brake-decision/a", b"1")
    reader = await read_sqlite(path)
    try:
        assert dict(await reader.notes("brake-decision/")) == {"brake-decision/a": b"1"}
    finally:
        await reader.close()


async def test_no_journal_is_made_for_a_desk(path: Path) -> None:
    with pytest.raises(StoreError, match="there is no journal"):
        await open_desk(path)
    assert list(path.parent.iterdir()) == []


async def test_what_another_process_wrote_is_noticed_once(path: Path) -> None:
    async with opened(path) as journal, opened_desk(path) as desk:
        await telling(journal, told("1"))
        assert not await journal.touched()
        await desk.write_note("a", b"1")
        await desk.queue_again([], at=NOON, reason="nothing")
        assert await journal.touched()
        assert not await journal.touched()
        await journal.write_note("b", b"2")
        await desk.notes("")
        assert not await journal.touched()


async def test_whoever_waits_too_long_for_another_is_told_what_to_do(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lucca_sync.journal.sqlite.store._BUSY_MILLISECONDS", 20)
    async with opened(path) as journal, opened_desk(path) as desk:
        other = connect(path, read_only=False, vfs=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            for writer in (desk, journal):
                with pytest.raises(StoreError, match="try again in a moment: SQLITE_BUSY") as refused:
                    await writer.write_note("a", b"1")
                assert refused.value.reason == "other"
            other.execute("ROLLBACK")
        finally:
            other.close()
        for writer in (desk, journal):
            await writer.write_note("a", b"1")


async def test_a_daemon_and_a_person_write_in_turn_and_nothing_is_lost_or_counted_twice(path: Path) -> None:
    """The daemon remembers positions, lanes and origins; none of them may be stale after another wrote."""
    async with opened(path) as journal:
        await telling(journal, told("1", lanes=()))
        command = [sys.executable, "-m", "tests.conformance.desk_process", str(path)]
        async with await anyio.open_process(command, stderr=None) as process:
            try:
                committed, turns = await _daemon_beside(journal, process, turns=8)
            finally:
                path.with_name("stop").touch()
                with anyio.CancelScope(shield=True):
                    await process.wait()
        assert process.returncode == 0
        assert turns >= 8
        events = await journal.events(after=0, limit=99999, wanted=EventFilter(kind="updated"))
        assert [entry.event.sequence for entry in events] == [*range(1, committed + 2)]
        positions = [
            entry.position for entry in await journal.events(after=0, limit=99999, wanted=EventFilter())
        ]
        assert positions == [*range(1, len(positions) + 1)]
        assert len(positions) > len(events)
        by_hand = [entry for entry in await listed(journal) if entry.lane == LANE]
        assert by_hand
        assert await journal.touched()
    assert [*wrongs(path)] == []


async def _daemon_beside(journal: Journal, process: Process, turns: int) -> tuple[int, int]:
    """Journal, claim and settle until the other has done enough; return how many changes and turns."""
    said = bytearray()

    async def listen() -> None:
        assert process.stdout is not None
        while said.count(b"\n") < turns:
            said.extend(await process.stdout.receive())

    changes = 0
    with anyio.fail_after(120):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            while said.count(b"\n") < turns or changes < 40:
                changes += 1
                await _daemon_turn(journal, changes)
    return changes, said.count(b"\n")


async def _daemon_turn(journal: Journal, turn: int) -> None:
    now = LATER + turn * timedelta(seconds=1)
    await telling(journal, told("1", "a", turn + 1), at=now)
    for lane in await journal.lanes():
        claims = await claimed(journal, now, lane=lane, limit=3)
        ends = [(done, dead)[turn % 5 == 0](claim) for claim in claims[:2]]
        await journal.settle([*ends, *(retrying(claim, now) for claim in claims[2:])])
