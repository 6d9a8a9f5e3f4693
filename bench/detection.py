"""How soon a change becomes an event under the limit of requests, beside the best there can be."""

import asyncio
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Final, Literal

import anyio

from bench.company import EIGHT
from bench.models import Delays, feed, hints, measured, scan
from bench.simulation import Plan, Simulation, virtually
from lucca_sync.app.tenancy import URGENT_SHARE
from lucca_sync.model.catalogue import CATALOGUE

SIZES: Final = (1_000, 10_000, 100_000)
NOTHING_ELSE: Final[Mapping[str, object]] = MappingProxyType(
    {"head": False, "count": False, "stable_pages": False, "due_dates": False, "feed": False}
)
TOLD: Final = tuple(name for name in EIGHT if CATALOGUE[name].topic and CATALOGUE[name].lists)
"""Resources of which Lucca tells, and which can be asked for by whom that concerns."""
_CYCLES: Final = 3
_SCANNED: Final = 3_000
_LISTENED: Final = 1_000
_QUIET: Final = 60.0
"""Seconds between two changes where each is followed up."""
HEAD: Final = (
    "| employees | eyes | p50 | p99 | mean | model p50 / p99 | ratio p50/p99/mean | sent/min | 429 |",
    "|---|---|---|---|---|---|---|---|---|",
)
_LONGEST: Final = 10 * 86_400.0
"""A change that nobody has seen after so many seconds is missed."""


@dataclass(frozen=True)
class Row:
    """One line of a table: what is set, what happens how often, and the model to hold it against.

    `warm` seconds pass before the first change; there are `changes`, `pause` seconds apart on average.
    """

    name: str
    plan: Plan
    model: Delays | None
    among: Sequence[str]
    warm: float
    pause: float
    changes: int
    kind: Literal["edit", "delete"] = "edit"


@dataclass(frozen=True)
class Outcome:
    """What became of one line: `per_minute` requests were sent, the figures took `seconds` of a core."""

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
    only = Plan(employees, every="1s", eyes=NOTHING_ELSE)
    pause = _CYCLES * cycle / scanned
    yield Row("scan only", only, scan(employees, len(EIGHT)), EIGHT, cycle * 1.1, pause, scanned)
    told = replace(only, feed=True, reserve=URGENT_SHARE, eyes={**NOTHING_ELSE, "feed": "1.5s"})
    told = replace(told, every=f"{round(cycle * 50)}s")  # sweeps that take a request a minute
    yield Row("with feed", told, feed(), TOLD, 300.0, _QUIET, listened)
    pushed = replace(only, hinted=True, reserve=URGENT_SHARE)
    yield Row("with hints", pushed, hints(), TOLD, 300.0, _QUIET, listened)


def usual_rows(employees: int, scale: float = 1.0) -> Iterator[Row]:
    """Give the lines for what people get who set nothing."""
    scanned, listened = math.ceil(_SCANNED * scale), math.ceil(_LISTENED * scale)
    usual = Plan(employees, requests_per_minute=30, reserve=URGENT_SHARE)
    slow = max(3600.0, 4 * scan(employees, len(EIGHT)).mean * 50 / 30)
    pause = _CYCLES * slow / scanned
    yield Row("defaults, neither granted", usual, None, EIGHT, slow, pause, scanned)
    yield Row("defaults, feed granted", replace(usual, feed=True), None, TOLD, 300.0, _QUIET, listened)
    yield Row("defaults, hints", replace(usual, hinted=True), None, TOLD, 300.0, _QUIET, listened)


async def _scenes(simulation: Simulation, row: Row, spent: list[tuple[float, int]]) -> None:
    """Let things happen at random, then wait until all of them are seen."""

    def note() -> None:
        spent.append((anyio.current_time(), simulation.company.sent.total()))

    await asyncio.sleep(row.warm)
    note()
    for _ in range(row.changes):
        await asyncio.sleep(simulation.random.expovariate(1 / row.pause))
        name = simulation.random.choice(row.among)
        if row.kind == "edit":
            await simulation.edit(name)
        else:
            simulation.delete(name)
    note()
    with anyio.move_on_after(_LONGEST):
        await simulation.all_found()


def run(row: Row, seed: int = 1) -> Outcome:
    """Simulate one line."""
    began = time.process_time()
    simulation = Simulation(row.plan, seed)
    spent: list[tuple[float, int]] = []
    virtually(partial(simulation.run, partial(_scenes, simulation, row, spent)))
    (first, before), (last, after) = spent
    return Outcome(
        row,
        measured([found.delay for found in simulation.found]),
        (after - before) / (last - first) * 60,
        simulation.company.refused,
        len(simulation.waiting),
        simulation.surprises,
        (last - first) / 3600,
        time.process_time() - began,
    )


def line(outcome: Outcome) -> str:
    """Give one line of the table under `HEAD`."""
    found, model = outcome.delays, outcome.row.model
    wrong = "" if not (outcome.missed or outcome.surprises) else f" **{outcome.missed} missed**"
    beside = ("–", "–") if model is None else _beside(found, model)
    cells = (
        f"{outcome.row.plan.employees:,}",
        outcome.row.name + wrong,
        *(spelled(seconds) for seconds in (found.p50, found.p99, found.mean)),
        *beside,
        f"{outcome.per_minute:.1f}",
        str(outcome.refused),
    )
    return "| " + " | ".join(cells) + " |"


def _beside(found: Delays, model: Delays) -> tuple[str, str]:
    ratios = (found.p50 / model.p50, found.p99 / model.p99, found.mean / model.mean)
    return (
        f"{spelled(model.p50)} / {spelled(model.p99)}",
        " / ".join(f"{ratio:.2f}" for ratio in ratios),
    )


def spelled(seconds: float) -> str:
    """Write a span as people say it."""
    if seconds < 100:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
