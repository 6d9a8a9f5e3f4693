"""A process that fills the disk mounted at `disk`, makes room, goes on, and says `whole`. Run by a test."""

from pathlib import Path

import anyio

from lucca_sync.journal.sqlite import open_sqlite
from tests.crash.store_diary import assert_sound, entries, write_entry
from tests.crash.test_store_full_disk import fill

BALLAST_BYTES = 300_000


async def main() -> None:
    """Fill, look, make room, go on, look again."""
    path, ballast = Path("disk/journal.db"), Path("disk/ballast")
    ballast.write_bytes(bytes(BALLAST_BYTES))
    journal = await open_sqlite(path)
    acknowledged = await fill(journal)
    assert acknowledged > 0
    assert await entries(journal) == acknowledged
    ballast.unlink()
    await write_entry(journal, acknowledged + 1)
    acknowledged = await fill(journal, acknowledged + 2)
    await journal.close()
    journal = await open_sqlite(path)
    assert await entries(journal) == acknowledged
    await journal.close()
    assert_sound(path)
    print("whole")  # noqa: T201 - the answer to the test


if __name__ == "__main__":
    anyio.run(main)
