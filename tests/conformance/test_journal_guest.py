"""A command leaves a note in a journal that a daemon has open, and reads notes beside it."""

from pathlib import Path

import anyio
import pytest

from lucca_sync.app.stores import leave_note_in as leave_note
from lucca_sync.journal.protocol import StoreError
from lucca_sync.journal.sqlite import open_sqlite, read_sqlite
from lucca_sync.testing.journal.scene import NAME, first_page


async def test_a_note_is_left_beside_a_running_daemon_and_both_go_on_writing(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = await open_sqlite(path)
    try:
        await journal.commit_page(first_page(0, "1", "2"))
        for turn in range(20):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(leave_note, path, f"brake-decision/{turn}", b"guest")
                tasks.start_soon(journal.write_note, f"window/{turn}", b"daemon")
        assert len(await journal.notes("brake-decision/")) == 20
        assert len(await journal.notes("window/")) == 20
        assert (await journal.state(NAME)).records == 2
    finally:
        await journal.close()


async def test_a_note_is_left_without_a_daemon_too_and_survives(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    await (await open_sqlite(path)).close()
    await leave_note(path, "brake-decision/a", b"1")
    reader = await read_sqlite(path)
    try:
        assert dict(await reader.notes("brake-decision/")) == {"brake-decision/a": b"1"}
    finally:
        await reader.close()


async def test_no_journal_is_made_for_a_note(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no journal"):
        await leave_note(tmp_path / "none.db", "a", b"1")
    assert list(tmp_path.iterdir()) == []
