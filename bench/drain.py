"""Emptying a backlog through the webhook connector, beside a bare client that posts the same.

Whole processes take turns: `lucca-sync run` with a store of waiting events, and `bench.bare` with their
bodies signed beforehand. One receiver clocks both, from the first request to the last. One event a request;
after each round it is looked at that every event came once and each subject's in order.
"""

import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import anyio
import msgspec

from bench.changes import LANE, edits, fill
from bench.stage import SECRET, Arrivals, Daemon, Plot, Receiver, receiving
from lucca_connectors.webhook.render import render, signing_key
from lucca_sync.egress.route import Route
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.event import Event

SUBJECTS: Final = 1000
TIMES: Final = 10
CONCURRENCY: Final = 64
ROUNDS: Final = 3


@dataclass(frozen=True)
class Round:
    """Both turns, in events a second."""

    ours: float
    bare: float


RECEIVERS: Final = {
    "checks signatures (aiohttp.web), 20 ms away": ("bench.consumer", "0.02"),
    "checks signatures (aiohttp.web)": ("bench.consumer",),
    "costs next to nothing (a bare socket)": ("bench.receiver",),
}


def report(rounds: int = ROUNDS) -> Iterator[str]:
    """Drain the same backlog so often towards each receiver; give the lines of the table."""
    yield (
        f"{SUBJECTS * TIMES:,} events about {SUBJECTS:,} subjects, {CONCURRENCY} in flight, "
        f"{rounds} paired rounds, events a second, medians"
    )
    yield ""
    yield "| receiver | lucca-sync | bare aiohttp client | ratio of a pair, median | from | to |"
    yield "|---|---|---|---|---|---|"
    with TemporaryDirectory() as folder:
        race = Race(Path(folder))
        race.prepare()
        for name, command in RECEIVERS.items():
            print(f"measuring: a receiver that {name}", file=sys.stderr, flush=True)
            with receiving(*command) as receiver:
                yield row(name, [race.run(receiver, number) for number in range(rounds)])
    yield "| asked for | | | 85 % | | |"


def row(name: str, rounds: Sequence[Round]) -> str:
    """Show the medians, and between what the ratios of the pairs lay."""
    ratios = sorted(one.ours / one.bare for one in rounds)
    rates = (statistics.median(one.ours for one in rounds), statistics.median(one.bare for one in rounds))
    shown = " | ".join(f"{rate:,.0f}" for rate in rates)
    return f"| {name} | {shown} | {statistics.median(ratios):.0%} | {ratios[0]:.0%} | {ratios[-1]:.0%} |"


def misplaced(expected: Sequence[Event], arrived: Sequence[str]) -> str | None:
    """Say what is wrong with what arrived; None when each event came once, and each subject's in order."""
    places = {event_id: place for place, event_id in enumerate(arrived)}
    if len(places) != len(arrived) or len(places) != len(expected):
        return f"{len(arrived)} arrivals of {len(places)} events, of {len(expected)}"
    reached: dict[str, int] = {}
    for event in expected:
        place = places.get(event.id, -1)
        if place <= reached.get(event.subject, -1):
            return f"number {event.sequence} of a subject came before the one before it, or not at all"
        reached[event.subject] = place
    return None


class Race:
    """The store and the signed bodies that every round begins with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = folder / "waiting.db"
        self._signed = folder / "signed"
        self._events = [write.event for write in edits(SUBJECTS, TIMES, LANE) if write.event is not None]

    def prepare(self) -> None:
        """Journal the events for the one, sign their bodies for the other."""
        anyio.run(fill, self._store, SUBJECTS, TIMES)
        route, keys = Route("everything", None, ("receiver",)), [signing_key(SECRET)]
        now = SystemClock().now()
        signed = [render(route.shown(event), keys, now) for event in self._events]
        self._signed.write_bytes(msgspec.msgpack.encode(signed))

    def run(self, receiver: Receiver, number: int) -> Round:
        """Let both take their turn, each time in the other order."""
        turns = {"ours": self._ours, "bare": self._bare}
        order = ("ours", "bare") if number % 2 == 0 else ("bare", "ours")
        rates = {name: turns[name](receiver).rate for name in order}
        done = Round(rates["ours"], rates["bare"])
        print(
            f"measured: round {number + 1}: {done.ours:,.0f} events/s beside {done.bare:,.0f}, "
            f"{done.ours / done.bare:.0%}",
            file=sys.stderr,
            flush=True,
        )
        return done

    def _ours(self, receiver: Receiver) -> Arrivals:
        store = self._folder / "run.db"
        for left in self._folder.glob("run.db*"):
            left.unlink()
        shutil.copy(self._store, store)
        with Daemon(Plot(receiver.url, store, concurrency=CONCURRENCY)) as daemon:
            receiver.wait_for(len(self._events), daemon)
            daemon.stop()
        arrivals = receiver.taken()
        wrong = misplaced(self._events, arrivals.ids)
        if wrong is not None:
            sys.exit(f"lucca-sync broke its promise: {wrong}")
        return arrivals

    def _bare(self, receiver: Receiver) -> Arrivals:
        arguments = [receiver.url, str(CONCURRENCY), str(self._signed)]
        subprocess.run([sys.executable, "-m", "bench.bare", *arguments], check=True)
        return receiver.taken()
