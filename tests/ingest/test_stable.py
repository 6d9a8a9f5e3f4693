"""Watching by pages of a fixed address: what it sees, how soon, and when it is given up for sweeps."""

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.ingest.abilities import Abilities
from lucca_sync.ingest.decode import decode_record
from lucca_sync.ingest.source import Watched
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.kit.clock import Clock, LoopClock
from lucca_sync.lucca.errors import Refused, Unavailable
from lucca_sync.model.catalogue import CATALOGUE
from tests.ingest.tenant import FakeTenant
from tests.ingest.watching import NAME, START, Scene, staff

pytestmark = pytest.mark.looptime
EVERY = 120.0
STABLE = Watched(NAME, CATALOGUE["employees"], "https://acme.ilucca.net", every=EVERY, head=60.0, stable=True)
EDITED = "2026-03-01T12:00:30Z"


@asynccontextmanager
async def watching(
    tenant: FakeTenant,
    journal: MemoryJournal | None = None,
    watched: Watched = STABLE,
    clock: Clock | None = None,
) -> AsyncGenerator[Scene]:
    """A scene whose watch runs."""
    scene = Scene(tenant, journal, watched, clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.watch.run)
        yield scene
        tasks.cancel_scope.cancel()


async def rounds(count: float) -> None:
    """Let so many rounds go by; the baseline and what comes of it take a little of the first."""
    await anyio.sleep(count * EVERY)


def by_name(asked: list[str]) -> list[str]:
    """The requests that asked for records by name."""
    return [url for url in asked if "?id=" in url]


def large(count: int) -> FakeTenant:
    tenant = staff(count)
    tenant.page_size = 100
    return tenant


async def test_after_the_baseline_records_are_asked_for_by_name_at_addresses_that_stay() -> None:
    tenant = large(250)
    async with watching(tenant) as scene:
        await rounds(3)
        assert len(set(by_name(tenant.asked))) == 3
        assert tenant.not_modified >= 3
        assert not [url for url in tenant.asked[4:] if url.startswith("/f")]
        assert await scene.told() == []


async def test_a_round_spreads_its_requests_over_the_time_of_a_sweep() -> None:
    tenant = large(400)
    async with watching(tenant):
        await rounds(2)
        before = len(tenant.asked)
        await rounds(10)
        assert 38 <= len(tenant.asked) - before <= 42


async def test_a_change_is_seen_by_its_page_within_two_rounds_and_says_so() -> None:
    tenant = large(250)
    async with watching(tenant) as scene:
        await rounds(2)
        tenant.put("7", familyName="Other", lastUpdatedAt=EDITED)
        tenant.put("247", familyName="Other", lastUpdatedAt=EDITED)
        await rounds(2)
        events = await scene.events()
        assert {(event.record_id, event.kind, event.detected_by) for event in events} == {
            ("7", "updated", "page"),
            ("247", "updated", "page"),
        }
        assert scene.metric("changes_total", kind="updated") == 2


async def test_where_changes_are_is_looked_more_often() -> None:
    tenant = large(1000)
    async with watching(tenant):
        await rounds(1)
        for number in range(100):
            tenant.put("5", familyName=f"Name {number}")
            await rounds(0.2)
        asked = by_name(tenant.asked)
        counts = {url: asked.count(url) for url in asked}
        busy = next(count for url, count in counts.items() if "?id=1,2," in url)
        assert busy > 1.5 * min(counts.values())


async def test_a_record_that_is_gone_is_told_as_its_page_passes_not_at_the_end_of_the_round() -> None:
    tenant = large(800)
    async with watching(tenant) as scene:
        await rounds(3)
        del tenant.records["7"]
        await rounds(2)
        (event,) = await scene.events()
        assert (event.record_id, event.kind, event.detected_by) == ("7", "deleted", "gap")


async def test_a_page_that_shows_nobody_any_more_is_judged_at_the_end_of_the_round() -> None:
    """After a restore the first page to be asked for may be a small one."""
    tenant = large(302)
    async with watching(tenant) as scene:
        await rounds(3)
        del tenant.records["301"], tenant.records["302"]
        await rounds(3)
        events = await scene.events()
        assert {(event.record_id, event.detected_by) for event in events} == {
            ("301", "sweep"),
            ("302", "sweep"),
        }


async def test_many_that_are_gone_from_a_page_are_left_to_the_brake() -> None:
    tenant = large(300)
    async with watching(tenant) as scene:
        await rounds(3)
        for number in range(1, 101):
            del tenant.records[str(number)]
        await rounds(5)
        assert await scene.told() == []
        assert scene.metric("brake_held_records", kind="deleted") == 100


async def test_a_resource_that_turns_empty_is_held_however_small_it_is() -> None:
    """Trap 23: everything vanishing with HTTP 200 is no deletion."""
    tenant = staff(2)
    async with watching(tenant) as scene:
        await rounds(3)
        tenant.records.clear()
        await rounds(5)
        assert await scene.told() == []
        assert scene.metric("brake_held_records", kind="deleted") == 2


async def test_a_record_found_by_another_eye_gets_a_page_and_leaves_the_others_their_address() -> None:
    tenant = large(150)
    async with watching(tenant) as scene:
        await rounds(3)
        before = set(by_name(tenant.asked))
        tenant.put("151", familyName="New")
        await _hand_in(scene, "151")
        await rounds(3)
        assert await scene.told() == [("151", "created", 1)]
        assert len(set(by_name(tenant.asked)) - before) == 1
        tenant.put("151", familyName="Newer", lastUpdatedAt=EDITED)
        await rounds(2)
        assert await scene.told() == [("151", "created", 1), ("151", "updated", 2)]
        assert "/151" not in tenant.asked


async def _hand_in(scene: Scene, record_id: str) -> None:
    with scene.post.asking() as moment:
        answer = await scene.lookout.source.record(scene.watched.resource, record_id, "hint")
        scene.tenant.asked.remove(f"/{record_id}")
        assert answer is not None
        assert answer.body is not None
        item = decode_record(answer.body)
        assert item is not None
        await scene.post.hand_in([item], moment, "head", "/asked")


async def test_a_mass_hire_found_elsewhere_never_looks_like_a_mass_deletion() -> None:
    tenant = large(50)
    async with watching(tenant) as scene:
        await rounds(3)
        for number in range(51, 151):
            tenant.put(str(number), familyName="New")
            await _hand_in(scene, str(number))
        await rounds(4)
        assert scene.metric("brake_held_records", kind="deleted") == 0
        assert {kind for _, kind, _ in await scene.told()} == {"created"}
        assert not [url for url in tenant.asked if url.removeprefix("/").isdigit()]


async def test_rounds_end_however_often_somebody_is_hired() -> None:
    tenant = large(300)
    async with watching(tenant) as scene:
        await rounds(3)
        ended = scene.onlooker.ended
        for number in range(301, 541):
            tenant.put(str(number), familyName="New")
            await _hand_in(scene, str(number))
            await anyio.sleep(5)
        assert scene.onlooker.ended - ended >= 8


async def test_a_record_found_by_another_eye_is_on_its_page_at_the_next_turn_of_that() -> None:
    tenant = large(350)
    async with watching(tenant) as scene:
        await rounds(3)
        ended = scene.onlooker.ended
        while scene.onlooker.ended == ended:  # noqa: ASYNC110 - virtual time, and nothing to wait for
            await anyio.sleep(1)
        before = len(tenant.asked)
        tenant.put("351", familyName="New")
        await _hand_in(scene, "351")
        await rounds(1)
        assert len(tenant.asked) - before == 4
        assert any(",351&" in url for url in tenant.asked)


async def test_a_tag_goes_only_to_the_address_that_gave_it() -> None:
    """Trap 27: one address's tag says nothing about another's."""
    tenant = large(150)
    async with watching(tenant) as scene:
        await rounds(3)
        tenant.put("151", familyName="New")
        await _hand_in(scene, "151")
        await rounds(3)
        assert any(",151&" in url for url in tenant.asked)
        assert tenant.foreign_tags == 0


async def test_addresses_and_tags_outlive_a_restart() -> None:
    tenant, journal, clock = large(250), MemoryJournal(), LoopClock(START)
    async with watching(tenant, journal, clock=clock):
        await rounds(3)
    first, before = set(by_name(tenant.asked)), len(tenant.asked)
    async with watching(tenant, journal, clock=clock) as scene:
        unchanged = tenant.not_modified
        await rounds(2)
        assert set(tenant.asked[before:]) == first
        assert tenant.not_modified - unchanged == len(tenant.asked) - before
        assert scene.metric("staleness_bound_seconds") <= 2 * EVERY


async def test_after_a_long_absence_the_first_round_does_not_dawdle() -> None:
    tenant, journal, clock = large(800), MemoryJournal(), LoopClock(START)
    async with watching(tenant, journal, clock=clock):
        await rounds(3)
    await anyio.sleep(7200)
    tenant.asked.clear()
    async with watching(tenant, journal, clock=clock) as scene:
        await anyio.sleep(1)
        assert len(set(by_name(tenant.asked))) == 8
        await rounds(2)
        assert len(tenant.asked) <= 8 + 17
        assert not scene.watch.failing


def ignoring(_: Collection[str]) -> None:
    return None


def the_first_alone(asked: Collection[str]) -> list[str]:
    return [*asked][:1]


def nobody(_: Collection[str]) -> list[str]:
    return []


@pytest.mark.parametrize("honours", [ignoring, the_first_alone, nobody])
async def test_where_the_filter_is_not_honoured_sweeps_go_on_and_it_is_said_once(
    honours: Callable[[Collection[str]], Collection[str] | None],
) -> None:
    """Trap 2: an unknown filter may be ignored, and then what it shows proves nothing."""
    tenant, journal = large(250), MemoryJournal()
    tenant.honours = honours
    with capture_logs() as logs:
        async with watching(tenant, journal) as scene:
            await rounds(3)
            tenant.put("7", familyName="Other", lastUpdatedAt=EDITED)
            del tenant.records["130"]
            await rounds(2)
            assert {(one, kind) for one, kind, _ in await scene.told()} == {
                ("7", "updated"),
                ("130", "deleted"),
            }
        before = len(by_name(tenant.asked))
        async with watching(tenant, journal):
            await rounds(3)
    assert len(by_name(tenant.asked)) == before <= 4
    assert [log["event"] for log in logs].count("pages_not_addressable") == 1
    assert await Abilities(journal, NAME).lacks("stable pages")


async def test_a_filter_that_never_worked_is_given_up_at_the_first_answer() -> None:
    tenant = FakeTenant(page_size=100)
    for number in range(250, 0, -1):
        tenant.put(str(number))
    tenant.honours = ignoring
    with capture_logs() as logs:
        async with watching(tenant):
            await rounds(3)
    assert len(by_name(tenant.asked)) == 1
    assert [log["event"] for log in logs] == ["pages_not_addressable"]


async def test_a_filter_that_is_refused_thrice_is_given_up() -> None:
    tenant = staff(3)
    tenant.page_size = 100
    url = "/lucca-api/employees?id=1,2,3&limit=3&sort=id"
    tenant.trouble[url] = [Refused(400)] * 3
    async with watching(tenant) as scene:
        await rounds(6)
        assert tenant.asked.count(url) == 3
        assert await scene.lookout.journal.note("abilities/acme/employees") is not None
        assert not scene.watch.failing


async def test_a_blip_does_not_give_pages_up() -> None:
    tenant = staff(3)
    url = "/lucca-api/employees?id=1,2,3&limit=3&sort=id"
    tenant.trouble[url] = [Refused(400), Unavailable("down", "server"), Refused(400)]
    async with watching(tenant) as scene:
        await rounds(12)
        assert not await Abilities(scene.journal, NAME).lacks("stable pages")
        assert not scene.watch.failing


async def test_one_answer_to_another_question_does_not_give_pages_up_where_they_have_worked() -> None:
    tenant = large(250)
    async with watching(tenant) as scene:
        await rounds(3)
        tenant.honours = ignoring
        await anyio.sleep(EVERY / 3)
        tenant.honours = lambda asked: asked
        await rounds(3)
        assert not await Abilities(scene.journal, NAME).lacks("stable pages")
        assert await scene.told() == []
        tenant.honours = ignoring
        await rounds(3)
        assert await Abilities(scene.journal, NAME).lacks("stable pages")
        assert await scene.told() == []


async def test_a_row_without_an_identity_is_no_stranger() -> None:
    tenant = large(100)
    url = f"/lucca-api/employees?id={','.join(map(str, range(1, 101)))}&limit=100&sort=id"
    tenant.bodies[url] = lambda body: body.replace(b'"items":[', b'"items":[{"id":null},')
    async with watching(tenant) as scene:
        await rounds(3)
        assert url in tenant.asked
        assert not await Abilities(scene.journal, NAME).lacks("stable pages")
        assert scene.metric("quarantined_total", what="record") >= 1


async def test_a_page_that_is_too_heavy_is_asked_for_in_halves() -> None:
    """Trap 9: a request that was too much is not sent again as it was."""
    tenant = large(200)
    tenant.heaviest = 60
    async with watching(tenant) as scene:
        await rounds(6)
        tenant.put("7", familyName="Other", lastUpdatedAt=EDITED)
        tenant.put("99", familyName="Other", lastUpdatedAt=EDITED)
        heavy = [url for url in by_name(tenant.asked) if url.count(",") >= 60]
        assert len(heavy) == 2
        await rounds(3)
        assert {one for one, _, _ in await scene.told()} == {"7", "99"}


async def test_a_page_that_cannot_be_read_keeps_no_other_from_its_turn_and_shows() -> None:
    tenant = large(300)
    async with watching(tenant) as scene:
        await rounds(3)
        broken = next(url for url in by_name(tenant.asked) if "?id=1,2," in url)
        tenant.bodies[broken] = lambda body: body[:50]
        tenant.put("5", familyName="Other", lastUpdatedAt=EDITED)
        tenant.put("250", familyName="Other", lastUpdatedAt=EDITED)
        with capture_logs() as logs:
            await rounds(4)
        assert await scene.told() == [("250", "updated", 1)]
        assert scene.watch.failing
        assert [log["reason"] for log in logs if log["event"] == "look_failed"] == ["unreadable"]
        assert scene.metric("oldest_page_age_seconds") > 3 * EVERY
        tenant.bodies.clear()
        await rounds(3)
        assert not scene.watch.failing
        assert scene.metric("oldest_page_age_seconds") <= 2 * EVERY


async def test_without_an_eye_for_new_records_sweeps_stay() -> None:
    tenant = large(150)
    async with watching(tenant, watched=replace(STABLE, head=None)):
        await rounds(3)
        assert by_name(tenant.asked) == []


async def test_filters_keep_sweeps() -> None:
    tenant = large(150)
    async with watching(tenant, watched=replace(STABLE, filters={"familyName": "Name 1"})):
        await rounds(3)
        assert by_name(tenant.asked) == []


async def test_personal_records_are_asked_for_by_employee_also_of_whom_none_was_seen() -> None:
    tenant = FakeTenant(page_size=100)
    for number in range(1, 4):
        tenant.put(f"r{number}", employee={"id": str(number)})
    journal = MemoryJournal()
    await Scene(staff(4), journal).look()
    name = ResourceName("acme", "employee-personal-records")
    watched = Watched(name, CATALOGUE[name.resource], "https://acme", every=EVERY, count=60.0, stable=True)
    async with watching(tenant, journal, watched) as scene:
        await rounds(3)
        asked = [url for url in tenant.asked if "employee.id=" in url]
        assert {"employee.id=1,2,3,4&" in url for url in asked} == {True}
        tenant.put("r4", employee={"id": "4"})
        tenant.put("r1", employee={"id": "1"}, email="other")
        del tenant.records["r2"]
        await rounds(3)
        told = {(one, kind) for one, kind, _ in await scene.told()}
        assert told == {("r4", "created"), ("r1", "updated"), ("r2", "deleted")}


async def test_looking_once_at_everything_leaves_the_pages_alone() -> None:
    tenant, journal = large(150), MemoryJournal()
    async with watching(tenant, journal):
        await rounds(3)
    scene = Scene(tenant, journal, STABLE)
    heads = await journal.heads(NAME)
    tenant.put("151", familyName="New")
    await scene.watch.once()
    assert await scene.told() == [("151", "created", 1)]
    assert await journal.heads(NAME) == heads


async def test_a_page_that_cannot_be_read_is_no_reason_to_hurry_for_ever() -> None:
    tenant, journal, clock = large(800), MemoryJournal(), LoopClock(START)
    async with watching(tenant, journal, clock=clock):
        await rounds(3)
    broken = next(url for url in by_name(tenant.asked) if "?id=1,2," in url)
    tenant.bodies[broken] = lambda body: body[:50]
    tenant.put("5", familyName="Other", lastUpdatedAt=EDITED)
    await anyio.sleep(7200)
    tenant.asked.clear()
    async with watching(tenant, journal, clock=clock):
        await rounds(2)
        assert len(tenant.asked) <= 8 + 17


async def test_a_new_page_that_cannot_be_read_is_asked_for_in_its_turn_not_at_each() -> None:
    tenant = large(800)
    async with watching(tenant) as scene:
        await rounds(3)
        tenant.put("801", familyName="Anew")
        tenant.bodies = Broken(lambda url: url.endswith("=801&limit=1&sort=id"))
        await _hand_in(scene, "801")
        await rounds(2)
        tenant.asked.clear()
        await rounds(4)
        assert len(tenant.asked) <= 9 * 4 + 4


class Broken(dict[str, Callable[[bytes], bytes]]):
    """Cuts the bodies of some addresses short."""

    def __init__(self, where: Callable[[str], bool]) -> None:
        super().__init__()
        self._where = where

    def __contains__(self, url: object) -> bool:
        return isinstance(url, str) and self._where(url)

    def __missing__(self, url: str) -> Callable[[bytes], bytes]:
        return lambda body: body[:20]


async def test_pages_that_were_given_up_are_tried_again_once_a_day() -> None:
    """Whatever refused the filter may have been a gateway, on a bad day."""
    tenant = FakeTenant(page_size=100)
    for number in range(250, 0, -1):
        tenant.put(str(number))
    tenant.honours = ignoring
    with capture_logs() as logs:
        async with watching(tenant) as scene:
            await rounds(3)
            tried = len(by_name(tenant.asked))
            await anyio.sleep(2 * 86_400)
            assert tried < len(by_name(tenant.asked)) <= 3 * tried
            tenant.honours = lambda asked: asked
            await anyio.sleep(86_400)
            assert not await Abilities(scene.journal, NAME).lacks("stable pages")
            tenant.asked.clear()
            await rounds(2)
            assert len(by_name(tenant.asked)) >= 6
    assert [log["event"] for log in logs] == ["pages_not_addressable"]
