"""Other settings while deliveries are under way: at one instant, nothing is lost, doubled or overtaken."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta

import anyio
import pytest
from msgspec import structs
from structlog.testing import capture_logs

from lucca_sync.connector import Abilities, ConnectorConfig
from lucca_sync.egress.holding import TARGETS
from lucca_sync.egress.route import Route
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Known, ResourceName
from lucca_sync.model.delivery import Lane
from lucca_sync.model.outcome import Retry
from tests.egress.events import LANE, event
from tests.egress.stage import (
    PEOPLE,
    POLICY,
    SECTION,
    Actor,
    Stage,
    answers,
    events_of,
    running,
    sample,
    standing,
    takes,
)

pytestmark = pytest.mark.looptime

CHANGED = ConnectorConfig(type="actor", retry=POLICY, concurrency=5)
MANY = tuple(map(str, range(40)))


def target(actor: Actor, section: ConnectorConfig = SECTION, name: str = LANE.connector) -> Target:
    return Target(name, section, lambda: actor)


async def test_a_target_that_is_the_same_keeps_its_connector_and_its_calls() -> None:
    stage, actor, never = Stage(), Actor(takes(10)), Actor()
    await stage.journal_events(*events_of("1", count=2))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(1)
        egress.reload([replace(PEOPLE)], [target(never, SECTION.model_copy())])
        await stage.until_settled()
        assert actor.closed == 0
    assert actor.got == [("1", 1), ("1", 2)]
    assert never.calls == []


async def test_what_waits_for_a_place_is_handed_out_by_the_new_route() -> None:
    stage, actor = Stage(), Actor(takes(10), Abilities(concurrency=1))
    await stage.journal_events(*(event("created", one, nickname="n") for one in ("1", "2", "3")))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(1)
        egress.reload([replace(PEOPLE, fields=frozenset({"id"}))], [target(actor)])
        await stage.until_settled()
    shown = [sorted(call.deliveries[0].event.record or {}) for call in actor.calls]
    assert "nickname" in shown[0]
    assert shown[1:] == [["id"], ["id"]]


async def test_what_the_new_route_no_longer_asks_for_does_not_leave() -> None:
    stage, actor = Stage(), Actor(takes(10), Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2"))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(1)
        egress.reload([replace(PEOPLE, kinds=frozenset({"deleted"}))], [target(actor)])
        await stage.until_settled()
    assert len(actor.calls) == 1
    assert sorted(await stage.states()) == ["dead", "done"]


async def test_a_new_route_to_the_same_target_is_served_at_once() -> None:
    stage, actor = Stage(), Actor()
    more = Route("more", frozenset({"employees"}), (LANE.connector,))
    await stage.journal_events(event(), lanes=more.lanes)
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(5)
        assert actor.calls == []
        egress.reload([PEOPLE, more], [target(actor)])
        await anyio.sleep(0.5)
        assert await stage.states() == ["done"]
        assert egress.lanes == {LANE, *more.lanes}


async def test_deliveries_of_a_route_that_is_no_more_stay_and_are_told_until_it_comes_back() -> None:
    other = Route("other", frozenset({"employees"}), (LANE.connector,))
    stage, actor = Stage(), Actor(takes(5), Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2", "3"))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(1)
        with capture_logs() as logs:
            egress.reload([other], [target(actor)])
            await anyio.sleep(60)
        assert [(line["event"], line["deliveries"]) for line in logs] == [("lane_not_configured", 2)]
        assert sample(stage, "deliveries_unconfigured") == 2
        assert (
            sample(stage, "deliveries", route=LANE.route, connector=LANE.connector, state="pending") is None
        )
        assert sorted(await stage.states()) == ["done", "pending", "pending"]
        egress.reload([PEOPLE], [target(actor)])
        await stage.until_settled()
        await anyio.sleep(11)
        assert sample(stage, "deliveries_unconfigured") == 0
        assert sample(stage, "delivery_outcomes_total", **LANE._asdict(), outcome="done") == 2
    assert sorted(actor.got) == [("1", 1), ("2", 1), ("3", 1)]


async def test_a_target_without_a_route_goes_on_showing_how_it_stands() -> None:
    """Its state is told when it changes: dropped meanwhile, an alert would stay silent."""
    stage, actor = Stage(), Actor(answers(Retry("410", gone=True)))
    await stage.journal_events(*events_of("1"))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(1)
        egress.reload([], [target(actor)])
        await anyio.sleep(60)
        egress.reload([PEOPLE], [target(actor)])
        await anyio.sleep(60)
        assert standing(stage) == "disabled"


async def test_a_changed_target_begins_when_the_calls_of_the_old_one_have_ended() -> None:
    stage, old, new = Stage(), Actor(takes(10), Abilities(concurrency=1)), Actor()
    await stage.journal_events(*events_of("1", "2"))
    egress = stage.egress(old)
    began = anyio.current_time()
    async with running(egress):
        await anyio.sleep(1)
        egress.reload([PEOPLE], [target(new, CHANGED)])
        await stage.until_settled()
        assert old.closed == 1
    assert old.got == [("1", 1)]
    assert new.got == [("2", 1)]
    assert new.calls[0].at - began >= 10


async def test_a_changed_target_gets_nothing_more_of_what_was_claimed_ahead_for_the_old_one() -> None:
    stage, old, new = Stage(), Actor(takes(10), Abilities(concurrency=2)), Actor()
    await stage.journal_events(*events_of(*MANY))
    egress = stage.egress(old)
    async with running(egress):
        await anyio.sleep(1)
        egress.reload([PEOPLE], [target(new, CHANGED)])
        await stage.until_settled()
    assert len(old.calls) == 2
    assert {delivery.attempt for call in new.calls for delivery in call.deliveries} == {1}
    assert sorted(old.got + new.got) == sorted((subject, 1) for subject in MANY)


async def test_calls_of_a_changed_target_that_outlast_the_grace_are_cut_short() -> None:
    stage, old, new = Stage(), Actor(takes(25)), Actor()
    await stage.journal_events(*events_of("1"))
    egress = stage.egress(old)
    async with running(egress):
        await anyio.sleep(1)
        egress.reload([PEOPLE], [target(new, CHANGED)], timedelta(seconds=5))
        await stage.until_settled()
    (history,) = await stage.histories()
    assert history.attempts[0].reason == "stopped meanwhile (possibly sent)"
    assert new.got == [("1", 1)]


async def test_a_removed_target_is_closed_and_its_task_is_missed_by_nobody() -> None:
    stage, old = Stage(), Actor()
    ended: list[str] = []
    means = replace(stage.means(), ended=ended.append)
    egress = Egress([PEOPLE], [target(old)], means)
    async with running(egress):
        await anyio.sleep(1)
        egress.reload([], [])
        await anyio.sleep(20)
        assert old.closed == 1
        assert ended == ["egress:crm"]
        stage.beats.clear()
        await anyio.sleep(40)
        assert "egress:crm" not in stage.beats
        assert sample(stage, "target_state", connector=LANE.connector, state="closed") is None


async def test_of_several_reloads_in_a_row_the_last_one_counts() -> None:
    stage, actors = Stage(), [Actor(takes(10)) for _ in range(6)]
    await stage.journal_events(*events_of(*MANY))
    egress = stage.egress(actors[0])
    async with running(egress):
        await anyio.sleep(1)
        for number, actor in enumerate(actors[1:], 1):
            egress.reload([PEOPLE], [target(actor, SECTION.model_copy(update={"concurrency": number}))])
            await anyio.sleep(0.2 * number)
        await stage.until_settled()
    assert [actor.closed for actor in actors[1:-1]] == [0, 0, 0, 0]  # they never began
    arrived = [of for actor in actors for of in actor.got]
    assert sorted(arrived) == sorted((subject, 1) for subject in MANY)
    assert actors[-1].got


async def test_a_reload_before_the_start_and_one_after_the_stop_do_no_harm() -> None:
    stage, old, new = Stage(), Actor(), Actor()
    await stage.journal_events(event())
    egress = stage.egress(old)
    egress.reload([PEOPLE], [target(new, CHANGED)])
    async with running(egress):
        await stage.until_settled()
    egress.reload([], [])
    assert (old.calls, new.got) == ([], [("7", 1)])


async def test_stopping_ends_those_too_that_are_on_their_way_out() -> None:
    stage, old, new = Stage(), Actor(takes(25)), Actor()
    await stage.journal_events(*events_of("1"))
    egress = stage.egress(old)
    async with running(egress, grace=timedelta(seconds=3)):
        await anyio.sleep(1)
        egress.reload([PEOPLE], [target(new, CHANGED)])
        await anyio.sleep(1)
        began = anyio.current_time()
    assert anyio.current_time() - began == pytest.approx(3, abs=0.2)
    assert old.closed == 1


async def test_who_mends_a_targets_settings_does_not_wait_for_its_rest_to_end() -> None:
    """The address was wrong: with the right one deliveries go out at once, not minutes later."""
    stage, old, new = Stage(), Actor(answers(*[Retry("503")] * 1000)), Actor()
    await stage.journal_events(*events_of(*MANY))
    egress = stage.egress(old)
    async with running(egress):
        await anyio.sleep(300)
        assert len(old.calls) < 60
        assert set(await stage.journal.notes(TARGETS))
        began = anyio.current_time()
        egress.reload([PEOPLE], [target(new, CHANGED)])
        await stage.until_settled()
        assert new.calls[0].at - began < 1
    assert await stage.journal.notes(TARGETS) == {}


async def test_a_lane_to_another_connector_moves_with_its_route() -> None:
    stage, crm, chat = Stage(), Actor(), Actor()
    both = replace(PEOPLE, connectors=(LANE.connector, "chat"))
    await stage.journal_events(event(), lanes=both.lanes)
    egress = stage.egress(crm)
    async with running(egress):
        await anyio.sleep(1)
        egress.reload([both], [target(crm), target(chat, name="chat")])
        await stage.until_settled()
        assert egress.lanes == {LANE, Lane(LANE.route, "chat")}
    assert (crm.got, chat.got) == ([("7", 1)], [("7", 1)])


class SlowlyRead(MemoryJournal):
    """A journal that takes a second to look records up."""

    async def known(self, name: ResourceName, ids: Collection[str]) -> Mapping[str, Known]:
        await anyio.sleep(1)
        return await super().known(name, ids)


async def test_what_is_being_prepared_while_its_target_changes_does_not_leave_by_the_old_settings() -> None:
    """Who is away is looked up for payloads of the old shape: the reload may come in the midst of that."""
    stage, old, new = Stage(SlowlyRead()), Actor(), Actor()
    absence = structs.replace(event("created"), resource="leaves", singular="leave")
    shaped = Route(LANE.route, frozenset({"leaves"}), (LANE.connector,), shape="leaves-v2")
    await stage.journal_events(absence)
    egress = stage.egress(old, [shaped])
    async with running(egress):
        await anyio.sleep(0.5)
        egress.reload([replace(shaped, fields=frozenset({"id"}))], [target(new, CHANGED)])
        await anyio.sleep(5)
        assert await stage.states() == ["done"]
    assert (len(old.calls), len(new.calls)) == (0, 1)
    assert new.calls[0].deliveries[0].attempt == 1
