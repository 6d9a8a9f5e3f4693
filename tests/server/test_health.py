"""What the daemon says of its own health."""

from datetime import UTC, datetime, timedelta

import anyio
import pytest

from lucca_sync.kit.clock import LoopClock
from lucca_sync.server.health import PATIENCE, Health

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def healthy() -> Health:
    health = Health(LoopClock(START))
    health.started()
    return health


def test_it_is_ready_once_started() -> None:
    health = Health(LoopClock(START))
    assert not health.is_ready
    health.started()
    assert health.is_ready


@pytest.mark.looptime
async def test_it_is_not_ready_while_the_store_refuses_writes() -> None:
    health = healthy()
    health.store_failed()
    await anyio.sleep(60)
    health.store_failed()
    assert not health.is_ready
    assert health.detail()["store"] == {"writable": False, "failing_since": "2026-05-04T08:00:00.000Z"}
    health.store_ok()
    assert health.is_ready
    assert health.detail()["store"] == {"writable": True, "failing_since": None}


def test_it_is_not_ready_while_draining() -> None:
    health = healthy()
    health.draining()
    assert not health.is_ready


@pytest.mark.looptime
async def test_what_lucca_refuses_is_told_with_advice_and_makes_nothing_unready() -> None:
    health = healthy()
    health.refused("acme", "employees", "scope", "grant employees.readonly")
    await anyio.sleep(60)
    health.refused("acme", "employees", "scope", "grant employees.readonly")
    assert health.is_ready
    assert health.detail()["refused"] == [
        {
            "tenant": "acme",
            "resource": "employees",
            "reason": "scope",
            "since": "2026-05-04T08:00:00.000Z",
            "advice": "grant employees.readonly",
        }
    ]
    health.granted("acme", "employees")
    assert health.detail()["refused"] == []


@pytest.mark.looptime
async def test_a_refusal_for_another_reason_counts_from_then() -> None:
    health = healthy()
    health.refused("acme", "employees", "credentials", "renew the secret")
    await anyio.sleep(60)
    health.refused("acme", "employees", "scope", "grant employees.readonly")
    assert "2026-05-04T08:01:00.000Z" in str(health.detail())
    assert "renew" not in str(health.detail())


@pytest.mark.looptime
async def test_a_task_that_stops_beating_is_stuck_after_the_patience_and_one_that_beats_is_not() -> None:
    health = healthy()
    health.beat("egress:crm")
    health.beat("ingest:acme")
    await anyio.sleep(PATIENCE.total_seconds())
    health.beat("ingest:acme")
    assert not health.stuck
    await anyio.sleep(1)
    assert health.stuck == ("egress:crm",)


@pytest.mark.looptime
async def test_while_draining_tasks_may_end() -> None:
    health = Health(LoopClock(START), patience=timedelta(seconds=1))
    health.beat("egress:crm")
    await anyio.sleep(2)
    health.draining()
    assert not health.stuck
