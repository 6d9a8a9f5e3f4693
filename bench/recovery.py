"""How soon the first webhook goes out again after the daemon was killed in the midst of delivering."""

import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import anyio

from bench.changes import fill
from bench.stage import Daemon, Plot, Receiver, receiving

SUBJECTS: Final = 2000
TIMES: Final = 20
KILLS: Final = 10
UNDER_WAY: Final = 1000
"""Webhooks after which it is killed: by then all places are taken and claims are held ahead."""


def report(kills: int = KILLS) -> Iterator[str]:
    """Kill it so often; give the lines of the table."""
    with TemporaryDirectory() as folder, receiving() as receiver:
        store = Path(folder, "waiting.db")
        anyio.run(fill, store, SUBJECTS, TIMES)
        plot = Plot(receiver.url, store, concurrency=64)
        seconds = [_life(plot, receiver, number) for number in range(kills + 1)]
    yield from table(seconds[1:])


def table(seconds: Sequence[float]) -> Iterator[str]:
    """Show the median and the longest."""
    yield f"{len(seconds)} kills, 64 in flight each time; from the process's start, imports included"
    yield ""
    yield "| | median | longest |"
    yield "|---|---|---|"
    yield f"| start → first webhook | {statistics.median(seconds):.2f} s | {max(seconds):.2f} s |"
    yield "| asked for | 2 s | 2 s |"


def _life(plot: Plot, receiver: Receiver, number: int) -> float:
    """Let it live until it is busy, kill it, and return how long its first webhook took."""
    with Daemon(plot) as daemon:
        receiver.wait_for(UNDER_WAY, daemon)
        daemon.kill()
    seconds = receiver.taken().times[0] - daemon.started
    if number:
        print(f"measured: kill {number}: {seconds:.2f} s", file=sys.stderr, flush=True)
    return seconds
