"""How soon a change becomes an event under the limit of requests, beside the best there can be."""

import asyncio
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

import anyio

from bench.company import EIGHT
from bench.models import Delays, feed, hints, measured, scan
from bench.simulation import Plan, Simulation, virtually
from lucca_sync.model.catalogue import CATALOGUE

SIZES = (1_000, 10_000, 100_000)
NOTHING_ELSE = {
    "head": False,
    "count": False,
    "stable_pages": False,
    "due_dates": False,
    "feed": False,
}
TOLD = tuple(name for name in EIGHT if CATALOGUE[name].topic and CATALOGUE[name].lists)
"""Resources of which Lucca tells, and which can be asked for by whom that concerns."""
URGENT_SHARE = 0.2
_CYCLES = 3
_SCANNED = 3_000
_LISTENED = 600
_QUIET = 60.0
"""Seconds between two changes where each is followed up: fewer requests than are kept for that."""


@dataclass(frozen=True)
class Row:
    """One line of the table: what is set, what changes how often, and the model to hold it against.

    `warm` seconds pass before the first change; there are `changes`, `pause` seconds apart on average.
    """

    name: str
    plan: Plan
    model: Delays | None
    among: Sequence[str]
    warm: float
    pause: float
    changes: int


@dataclass(frozen=True)
class Outcome:
    row: Row
    delays: Delays
    per_minute: float
    refused: int
    missed: int
    surprises: int
    hours: float
    seconds: float


def rows(employees: int, scale: float = 1.0) -> Iterator[Row]:
    """Give the lines for a tenant of a size; `scale` makes them longer or shorter."""
    cycle = 2 * scan(employees, len(EIGHT)).mean
    scanned, listened = math.ceil(_SCANNED * scale), math.ceil(_LISTENED * scale)
    pause = _CYCLES * cycle / scanned
    only = Plan(employees, every="1s", eyes=NOTHING_ELSE)
    yield Row("scan only", only, scan(employees, len(EIGHT)), EIGHT, cycle * 1.1, pause, scanned)
    told = replace(only, feed=True, reserve=URGENT_SHARE, eyes={**NOTHING_ELSE, "feed": "1.5s"})
    # Sweeps that take two requests a minute of those that the feed and its follow-ups leave.
    told = replace(told, every=f"{round(cycle * 25)}s")
    yield Row("with feed", told, feed(), TOLD, 300.0, _QUIET, listened)
    pushed = replace(only, hinted=True, reserve=URGENT_SHARE)
    yield Row("with hints", pushed, hints(), TOLD, 300.0, _QUIET, listened)
    usual = Plan(employees, requests_per_minute=30, reserve=URGENT_SHARE)
    slow = max(3600.0, cycle * 50 / 30 * 2)
    pause = _CYCLES * slow / scanned
    yield Row("defaults, neither granted", usual, None, EIGHT, slow, pause, scanned)
    yield Row("defaults, feed granted", replace(usual, feed=True), None, TOLD, 300.0, _QUIET, listened)
    yield Row("defaults, hints", replace(usual, hinted=True), None, TOLD, 300.0, _QUIET, listened)


def run(row: Row, seed: int = 1) -> Outcome:
    """Simulate one line."""
    began = time.process_time()
    simulation = Simulation(row.plan, seed)
    company = simulation.company
    span = [0.0, 0.0]
    sent = [0, 0]

    async def scenes() -> None:
        await asyncio.sleep(row.warm)
        span[0], sent[0] = anyio.current_time(), company.sent.total()
        for _ in range(row.changes):
            await asyncio.sleep(simulation.random.expovariate(1 / row.pause))
            await simulation.edit(simulation.random.choice(row.among))
        span[1], sent[1] = anyio.current_time(), company.sent.total()
        for _ in count():
            if not simulation.waiting or anyio.current_time() > span[1] + 10 * (row.warm + 86_400):
                return
            await asyncio.sleep(60)

    virtually(partial(simulation.run, scenes))
    minutes = (span[1] - span[0]) / 60
    return Outcome(
        row,
        measured([found.delay for found in simulation.found]),
        (sent[1] - sent[0]) / minutes,
        company.refused,
        len(simulation.waiting),
        simulation.surprises,
        minutes / 60,
        time.process_time() - began,
    )
