"""`check --connect` says whether the tenant tells of changes by itself, and never makes a fault of it."""

from pathlib import Path

from lucca_sync.lucca.endpoints import OUR_NAME
from lucca_sync.simulator import Simulator, SimulatorOptions
from lucca_sync.simulator.webhooks.mail import Endpoint
from tests.cli.test_connect import checked, settings

HINTS = "    hints: {secret: made-up}\n    resources:"


async def test_what_is_not_granted_is_no_fault(tmp_path: Path) -> None:
    options = SimulatorOptions(employees=3, scopes=frozenset({"employees.readonly", "departments.readonly"}))
    async with Simulator(options).serving() as url:
        ended = await checked(tmp_path, settings(url, options).replace("    resources:", HINTS))
    assert ended.code == 0, ended.out
    assert "events: not granted" in ended.out
    assert "grant the scope events.readonly" in ended.out
    assert "webhooks: Lucca does not let us see" in ended.out


async def test_events_and_endpoints_are_looked_at(tmp_path: Path) -> None:
    options = SimulatorOptions(employees=3)
    simulator = Simulator(options)
    async with simulator.serving() as url:
        text = settings(url, options).replace("    resources:", HINTS)
        ended = await checked(tmp_path, text)
        assert ended.code == 0, ended.out
        assert "events: 0 on the first page" in ended.out
        assert "hints register acme" in ended.out
        at = simulator.webhooks.now()
        address = "https://hooks.example.org/hints/acme"
        simulator.webhooks.endpoints[1] = Endpoint(
            1, OUR_NAME, address, "2024-11-01", ["employee.created"], None, "suspended", "secret", at, at
        )
        ended = await checked(tmp_path, text)
        assert ended.code == 1, ended.out
        assert "1 endpoint of ours: suspended" in ended.out


async def test_a_tenant_that_is_not_listened_to_is_not_asked(tmp_path: Path) -> None:
    options = SimulatorOptions(employees=3)
    async with Simulator(options).serving() as url:
        text = settings(url, options).replace("    resources:", "    eyes: {feed: false}\n    resources:")
        ended = await checked(tmp_path, text)
    assert ended.code == 0, ended.out
    assert "acme: events" not in ended.out
    assert "acme: webhooks" not in ended.out
