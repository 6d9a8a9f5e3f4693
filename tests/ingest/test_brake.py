"""What the brake holds, for how long, and what becomes of it when somebody decides."""

from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
import pytest
from structlog.testing import capture_logs

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.decode import decode_page, decode_record
from lucca_sync.ingest.held import Decision, decode_held, held_key
from lucca_sync.ingest.source import Watched
from lucca_sync.journal.protocol import EventFilter
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import Unavailable
from lucca_sync.model.catalogue import CATALOGUE, Resource
from tests.ingest.braking import LATER, change, crowd, decided, held_of, kinds, restarted
from tests.ingest.tenant import Answer, FakeTenant
from tests.ingest.watching import NAME, Scene, staff


async def overrun(scene: Scene) -> None:
    """Change three employees in four at once: half of them pass, the rest is held."""
    change(scene.tenant, range(1, 151), familyName="Import")
    await scene.look()


async def test_changes_are_held_from_the_threshold_on() -> None:
    scene = await crowd()
    await overrun(scene)
    assert await kinds(scene) == {"updated": 100}
    held = held_of(scene)
    assert (held.reason, held.counts, held.records, held.passed) == ("many", {"updated": 50}, 200, 100)
    assert (held.fields, len(held.subjects["updated"])) == ({"familyName": 50}, 50)
    assert scene.metric("brake_held_records", kind="updated") == 50
    assert scene.metric("brake_holding", reason="many") == 1


async def test_no_more_than_the_count_or_no_more_than_the_share_passes_freely() -> None:
    scene = await crowd(110, page=50)
    change(scene.tenant, range(1, 101), familyName="Import")
    await scene.look()
    assert await kinds(scene) == {"updated": 100}
    large = await crowd(400, page=100)
    change(large.tenant, range(1, 201), familyName="Import")
    await large.look()
    assert await kinds(large) == {"updated": 200}


async def test_no_look_lets_a_little_more_of_what_is_held_through() -> None:
    scene = await crowd()
    await overrun(scene)
    for _ in range(3):
        await scene.look()
    assert await kinds(scene) == {"updated": 100}
    assert scene.metric("brake_held_records", kind="updated") == 50


async def test_what_is_held_survives_a_restart_to_the_last_record() -> None:
    scene = await crowd()
    await overrun(scene)
    scene = await restarted(scene)
    await scene.look()
    await scene.look()
    assert await kinds(scene) == {"updated": 100}
    assert held_of(scene).counts == {"updated": 50}
    assert scene.metric("brake_held_records", kind="updated") == 50


async def test_a_restart_in_the_middle_of_a_sweep_releases_nothing_that_stood_before() -> None:
    scene = await crowd()
    await overrun(scene)
    scene.tenant.trouble["/from/140"] = [Unavailable("gone", "unreachable")]
    await scene.look()
    scene = await restarted(scene)
    await scene.look()
    assert held_of(scene).counts == {"updated": 50}
    assert await kinds(scene) == {"updated": 100}


async def test_what_is_held_is_released_by_itself_when_the_rows_return() -> None:
    scene = await crowd()
    before = dict(scene.tenant.records)
    await overrun(scene)
    for number in range(101, 151):
        scene.tenant.records[str(number)] = before[str(number)]
    with capture_logs() as logs:
        await scene.look()
    assert scene.post.brake.held is None
    assert await scene.journal.notes("brake/") == {}
    assert [line["event"] for line in logs].count("brake_released") == 1
    assert await kinds(scene) == {"updated": 100}


async def test_another_change_of_somebody_else_passes_while_a_mass_is_held() -> None:
    scene = await crowd()
    await overrun(scene)
    change(scene.tenant, [180], phoneNumber="+33 1")
    change(scene.tenant, [181], familyName="Import")
    await scene.look()
    assert [event.record_id for event in await scene.events()][100:] == ["180"]
    assert held_of(scene).counts == {"updated": 51}


async def test_many_new_records_are_held_too() -> None:
    scene = await crowd(20, page=500)
    for number in range(1000, 1150):
        scene.tenant.put(str(number), familyName="Import")
    await scene.look()
    assert await kinds(scene) == {"created": 100}
    assert held_of(scene).counts == {"created": 50}
    assert scene.metric("brake_held_records", kind="created") == 50
    await decided(scene, "approve")
    await scene.look()
    assert await kinds(scene) == {"created": 150}


async def test_one_more_new_record_belongs_to_many_that_are_held() -> None:
    scene = await crowd(20, page=500)
    for number in range(1000, 1151):
        scene.tenant.put(str(number), familyName="Import")
        if number == 1149:
            await scene.look()
    await scene.look()
    assert await kinds(scene) == {"created": 100}
    assert held_of(scene).counts == {"created": 51}


async def test_held_new_records_that_are_gone_again_are_released() -> None:
    scene = await crowd(20, page=500)
    before = dict(scene.tenant.records)
    for number in range(1000, 1150):
        scene.tenant.put(str(number), familyName="Import")
    await scene.look()
    told = {event.record_id for event in await scene.events()}
    scene.tenant.records = {
        key: record for key, record in scene.tenant.records.items() if key in told or key in before
    }
    await scene.look()
    assert scene.post.brake.held is None


async def test_what_is_left_is_believed_once_nine_in_ten_have_returned() -> None:
    scene = await crowd()
    before = dict(scene.tenant.records)
    await overrun(scene)
    for number in range(101, 146):
        scene.tenant.records[str(number)] = before[str(number)]
    await scene.look()
    assert scene.post.brake.held is None
    await scene.look()
    assert await kinds(scene) == {"updated": 105}


async def test_after_a_restart_all_that_is_held_stays_so_though_not_all_is_known_by_name() -> None:
    scene = await crowd(3000, page=1000)
    for number in range(1, 3001):
        change(scene.tenant, [number], **{f"field{number % 7}": "Import"})
    await scene.look()
    counts = held_of(scene).counts
    assert counts["updated"] > 1000
    told = scene.metric("changes_total", kind="updated")
    scene = await restarted(scene)
    await scene.look()
    assert held_of(scene).counts == counts
    assert told + counts["updated"] == 3000
    assert scene.metric("changes_total", kind="updated") == 0


async def test_other_eyes_count_and_are_held_like_the_sweep() -> None:
    """A storm of hints after a mass import is genuine, and counts the same."""
    scene = await crowd(150, page=150)
    change(scene.tenant, range(1, 121), familyName="Import")
    page = await scene.tenant.page("/first", resource=scene.watched.resource, etag=None, purpose="hint")
    with scene.post.asking() as moment:
        compared = await scene.post.hand_in(decode_page(page.body or b"").items, moment, "hint", "/asked")
    assert len(compared.disbelieved) == 20
    assert await kinds(scene) == {"updated": 100}
    assert held_of(scene).counts == {"updated": 20}


async def test_an_approved_set_is_told_at_the_next_look_and_the_brake_lets_go() -> None:
    scene = await crowd()
    await overrun(scene)
    assert await decided(scene, "approve")
    await scene.look()
    assert await kinds(scene) == {"updated": 150}
    assert scene.post.brake.held is None
    assert scene.metric("brake_held_records", kind="updated") == 0
    await scene.look()
    assert await kinds(scene) == {"updated": 150}


async def test_an_approved_set_that_has_grown_by_more_than_half_is_held_again() -> None:
    scene = await crowd(400, page=100)
    change(scene.tenant, range(1, 251), familyName="Import")
    await scene.look()
    assert held_of(scene).counts == {"updated": 50}
    await decided(scene, "approve")
    change(scene.tenant, range(251, 391), familyName="Import")
    await scene.look()
    assert (await kinds(scene))["updated"] == 200 + 75
    held = held_of(scene)
    assert (held.counts, held.verdict) == ({"updated": 115}, None)
    await scene.look()
    assert (await kinds(scene))["updated"] == 275


async def test_an_approval_is_carried_out_after_a_restart_too() -> None:
    scene = await crowd()
    await overrun(scene)
    await decided(scene, "approve")
    scene = await restarted(scene)
    await scene.look()
    assert await kinds(scene) == {"updated": 150}
    assert scene.post.brake.held is None


async def test_what_becomes_the_new_baseline_is_told_to_nobody_and_stays_so() -> None:
    scene = await crowd()
    await overrun(scene)
    await decided(scene, "baseline")
    await scene.look()
    assert await kinds(scene) == {"updated": 100}
    assert scene.post.brake.held is None
    change(scene.tenant, [150], familyName="Afterwards", lastUpdatedAt="2026-02-03T00:00:00Z")
    await scene.look()
    event = (await scene.events())[-1]
    assert (event.record_id, event.sequence) == ("150", 1)
    assert [change.before for change in event.changes if change.path == "/familyName"] == ["Import"]


async def test_a_rejected_set_stays_out_quietly_until_it_grows_by_more_than_half() -> None:
    scene = await crowd(400, page=100)
    change(scene.tenant, range(1, 251), familyName="Import")
    await scene.look()
    await decided(scene, "reject")
    await scene.look()
    assert scene.metric("brake_held_records", kind="updated") == 0
    assert scene.metric("brake_holding", reason="many") == 0
    assert scene.metric("brake_rejected_records", kind="updated") == 50
    change(scene.tenant, range(251, 301), familyName="Import")
    with capture_logs() as logs:
        await scene.look()
    assert (await kinds(scene))["updated"] == 200
    assert "brake_held_again" in [line["event"] for line in logs]
    assert scene.metric("brake_held_records", kind="updated") == 100
    assert scene.metric("brake_rejected_records", kind="updated") == 0


async def test_a_rejected_set_is_forgotten_when_the_rows_return() -> None:
    scene = await crowd()
    kept = {key: dict(record) for key, record in scene.tenant.records.items()}
    await overrun(scene)
    await decided(scene, "reject")
    for number in range(101, 151):
        scene.tenant.records[str(number)] = kept[str(number)]
    await scene.look()
    assert scene.metric("brake_rejected_records", kind="updated") == 0
    assert scene.post.brake.held is None


async def test_a_decision_about_what_is_no_longer_held_changes_nothing() -> None:
    scene = await crowd()
    await overrun(scene)
    held = held_of(scene)
    await decided(scene, "approve")
    await scene.look()
    change(scene.tenant, range(1, 151), familyName="Again", lastUpdatedAt="2026-02-05T00:00:00Z")
    await scene.look()
    outdated = Decision(verdict="approve", since=held.since.replace(year=2020), at=held.since)
    assert not await scene.post.brake.decide(outdated)
    await scene.look()
    assert held_of(scene).verdict is None


async def test_held_deletions_are_told_after_approval_each_confirmed_by_id() -> None:
    scene = await crowd(100, page=50)
    for number in range(1, 51):
        del scene.tenant.records[str(number)]
    await scene.look()
    assert held_of(scene).counts == {"deleted": 50}
    await decided(scene, "approve")
    await scene.look()
    assert await kinds(scene) == {"deleted": 50}
    assert "/17" in scene.tenant.asked
    assert scene.post.brake.held is None


async def test_approved_deletions_that_have_grown_by_more_than_half_are_held_again() -> None:
    scene = await crowd(400, page=100)
    for number in range(1, 51):
        del scene.tenant.records[str(number)]
    await scene.look()
    await decided(scene, "approve")
    for number in range(51, 101):
        del scene.tenant.records[str(number)]
    await scene.look()
    assert await scene.told() == []
    assert (held_of(scene).counts, held_of(scene).verdict) == ({"deleted": 100}, None)


async def test_deletions_taken_as_baseline_are_forgotten_without_a_question() -> None:
    scene = await crowd(100, page=50)
    for number in range(1, 51):
        del scene.tenant.records[str(number)]
    await scene.look()
    await decided(scene, "baseline")
    await scene.look()
    assert await scene.told() == []
    assert (await scene.journal.state(NAME)).records == 50
    assert "/17" not in scene.tenant.asked


async def test_after_a_restart_what_is_not_known_to_be_held_is_read_before_it_is_forgotten() -> None:
    scene = await crowd(3000, page=1000)
    for number in range(1, 1501):
        del scene.tenant.records[str(number)]
    await scene.look()
    await decided(scene, "baseline")
    scene.tenant.hidden = {"2000"}
    scene = await restarted(scene)
    await scene.look()
    assert await scene.told() == []
    assert (await scene.journal.state(NAME)).records == 1500
    assert "/1001" in scene.tenant.asked
    assert "/999" not in scene.tenant.asked


class Emptied(FakeTenant):
    """A tenant that hides all it has when it is asked for a page, just after something else has happened."""

    before: Callable[[], Awaitable[object]] | None = None

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        if self.before is not None:
            await self.before()
            self.records, self.before = {}, None
        return await super().page(url, resource=resource, etag=etag, purpose=purpose)


async def test_a_resource_that_turns_empty_is_held_though_somebody_was_read_alone_meanwhile() -> None:
    tenant = Emptied(staff(10).records, page_size=20)
    scene = Scene(tenant)
    await scene.look()
    tenant.put("10", familyName="Now", lastUpdatedAt=LATER)
    item = decode_record(msgspec.json.encode(tenant.records["10"]))
    assert item is not None
    tenant.before = partial(scene.post.hand_in, [item], 0, "hint", "/10")
    await scene.look()
    assert await scene.told() == [("10", "updated", 1)]
    assert held_of(scene).counts == {"deleted": 9}
    await scene.look()
    assert held_of(scene).counts == {"deleted": 10}


async def test_a_resource_of_one_record_that_turns_empty_is_held() -> None:
    scene = await crowd(1)
    scene.tenant.records.clear()
    await scene.look()
    assert await scene.told() == []
    assert held_of(scene).counts == {"deleted": 1}


async def test_the_last_record_is_not_believed_gone_by_any_other_eye_either() -> None:
    scene = await crowd(1)
    scene.tenant.records.clear()
    await Absentees(scene.post).suspect(["1"], "hint")
    assert await scene.told() == []
    assert "/1" not in scene.tenant.asked


async def test_deletions_seen_early_count_against_the_threshold_of_the_round() -> None:
    scene = await crowd(100, page=50)
    absentees = Absentees(scene.post)
    for number in range(1, 21):
        del scene.tenant.records[str(number)]
    for number in range(1, 21):
        await absentees.suspect([str(number)], "gap")
    assert await kinds(scene) == {"deleted": 10}
    await scene.look()
    assert await kinds(scene) == {"deleted": 10}
    assert held_of(scene).counts == {"deleted": 10}
    await scene.look()
    assert held_of(scene).counts == {"deleted": 10}


async def test_a_sweep_cut_off_again_and_again_tells_no_more_than_one_that_is_not() -> None:
    scene = await crowd(200, page=20)
    change(scene.tenant, range(1, 181), familyName="Import")
    scene.tenant.trouble["/from/60"] = [Unavailable("gone", "unreachable")]
    await scene.look()
    await scene.journal.save_cursor(NAME, None)
    await scene.look()
    assert await kinds(scene) == {"updated": 100}


async def test_a_snapshot_baseline_is_not_braked() -> None:
    watched = Watched(NAME, CATALOGUE["employees"], "https://acme", every=60.0, snapshot_baseline=True)
    tenant = staff(300)
    tenant.page_size = 100
    scene = Scene(tenant, watched=watched)
    await scene.look()
    assert await kinds(scene) == {"created": 300}


async def test_what_is_held_is_said_once_and_without_a_value() -> None:
    scene = await crowd()
    with capture_logs() as logs:
        await overrun(scene)
        await scene.look()
    told = [line for line in logs if line["event"] == "brake_held"]
    assert [line["advice"] for line in told] == ["lucca-sync brake show acme/employees"]
    assert "Import" not in str(logs)


async def test_the_note_holds_ids_and_fields_and_no_value() -> None:
    scene = await crowd()
    await overrun(scene)
    note = await scene.journal.note(held_key(NAME))
    assert note is not None
    assert b"familyName" in note
    assert b"Import" not in note
    assert decode_held(note) == held_of(scene)


async def test_a_thousand_subjects_are_remembered_and_all_are_counted() -> None:
    scene = await crowd(3000, page=1000)
    change(scene.tenant, range(1, 3001), familyName="Import")
    await scene.look()
    held = held_of(scene)
    assert (held.counts, len(held.subjects["updated"])) == ({"updated": 1500}, 1000)
    scene = await restarted(scene)
    await scene.look()
    found = await scene.journal.newest(limit=5000, wanted=EventFilter())
    assert len(found) == 1500
    assert held_of(scene).counts == {"updated": 1500}


@pytest.mark.parametrize("broken", [b"", b"{}", b"\xff"])
async def test_a_note_that_cannot_be_read_holds_nothing(broken: bytes) -> None:
    scene = await crowd(5)
    await scene.journal.write_note(held_key(NAME), broken)
    scene = await restarted(scene)
    change(scene.tenant, [1], familyName="Other")
    await scene.look()
    assert await kinds(scene) == {"updated": 1}
