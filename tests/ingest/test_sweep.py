"""What a sweep finds, and what it must not take for a change."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest
from structlog.testing import capture_logs

from lucca_sync.ingest.decode import decode_record
from lucca_sync.ingest.source import Watched
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import ResourceName, StoreError
from lucca_sync.lucca import legacy
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import Unavailable
from lucca_sync.model.catalogue import CATALOGUE, Resource
from lucca_sync.model.values import Json
from tests.ingest.tenant import Answer, FakeTenant
from tests.ingest.watching import LANE, NAME, START, Scene, staff


async def settled(tenant: FakeTenant) -> Scene:
    """A scene whose baseline is done."""
    scene = Scene(tenant)
    await scene.look()
    return scene


async def test_the_first_sweep_is_silent_and_takes_everything_in() -> None:
    scene = await settled(staff(8))
    assert await scene.told() == []
    assert (await scene.journal.state(NAME)).records == 8
    assert scene.metric("records") == 8
    assert scene.onlooker.pages == [(3, 8), (6, 8), (8, 8)]


async def test_a_snapshot_baseline_tells_each_record_as_created() -> None:
    watched = Watched(NAME, CATALOGUE["employees"], "https://acme", every=60.0, snapshot_baseline=True)
    scene = Scene(staff(2), watched=watched)
    await scene.look()
    assert await scene.told() == [("1", "created", 1), ("2", "created", 1)]


async def test_changes_hires_and_deletions_become_events() -> None:
    tenant = staff(8)
    scene = await settled(tenant)
    tenant.put("2", familyName="Other", lastUpdatedAt="2026-02-02T00:00:00Z")
    tenant.put("9", familyName="New")
    del tenant.records["5"]
    await scene.look()
    assert sorted(await scene.told()) == [("2", "updated", 1), ("5", "deleted", 1), ("9", "created", 1)]
    assert scene.roused == 3
    assert scene.metric("changes_total", kind="updated") == 1


async def test_an_event_waits_in_its_lane_once_it_is_committed() -> None:
    tenant = staff(2)
    scene = await settled(tenant)
    tenant.put("1", familyName="Other")
    await scene.look()
    claims = await scene.journal.claim(
        LANE, now=START + timedelta(hours=1), lease=timedelta(minutes=1), limit=9
    )
    assert [claim.event.record_id for claim in claims] == ["1"]


async def test_nothing_changed_is_asked_conditionally_and_writes_nothing() -> None:
    tenant = staff(8)
    scene = await settled(tenant)
    await scene.look()  # the baseline's first address asked for the total as well
    before = tenant.not_modified
    await scene.look()
    assert tenant.not_modified - before == 3
    assert await scene.told() == []


async def test_without_etags_equal_bodies_are_enough() -> None:
    tenant = staff(8)
    tenant.etags = False
    scene = await settled(tenant)
    await scene.look()
    assert await scene.told() == []


async def test_a_304_on_the_first_page_does_not_hide_a_change_on_the_last() -> None:
    tenant = staff(8)
    scene = await settled(tenant)
    await scene.look()
    tenant.put("8", familyName="Other")
    await scene.look()
    assert await scene.told() == [("8", "updated", 1)]


async def test_a_full_last_page_that_gets_a_successor_is_noticed_whatever_its_etag_says() -> None:
    tenant = staff(100)
    tenant.page_size, tenant.tags_of_items_alone = 100, True
    scene = await settled(tenant)
    await scene.look()
    tenant.put("101", familyName="New")
    await scene.look()
    assert await scene.told() == [("101", "created", 1)]


async def test_rotating_portrait_tokens_are_no_change() -> None:
    tenant = staff(4)
    scene = await settled(tenant)
    for number in range(3):
        for key in tenant.records:
            tenant.put(key, links={"portrait": {"href": f"https://acme/files/1?token={number}"}})
        await scene.look()
    assert await scene.told() == []


async def test_embedded_copies_are_no_change() -> None:
    tenant = staff(2)
    scene = await settled(tenant)
    tenant.put("1", embedded={"employment": {"154": {"status": "stale"}}})
    await scene.look()
    assert await scene.told() == []


async def test_rows_that_move_between_pages_are_no_change() -> None:
    tenant = staff(8)
    scene = await settled(tenant)
    tenant.records = {"0": {"id": "0", "familyName": "First"}, **tenant.records}
    await scene.look()
    del tenant.records["0"]
    await scene.look()
    assert await scene.told() == [("0", "created", 1), ("0", "deleted", 2)]


async def test_a_record_that_is_only_hidden_from_lists_is_not_deleted() -> None:
    tenant = staff(8)
    scene = await settled(tenant)
    tenant.hidden = {"4"}
    await scene.look()
    assert "/4" in tenant.asked
    assert await scene.told() == []
    assert await scene.journal.count_missing(NAME) == 0


async def test_a_hidden_record_that_changes_is_told_from_the_confirming_read() -> None:
    tenant = staff(8)
    scene = await settled(tenant)
    tenant.hidden = {"4"}
    tenant.put("4", familyName="Other")
    await scene.look()
    events = await scene.events()
    assert [(event.record_id, event.kind, event.detected_by) for event in events] == [
        ("4", "updated", "confirmation")
    ]


async def test_a_sweep_cut_short_deletes_nobody() -> None:
    tenant = staff(9)
    scene = await settled(tenant)
    del tenant.records["1"]
    tenant.trouble["/from/3"] = [Unavailable("gone", "unreachable")]
    await scene.look()
    assert await scene.told() == []
    await scene.look()
    assert await scene.told() == [("1", "deleted", 1)]


async def test_mass_deletion_is_held_and_released_when_the_rows_return() -> None:
    tenant = staff(100)
    scene = await settled(tenant)
    kept = tenant.records
    tenant.records = {key: record for key, record in kept.items() if int(key) > 50}
    await scene.look()
    assert await scene.told() == []
    assert scene.metric("brake_held_records", kind="deleted") == 50
    tenant.records = kept
    await scene.look()
    assert await scene.told() == []
    assert scene.metric("brake_held_records", kind="deleted") == 0


async def test_a_resource_that_turns_empty_is_held_however_small_it_is() -> None:
    tenant = staff(2)
    scene = await settled(tenant)
    kept, tenant.records = tenant.records, {}
    await scene.look()
    assert await scene.told() == []
    assert scene.metric("brake_held_records", kind="deleted") == 2
    tenant.records = kept
    await scene.look()
    assert await scene.told() == []


async def test_a_stale_row_is_read_again_by_id_before_it_is_believed() -> None:
    tenant = staff(2)
    tenant.put("1", familyName="Now", lastUpdatedAt="2026-02-02T00:00:00Z")
    scene = await settled(tenant)

    def yesterday(body: bytes) -> bytes:
        return body.replace(b'"Now"', b'"Then"').replace(b"2026-02-02", b"2026-01-31")

    tenant.bodies = {"/first": yesterday}
    await scene.look()
    assert "/1" in tenant.asked
    assert await scene.told() == []


async def test_a_row_that_is_as_before_without_having_been_written_is_read_again_by_id() -> None:
    """Computed fields move without a write: a stale copy has the clock of the present record."""
    tenant = staff(3)
    scene = await settled(tenant)
    before = dict(tenant.records["2"])
    tenant.put("2", familyName="Now")
    await scene.look()
    tenant.hidden, tenant.ghosts = {"2"}, {"2": before}
    await scene.look()
    assert "/2" in tenant.asked
    assert await scene.told() == [("2", "updated", 1)]


async def test_who_truly_is_as_before_is_told_to_be() -> None:
    tenant = staff(3)
    scene = await settled(tenant)
    before = dict(tenant.records["2"])
    tenant.put("2", familyName="Now")
    await scene.look()
    tenant.records["2"] = before
    await scene.look()
    assert await scene.told() == [("2", "updated", 1), ("2", "updated", 2)]
    asked = tenant.asked.count("/2")
    tenant.put("2", familyName="Now", lastUpdatedAt="2026-03-01T09:00:00Z")
    await scene.look()
    assert tenant.asked.count("/2") == asked  # it was written since: no copy of former times
    assert len(await scene.told()) == 3


async def test_a_stale_row_with_the_same_content_does_not_let_another_stale_one_look_new() -> None:
    """Changed and changed back: of three states the first and the last differ in their clocks alone."""
    states = [("A", "2026-03-01T09:00:00Z"), ("B", "2026-03-01T10:00:00Z"), ("A", "2026-03-01T11:00:00Z")]
    scene = await settled(staff(8))
    for name, clock in states:
        scene.tenant.put("2", familyName=name, lastUpdatedAt=clock)
        await scene.look()
    told = await scene.told()
    true = dict(scene.tenant.records["2"])
    for name, clock in states[:2]:
        scene.tenant.hidden, scene.tenant.ghosts = (
            {"2"},
            {"2": {**true, "familyName": name, "lastUpdatedAt": clock}},
        )
        await scene.look()
    assert await scene.told() == told


async def test_a_stale_row_that_is_not_there_by_id_changes_nothing() -> None:
    tenant = staff(2)
    stale = msgspec.json.encode({"items": list(tenant.records.values())})
    tenant.put("1", familyName="Now", lastUpdatedAt="2026-02-02T00:00:00Z")
    scene = await settled(tenant)
    tenant.bodies = {"/first": lambda _: stale}
    del tenant.records["1"]
    await scene.look()
    assert "/1" in tenant.asked
    assert await scene.told() == []


async def test_a_stale_row_s_page_is_compared_again_next_time() -> None:
    """The page's digest must not vouch for what the row said: it was not believed."""
    tenant = staff(2)
    tenant.put("1", familyName="Now", lastUpdatedAt="2026-02-02T00:00:00Z")
    scene = await settled(tenant)
    stale = {"familyName": "Then", "lastUpdatedAt": "2026-01-31T00:00:00Z"}
    tenant.bodies = {
        "/first": lambda body: body.replace(b'"Now"', b'"Then"').replace(b"2026-02-02", b"2026-01-31")
    }
    await scene.look()
    tenant.bodies = {}
    tenant.put("1", **stale)  # now it is the truth (a restore)
    await scene.look()
    assert await scene.told() == [("1", "updated", 1)]


@pytest.mark.parametrize("record_id", ["2", "3"])
async def test_a_record_back_from_deletion_is_created_again(record_id: str) -> None:
    tenant = staff(4)
    scene = await settled(tenant)
    record = tenant.records.pop(record_id)
    await scene.look()
    tenant.records[record_id] = record
    await scene.look()
    assert await scene.told() == [(record_id, "deleted", 1), (record_id, "created", 2)]


async def test_a_stale_list_that_still_shows_a_deleted_record_brings_nobody_back() -> None:
    tenant = staff(4)
    scene = await settled(tenant)
    tenant.hidden = {"3"}
    ghost = tenant.records.pop("3")
    await scene.look()
    tenant.ghosts = {"3": ghost}
    await scene.look()
    await scene.look()
    assert await scene.told() == [("3", "deleted", 1)]
    tenant.records["3"], tenant.ghosts = ghost, {}  # the same bytes, and now they are true
    tenant.hidden, tenant.records = set(), {key: tenant.records[key] for key in ("1", "2", "4", "3")}
    await scene.look()
    assert await scene.told() == [("3", "deleted", 1), ("3", "created", 2)]


async def test_a_baseline_goes_on_where_it_was_cut_off() -> None:
    tenant, journal = staff(9), MemoryJournal()
    tenant.trouble["/from/6"] = [Unavailable("gone", "unreachable")]
    await Scene(tenant, journal).look()
    tenant.asked.clear()
    scene = Scene(tenant, journal)
    await scene.look()
    assert tenant.asked == ["/from/6"]
    assert await scene.told() == []
    assert scene.onlooker.pages[-1][0] == 9


class DyingJournal(MemoryJournal):
    """A journal that is gone when the sweep wants to end."""

    dead = True

    async def finish_sweep(self, name: ResourceName, at: datetime, pages: int) -> None:
        if self.dead:
            raise StoreError("killed", "other")
        await super().finish_sweep(name, at, pages)


async def test_a_sweep_cut_off_between_its_last_page_and_its_end_only_ends() -> None:
    tenant, journal = staff(9), DyingJournal()
    await Scene(tenant, journal).look()
    tenant.asked.clear()
    journal.dead = False
    await Scene(tenant, journal).look()
    assert tenant.asked == []
    assert (await journal.state(NAME)).baseline_done


async def test_a_change_during_a_resumed_sweep_is_told_by_the_next() -> None:
    tenant, journal = staff(9), MemoryJournal()
    tenant.trouble["/from/6"] = [Unavailable("gone", "unreachable")]
    await Scene(tenant, journal).look()
    tenant.put("1", familyName="Other")
    scene = Scene(tenant, journal)
    await scene.look()
    await scene.look()
    assert await scene.told() == [("1", "updated", 1)]


def crowd() -> FakeTenant:
    """A tenant whose first page holds enough records to learn from, and whose last page does not."""
    tenant = staff(13)
    tenant.page_size = 10
    return tenant


async def test_a_field_that_appears_on_everybody_is_learned_silently_and_reported_once() -> None:
    tenant = crowd()
    scene = await settled(tenant)
    for key in tenant.records:
        tenant.put(key, pronouns=f"they {key}", department={"id": "3", "type": "department", "code": key})
    with capture_logs() as logs:
        await scene.look()
    assert await scene.told() == []
    assert [line["field"] for line in logs if line["event"] == "field_learned"] == [
        "/department",
        "/pronouns",
    ]
    assert "they 1" not in str(logs)
    tenant.put("4", pronouns="she")
    await scene.look()
    assert await scene.told() == [("4", "updated", 1)]


async def test_a_record_that_changed_besides_is_told_without_the_learned_field() -> None:
    tenant = crowd()
    scene = await settled(tenant)
    for key in tenant.records:
        tenant.put(key, pronouns="they")
    tenant.put("2", familyName="Other")
    await scene.look()
    (event,) = await scene.events()
    assert [change.path for change in event.changes] == ["/familyName"]
    assert event.record is not None
    assert event.record["pronouns"] == "they"


async def test_a_learned_field_that_changes_while_the_others_are_still_learned_is_told() -> None:
    tenant = crowd()
    scene = await settled(tenant)
    for key in tenant.records:
        tenant.put(key, pronouns="they")
    await scene.look()
    tenant.put("4", pronouns="she")
    await hinted(scene, "4")
    assert await scene.told() == [("4", "updated", 1)]


async def hinted(scene: Scene, key: str) -> None:
    """Have a record read by itself, as after a hint."""
    with scene.post.asking() as moment:
        answer = await scene.lookout.source.record(scene.watched.resource, key, "hint")
        item = decode_record(answer.body) if answer and answer.body else None
        assert item is not None
        await scene.post.hand_in([item], moment, "hint", "/asked")


async def test_a_field_is_learned_although_another_eye_saw_it_on_some_records_before() -> None:
    """Whoever changed since the API grew shows it already; that is no reason to tell it of all others."""
    tenant = crowd()
    tenant.page_size = 20
    scene = await settled(tenant)
    for key in tenant.records:
        tenant.put(key, pronouns="they")
    tenant.put("2", familyName="Other")
    tenant.put("14", pronouns="they")
    for key in ("2", "14"):
        await hinted(scene, key)
    told = await scene.told()
    await scene.look()
    assert [record for record, *_ in told] == ["2", "14"]
    assert await scene.told() == told


async def test_a_field_that_people_filled_in_on_most_records_is_a_change_on_each() -> None:
    tenant = crowd()
    scene = await settled(tenant)
    for key in list(tenant.records)[:9]:
        tenant.put(key, terminationDate="2026-12-31")
    await scene.look()
    assert len(await scene.told()) == 9


async def test_a_field_that_appears_on_one_record_is_a_change() -> None:
    tenant = staff(6)
    scene = await settled(tenant)
    tenant.put("2", pronouns="they")
    await scene.look()
    assert await scene.told() == [("2", "updated", 1)]


async def test_a_value_that_appears_on_many_where_the_field_was_known_is_a_change_on_each() -> None:
    tenant = staff(6)
    for key in tenant.records:
        tenant.put(key, pronouns=None)
    scene = await settled(tenant)
    for key in tenant.records:
        tenant.put(key, pronouns="they")
    await scene.look()
    assert len(await scene.told()) == 6


async def test_a_field_declared_volatile_later_is_no_change_either() -> None:
    tenant, journal = staff(4), MemoryJournal()
    for key in tenant.records:
        tenant.put(key, lastSeen="then")
    scene = Scene(tenant, journal)
    await scene.look()
    for key in tenant.records:
        tenant.put(key, lastSeen="now")
    tenant.put("2", familyName="Other")
    scene = Scene(tenant, journal, replace(scene.watched, volatile=("lastSeen",)))
    await scene.look()
    (event,) = await scene.events()
    assert [change.path for change in event.changes] == ["/familyName"]
    assert event.previous is not None
    assert "lastSeen" not in event.previous


async def test_volatile_fields_are_no_change() -> None:
    tenant = staff(2)
    scene = Scene(tenant)
    scene = Scene(tenant, watched=replace(scene.watched, volatile=("lastSeen",)))
    await scene.look()
    tenant.put("1", lastSeen="now")
    await scene.look()
    assert await scene.told() == []


@pytest.mark.parametrize("value", ["2026-04-31", "2026-02-30T00:00:00"])
async def test_a_date_that_does_not_exist_passes_and_is_counted(value: Json) -> None:
    tenant = staff(2)
    scene = await settled(tenant)
    tenant.put("1", initialEndsOn=value)
    await scene.look()
    events = await scene.events()
    assert [event.record and event.record["initialEndsOn"] for event in events] == [value]
    assert scene.metric("impossible_values_total") == 1


class DeafTenant(FakeTenant):
    """An older API that shows its first thousand whichever page is asked for."""

    def first_url(self, resource: Resource, filters: Mapping[str, str]) -> str:
        return legacy.first_url(resource, filters)

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        self.asked.append(url)
        items = [{"id": number} for number in range(1, 1001)]
        return Answer(msgspec.json.encode({"data": {"items": items}}), None)


async def test_a_tenant_that_ignores_which_page_is_asked_for_is_not_asked_for_ever() -> None:
    users = Watched(NAME, CATALOGUE["users"], "https://acme", every=60.0)
    scene = Scene(DeafTenant(), watched=users)
    assert await scene.look() > 0
    assert scene.watch.failing
    assert len(scene.tenant.asked) <= 4


async def test_newcomers_whom_another_eye_saw_during_a_sweep_are_not_missing_at_its_end() -> None:
    """A sweep that has passed the page on which they stand shows none of them: no reason to hold anything."""
    tenant = staff(30)
    tenant.page_size = 10
    scene = await settled(tenant)
    tenant.trouble["/from/20"] = [Unavailable("gone", "unreachable")]
    await scene.look()
    newcomers = [str(number) for number in range(31, 61)]
    for key in newcomers:
        tenant.put(key, familyName="New")
        await hinted(scene, key)
    tenant.hidden = set(newcomers)
    before = len(tenant.asked)
    await scene.look()
    assert scene.post.brake.held is None
    assert tenant.asked[before:] == ["/from/10", "/from/20"]
    await scene.look()
    assert scene.post.brake.held is not None  # a look that began later should have shown them
    tenant.hidden.clear()
    await scene.look()
    assert scene.post.brake.held is None
    assert {kind for _, kind, _ in await scene.told()} == {"created"}
