"""The survey under the pages of fixed address: what only it can find, and that it costs nothing else."""

import anyio
import pytest

from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.errors import CursorLost, Unavailable
from tests.ingest.test_stable import large, rounds, watching
from tests.ingest.watching import NAME, START

pytestmark = pytest.mark.looptime
DAY = 86_400.0


async def test_somebody_who_comes_into_view_with_an_old_id_is_found_within_a_day() -> None:
    """Trap 11: visibility comes and goes without any record being written."""
    tenant = large(250)
    hidden = tenant.records.pop("120")
    async with watching(tenant) as scene:
        await rounds(3)
        tenant.records["120"] = hidden
        await rounds(5)
        assert await scene.told() == []
        await anyio.sleep(DAY)
        (event,) = await scene.events()
        assert (event.record_id, event.kind, event.detected_by) == ("120", "created", "sweep")
        await rounds(2)
        assert any("119,120," in url or ",120&" in url for url in tenant.asked)


async def test_it_is_there_at_once_when_somebody_knows_that_something_is_amiss() -> None:
    tenant = large(250)
    hidden = tenant.records.pop("120")
    async with watching(tenant) as scene:
        await rounds(3)
        tenant.records["120"] = hidden
        scene.watch.survey_now()
        await anyio.sleep(1)
        assert await scene.told() == [("120", "created", 1)]


async def test_it_leaves_what_is_remembered_of_pages_alone() -> None:
    tenant = large(250)
    async with watching(tenant) as scene:
        await rounds(3)
        before = await scene.journal.heads(NAME)
        scene.watch.survey_now()
        await anyio.sleep(1)
        assert await scene.journal.heads(NAME) == before


async def test_it_is_due_once_a_day_also_over_restarts() -> None:
    tenant, journal, clock = large(150), MemoryJournal(), LoopClock(START)
    for _ in range(10):
        async with watching(tenant, journal, clock=clock):
            await anyio.sleep(DAY / 4)
    surveys = [url for url in tenant.asked if url == "/first"]
    assert len(surveys) == 2


async def test_it_goes_on_where_it_was_cut_off() -> None:
    tenant = large(250)
    async with watching(tenant) as scene:
        await rounds(3)
        before = len(tenant.asked)
        tenant.trouble["/from/200"] = [Unavailable("down", "server")]
        scene.watch.survey_now()
        await anyio.sleep(30)
        asked = [url for url in tenant.asked[before:] if url.startswith("/f")]
        assert asked == ["/first", "/from/100", "/from/200", "/from/200"]


async def test_it_begins_anew_later_when_its_place_is_lost() -> None:
    tenant = large(250)
    async with watching(tenant) as scene:
        await rounds(3)
        before = len(tenant.asked)
        tenant.trouble["/from/200"] = [CursorLost("gone")]
        scene.watch.survey_now()
        await anyio.sleep(1800)
        assert [url for url in tenant.asked[before:] if url.startswith("/f")] == [
            "/first",
            "/from/100",
            "/from/200",
        ]
        await anyio.sleep(2400)
        assert tenant.asked[before:].count("/from/200") == 2


async def test_a_decision_of_a_person_begins_a_round_at_once() -> None:
    tenant = large(800)
    async with watching(tenant) as scene:
        await rounds(3)
        before, ended = len(tenant.asked), scene.onlooker.ended
        scene.watch.look_anew()
        await anyio.sleep(1)
        assert len(set(tenant.asked[before:])) == 8
        assert scene.onlooker.ended == ended + 1
        await rounds(1)
        assert len(tenant.asked) - before <= 18


async def test_one_that_is_asked_for_while_another_runs_follows_it() -> None:
    """Whoever came into view on a page that had already passed would wait for a day otherwise."""
    tenant = large(250)
    hidden = tenant.records.pop("20")
    async with watching(tenant) as scene:
        await rounds(3)

        def alarm(body: bytes) -> bytes:
            tenant.bodies.clear()
            tenant.records = {"20": hidden, **tenant.records}
            scene.watch.survey_now()
            return body

        tenant.bodies["/from/200"] = alarm
        scene.watch.survey_now()
        await anyio.sleep(1)
        assert await scene.told() == [("20", "created", 1)]
