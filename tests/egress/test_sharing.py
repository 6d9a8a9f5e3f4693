"""Routes and targets beside each other: nobody is kept waiting by what is another's trouble."""

from collections.abc import Sequence
from datetime import timedelta

import anyio
import pytest

from lucca_sync.connector import Abilities
from lucca_sync.egress.holding import Pause, encoded, paused_key
from lucca_sync.egress.route import Route
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Done, Outcome, Retry
from tests.egress.events import LANE, NOW
from tests.egress.stage import (
    PEOPLE,
    SECTION,
    Actor,
    Play,
    SharedJournal,
    Stage,
    events_of,
    running,
    sample,
    standing,
    takes,
    takes_all,
)

pytestmark = pytest.mark.looptime

MANY = tuple(map(str, range(60)))


async def never_answers(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
    await anyio.sleep_forever()
    return [Done() for _ in deliveries]


async def is_down(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
    await anyio.lowlevel.checkpoint()
    return [Retry("503") for _ in deliveries]


@pytest.mark.parametrize("trouble", [never_answers, is_down])
async def test_a_target_in_trouble_delays_no_other(trouble: Play) -> None:
    chat = Route("chat", frozenset({"employees"}), ("chat",))
    stage, bad, good = Stage(), Actor(trouble), Actor(takes_all, Abilities(concurrency=1))
    await stage.journal_events(*events_of(*MANY, count=3), lanes=[LANE, *chat.lanes])
    targets = [Target(LANE.connector, SECTION, lambda: bad), Target("chat", SECTION, lambda: good)]
    async with running(Egress([PEOPLE, chat], targets, stage.means()), grace=timedelta(0)):
        await anyio.sleep(1)
        assert len(good.got) == 3 * len(MANY)


async def test_lanes_of_one_target_take_turns_however_much_waits_in_one_of_them() -> None:
    rare = Route("rare", frozenset({"employees"}), (LANE.connector,))
    stage, actor = Stage(), Actor(takes(1), Abilities(concurrency=2))
    await stage.journal_events(*events_of(*map(str, range(500))))
    egress = stage.egress(actor, (PEOPLE, rare))
    async with running(egress):
        await anyio.sleep(30)  # much is claimed ahead by now
        await stage.journal_events(*events_of("1000", "1001", "1002"), lanes=rare.lanes)
        egress.bell.ring()
        began = anyio.current_time()
        while len([of for of in actor.got if int(of[0]) >= 1000]) < 3:  # noqa: ASYNC110 - the actor rings no bell
            await anyio.sleep(0.1)
        assert anyio.current_time() - began <= 5


async def test_a_lane_that_fails_does_not_use_up_all_trials_after_a_rest() -> None:
    """The target takes nothing along one of its routes: what comes along the other gets its chance."""
    good = Route("good", frozenset({"employees"}), (LANE.connector,))

    async def dislikes_one_route(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.lowlevel.checkpoint()
        return [Retry("500") if one.lane == LANE else Done() for one in deliveries]

    stage, actor = Stage(), Actor(dislikes_one_route, Abilities(concurrency=4))
    await stage.journal_events(*events_of(*MANY))
    egress = stage.egress(actor, (PEOPLE, good))
    async with running(egress):
        await anyio.sleep(60)
        assert standing(stage) in {"open", "half_open"}
        await stage.journal_events(*events_of("100"), lanes=good.lanes)
        egress.bell.ring()
        await anyio.sleep(1800)
    assert (await stage.states())[-1] == "done"


async def test_a_poisoned_subject_that_takes_all_its_time_leaves_the_other_places_free() -> None:
    async def hangs_for_seven(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        if deliveries[0].event.record_id == "7":
            await anyio.sleep_forever()
        return [Done() for _ in deliveries]

    stage, actor = Stage(), Actor(hangs_for_seven, Abilities(concurrency=2))
    await stage.journal_events(*events_of(*MANY, count=2))
    async with running(stage.egress(actor), grace=timedelta(0)):
        await anyio.sleep(1)
        assert len({of for of in actor.got if of[0] != "7"}) == 2 * (len(MANY) - 1)


async def test_a_paused_route_gets_nothing_until_it_is_resumed_and_the_others_go_on() -> None:
    journal, more = SharedJournal(), Route("more", frozenset({"employees"}), (LANE.connector,))
    stage, actor = Stage(journal), Actor(takes(1), Abilities(concurrency=1))
    await stage.journal_events(*events_of(*MANY))
    egress = stage.egress(actor, (PEOPLE, more))
    async with running(egress):
        await anyio.sleep(10.5)
        await journal.person_writes(paused_key(LANE.route), encoded(Pause(NOW)))
        await anyio.sleep(3)
        taken = len(actor.calls)
        assert taken <= 13
        await stage.journal_events(*events_of("100"), lanes=more.lanes)
        egress.bell.ring()
        await anyio.sleep(600)
        assert len(actor.calls) == taken + 1
        assert "in_flight" not in await stage.states()
        assert sample(stage, "route_paused", route=LANE.route) == 1
        await journal.person_drops(paused_key(LANE.route))
        await anyio.sleep(2.5)
        assert len(actor.calls) > taken + 1
        await stage.until_settled()
