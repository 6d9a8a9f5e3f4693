"""When absences are looked at: at once, then in their rhythm, over restarts, and when somebody asks."""

from datetime import timedelta

import anyio
import pytest

from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.held import Decision
from lucca_sync.ingest.leave_watch import seats_for
from lucca_sync.ingest.patience import Patience
from lucca_sync.ingest.source import Window
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.lucca.errors import Unavailable
from tests.ingest.absences import FakeAbsences, Scene, watched
from tests.ingest.watching import Standing

pytestmark = pytest.mark.looptime

HOUR = 3600


def company() -> FakeAbsences:
    tenant = FakeAbsences()
    tenant.away(1, "2026-03-09", "2026-03-13")
    return tenant


def readings(tenant: FakeAbsences) -> int:
    """Count the times that everybody was listed, which begins a reading of the whole window."""
    return sum("/users" in url for url in tenant.asked)


def looks(tenant: FakeAbsences) -> int:
    return sum("confirmationDate=since" in url for url in tenant.asked) - 1  # the trial


async def run_for(scene: Scene, seconds: float) -> None:
    with anyio.move_on_after(seconds):
        await scene.watch.run()


async def test_everything_is_read_every_six_hours_and_changes_are_asked_for_in_between() -> None:
    tenant = company()
    await run_for(Scene(tenant), 6 * HOUR - 1)
    assert (readings(tenant), looks(tenant)) == (1, 71)
    tenant = company()
    await run_for(Scene(tenant), 12 * HOUR + 1)
    assert readings(tenant) == 3


async def test_a_restart_keeps_the_rhythm() -> None:
    tenant = company()
    scene = Scene(tenant)
    await run_for(scene, 400)
    asked = len(tenant.asked)
    again = Scene(tenant, journal=scene.journal, clock=scene.clock)
    await run_for(again, 190)
    assert len(tenant.asked) == asked
    await run_for(again, 120)
    assert readings(tenant) == 1
    assert len(tenant.asked) > asked


async def test_who_asks_for_a_survey_gets_a_reading_of_everything_at_once() -> None:
    tenant = company()
    scene = Scene(tenant)
    with anyio.move_on_after(60):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(scene.watch.run)
            await anyio.sleep(30)
            scene.watch.survey_now()
            await anyio.sleep(1)
            assert readings(tenant) == 2
            tasks.cancel_scope.cancel()
    assert readings(tenant) == 2


async def test_a_resource_that_is_added_to_the_settings_has_its_own_silent_first_reading() -> None:
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    both = Scene(tenant, journal=scene.journal)
    await both.look()
    assert readings(tenant) == 2
    assert await both.living("leave-periods") == ["7-1-1"]
    assert await both.told("leave-periods") == []


async def test_resources_with_one_window_share_a_watch_and_others_have_their_own() -> None:
    tenant = company()
    scene = Scene(tenant)
    lookout = scene.watch.post.lookout

    def patience(name: ResourceName) -> Patience:
        return Patience(lookout, name, StoreGate(scene.journal, Standing(), lookout.metrics), lambda: 1.0)

    same = [watched("leaves", Window()), watched("leave-periods", Window())]
    first, second = seats_for(lookout, same, patience)
    assert first.watch is second.watch
    assert await second.once() == 0
    assert tenant.asked == []
    await first.once()
    assert tenant.asked
    apart = [watched("leaves", Window()), watched("leave-periods", Window(reread=60.0))]
    first, second = seats_for(lookout, apart, patience)
    assert first.watch is not second.watch


async def test_a_window_that_was_made_wider_is_read_before_changes_are_asked_for_in_it() -> None:
    """Who has a change is read as a whole: what was always there in the wider window would look new."""
    tenant = company()
    tenant.away(5, "2025-12-01", "2025-12-01")
    scene = Scene(tenant, "leaves")
    await scene.look()
    tenant.away(6, "2026-03-16", "2026-03-16", creationDate="2026-03-02T12:01:00Z")
    wide = Window(past=timedelta(days=120))
    wider = Scene(tenant, "leaves", journal=scene.journal, window=wide, clock=scene.clock)
    await run_for(wider, 1)
    assert [record for record, _ in await wider.told("leaves")] == ["7-20260316-AM-1", "7-20260316-PM-1"]
    assert "7-20251201-AM-1" in await wider.living("leaves")
    assert readings(tenant) == 2
    await run_for(wider, 2000)
    assert readings(tenant) == 2


async def test_who_asks_for_a_reading_while_one_runs_gets_another() -> None:
    """A decision is carried out from the first page of a reading on, not from its middle."""
    tenant = company()
    scene = Scene(tenant)
    tenant.slow = 1.0
    with anyio.move_on_after(60):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(scene.watch.run)
            await anyio.sleep(1.5)
            scene.watch.survey_now()
    assert readings(tenant) == 2


async def test_a_reading_that_fails_is_still_asked_for() -> None:
    tenant = company()
    scene = Scene(tenant)
    await scene.look()
    scene.watch.survey_now()
    tenant.trouble = [Unavailable("down", "server")]
    await scene.watch.once()
    await scene.look()
    assert readings(tenant) == 3


async def test_a_decision_taken_before_a_restart_is_carried_out_at_once_after_it() -> None:
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    tenant.rows.clear()
    scene.watch.survey_now()
    await scene.look()
    held = scene.watch.post.brake.held
    assert held is not None
    await scene.watch.post.brake.decide(Decision(verdict="approve", since=held.since, at=scene.clock.now()))
    again = Scene(tenant, "leaves", journal=scene.journal, clock=scene.clock)
    await run_for(again, 1)
    assert {kind for _, kind in await again.told("leaves")} == {"deleted"}
