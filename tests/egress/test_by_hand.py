"""What a person does to deliveries that the daemon has claimed already."""

from collections.abc import Sequence
from datetime import timedelta

import anyio
import pytest

from lucca_sync.connector import Abilities
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Outcome, Retry
from tests.egress.stage import Actor, SharedJournal, Stage, answers, events_of, running, takes

pytestmark = pytest.mark.looptime

ONE_BY_ONE = Abilities(concurrency=1)


async def test_what_was_claimed_ahead_is_discarded_before_it_goes_out() -> None:
    stage, actor = Stage(journal := SharedJournal()), Actor(takes(5), ONE_BY_ONE)
    await stage.journal_events(*events_of("1", "2", "3", "4"), *events_of("2", count=2)[1:])
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        assert (await stage.states())[:4] == ["in_flight"] * 4
        assert await journal.person_acts("discard", "2", "3") == (1, 2)
        await anyio.sleep(2)
        assert await stage.states() == ["in_flight", "discarded", "discarded", "in_flight", "discarded"]
        await anyio.sleep(30)
    assert actor.got == [("1", 1), ("4", 1)]
    reasons = [[attempt.reason for attempt in one.attempts] for one in await stage.histories()]
    assert reasons == [[""], ["by hand"] * 2, ["by hand"] * 2, [""], ["by hand"]]


async def test_what_is_being_sent_is_done_where_it_gets_through_whatever_a_person_asked_meanwhile() -> None:
    stage, actor = Stage(journal := SharedJournal()), Actor(takes(5), ONE_BY_ONE)
    await stage.journal_events(*events_of("1", count=2))
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        assert await journal.person_acts("discard", "1") == (1, 1)
        await anyio.sleep(30)
    assert await stage.states() == ["done", "discarded"]
    assert actor.got == [("1", 1)]


async def test_what_is_being_sent_is_discarded_where_it_does_not_get_through() -> None:
    """And nothing is hidden: the attempt says that it was possibly sent."""
    stage, actor = Stage(journal := SharedJournal()), Actor(takes(3600), ONE_BY_ONE)
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        assert await journal.person_acts("discard", "1") == (0, 1)
        await anyio.sleep(3600)
    (history,) = await stage.histories()
    assert [attempt.state for attempt in history.attempts] == ["in_flight", "retrying", "discarded"]
    assert history.attempts[1].reason.endswith("(possibly sent)")
    assert actor.got == [("1", 1)]


async def test_what_is_being_sent_is_tried_again_at_once_where_that_was_asked() -> None:
    refuses = answers(Retry("later", after=timedelta(minutes=30)))
    journal = SharedJournal()

    async def play(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.sleep(5)
        return await refuses(deliveries)

    stage, actor = Stage(journal), Actor(play, ONE_BY_ONE)
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        assert await journal.person_acts("queue_again", "1") == (0, 1)
        await anyio.sleep(12)
    assert await stage.states() == ["done"]


async def test_what_a_person_sends_again_is_taken_back_once_and_not_again_and_again() -> None:
    stage, actor = Stage(journal := SharedJournal()), Actor(takes(5), ONE_BY_ONE)
    await stage.journal_events(*events_of("1", "2"))
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        assert await journal.person_acts("queue_again", "2") == (0, 1)
        await stage.until_settled()
    assert actor.got == [("1", 1), ("2", 1)]
    assert actor.calls[1].deliveries[0].attempt == 1
