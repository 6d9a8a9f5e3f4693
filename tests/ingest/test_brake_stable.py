"""The brake where pages name whom they ask for: new records are only shown by a survey."""

import anyio
import pytest

from lucca_sync.app.decisions import Decisions
from lucca_sync.ingest.held import Decision, Verdict, decision_key, encoded
from lucca_sync.lucca.errors import CursorLost
from tests.ingest.braking import EARLIER, change, held_of, kinds
from tests.ingest.test_stable import large, rounds, watching
from tests.ingest.watching import NAME, START, Scene

pytestmark = pytest.mark.looptime


async def decide(scene: Scene, verdict: Verdict) -> None:
    decision = Decision(verdict=verdict, since=held_of(scene).since, at=START)
    await scene.journal.write_note(decision_key(NAME), encoded(decision))
    await Decisions(scene.journal, "acme", [scene.watch], scene.gate).look()


async def test_a_mass_change_is_held_round_after_round_and_told_once_approved() -> None:
    tenant = large(250)
    async with watching(tenant) as scene:
        await rounds(3)
        change(tenant, range(1, 251), familyName="Import", lastUpdatedAt="2026-03-02T00:00:00Z")
        await rounds(4)
        told, held = (await kinds(scene))["updated"], held_of(scene).counts["updated"]
        assert told + held == 250
        await rounds(4)
        assert await kinds(scene) == {"updated": told}
        await decide(scene, "approve")
        await rounds(1)
        assert await kinds(scene) == {"updated": 250}
        assert scene.post.brake.held is None


async def test_a_mass_deletion_is_held_at_the_end_of_the_round() -> None:
    tenant = large(250)
    async with watching(tenant) as scene:
        await rounds(3)
        for number in range(1, 151):
            del tenant.records[str(number)]
        await rounds(3)
        held = held_of(scene)
        told = (await kinds(scene)).get("deleted", 0)
        assert (held.counts["deleted"], told <= 12) == (150 - told, True)
        await rounds(3)
        assert held_of(scene).counts == held.counts
        await decide(scene, "approve")
        await rounds(2)
        assert await kinds(scene) == {"deleted": 150}


async def test_new_records_stay_held_though_no_round_shows_them_and_are_told_once_approved() -> None:
    tenant = large(120)
    async with watching(tenant) as scene:
        await rounds(3)
        for number in range(1000, 1200):
            tenant.put(str(number), familyName="Import")
        scene.watch.survey_now()
        await rounds(4)
        assert await kinds(scene) == {"created": 100}
        assert held_of(scene).counts == {"created": 100}
        await decide(scene, "approve")
        await rounds(4)
        assert await kinds(scene) == {"created": 200}
        assert scene.post.brake.held is None


async def test_held_new_records_that_are_gone_again_are_released_by_the_survey() -> None:
    tenant = large(120)
    async with watching(tenant) as scene:
        await rounds(3)
        for number in range(1000, 1200):
            tenant.put(str(number), familyName="Import")
        scene.watch.survey_now()
        await rounds(4)
        told = {event.record_id for event in await scene.events()}
        tenant.records = {
            key: record for key, record in tenant.records.items() if int(key) < 1000 or key in told
        }
        await rounds(3)
        assert held_of(scene).counts == {"created": 100}
        scene.watch.survey_now()
        await anyio.sleep(5)
        assert scene.post.brake.held is None


async def test_a_restore_of_everything_is_held_and_becomes_the_baseline() -> None:
    tenant = large(120)
    async with watching(tenant) as scene:
        await rounds(3)
        tenant.records = {}
        for number in range(1000, 1120):
            tenant.put(str(number), familyName="Then")
        await rounds(3)
        deletions = len(await scene.told())
        assert held_of(scene).counts == {"created": 120, "deleted": 120 - deletions}
        assert held_of(scene).reason == "restore"
        await decide(scene, "baseline")
        await rounds(4)
        assert scene.post.brake.held is None
        assert len(await scene.told()) == deletions <= 12
        assert (await scene.journal.state(NAME)).records == 120


async def test_what_outgrows_a_restore_decided_about_half_seen_is_still_a_restore() -> None:
    """Its first records are known by then, and answer: of its rest only the name says that it is a copy."""
    tenant = large(800)
    async with watching(tenant) as scene:
        await rounds(3)
        tenant.records = {}
        for number in range(1001, 1801):
            tenant.put(str(number), familyName="Then")
        tenant.trouble["/from/300"] = [CursorLost("gone")]
        scene.watch.survey_now()
        await anyio.sleep(5)
        assert held_of(scene).counts["created"] == 300
        await decide(scene, "baseline")
        await rounds(1)
        held = held_of(scene)
        assert (held.reason, held.counts["created"], held.verdict) == ("restore", 350, None)
        await decide(scene, "baseline")
        await rounds(4)
        assert scene.post.brake.held is None
        assert await scene.told() == []
        assert (await scene.journal.state(NAME)).records == 800


async def test_a_resource_that_looks_empty_is_surveyed_once_and_not_again_and_again() -> None:
    tenant = large(120)
    async with watching(tenant) as scene:
        await rounds(3)
        tenant.records = {}
        await rounds(3)
        assert held_of(scene).counts == {"deleted": 120}
        assert tenant.asked.count("/first") == 1
        await rounds(6)
        assert tenant.asked.count("/first") == 1


async def test_clocks_that_went_back_are_a_restore_and_nobody_is_read_one_by_one() -> None:
    tenant = large(250)
    async with watching(tenant) as scene:
        await rounds(3)
        before = len(tenant.asked)
        change(tenant, range(1, 251), familyName="Then", lastUpdatedAt=EARLIER)
        await rounds(3)
        assert held_of(scene).reason == "restore"
        assert await scene.told() == []
        assert len(tenant.asked) - before < 25
