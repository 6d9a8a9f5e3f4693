"""The store's own figures slow and pause looking; each change is logged and shown."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from lucca_sync.app.pressing import Pressing, limits_of
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.pressure import Level
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import StoreError
from lucca_sync.kit.clock import LoopClock
from lucca_sync.kit.sizes import parse_size
from lucca_sync.model.delivery import Lane
from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.health import Health
from lucca_sync.settings.pressure import Backpressure
from lucca_sync.testing.events import LANE
from lucca_sync.testing.journal.scene import telling, told

pytestmark = pytest.mark.looptime
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OTHER = Lane("gone", "crm")


class Journal(MemoryJournal):
    """Says what it is told to say of its size."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes: int | None = 0

    async def used(self) -> int:
        if self.bytes is None:
            raise StoreError("unreadable", "io")
        return self.bytes


class Desk:
    """Everything that measuring takes; `lanes` are those of the present settings."""

    def __init__(self, **settings: object) -> None:
        self.journal, self.metrics, self.clock = Journal(), Metrics(), LoopClock(NOW)
        self.health = Health(self.clock)
        self.gate = StoreGate(self.journal, self.health, self.metrics)
        self.lanes = [LANE]
        tell = (self.metrics, self.health)
        self.pressing = Pressing(self.journal, self.gate, lambda: self.lanes, self.clock, tell)
        self.pressing.limits = limits_of(Backpressure.model_validate(settings))

    async def measured(self, used: int | None) -> Level:
        """Measure with so many bytes in use; return the level."""
        self.journal.bytes = used
        await self.pressing.measure()
        assert self.metrics.registry.get_sample_value("lucca_sync_backpressure_level") == self.level
        return self.level

    @property
    def level(self) -> Level:
        return self.gate.pressure.level


async def test_each_change_is_logged_once_with_what_to_do_and_shown() -> None:
    desk = Desk(slow_at="1kB", pause_at="2kB")
    with capture_logs() as logs:
        levels = [await desk.measured(used) for used in (0, 1000, 1100, 2500, 2500, 1500, 0, 0)]
        assert desk.health.detail()["looking"] == "as set"
    assert levels == [0, 1, 1, 2, 2, 1, 0, 0]
    assert [(line["event"], line.get("looking"), line["used_bytes"]) for line in logs] == [
        ("backpressure", "slowed", 1000),
        ("backpressure", "paused", 2500),
        ("backpressure", "slowed", 1500),
        ("backpressure_ended", None, 0),
    ]
    assert "retention" in str(logs[0]["advice"])


async def test_it_is_shown_and_makes_nothing_unready() -> None:
    """A restart would not help, and whoever is not ready gets no webhooks either."""
    desk = Desk(slow_at="1kB", pause_at="2kB")
    desk.health.started()
    assert await desk.measured(5000) is Level.PAUSED
    assert desk.health.is_ready
    assert desk.health.detail()["looking"] == "paused"


async def test_age_counts_along_lanes_that_somebody_delivers_only() -> None:
    """What waits for a route that is no more would else stop looking for ever."""
    desk = Desk(oldest="1h")
    await telling(desk.journal, told("1", lanes=[OTHER]), at=NOW - timedelta(days=9))
    assert await desk.measured(0) is Level.NONE
    await telling(desk.journal, told("2"), at=NOW - timedelta(minutes=90))
    assert await desk.measured(0) is Level.SLOW
    desk.lanes = [OTHER]
    assert await desk.measured(0) is Level.PAUSED


async def test_by_default_no_age_stops_looking() -> None:
    """One target that is down for days must not keep the others' news away."""
    desk = Desk()
    await telling(desk.journal, told("1"), at=NOW - timedelta(days=900))
    assert await desk.measured(0) is Level.NONE


async def test_where_the_store_cannot_tell_the_level_stays() -> None:
    desk = Desk(slow_at="1kB", pause_at="2kB")
    await desk.measured(1500)
    assert await desk.measured(None) is Level.SLOW
    assert desk.metrics.registry.get_sample_value("lucca_sync_store_writable") == 0


@pytest.mark.parametrize(
    ("text", "size"),
    [("1B", 1), ("2kB", 2000), ("1.5MB", 1_500_000), ("2GiB", 2 * 2**30), ("0.5TiB", 2**39)],
)
async def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert parse_size(text) == size
