"""Deliveries on their way: when, in which order, side by side, in batches."""

from dataclasses import replace
from datetime import datetime, timedelta

import anyio
import pytest

from lucca_sync.connector import Abilities
from lucca_sync.egress.route import Route
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import DeliveryFilter, Settlement
from lucca_sync.model.delivery import Lane
from lucca_sync.model.outcome import Park, Reject, Retry
from tests.egress.events import LANE, NOW, event
from tests.egress.stage import (
    PEOPLE,
    SECTION,
    Actor,
    JumpyClock,
    Stage,
    TroubledJournal,
    answers,
    events_of,
    running,
    takes,
)

pytestmark = pytest.mark.looptime


async def test_what_waits_in_the_journal_at_the_start_is_delivered_and_done() -> None:
    stage, actor = Stage(), Actor()
    await stage.journal_events(*events_of("1", "2"))
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert sorted(actor.got) == [("1", 1), ("2", 1)]
    assert await stage.states() == ["done", "done"]


async def test_a_ring_after_a_commit_makes_the_delivery_leave_at_once() -> None:
    stage, actor = Stage(), Actor()
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(7)
        began = anyio.current_time()
        await stage.journal_events(event())
        egress.bell.ring()
        await stage.until_settled()
    assert [call.at for call in actor.calls] == [pytest.approx(began, abs=0.001)]


async def test_what_nobody_rang_for_is_found_within_half_a_minute() -> None:
    stage, actor = Stage(), Actor()
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        await stage.journal_events(event())
        await anyio.sleep(30)
        assert actor.got == [("7", 1)]


async def test_events_of_one_subject_arrive_one_after_the_other_and_in_order() -> None:
    stage, actor = Stage(TroubledJournal()), Actor(takes(1))
    await stage.journal_events(*events_of("1", count=5))
    began = anyio.current_time()
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert actor.got == [("1", n) for n in range(1, 6)]
    assert actor.most == 1
    assert actor.calls[-1].at - began == pytest.approx(4, abs=0.1)  # each when the last is settled


class Pondering(MemoryJournal):
    """A journal that takes a second to tell when a lane's next delivery is due."""

    async def next_due(self, lane: Lane) -> datetime | None:
        due = await super().next_due(lane)
        await anyio.sleep(1)
        return due


async def test_what_is_settled_while_the_next_due_is_looked_up_is_not_slept_over() -> None:
    stage, actor = Stage(Pondering()), Actor(takes(0.5))
    await stage.journal_events(*events_of("1", count=2))
    began = anyio.current_time()
    async with running(stage.egress(actor)):
        await anyio.sleep(60)
    assert [number for _, number in actor.got] == [1, 2]
    assert actor.calls[1].at - began < 3


async def test_subjects_run_side_by_side_up_to_the_connectors_concurrency() -> None:
    stage, actor = Stage(), Actor(takes(1), Abilities(concurrency=3))
    await stage.journal_events(*events_of("1", "2", "3", "4", "5", "6", "7"))
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert actor.most == 3


async def test_a_place_is_free_again_before_the_last_outcome_is_written() -> None:
    journal = TroubledJournal()
    journal.delay = 5
    stage, actor = Stage(journal), Actor(takes(1), Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2"))
    began = anyio.current_time()
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert actor.calls[1].at - began == pytest.approx(1, abs=0.1)


async def test_a_subject_that_fails_blocks_only_itself() -> None:
    stage, actor = Stage(), Actor(answers(Retry("503")), Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2", count=2))
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert actor.got == [("1", 1), ("2", 1), ("2", 2), ("1", 1), ("1", 2)]


async def test_a_retry_comes_when_it_is_due_with_the_next_attempts_number() -> None:
    stage, actor = Stage(), Actor(answers(Retry("busy", after=timedelta(seconds=90))))
    await stage.journal_events(event())
    async with running(stage.egress(actor)):
        await stage.until_settled()
    first, second = actor.calls
    assert 90 <= second.at - first.at <= 101
    assert [call.deliveries[0].attempt for call in actor.calls] == [1, 2]


async def test_a_dead_letter_lets_the_subjects_next_event_pass_and_keeps_its_reason() -> None:
    stage, actor = Stage(), Actor(answers(Reject("400 Bad Request")))
    await stage.journal_events(*events_of("1", count=2))
    async with running(stage.egress(actor)):
        await stage.until_settled()
    dead, done = await stage.histories()
    assert (dead.state, dead.attempts[0].reason) == ("dead", "400 Bad Request")
    assert done.state == "done"


async def test_where_the_route_holds_subjects_a_dead_letter_stops_its_own_until_a_person_decides() -> None:
    stage, actor = Stage(), Actor(answers(Reject("400 Bad Request")), Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2", count=2))
    egress = stage.egress(actor, [replace(PEOPLE, on_dead="hold-subject")])
    async with running(egress):
        await anyio.sleep(600)
        assert await stage.states() == ["dead", "pending", "done", "done"]
        (held,) = await stage.journal.deliveries(after=0, limit=10, wanted=DeliveryFilter(states=("dead",)))
        assert held.held
        await stage.journal.queue_again([held.key], at=stage.clock.now(), reason="repaired")
        egress.bell.ring()
        await stage.until_settled()
    assert actor.got == [("1", 1), ("2", 1), ("2", 2), ("1", 1), ("1", 2)]


async def test_what_a_dead_letter_held_goes_on_once_the_route_holds_no_more() -> None:
    stage, actor = Stage(), Actor(answers(Reject("400 Bad Request"), Reject("400 Bad Request")))
    holding, targets = (
        replace(PEOPLE, on_dead="hold-subject"),
        [Target(LANE.connector, SECTION, lambda: actor)],
    )
    await stage.journal_events(*events_of("1", "2", count=2))
    egress = Egress([holding], targets, stage.means())
    async with running(egress):
        await anyio.sleep(10)
        assert await stage.states() == ["dead", "pending", "dead", "pending"]
        egress.reload([PEOPLE], targets)
        await anyio.sleep(2)
        assert await stage.states() == ["dead", "done", "dead", "done"]


async def test_what_a_dead_letter_held_goes_on_at_a_start_with_a_route_that_holds_no_more() -> None:
    stage, actor = Stage(), Actor()
    await stage.journal_events(*events_of("1", count=2))
    (claim,) = await stage.journal.claim(LANE, now=stage.clock.now(), lease=timedelta(1), limit=9)
    await stage.journal.settle([Settlement(claim.key, 1, "dead", stage.clock.now(), hold=True)])
    async with running(stage.egress(actor)):
        await anyio.sleep(2)
        assert await stage.states() == ["dead", "done"]


async def test_what_the_route_no_longer_asks_for_holds_nobody() -> None:
    stage, actor = Stage(), Actor()
    await stage.journal_events(*events_of("1", count=2))
    narrowed = replace(PEOPLE, on_dead="hold-subject", kinds=frozenset({"updated"}))
    async with running(stage.egress(actor, [narrowed])):
        await stage.until_settled()
    assert actor.got == [("1", 2)]


async def test_what_is_parked_without_a_time_stays_and_holds_its_subject_back() -> None:
    stage, actor = Stage(), Actor(answers(Park("no number")))
    await stage.journal_events(*events_of("1", count=2))
    async with running(stage.egress(actor)):
        await anyio.sleep(3600)
    assert await stage.states() == ["parked", "pending"]
    assert actor.got == [("1", 1)]


async def test_a_batch_holds_different_subjects_of_one_lane_up_to_the_limit() -> None:
    routes = (PEOPLE, Route("more", frozenset({"employees"}), (LANE.connector,)))
    stage, actor = Stage(), Actor(takes(1), Abilities(max_batch=3, concurrency=1))
    await stage.journal_events(
        *events_of("1", "2", "3", "4", count=2), lanes=[lane for r in routes for lane in r.lanes]
    )
    async with running(stage.egress(actor, routes)):
        await stage.until_settled()
    for call in actor.calls:
        assert len(call.deliveries) <= 3
        assert len({delivery.lane for delivery in call.deliveries}) == 1
        assert len({delivery.event.subject for delivery in call.deliveries}) == len(call.deliveries)
    assert max(len(call.deliveries) for call in actor.calls) == 3
    assert len(actor.got) == 16


async def test_a_small_batch_waits_until_its_oldest_delivery_has_lingered() -> None:
    journal = TroubledJournal()
    stage = Stage(journal)
    actor = Actor(abilities=Abilities(max_batch=10, linger=timedelta(minutes=10)))
    egress = stage.egress(actor)
    async with running(egress):
        began = anyio.current_time()
        await stage.journal_events(*events_of("1"))
        egress.bell.ring()
        await anyio.sleep(300)
        await stage.journal_events(*events_of("2"))
        egress.bell.ring()
        await anyio.sleep(400)
    assert [len(call.deliveries) for call in actor.calls] == [2]
    assert 600 <= actor.calls[0].at - began <= 601
    assert journal.looks < 100  # it waits, and does not keep asking


async def test_a_full_batch_does_not_linger() -> None:
    stage = Stage()
    actor = Actor(abilities=Abilities(max_batch=2, linger=timedelta(minutes=10)))
    await stage.journal_events(*events_of("1", "2", "3", "4", "5"))
    began = anyio.current_time()
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        assert [len(call.deliveries) for call in actor.calls] == [2, 2]
        await stage.until_settled()
    assert actor.calls[2].at - began >= 600


async def test_a_lane_with_a_backlog_does_not_hold_up_the_connectors_other_lanes() -> None:
    rare = Route("rare", frozenset({"employees"}), (LANE.connector,))
    stage, actor = Stage(), Actor(takes(1), Abilities(concurrency=1))
    await stage.journal_events(*events_of(*map(str, range(50))))
    await stage.journal_events(event(record_id="rare"), lanes=rare.lanes)
    async with running(stage.egress(actor, (PEOPLE, rare))):
        await stage.until_settled()
    assert ("rare", 1) in actor.got[:2]


async def test_a_connector_gets_nothing_of_lanes_that_lead_elsewhere() -> None:
    stage, actor = Stage(), Actor()
    await stage.journal_events(event(), lanes=[LANE, Lane(LANE.route, "chat"), Lane("gone", LANE.connector)])
    async with running(stage.egress(actor)):
        await anyio.sleep(60)
    assert sorted(await stage.states()) == ["done", "pending", "pending"]


async def test_two_instances_on_one_journal_never_deliver_the_same_at_once() -> None:
    stage, first, second = Stage(), Actor(takes(1)), Actor(takes(1))
    await stage.journal_events(*events_of(*map(str, range(100)), count=2))
    async with running(stage.egress(first)), running(stage.egress(second)):
        await stage.until_settled()
    assert first.calls
    assert second.calls
    assert len(first.got) + len(second.got) == len(set(first.got) | set(second.got)) == 200


async def test_what_a_dead_instance_had_claimed_is_taken_up_when_its_lease_ends() -> None:
    stage, actor = Stage(), Actor()
    await stage.journal_events(event())
    await stage.journal.claim(LANE, now=stage.clock.now(), lease=timedelta(seconds=60), limit=1)
    began = anyio.current_time()
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert 60 <= actor.calls[0].at - began <= 61
    assert actor.calls[0].deliveries[0].attempt == 2


async def test_a_wall_clock_that_jumps_past_the_leases_repeats_nothing_that_is_under_way() -> None:
    clock = JumpyClock(NOW)
    stage, actor = Stage(clock=clock), Actor(takes(5))
    await stage.journal_events(*events_of("1", count=2))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(1)
        clock.jump(timedelta(hours=2))
        egress.bell.ring()
        await stage.until_settled()
    assert actor.got == [("1", 1), ("1", 2)]
    assert await stage.states() == ["done", "done"]


async def test_the_workers_show_that_they_are_alive_while_idle() -> None:
    stage = Stage()
    await stage.journal_events(event())
    async with running(stage.egress(Actor(answers(Park("wait", NOW + timedelta(hours=2)))))):
        await anyio.sleep(1)
        stage.beats.clear()
        await anyio.sleep(31)
        assert stage.beats == {"egress:crm", "egress:settle", "egress:report", "egress:watch"}
