"""How egress comes to its end, in order and the hard way."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import anyio
import pytest

from lucca_sync.connector import Abilities
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Claim
from lucca_sync.model.delivery import Delivery, Lane
from lucca_sync.model.outcome import Done, Outcome
from tests.egress.stage import Actor, Stage, TroubledJournal, events_of, running, takes

pytestmark = pytest.mark.looptime


class SlowJournal(MemoryJournal):
    """A journal whose claims take a second to be written."""

    async def claim(self, lane: Lane, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        claims = await super().claim(lane, now=now, lease=lease, limit=limit)
        await anyio.sleep(1)
        return claims


async def test_calls_under_way_may_end_and_nothing_more_is_claimed() -> None:
    stage, actor = Stage(), Actor(takes(10), Abilities(concurrency=2))
    await stage.journal_events(*events_of("1", "2", "3"))
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
    assert await stage.states() == ["done", "done", "pending"]
    assert actor.closed == 1


async def test_what_waits_is_given_back_before_the_calls_under_way_have_ended() -> None:
    stage, actor = Stage(), Actor(takes(10), Abilities(concurrency=2))
    await stage.journal_events(*events_of("1", "2", "3"))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(1)
        assert await stage.states() == ["in_flight"] * 3
        egress.stop(timedelta(seconds=20))
        await anyio.sleep(1)
        assert await stage.states() == ["in_flight", "in_flight", "pending"]


async def test_calls_that_outlast_the_grace_are_cut_short_and_count_as_possibly_sent() -> None:
    stage, actor = Stage(), Actor(takes(25))
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor), grace=timedelta(seconds=5)):
        await anyio.sleep(1)
        began = anyio.current_time()
    assert anyio.current_time() - began == pytest.approx(5, abs=0.1)
    (history,) = await stage.histories()
    assert history.state == "retrying"
    assert history.attempts[0].reason == "stopped meanwhile (possibly sent)"
    assert actor.closed == 1


async def test_asked_again_with_less_patience_it_ends_sooner() -> None:
    stage = Stage()
    await stage.journal_events(*events_of("1"))
    egress = stage.egress(Actor(takes(25)))
    async with running(egress):
        await anyio.sleep(1)
        began = anyio.current_time()
        egress.stop(timedelta(seconds=20))
        await anyio.sleep(3)
        egress.stop(timedelta(0))
    assert anyio.current_time() - began == pytest.approx(3, abs=0.1)


async def test_without_anything_under_way_it_ends_at_once() -> None:
    stage = Stage()
    async with running(stage.egress(Actor())):
        await anyio.sleep(1)
        began = anyio.current_time()
    assert anyio.current_time() - began == pytest.approx(0.1, abs=0.01)  # until the connector is closed


async def test_what_was_claimed_while_the_stop_came_is_given_back_as_if_never_attempted() -> None:
    stage, actor = Stage(SlowJournal()), Actor()
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await anyio.sleep(0.5)
    assert actor.calls == []
    (history,) = await stage.histories()
    assert (history.state, history.attempts) == ("pending", ())
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert actor.calls[0].deliveries[0].attempt == 1


async def test_a_cancelled_egress_closes_its_connectors_and_its_claims_are_taken_up_later() -> None:
    stage, actor, other = Stage(), Actor(takes(25)), Actor()
    await stage.journal_events(*events_of("1"))
    with anyio.move_on_after(1):
        await stage.egress(actor).run()
    assert actor.closed == 1
    assert await stage.states() == ["in_flight"]
    async with running(stage.egress(other)):
        await stage.until_settled()
    assert other.got == [("1", 1)]


async def test_a_connector_that_was_just_being_opened_is_closed_too() -> None:
    class Opening(Actor):
        async def open(self) -> None:
            await anyio.sleep(10)

    actor = Opening()
    with anyio.move_on_after(1):
        await Stage().egress(actor).run()
    assert actor.closed == 1


async def test_cancelling_does_not_cancel_the_write_of_what_was_done() -> None:
    stage, actor = Stage(TroubledJournal()), Actor()
    await stage.journal_events(*events_of("1"))
    with anyio.move_on_after(0.005):  # the write takes twice as long
        await stage.egress(actor).run()
    assert await stage.states() == ["done"]


async def test_cancelling_leaves_time_to_write_what_waited_for_another_write() -> None:
    journal = TroubledJournal()
    journal.delay = 1

    async def takes_longer_for_each(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.sleep(int(deliveries[0].event.record_id) / 2)
        return [Done()]

    stage, actor = Stage(journal), Actor(takes_longer_for_each)
    await stage.journal_events(*events_of("1", "2"))
    with anyio.move_on_after(1.2):  # the first write is under way, the second has to wait for it
        await stage.egress(actor).run()
    assert await stage.states() == ["done", "done"]


async def test_stopping_while_a_connector_cannot_be_opened_ends_at_once() -> None:
    class NeverOpens(Actor):
        async def open(self) -> None:
            raise OSError

    stage = Stage()
    async with running(stage.egress(NeverOpens())):
        await anyio.sleep(100)
        began = anyio.current_time()
    assert anyio.current_time() - began == pytest.approx(0, abs=0.01)
