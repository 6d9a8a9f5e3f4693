"""Simulations show what the product does: nothing missed, nothing invented, delays that can be explained."""

from collections.abc import Sequence

import anyio
import pytest

from bench import deletion, detection
from bench.company import Company
from bench.lean import LeanJournal
from bench.simulation import NAME, START, Plan, Quiet, Simulation, snapshots, virtually
from lucca_sync.app.eyes import Surroundings, TenantEyes
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.budget import Budget
from lucca_sync.obs.metrics import Metrics
from tests.lucca.neighbours import SharedLimit


async def first_look(employees: int) -> LeanJournal:
    """Look at everything once, as the product does when it knows nothing yet."""
    journal, clock, quiet, metrics = LeanJournal(), LoopClock(START), Quiet(), Metrics()
    company = Company(employees, Budget(1_000_000, journal, "budget", clock), clock, limit=SharedLimit(10**6))
    lookout = Lookout(company, journal, lambda _: (), clock, metrics, quiet, lambda: None)
    around = Surroundings(StoreGate(journal, quiet, metrics), quiet, lambda: 0.5)
    eyes = TenantEyes(NAME, Plan(employees).tenant, lookout, around)
    for watch in eyes.watches:
        await watch.once()
    return journal


def test_what_a_simulation_begins_with_is_what_a_first_look_brings() -> None:
    seen = virtually(lambda: first_look(250))
    for name, begun in snapshots(250).items():
        found = seen.snapshot(ResourceName(NAME, name))
        assert found.records == begun.records
        assert {slot: page.items for slot, page in found.pages.items()} == {
            slot: page.items for slot, page in begun.pages.items()
        }
        assert [page.head.next_url for page in found.pages.values()] == [
            page.head.next_url for page in begun.pages.values()
        ]


@pytest.fixture(scope="module")
def outcomes() -> Sequence[detection.Outcome]:
    rows = [*detection.rows(1000, 0.03), *list(deletion.rows(300, 0.03))[:2]]
    return [detection.run(row) for row in rows]


def test_every_change_becomes_an_event_and_no_event_comes_without_one(
    outcomes: Sequence[detection.Outcome],
) -> None:
    assert [(outcome.missed, outcome.surprises) for outcome in outcomes] == [(0, 0)] * len(outcomes)


def test_nobody_is_refused_who_keeps_to_the_limit(outcomes: Sequence[detection.Outcome]) -> None:
    assert [outcome.refused for outcome in outcomes] == [0] * len(outcomes)


def test_a_scan_uses_nearly_all_requests(outcomes: Sequence[detection.Outcome]) -> None:
    assert outcomes[0].row.name == "scan only"
    assert outcomes[0].per_minute > 48


def test_the_same_seed_brings_the_same_figures() -> None:
    row = next(detection.rows(100, 0.01))
    assert detection.run(row).delays == detection.run(row).delays
    assert detection.run(row).delays != detection.run(row, seed=2).delays


def test_a_tenant_that_is_shared_refuses_what_is_too_much() -> None:
    simulation = Simulation(Plan(100, requests_per_minute=80, every="1s", eyes=detection.NOTHING_ELSE))

    async def a_while() -> None:
        await anyio.sleep(600)

    virtually(lambda: simulation.run(a_while))
    assert simulation.company.refused > 0
