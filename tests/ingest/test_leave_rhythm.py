"""When absences are looked at: at once, then in their rhythm, over restarts, and when somebody asks."""

import anyio
import pytest

from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.leave_watch import seats_for
from lucca_sync.ingest.patience import Patience
from lucca_sync.ingest.source import Window
from lucca_sync.journal.protocol import ResourceName
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
