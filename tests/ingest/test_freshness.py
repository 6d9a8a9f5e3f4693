"""How old the view may be, how long changes took to be seen, and what Lucca's own telling has missed."""

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import anyio
import pytest
from msgspec import structs

from lucca_sync.ingest.missed import GRACE, TELLERS, Inattentive, Teller, missed_by
from lucca_sync.ingest.source import Watched
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.errors import Unavailable
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.event import EYES, Event
from lucca_sync.obs import metrics
from lucca_sync.testing.events import an_event
from tests.ingest.test_stable import EVERY, large, rounds, watching
from tests.ingest.watching import NAME, START, Scene, staff

EMPLOYEES = CATALOGUE["employees"]


def test_the_metrics_know_every_eye_and_everybody_who_tells() -> None:
    assert metrics.EYES == EYES
    assert metrics.TELLERS == TELLERS


@pytest.mark.looptime
async def test_before_the_baseline_there_is_no_bound() -> None:
    scene = Scene(staff(3))
    assert math.isnan(scene.metric("staleness_bound_seconds"))
    assert math.isnan(scene.metric("oldest_page_age_seconds"))


@pytest.mark.looptime
async def test_while_nothing_is_asked_the_bound_grows_from_the_beginning_of_the_last_sweep() -> None:
    scene = Scene(staff(8))
    await scene.look()
    await anyio.sleep(100)
    assert scene.metric("staleness_bound_seconds") == pytest.approx(100, abs=1)
    await anyio.sleep(100)
    assert scene.metric("staleness_bound_seconds") == pytest.approx(200, abs=1)
    await scene.look()
    assert scene.metric("staleness_bound_seconds") == pytest.approx(0, abs=1)


@pytest.mark.looptime
async def test_a_sweep_that_breaks_off_makes_pages_younger_but_not_the_bound() -> None:
    tenant = staff(8)
    scene = Scene(tenant)
    await scene.look()
    await anyio.sleep(100)
    tenant.trouble["/from/6"] = [Unavailable("down", "server")]
    await scene.look()
    assert scene.metric("staleness_bound_seconds") == pytest.approx(100, abs=1)
    assert scene.metric("oldest_page_age_seconds") == pytest.approx(100, abs=1)
    await anyio.sleep(50)
    await scene.look()
    assert scene.metric("oldest_page_age_seconds") == pytest.approx(50, abs=1)
    assert scene.metric("staleness_bound_seconds") == pytest.approx(50, abs=1)


@pytest.mark.looptime
async def test_pages_of_a_fixed_address_are_never_older_than_two_rounds() -> None:
    async with watching(large(500)) as scene:
        await rounds(3)
        for _ in range(40):
            await rounds(0.1)
            assert scene.metric("staleness_bound_seconds") <= 2 * EVERY + 1
            assert scene.metric("oldest_page_age_seconds") == scene.metric("staleness_bound_seconds")
        assert scene.metric("staleness_bound_seconds") > 0


@pytest.mark.looptime
async def test_after_a_restart_ages_go_on_from_the_last_complete_look() -> None:
    journal, clock = MemoryJournal(), LoopClock(START)
    await Scene(staff(8), journal, clock=clock).look()
    await anyio.sleep(1000)
    scene = Scene(staff(8), journal, replace(Scene(staff(1)).watched, every=7200.0), clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.watch.run)
        await anyio.sleep(10)
        assert scene.metric("staleness_bound_seconds") == pytest.approx(1010, abs=1)
        tasks.cancel_scope.cancel()


async def test_the_time_from_a_change_to_its_record_is_measured_by_eye_where_lucca_tells_it() -> None:
    tenant = staff(3)
    scene = Scene(tenant)
    await scene.look()
    tenant.put("1", familyName="Other", lastUpdatedAt=(START - timedelta(seconds=45)).isoformat())
    tenant.put("2", familyName="Unclocked")
    await scene.look()
    found = scene.metrics.registry.get_sample_value
    labels = {"tenant": "acme", "eye": "sweep"}
    assert found("lucca_sync_detection_delay_seconds_count", labels) == 1
    assert found("lucca_sync_detection_delay_seconds_sum", labels) == pytest.approx(45, abs=5)


async def test_a_baseline_that_is_told_measures_nothing() -> None:
    watched = Watched(NAME, EMPLOYEES, "https://acme", every=60.0, snapshot_baseline=True)
    scene = Scene(staff(2), watched=watched)
    await scene.look()
    labels = {"tenant": "acme", "eye": "sweep"}
    count = scene.metrics.registry.get_sample_value("lucca_sync_detection_delay_seconds_count", labels)
    assert (len(await scene.told()), count) == (2, 0)


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD = an_event(happened=NOON, recorded=NOON + GRACE + timedelta(seconds=1))


@dataclass
class Listening:
    since: dict[Teller, datetime | None] = field(default_factory=dict[Teller, datetime | None])

    def working_since(self, eye: Teller) -> datetime | None:
        return self.since.get(eye)


def test_what_was_told_while_hints_came_and_no_hint_said_it_was_missed() -> None:
    """Trap 36: pushes are given up after a day, and nobody says so."""
    assert [*missed_by(OLD, EMPLOYEES, Listening({"hint": NOON}))] == ["hint"]
    both = Listening({"hint": NOON, "feed": NOON - timedelta(days=1)})
    assert [*missed_by(OLD, EMPLOYEES, both)] == ["hint", "feed"]


@pytest.mark.parametrize(
    ("event", "since"),
    [
        (OLD, None),
        (OLD, NOON + timedelta(seconds=1)),
        (structs.replace(OLD, detected_by="hint"), NOON),
        (structs.replace(OLD, recorded=NOON + GRACE), NOON),
        (structs.replace(OLD, happened=OLD.recorded), NOON - timedelta(days=1)),
    ],
    ids=["no hints", "hints came later", "the hint said it", "too early to say", "without a time of its own"],
)
def test_nothing_else_was_missed(event: Event, since: datetime | None) -> None:
    assert [*missed_by(event, EMPLOYEES, Listening({"hint": since}))] == []


def test_of_what_no_webhook_tells_none_can_miss_anything() -> None:
    attributes = CATALOGUE["employee-attributes"]
    assert attributes.topic is None
    assert [*missed_by(OLD, attributes, Listening({"hint": NOON}))] == []
    assert [*missed_by(OLD, EMPLOYEES, Inattentive())] == []


async def test_what_was_missed_is_counted() -> None:
    tenant = staff(3)
    scene = Scene(tenant)
    scene.lookout = replace(scene.lookout, attention=Listening({"hint": START - timedelta(days=1)}))
    scene.post.lookout = scene.lookout
    await scene.look()
    tenant.put("1", familyName="Other", lastUpdatedAt=(START - timedelta(hours=1)).isoformat())
    await scene.look()
    assert scene.metric("changes_missed_total", by="hint") == 1
    assert scene.metric("changes_missed_total", by="feed") == 0
