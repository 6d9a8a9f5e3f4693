"""What a watch does about each kind of trouble: one line, no loop, nothing lost."""

from collections.abc import Callable
from dataclasses import replace

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import PageCommit, ResourceName, ResourceState, StoreError
from lucca_sync.lucca.errors import (
    CredentialsRefused,
    CursorLost,
    Refused,
    ScopeMissing,
    SourceError,
    Unavailable,
    Unreadable,
)
from tests.ingest.watching import NAME, Scene, staff


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CredentialsRefused("the token endpoint says no"), "credentials"),
        (ScopeMissing("employees.readonly", "GET /lucca-api/employees"), "scope"),
    ],
)
async def test_what_a_person_must_repair_is_shown_once_and_left_alone_for_long(
    error: SourceError, reason: str
) -> None:
    scene = Scene(staff(2))
    scene.tenant.trouble["/first?count"] = [error, error]
    with capture_logs() as logs:
        waits = [await scene.look(), await scene.look()]
    assert min(waits) >= 600
    assert [line["event"] for line in logs] == ["look_failed"]
    assert scene.standing.refusals["employees"][0] == reason
    assert scene.metric("access_refused", reason=reason) == 1
    await scene.look()
    assert scene.standing.refusals == {}
    assert scene.metric("access_refused", reason=reason) == 0


async def test_an_odd_refusal_is_tried_again_soon_and_believed_the_third_time() -> None:
    scene = Scene(staff(2))
    scene.tenant.trouble["/first?count"] = [Refused(404, "Not Found", "GET /lucca-api/employees")] * 3
    assert [await scene.look() for _ in range(3)] == [5.0, 10.0, 600.0]
    assert scene.standing.refusals["employees"][0] == "refused"
    await scene.look()
    assert scene.standing.refusals == {}


async def test_passing_trouble_is_tried_again_with_growing_waits_and_told_twice() -> None:
    scene = Scene(staff(2))
    scene.tenant.trouble["/first?count"] = [Unavailable("no answer", "unreachable") for _ in range(12)]
    with capture_logs() as logs:
        waits = [await scene.look() for _ in range(12)]
        await scene.look()
    assert waits[:4] == [5.0, 10.0, 20.0, 40.0]
    assert waits[-1] == 300.0
    assert [line["event"] for line in logs] == ["look_failed", "look_recovered"]
    assert scene.metric("look_errors_total", reason="unreachable") == 12


async def test_trouble_after_a_recovery_begins_with_a_short_wait_again() -> None:
    scene = Scene(staff(2))
    scene.tenant.trouble["/first?count"] = [Unavailable("no answer", "unreachable") for _ in range(6)]
    for _ in range(7):
        await scene.look()
    scene.tenant.trouble["/first"] = [Unavailable("no answer", "unreachable")]
    assert await scene.look() == 5.0


async def test_a_sweep_cut_short_among_unchanged_pages_goes_on_near_where_it_stood() -> None:
    scene = Scene(staff(50))
    scene.tenant.page_size = 1
    await scene.look()
    await scene.look()
    scene.tenant.trouble["/from/45"] = [Unavailable("no answer", "unreachable")]
    await scene.look()
    scene.tenant.asked.clear()
    await scene.look()
    assert scene.tenant.asked[0] == "/from/40"


async def test_a_lost_cursor_begins_the_sweep_again() -> None:
    scene = Scene(staff(9))
    scene.tenant.trouble["/from/6"] = [CursorLost("the page is gone")]
    await scene.look()
    scene.tenant.asked.clear()
    await scene.look()
    assert scene.tenant.asked[0] == "/first?count"
    assert (await scene.journal.state(NAME)).baseline_done


async def test_a_link_that_died_behind_an_unchanged_page_is_read_anew() -> None:
    scene = Scene(staff(9))
    scene.tenant.tags_of_items_alone = True
    await scene.look()
    await scene.look()
    scene.tenant.trouble = {f"/from/{at}": [CursorLost("the page is gone")] * 99 for at in (3, 6)}
    scene.tenant.bodies["/first"] = lambda body: body.replace(b"/from/3", b"/from/03")
    scene.tenant.bodies["/from/03"] = lambda body: body.replace(b"/from/6", b"/from/06")
    scene.tenant.put("9", familyName="Other")
    await scene.look()
    await scene.look()
    assert await scene.told() == [("9", "updated", 1)]
    assert not scene.watch.failing


async def test_a_page_that_cannot_be_read_is_tried_again_then_counted_and_told() -> None:
    scene = Scene(staff(9))
    scene.tenant.bodies["/from/3"] = lambda body: body[: len(body) // 2]
    with capture_logs() as logs:
        await scene.look()
    assert scene.tenant.asked.count("/from/3") == 3
    assert scene.metric("quarantined_total", what="page") == 1
    assert scene.metric("look_errors_total", reason="unreadable") == 1
    assert "Name" not in str(logs)


async def test_a_known_page_that_cannot_be_read_is_gone_round_and_the_rest_is_seen() -> None:
    scene = Scene(staff(9))
    await scene.look()
    await scene.look()
    scene.tenant.bodies["/from/3"] = lambda _body: b"<html>busy</html>"
    scene.tenant.put("9", familyName="Other")
    await scene.look()
    assert await scene.told() == [("9", "updated", 1)]
    assert scene.watch.failing
    scene.tenant.bodies.clear()
    await scene.look()
    assert not scene.watch.failing


async def test_an_unreadable_page_deletes_nobody() -> None:
    scene = Scene(staff(9))
    await scene.look()
    await scene.look()
    del scene.tenant.records["1"]
    scene.tenant.bodies["/from/3"] = lambda _body: b"{}"
    await scene.look()
    assert await scene.told() == []
    scene.tenant.bodies.clear()
    await scene.look()
    assert await scene.told() == [("1", "deleted", 1)]


async def test_a_record_without_identity_is_counted_and_the_others_go_on() -> None:
    scene = Scene(staff(3))
    await scene.look()
    scene.tenant.records["x"] = {"familyName": "Nobody"}
    scene.tenant.put("1", familyName="Other")
    await scene.look()
    assert scene.metric("quarantined_total", what="record") == 1
    assert await scene.told() == [("1", "updated", 1)]


@pytest.mark.parametrize(
    "content",
    [b'"\xff\xfe"', b"1e999", b"9" * 5000, b"[" * 900 + b"]" * 900],
    ids=["no UTF-8", "an infinite number", "an endless number", "endless nesting"],
)
async def test_a_record_that_cannot_be_read_is_counted_and_the_others_go_on(content: bytes) -> None:
    scene = Scene(staff(3))
    scene.tenant.put("3", familyName="Fine")
    await scene.look()
    scene.tenant.put("1", familyName="Other")
    scene.tenant.put("3", familyName="Odd")
    scene.tenant.put("4", familyName="Odd")
    scene.tenant.page_size = 10
    scene.tenant.bodies["/first"] = lambda body: body.replace(b'"Odd"', content)
    await scene.look()
    assert await scene.told() == [("1", "updated", 1)]
    assert scene.metric("quarantined_total", what="record") == 2
    scene.tenant.bodies.clear()
    await scene.look()
    assert await scene.told() == [("1", "updated", 1), ("3", "updated", 1), ("4", "created", 1)]
    assert not scene.watch.failing


async def test_pages_that_lead_in_a_circle_end_the_sweep() -> None:
    scene = Scene(staff(9))
    scene.tenant.bodies["/from/6"] = lambda body: body.replace(b'"next":null', b'"next":{"href":"/from/3"}')
    await scene.look()
    assert scene.metric("look_errors_total", reason="unreadable") == 1


class FullJournal(MemoryJournal):
    """A journal whose disk is full for a while."""

    full = False
    room = 0

    async def commit_page(self, page: PageCommit) -> None:
        self._check()
        await super().commit_page(page)

    async def write_note(self, key: str, value: bytes) -> None:
        self._check(len(value))
        await super().write_note(key, value)

    def _check(self, needed: int = 1_000_000) -> None:
        if self.full and needed > self.room:
            raise StoreError("no room left on the disk", "full")


@pytest.mark.looptime
async def test_a_full_disk_stops_looking_and_room_starts_it_again_with_nothing_lost() -> None:
    journal = FullJournal()
    scene = Scene(staff(9), journal)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.watch.run)
        await anyio.sleep(1)
        scene.tenant.put("9", familyName="Other")
        journal.full = True
        await anyio.sleep(600)
        asked = len(scene.tenant.asked)
        await anyio.sleep(600)
        assert len(scene.tenant.asked) == asked
        assert scene.standing.store == ["failed"]
        assert scene.metrics.registry.get_sample_value("lucca_sync_store_writable") == 0
        journal.full = False
        await anyio.sleep(120)
        assert scene.standing.store == ["failed", "ok"]
        assert await scene.told() == [("9", "updated", 1)]
        tasks.cancel_scope.cancel()


@pytest.mark.looptime
async def test_what_fits_into_a_nearly_full_disk_does_not_start_looking_again() -> None:
    journal = FullJournal()
    journal.room = 10_000
    scene = Scene(staff(9), journal)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.watch.run)
        await anyio.sleep(1)
        scene.tenant.put("9", familyName="Other")
        journal.full = True
        await anyio.sleep(600)
        asked = len(scene.tenant.asked)
        for _ in range(60):
            scene.gate.report(None)  # a delivery was settled: that takes a few bytes only
            await anyio.sleep(1)
        assert len(scene.tenant.asked) == asked
        assert scene.standing.store == ["failed"]
        tasks.cancel_scope.cancel()


async def test_trouble_that_others_had_with_the_store_ends_with_their_next_write() -> None:
    scene = Scene(staff(1))
    scene.gate.report(StoreError("the disk failed", "io"))
    scene.gate.report(None)
    assert scene.standing.store == ["failed", "ok"]


@pytest.mark.looptime
async def test_a_write_that_went_well_during_a_probe_is_not_said_twice() -> None:
    class Slow(MemoryJournal):
        async def write_note(self, key: str, value: bytes) -> None:
            await anyio.sleep(1)
            await super().write_note(key, value)

    scene = Scene(staff(1), Slow())
    with capture_logs() as logs:
        scene.gate.report(StoreError("the disk failed", "io"))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(scene.gate.writable)
            await anyio.sleep(5.5)
            scene.gate.report(None)
    assert [line["event"] for line in logs] == ["store_refuses_writes", "store_takes_writes_again"]


@pytest.mark.looptime
async def test_the_rhythm_is_kept_from_start_to_start_and_over_a_restart() -> None:
    scene = Scene(staff(2))
    with anyio.move_on_after(125):
        await scene.watch.run()
    assert len(scene.tenant.asked) == 3
    again = Scene(scene.tenant, scene.journal)
    again.lookout.clock.now()  # the new scene's clock begins where the first began: its last sweep is younger
    scene.tenant.asked.clear()
    with anyio.move_on_after(30):
        await again.watch.run()
    assert scene.tenant.asked == []


@pytest.mark.looptime
async def test_a_fault_of_our_own_in_one_resource_does_not_end_its_watch() -> None:
    scene = Scene(staff(2))
    assert scene.metric("look_errors_total", reason="internal") == 0
    broken: list[Callable[[bytes], bytes]] = [_breaks]
    scene.tenant.bodies["/first?count"] = lambda body: broken.pop()(body) if broken else body
    with capture_logs() as logs:
        await scene.look()
        await scene.look()
    assert [line["event"] for line in logs] == ["look_broke_down", "look_failed", "look_recovered"]
    assert scene.metric("look_errors_total", reason="internal") == 1


def _breaks(_body: bytes) -> bytes:
    raise KeyError("a fault")


@pytest.mark.parametrize("page", ["/from/3", "/from/6"])
async def test_a_page_that_never_arrives_whole_keeps_nobody_else_unseen(page: str) -> None:
    """Nor does it make the sweep come again sooner than it should, be it the last one."""
    scene = Scene(staff(9))
    await scene.look()
    await scene.look()
    scene.tenant.trouble[page] = [Unreadable("broken gzip")]
    scene.tenant.put("1", familyName="Other")
    scene.tenant.put("9", familyName="Other")
    seen = {"/from/3": {"1", "9"}, "/from/6": {"1"}}[page]
    wait = await scene.look()
    assert {record for record, _, _ in await scene.told()} == seen
    assert wait > 50
    assert scene.watch.failing


async def test_a_record_that_cannot_be_read_by_id_keeps_no_other_deletion_from_being_told() -> None:
    """Nor does it make the sweep come again sooner; the next one asks again."""
    scene = Scene(staff(9))
    await scene.look()
    for gone in ("2", "5", "8"):
        del scene.tenant.records[gone]
    broken = Unavailable("answered with 500", "server")
    scene.tenant.trouble["/2"] = [broken, broken]  # as a gap on its page, and at the end
    wait = await scene.look()
    assert sorted(await scene.told()) == [("5", "deleted", 1), ("8", "deleted", 1)]
    assert wait > 50
    assert scene.watch.failing
    await scene.look()
    assert (await scene.told())[2:] == [("2", "deleted", 1)]
    assert not scene.watch.failing


async def test_when_no_record_can_be_read_by_id_nobody_goes_on_asking() -> None:
    scene = Scene(staff(9))
    await scene.look()
    scene.post.watched = replace(scene.watched, gaps=False)
    for gone in ("1", "2", "5", "8"):
        del scene.tenant.records[gone]
        scene.tenant.trouble[f"/{gone}"] = [Unavailable("down", "unreachable")]
    before = len(scene.tenant.asked)
    await scene.look()
    assert [url for url in scene.tenant.asked[before:] if "f" not in url] == ["/1", "/2", "/5"]


async def test_an_answer_that_cannot_be_read_proves_that_the_scope_was_granted() -> None:
    scene = Scene(staff(9))
    await scene.look()
    await scene.look()
    scene.tenant.trouble["/first"] = [ScopeMissing("employees.readonly")]
    await scene.look()
    assert NAME.resource in scene.standing.refusals
    scene.tenant.bodies["/from/3"] = lambda _body: b"<html>busy</html>"
    await scene.look()
    assert scene.watch.failing
    assert NAME.resource not in scene.standing.refusals


class Forgetful(MemoryJournal):
    """Cannot be read at first."""

    trouble = 1

    async def state(self, name: ResourceName) -> ResourceState:
        if self.trouble:
            self.trouble -= 1
            raise StoreError("the disk failed", "io")
        return await super().state(name)


@pytest.mark.looptime
async def test_a_store_that_cannot_be_read_at_the_start_ends_no_watch() -> None:
    scene = Scene(staff(3), Forgetful())
    with anyio.move_on_after(10):
        await scene.watch.run()
    assert scene.onlooker.ended == 1
