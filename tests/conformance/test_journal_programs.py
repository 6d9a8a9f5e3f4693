"""Whatever is done to them in whatever order, both journals give the same answers."""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from hypothesis import HealthCheck, given, settings

from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.sqlite import open_sqlite
from tests.conformance.journal_programs import Pair, Step, delivering, looking

# In memory where there is such a place: what is searched for here is not the disk's fault.
FAST = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


search = settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])


@given(program=looking)
@search
def test_whatever_looks_find_sqlite_answers_as_the_journal_in_memory(program: Sequence[Step]) -> None:
    anyio.run(run_on_sqlite, program)


@given(program=delivering)
@search
def test_whatever_becomes_of_deliveries_sqlite_answers_as_the_journal_in_memory(
    program: Sequence[Step],
) -> None:
    anyio.run(run_on_sqlite, program)


async def run_on_sqlite(program: Sequence[Step]) -> None:
    with TemporaryDirectory(dir=FAST) as folder:
        tested = await open_sqlite(Path(folder) / "journal.db")
        try:
            pair = Pair(MemoryJournal(), tested)
            for step in program:
                await step.run(pair)
                await pair.agree()
        finally:
            await tested.close()
