"""A store that refuses writes: nothing is lost, nothing is repeated needlessly, and it goes on by itself."""

from datetime import timedelta

import anyio
import pytest

from lucca_sync.connector import Abilities
from lucca_sync.egress.route import Route
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.model.outcome import Retry
from tests.egress.events import LANE
from tests.egress.stage import (
    PEOPLE,
    SECTION,
    Actor,
    Stage,
    TroubledJournal,
    answers,
    events_of,
    running,
    takes,
)

pytestmark = pytest.mark.looptime


async def test_a_settlement_is_kept_until_the_store_takes_it() -> None:
    journal = TroubledJournal()
    stage, actor = Stage(journal), Actor(takes(1))
    await stage.journal_events(*events_of("1", "2"))
    async with running(stage.egress(actor)):
        await anyio.sleep(0.5)
        journal.broken = True
        await anyio.sleep(10)
        assert await stage.states() == ["in_flight", "in_flight"]
        journal.broken = False
        await stage.until_settled()
    assert sorted(actor.got) == [("1", 1), ("2", 1)]


async def test_while_settlements_cannot_be_written_nothing_new_is_claimed() -> None:
    journal = TroubledJournal()
    stage, actor = Stage(journal), Actor(takes(1))
    await stage.journal_events(*events_of("1"))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(0.5)
        journal.broken = True
        await anyio.sleep(5)
        told = len(stage.store)
        await stage.journal_events(*events_of("2"))
        for _ in range(50):
            egress.bell.ring()
            await anyio.sleep(0.01)
        assert len(stage.store) - told <= 5  # it keeps trying to settle, and does not claim
        assert actor.got == [("1", 1)]
        journal.broken = False
        await stage.until_settled()
    assert actor.got == [("1", 1), ("2", 1)]


async def test_while_settlements_cannot_be_written_what_was_claimed_ahead_does_not_go_out() -> None:
    """But for the one that took the free place before anybody knew."""
    journal = TroubledJournal()
    stage, actor = Stage(journal), Actor(takes(1), Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2", "3", "4"))
    async with running(stage.egress(actor)):
        await anyio.sleep(0.5)
        journal.broken = True
        await anyio.sleep(20)
        assert len(actor.calls) == 2
        journal.broken = False
        await stage.until_settled()
    assert sorted(actor.got) == [("1", 1), ("2", 1), ("3", 1), ("4", 1)]


async def test_the_others_go_on_as_soon_as_settlements_are_written_again() -> None:
    journal = TroubledJournal()
    stage, slow, other = Stage(journal), Actor(takes(1)), Actor()
    chat = Route("chat", frozenset({"employees"}), ("chat",))
    targets = [Target(LANE.connector, SECTION, lambda: slow), Target("chat", SECTION, lambda: other)]
    await stage.journal_events(*events_of("1"))
    egress = Egress([PEOPLE, chat], targets, stage.means())
    async with running(egress):
        await anyio.sleep(0.5)
        journal.broken = True
        await anyio.sleep(5)
        await stage.journal_events(*events_of("2"), lanes=chat.lanes)
        egress.bell.ring()
        await anyio.sleep(5)
        assert other.calls == []
        journal.broken = False
        while stage.store[-1] != "ok":  # noqa: ASYNC110 - nothing else tells
            await anyio.sleep(0.1)
        await anyio.sleep(0.1)
        assert other.got == [("2", 1)]


async def test_claiming_goes_on_by_itself_when_the_store_does() -> None:
    journal = TroubledJournal()
    stage, actor = Stage(journal), Actor()
    async with running(stage.egress(actor)):
        await anyio.sleep(1)
        journal.broken = True
        await stage.journal_events(*events_of("1"))
        await anyio.sleep(60)
        assert actor.calls == []
        journal.broken = False
        await anyio.sleep(31)
        assert await stage.states() == ["done"]


async def test_after_a_trouble_that_passed_the_next_one_is_waited_out_in_short_steps_again() -> None:
    journal = TroubledJournal()
    stage = Stage(journal)
    egress = stage.egress(Actor())
    async with running(egress):
        await anyio.sleep(1)
        journal.broken = True
        await anyio.sleep(600)
        journal.broken = False
        await anyio.sleep(60)
        journal.broken = True
        stage.store.clear()
        egress.bell.ring()
        await anyio.sleep(10)
        assert len(stage.store) >= 4


async def test_after_settlements_got_through_they_are_tried_in_short_steps_again() -> None:
    journal = TroubledJournal()
    stage, actor, tried = Stage(journal), Actor(takes(1)), 0
    async with running(egress := stage.egress(actor)):
        for patience, record_id in ((600, "1"), (10, "2")):
            await stage.journal_events(*events_of(record_id))
            egress.bell.ring()
            await anyio.sleep(0.5)
            journal.broken = True
            stage.store.clear()
            await anyio.sleep(patience)
            tried = len(stage.store)
            journal.broken = False
            await stage.until_settled()
    assert tried >= 4


async def test_whoever_watches_the_store_hears_of_each_error_and_of_success() -> None:
    journal = TroubledJournal()
    stage, actor = Stage(journal), Actor(takes(1))
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await anyio.sleep(0.5)
        journal.broken = True
        await anyio.sleep(5)
        journal.broken = False
        await stage.until_settled()
    assert stage.store[0] == "full"
    assert stage.store[-1] == "ok"
    assert len(stage.store) < 10  # the waits grow


async def test_what_ends_together_is_written_together() -> None:
    journal = TroubledJournal()
    stage, actor = Stage(journal), Actor(takes(1), Abilities(concurrency=64))
    await stage.journal_events(*events_of(*map(str, range(64))))
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert sum(journal.settled) == 64
    assert len(journal.settled) <= 3


async def test_a_store_that_stays_broken_does_not_keep_the_daemon_from_ending() -> None:
    journal = TroubledJournal()
    stage, actor = Stage(journal), Actor(takes(1))
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor), grace=timedelta(seconds=20)):
        await anyio.sleep(0.5)
        journal.broken = True
        await anyio.sleep(5)
        began = anyio.current_time()
    assert anyio.current_time() - began <= 10
    assert await stage.states() == ["in_flight"]  # its lease ends by itself
    assert actor.closed == 1


async def test_the_store_failing_between_attempts_changes_no_outcome() -> None:
    journal = TroubledJournal()
    stage, actor = Stage(journal), Actor(answers(Retry("503")))
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await anyio.sleep(0.5)
        journal.broken = True
        await anyio.sleep(40)
        journal.broken = False
        await stage.until_settled()
    assert [attempt.state for attempt in (await stage.histories())[0].attempts] == ["retrying", "done"]
