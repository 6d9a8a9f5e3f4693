"""A journal used in one way over and over, so that its content follows from what was acknowledged.

Entry n is one transaction: three records get their nth event, each with a delivery.
"""

from pathlib import Path

from lucca_sync.journal.protocol import EventFilter, Journal
from lucca_sync.journal.sqlite.driver import connect
from lucca_sync.testing.events import NOON
from lucca_sync.testing.journal.scene import NAME, told

RECORDS = ("1", "2", "3")


async def write_entry(journal: Journal, number: int) -> None:
    """Write entry `number`, counted from 1."""
    writes = [told(record_id, f"entry {number}", number) for record_id in RECORDS]
    await journal.commit_writes(NAME, NOON, writes)


async def entries(journal: Journal) -> int:
    """Return how many entries there are; AssertionError when one of them is only partly there."""
    known = await journal.known(NAME, RECORDS)
    sequences = {record.sequence for record in known.values()}
    assert len(sequences) <= 1, "a transaction was torn apart"
    count = sequences.pop() if sequences else 0
    events = await journal.events(after=0, limit=1_000_000, wanted=EventFilter())
    wanted = [(record_id, number) for number in range(1, count + 1) for record_id in RECORDS]
    assert [(entry.event.record_id, entry.event.sequence) for entry in events] == wanted
    open_deliveries = sum(sum(lane.counts.values()) for lane in (await journal.lanes()).values())
    assert open_deliveries == len(wanted)
    return count


def assert_sound(path: Path, vfs: str | None = None) -> None:
    """Check the file as SQLite checks it; nobody may have it open."""
    connection = connect(path, read_only=False, vfs=vfs)
    try:
        if vfs:
            connection.pragma("locking_mode", "EXCLUSIVE")
        assert connection.pragma("integrity_check") == "ok"
        assert not connection.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        connection.close()
