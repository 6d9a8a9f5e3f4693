"""Claims made ahead, their leases, and answers that come when nobody expects them any more."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.connector import Abilities
from lucca_sync.egress.shelf import Batch
from lucca_sync.egress.stock import Stock
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Claim, Fenced, StoreError
from lucca_sync.model.delivery import Lane
from lucca_sync.model.outcome import Retry
from tests.egress.events import LANE, NOW
from tests.egress.stage import (
    Actor,
    JumpyClock,
    Stage,
    TroubledJournal,
    answers,
    events_of,
    running,
    sample,
    takes,
)

pytestmark = pytest.mark.looptime

MANY = tuple(map(str, range(60)))


class CountingJournal(MemoryJournal):
    """Counts how often is claimed; `forgetful` it no longer knows of any claim, `broken` it renews none."""

    def __init__(self) -> None:
        super().__init__()
        self.claims: list[int] = []
        self.forgetful = self.broken = False

    async def claim(self, lane: Lane, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        claims = await super().claim(lane, now=now, lease=lease, limit=limit)
        if claims:
            self.claims.append(len(claims))
        return claims

    async def renew(self, claims: Sequence[Fenced], *, until: datetime) -> int:
        if self.broken:
            raise StoreError("no room left", "full")
        return 0 if self.forgetful else await super().renew(claims, until=until)


async def test_one_claim_serves_many_calls() -> None:
    journal = CountingJournal()
    stage, actor = Stage(journal), Actor(takes(0.1), Abilities(concurrency=4))
    await stage.journal_events(*events_of(*map(str, range(400))))
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert len(journal.claims) <= 60
    assert max(journal.claims) <= 20  # and no more is held than is soon handed out


async def test_what_waits_for_hours_and_what_is_under_way_keep_their_leases() -> None:
    """A lease lasts a minute here, and one place is taken for ten."""
    able = Abilities(concurrency=1, time_limit=timedelta(minutes=10))
    stage, first, second = Stage(), Actor(takes(590), able), Actor()
    await stage.journal_events(*events_of("1", "2", "3"))
    async with running(stage.egress(first)), running(stage.egress(second)):
        await stage.until_settled()
    assert len(first.got) + len(second.got) == 3
    assert {one.attempt for call in (*first.calls, *second.calls) for one in call.deliveries} == {1}


async def test_what_waits_longer_than_a_lease_lasts_is_claimed_once() -> None:
    """Nothing else is claimed meanwhile that would renew it along the way."""
    journal, able = CountingJournal(), Abilities(concurrency=1, time_limit=timedelta(minutes=10))
    stage, actor = Stage(journal), Actor(takes(590), able)
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(actor)):
        await anyio.sleep(1100)
        assert len(actor.calls) == 2
        assert len(journal.claims) == 1


async def test_what_cannot_be_renewed_is_claimed_anew_before_its_lease_might_end_under_a_call() -> None:
    journal = CountingJournal()
    stage, actor = Stage(journal), Actor(takes(25), Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2", "3", "4"))
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        journal.broken = True
        await anyio.sleep(40)
        assert journal.claims == [4]
        await anyio.sleep(20)
        assert journal.claims == [4, 2]
        journal.broken = False
        await stage.until_settled()
    assert sorted(actor.got) == [("1", 1), ("2", 1), ("3", 1), ("4", 1)]
    assert {delivery.attempt for call in actor.calls for delivery in call.deliveries} == {1}


async def test_what_turns_out_to_be_claimed_by_nobody_here_is_claimed_anew_before_it_is_handed_out() -> None:
    journal = CountingJournal()
    stage, actor = Stage(journal), Actor(takes(12), Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2", "3"))
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        claimed = len(journal.claims)
        journal.forgetful = True
        await anyio.sleep(10)
        journal.forgetful = False
        await stage.until_settled()
    assert len(journal.claims) > claimed
    assert sorted(actor.got) == [("1", 1), ("2", 1), ("3", 1)]


async def test_an_answer_to_an_expired_claim_is_told_once_and_changes_nothing() -> None:
    stage, actor = Stage(), Actor(takes(20))
    await stage.journal_events(*events_of("1"))
    with capture_logs() as logs:
        async with running(stage.egress(actor)):
            await anyio.sleep(1)
            taken = await stage.journal.claim(
                LANE, now=stage.clock.now() + timedelta(days=1), lease=timedelta(hours=1), limit=1
            )
            assert [claim.attempt for claim in taken] == [2]
            await anyio.sleep(30)
    assert await stage.states() == ["in_flight"]
    assert [line["count"] for line in logs if line["event"] == "answers_too_late"] == [1]
    assert sample(stage, "delivery_late_answers_total") == 1


async def test_possibly_sent_attempts_are_counted() -> None:
    stage, actor = Stage(), Actor(answers(Retry("no answer", possibly_sent=True)))
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await stage.until_settled()
    lane = {"route": LANE.route, "connector": LANE.connector}
    assert sample(stage, "delivery_possibly_sent_total", **lane) == 1


async def test_what_was_claimed_ahead_is_given_back_at_the_end_as_if_never_attempted() -> None:
    stage, actor = Stage(), Actor(takes(5), Abilities(concurrency=2))
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
    states = await stage.states()
    assert (states.count("done"), states.count("pending")) == (2, len(MANY) - 2)
    claims = await stage.journal.claim(LANE, now=stage.clock.now(), lease=timedelta(1), limit=100)
    assert {claim.attempt for claim in claims} == {1}


async def test_a_store_in_trouble_at_the_end_loses_no_claim() -> None:
    class Refuses(TroubledJournal):
        async def release(self, claims: Sequence[Claim]) -> None:
            self._refuse_if_broken()
            await super().release(claims)

    journal = Refuses()
    stage, actor, later = Stage(journal), Actor(takes(5), Abilities(concurrency=2)), Actor()
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(actor), grace=timedelta(seconds=6)):
        await anyio.sleep(1)
        journal.broken = True
    journal.broken = False
    async with running(stage.egress(later)):
        await stage.until_settled()
    assert set(await stage.states()) == {"done"}


class Forgetful(TroubledJournal):
    """A journal of which a claim happens and raises all the same, `times` times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def claim(self, lane: Lane, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        claims = await super().claim(lane, now=now, lease=lease, limit=limit)
        if claims and self.times:
            self.times -= 1
            raise StoreError("the disk failed", "io")
        return claims


async def test_a_claim_that_raised_and_yet_happened_is_looked_up_and_its_deliveries_go_out_at_once() -> None:
    stage, actor = Stage(Forgetful(times=1)), Actor(takes(1))
    await stage.journal_events(*events_of("1", "2", count=2))
    async with running(stage.egress(actor)):
        await anyio.sleep(10)
        assert await stage.states() == ["done"] * 4
    assert {one.attempt for call in actor.calls for one in call.deliveries} == {1}
    assert len(actor.got) == 4


async def test_a_claim_that_raised_and_yet_happened_is_given_back_at_the_end() -> None:
    stage, actor = Stage(Forgetful(times=1)), Actor(takes(1))
    await stage.journal_events(*events_of("1", "2"))
    async with running(stage.egress(actor)):
        await anyio.sleep(0.1)
    assert await stage.states() == ["pending", "pending"]
    assert actor.got == []


async def test_what_a_claim_that_raised_took_is_kept_though_its_lease_ended_before_it_was_found() -> None:
    class Unreadable(Forgetful):
        async def taken(self, lane: Lane, *, until: datetime) -> Sequence[Claim]:
            self._refuse_if_broken()
            return await super().taken(lane, until=until)

    journal = Unreadable(times=1)
    stage, actor = Stage(journal), Actor(takes(0.3), Abilities(concurrency=1))
    await stage.journal_events(*events_of(*MANY[:8]))
    async with running(stage.egress(actor)):
        await anyio.sleep(0.1)
        journal.broken = True
        await anyio.sleep(300)
        journal.broken = False
        await stage.until_settled()
    assert sorted(actor.got) == [(name, 1) for name in MANY[:8]]
    assert {one.attempt for call in actor.calls for one in call.deliveries} == {1}


async def test_what_was_renewed_just_before_a_claim_raised_is_not_taken_for_what_that_took() -> None:
    """Both leases would end at one instant, and what had ended and is not written yet would be sent again."""
    journal = Forgetful(times=0)
    journal.delay = 2
    stage, actor = Stage(journal, clock := JumpyClock(NOW)), Actor(takes(0.3), Abilities(concurrency=1))
    await stage.journal_events(*events_of(*MANY[:8]))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(0.1)
        clock.jump(timedelta(minutes=10))
        journal.times = 1
        await stage.until_settled()
    assert journal.times == 0
    assert sorted(actor.got) == [(name, 1) for name in MANY[:8]]


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_wall_clock_that_jumps_while_an_outcome_is_written_repeats_nothing(hours: int) -> None:
    """The call has ended, its settlement is on its way to the disk, and its lease would look expired."""
    journal = TroubledJournal()
    journal.delay = 5
    stage, actor = Stage(journal, clock := JumpyClock(NOW)), Actor(takes(1))
    await stage.journal_events(*events_of("1", "2"))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(3)
        clock.jump(timedelta(hours=hours))
        await stage.journal_events(*events_of("3"))
        egress.bell.ring()
        await anyio.sleep(1)
        clock.jump(timedelta(hours=-hours))
        egress.bell.ring()
        await stage.until_settled()
    assert sorted(actor.got) == [("1", 1), ("2", 1), ("3", 1)]
    assert not sample(stage, "delivery_late_answers_total")


async def test_a_process_that_slept_longer_than_its_leases_repeats_nothing_that_it_holds() -> None:
    """As after SIGSTOP, or a lid that was closed: what it holds is renewed before anything is claimed."""
    stage, actor = Stage(clock=(clock := JumpyClock(NOW))), Actor(takes(5), Abilities(concurrency=2))
    await stage.journal_events(*events_of(*MANY[:10]))
    egress = stage.egress(actor)
    async with running(egress):
        for _ in range(8):
            await anyio.sleep(3)
            clock.jump(timedelta(minutes=10))
            egress.bell.ring()
        await stage.until_settled()
    assert sorted(actor.got) == [(name, 1) for name in MANY[:10]]
    assert {one.attempt for call in actor.calls for one in call.deliveries} == {1}


async def test_what_is_under_way_is_not_handed_out_again_and_its_call_settles_the_newer_claim() -> None:
    stage = Stage()
    await stage.journal_events(*events_of("1"))
    stock = Stock(stage.means(), timedelta(minutes=1), timedelta(seconds=30), list)
    now = stage.clock.now()
    handed_out: list[Claim] = []
    for moment in (now, now + timedelta(hours=1)):
        claims = await stage.journal.claim(LANE, now=moment, lease=timedelta(minutes=1), limit=1)
        stock.put(LANE, Batch(claims, moment + timedelta(minutes=1)))
        handed_out += stock.take(moment, lambda _lane: True)
    assert [claim.attempt for claim in handed_out] == [1]
    assert stock.ended(handed_out[0].key).attempt == 2
