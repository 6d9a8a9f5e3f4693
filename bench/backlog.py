"""A million undelivered events: how soon the daemon delivers once started, and how much memory it holds.

The real daemon begins with a store in which they all wait; it delivers for a while, then the target answers
503 to everything. What it holds is asked of the operating system all the while. How soon it begins is
measured with one waiting event as well, which shows what the million costs.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter
from typing import Final

import anyio

from bench.changes import fill
from bench.stage import Daemon, Plot, Receiver, receiving

SUBJECTS: Final = 50_000
TIMES: Final = 20
SECONDS: Final = 20.0
EVERY: Final = 0.25
TOLD_EACH: Final = 100_000


@dataclass(frozen=True)
class Phase:
    """What was seen over some seconds: MiB at each look, and what the receiver was sent."""

    name: str
    resident: Sequence[float]
    requests: int

    @property
    def line(self) -> str:
        first, last = self.resident[0], self.resident[-1]
        return f"| {self.name} | {first:.0f} | {max(self.resident):.0f} | {last:.0f} | {self.requests:,} |"


def report(times: int = TIMES, seconds: float = SECONDS) -> Iterator[str]:
    """Make so many events for each subject, and watch each phase so long; give the lines of the table."""
    with TemporaryDirectory() as folder, receiving() as receiver:
        alone = Path(folder, "alone.db")
        anyio.run(fill, alone, 1, 1)
        with Daemon(Plot(receiver.url, alone, concurrency=64)) as daemon:
            little = _first(daemon, receiver)
            daemon.stop()
        store = Path(folder, "waiting.db")
        anyio.run(fill, store, SUBJECTS, times, Progress(SUBJECTS * times))
        size = store.stat().st_size / 2**20
        with Daemon(Plot(receiver.url, store, concurrency=64)) as daemon:
            started = _first(daemon, receiver)
            draining = watched("it delivers", daemon, receiver, seconds)
            receiver.answer(503)
            failing = watched("the target answers 503", daemon, receiver, seconds)
            daemon.stop()
    yield f"{SUBJECTS * times:,} events about {SUBJECTS:,} subjects, store of {size:,.0f} MiB"
    yield ""
    yield (
        f"From start to the first webhook: {started:.1f} s; with one event in the store: {little:.1f} s. "
        "Asked for: 3 s."
    )
    yield ""
    yield f"| {seconds:.0f} seconds in which | MiB at first | highest | at last | requests |"
    yield "|---|---|---|---|---|"
    yield draining.line
    yield failing.line
    yield "| asked for | | 150 | | |"


def _first(daemon: Daemon, receiver: Receiver) -> float:
    """Return how long after the daemon's start its first webhook came."""
    receiver.wait_for(1, daemon)
    return receiver.taken().times[0] - daemon.started


def watched(name: str, daemon: Daemon, receiver: Receiver, seconds: float) -> Phase:
    """Look at what the daemon holds for so many seconds."""
    receiver.taken()
    resident = [daemon.resident()]
    end = perf_counter() + seconds
    while perf_counter() < end:
        Event().wait(EVERY)
        daemon.check()
        resident.append(daemon.resident())
    phase = Phase(name, resident, len(receiver.taken().ids))
    print(f"measured: {name}: at most {max(resident):.0f} MiB", file=sys.stderr, flush=True)
    return phase


class Progress:
    """Tells now and then how far the store is filled."""

    def __init__(self, of: int) -> None:
        self._of = of
        self._next = TOLD_EACH

    def __call__(self, done: int) -> None:
        if done >= self._next:
            self._next += TOLD_EACH
            print(f"journaled: {done:,} of {self._of:,} events", file=sys.stderr, flush=True)
