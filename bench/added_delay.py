"""What the daemon itself adds: from the moment Lucca hands over a page with a change to its webhook's coming.

The real daemon, idle but for its looks; a tenant of ready bytes notes when it answers with the change, a
receiver when the request is there: both on the machine's one clock. In between lie the page's way through the
loopback, decoding, comparing, a transaction with FULL sync, claiming, rendering, signing and sending.
"""

import os
import statistics
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from bench.stage import Daemon, Plot, Receiver, receiving, serving

EMPLOYEES: Final = 300
PAUSE: Final = 0.02
"""Seconds that the tenant takes for an answer. Lucca takes longer: the daemon is idle between two pages."""
CHANGES: Final = 300
WARMING: Final = 10
LOOKS: Final = "{employees: {every: 20ms}}"


def report(changes: int = CHANGES) -> Iterator[str]:
    """Make so many changes, one after the other; give the lines of the table."""
    tenant = serving("bench.tenant", str(EMPLOYEES), str(PAUSE))
    with receiving() as receiver, TemporaryDirectory() as folder, tenant as port:
        address = f"http://127.0.0.1:{port}"
        _ask(address, "mode", b'{"etags": true, "tokens": false, "changed": 0}')
        plot = Plot(receiver.url, Path(folder, "delay.db"), tenant=address, resources=LOOKS)
        with Daemon(plot, "--once") as taking_in:
            taking_in.wait()
        with Daemon(plot) as daemon:
            scrap = Path(folder, "scrap")
            pairs = [
                (_delay(address, receiver, daemon, number), sync(scrap))
                for number in range(changes + WARMING)
            ]
            daemon.stop()
    yield from table(*zip(*pairs[WARMING:], strict=True))


def table(delays: Sequence[float], syncs: Sequence[float]) -> Iterator[str]:
    """Show the percentiles, in milliseconds."""
    pages = f"{EMPLOYEES:,} employees on pages of 100, {PAUSE * 1e3:.0f} ms between two"
    yield f"{len(delays)} changes one by one, {pages}"
    yield ""
    yield "| | p50 | p90 | p99 | longest |"
    yield "|---|---|---|---|---|"
    yield f"| response handed over → webhook arrived | {_percentiles(delays)} |"
    yield "| asked for | 3 ms | | 15 ms | |"
    yield f"| beside it: writing 4 KiB and one fsync, nothing else | {_percentiles(syncs)} |"


def _percentiles(seconds: Sequence[float]) -> str:
    hundredths = statistics.quantiles(seconds, n=100, method="inclusive")
    values = (*(hundredths[at - 1] for at in (50, 90, 99)), max(seconds))
    return " | ".join(f"{value * 1e3:.1f} ms" for value in values)


def sync(scrap: Path) -> float:
    """Return how long the disk takes at this moment for what every commit asks of it."""
    descriptor = os.open(scrap, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        started = perf_counter()
        os.write(descriptor, bytes(4096))
        os.fsync(descriptor)
        return perf_counter() - started
    finally:
        os.close(descriptor)


def _delay(address: str, receiver: Receiver, daemon: Daemon, number: int) -> float:
    """Edit somebody and return how long the daemon took with what it was shown."""
    _ask(address, "edit", str(number * 7 % EMPLOYEES + 1).encode())
    receiver.wait_for(1, daemon)
    (arrived,) = receiver.taken().times
    if (number + 1) % 50 == 0:
        print(f"measured: {number + 1} changes", file=sys.stderr, flush=True)
    return arrived - float(_ask(address, "shown"))


def _ask(address: str, what: str, body: bytes | None = None) -> bytes:
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{address}/bench/{what}", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
        return bytes(answer.read())
