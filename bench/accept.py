"""How many changes a store takes in durably: snapshot, event and perhaps a delivery, a hundred a transaction.

Only the journal is measured, in this process: the changes are made beforehand, each transaction is on the
disk before the next begins.
"""

import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Final

import anyio

from bench.changes import LANE, NAME, dealt, edits, first_states
from lucca_sync.journal.protocol import Write
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.delivery import Lane

SUBJECTS: Final = 10_000
EDITS: Final = 2
ROUNDS: Final = 5
AT_ONCE: Final = 100


def report(rounds: int = ROUNDS) -> Iterator[str]:
    """Take the same changes in so often, each time into a new store; give the lines of the table."""
    yield f"{SUBJECTS * EDITS:,} changes of {SUBJECTS:,} employees, {AT_ONCE} a transaction, {rounds} rounds"
    yield ""
    yield "| | changes/s, median | from | to | CPU µs a change, median |"
    yield "|---|---|---|---|---|"
    for name, lanes in (("snapshot and event", ()), ("snapshot, event and one delivery", (LANE,))):
        yield _row(name, [_taken_in(number, *lanes) for number in range(rounds)])
    yield ""
    yield "Asked for: 40,000 changes/s of snapshot and event, which leaves 25 µs for each."


@dataclass(frozen=True)
class Taken:
    """One round: how many changes, in how many seconds and seconds of CPU."""

    changes: int
    seconds: float
    cpu: float


def _row(name: str, rounds: Sequence[Taken]) -> str:
    rates = sorted(one.changes / one.seconds for one in rounds)
    cpu = statistics.median(one.cpu / one.changes for one in rounds) * 1e6
    return f"| {name} | {statistics.median(rates):,.0f} | {rates[0]:,.0f} | {rates[-1]:,.0f} | {cpu:.1f} |"


def _taken_in(number: int, *lanes: Lane) -> Taken:
    known, changed = list(first_states(SUBJECTS)), list(edits(SUBJECTS, EDITS, *lanes))
    with TemporaryDirectory() as folder:
        taken = anyio.run(_measured, Path(folder, "accept.db"), known, changed)
    what, rate = "with deliveries" if lanes else "events", taken.changes / taken.seconds
    print(f"measured: {what}, round {number + 1}: {rate:,.0f} changes/s", file=sys.stderr, flush=True)
    return taken


async def _measured(store: Path, known: list[Write], changed: list[Write]) -> Taken:
    journal, now = await open_sqlite(store), SystemClock().now()
    try:
        for some in dealt(known, AT_ONCE):
            await journal.commit_writes(NAME, now, some)
        started, cpu = perf_counter(), process_time()
        for some in dealt(changed, AT_ONCE):
            await journal.commit_writes(NAME, now, some)
        return Taken(len(changed), perf_counter() - started, process_time() - cpu)
    finally:
        await journal.close()
