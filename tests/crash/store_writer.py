"""A process that writes one entry after the other and says so after each, until a test kills it."""

import sys
from pathlib import Path

import anyio

from lucca_sync.journal.sqlite import open_sqlite
from tests.crash.store_diary import entries, write_entry


async def main() -> None:
    """Write for ever."""
    journal = await open_sqlite(Path(sys.argv[1]))
    number = await entries(journal)
    while True:
        number += 1
        await write_entry(journal, number)
        print(number, flush=True)  # noqa: T201 - the acknowledgement


if __name__ == "__main__":
    anyio.run(main)
