"""Targets that are left alone: they fail, say that they are no more, or are under maintenance."""

from collections.abc import Callable, Mapping, Sequence
from datetime import time, timedelta
from itertools import pairwise
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.connector import Abilities, BreakerPolicy, ConnectorConfig
from lucca_sync.egress.holding import TARGETS, holds, target_key
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.journal.protocol import StoreError
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Done, Outcome, Reject, Retry
from tests.egress.events import LANE, NOW
from tests.egress.stage import (
    PEOPLE,
    POLICY,
    SECTION,
    Actor,
    Play,
    SharedJournal,
    Stage,
    events_of,
    running,
    standing,
    takes,
)

pytestmark = pytest.mark.looptime

MANY = tuple(map(str, range(40)))


def works_from(seconds: float, meanwhile: Outcome = Retry("503")) -> Play:  # noqa: B008 - frozen
    """Play a target that is down until the loop's time has come so far."""

    async def play(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.sleep(0.01)
        return [meanwhile if anyio.current_time() < seconds else Done() for _ in deliveries]

    return play


def dislikes(subject: str) -> Play:
    async def play(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.lowlevel.checkpoint()
        return [Retry("500") if one.event.record_id == subject else Done() for one in deliveries]

    return play


async def until(holds_true: Callable[[], bool]) -> None:
    while not holds_true():  # noqa: ASYNC110 - a metric rings no bell
        await anyio.sleep(0.1)


async def test_a_target_that_is_down_gets_a_few_trials_and_then_everything() -> None:
    stage, actor = Stage(), Actor(works_from(600), Abilities(concurrency=4))
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(actor)):
        await anyio.sleep(590)
        assert standing(stage) in {"open", "half_open"}
        down = len(actor.calls)
        assert down < 60  # 40 subjects that retry every ten seconds at most would be thousands
        await stage.until_settled()
        assert standing(stage) == "closed"
    assert set(await stage.states()) == {"done"}


async def test_how_soon_and_how_long_a_target_is_left_alone_is_as_its_settings_say() -> None:
    few = BreakerPolicy(subjects=2, rest=timedelta(minutes=10), longest_rest=timedelta(minutes=10))
    stage, actor = Stage(), Actor(works_from(60), Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2", "3"))
    async with running(stage.egress(actor, section=SECTION.model_copy(update={"breaker": few}))):
        await anyio.sleep(1)
        assert standing(stage) == "open"
        assert len(actor.calls) == 2
        await anyio.sleep(290)
        assert len(actor.calls) == 2  # a rest is drawn from its upper half
        await stage.until_settled()
    assert set(await stage.states()) == {"done"}


async def test_while_a_target_rests_nothing_of_it_is_claimed() -> None:
    stage, actor = Stage(), Actor(works_from(1e9), Abilities(concurrency=4))
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(actor)):
        await until(lambda: standing(stage) == "open")
        await anyio.sleep(0.5)
        assert "in_flight" not in await stage.states()


async def test_one_poisoned_subject_does_not_keep_the_others_from_their_target() -> None:
    stage, actor = Stage(), Actor(dislikes("0"), Abilities(concurrency=1))
    await stage.journal_events(*events_of(*MANY, count=3))
    async with running(stage.egress(actor)):
        await anyio.sleep(3000)
        assert standing(stage) == "closed"
    states = dict(zip(await stage.subjects(), await stage.states(), strict=True))
    assert {state for (subject, _), state in states.items() if subject != "0"} == {"done"}


async def test_refusals_are_answers_and_open_nothing() -> None:
    async def refuses(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.lowlevel.checkpoint()
        return [Reject("422") for _ in deliveries]

    stage, actor = Stage(), Actor(refuses)
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(actor)):
        await stage.until_settled()
        assert standing(stage) == "closed"
    assert len(actor.calls) == len(MANY)


async def test_a_rest_goes_on_after_a_restart() -> None:
    stage, first, second = Stage(), Actor(works_from(1e9)), Actor()
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(first)):
        await anyio.sleep(300)
    hold = holds(await stage.journal.notes(TARGETS))[LANE.connector]
    assert (hold.state, hold.reason) == ("open", "503")
    assert hold.until is not None
    rest = (hold.until - stage.clock.now()).total_seconds()
    began = anyio.current_time()
    async with running(stage.egress(second)):
        await stage.until_settled()
    assert second.calls[0].at - began == pytest.approx(max(rest, 0), abs=1)
    assert await stage.journal.notes(TARGETS) == {}


async def test_a_target_that_is_no_more_gets_nothing_more_and_what_it_was_asked_to_take_waits() -> None:
    gone = Retry("the target says that it is gone for good (HTTP 410)", gone=True)
    stage, actor = Stage(), Actor(works_from(1e9, gone), Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2", "3"))
    with capture_logs() as logs:
        async with running(stage.egress(actor)):
            await anyio.sleep(2 * 3600)
            assert standing(stage) == "disabled"
    assert len(actor.calls) == 1
    assert sorted(await stage.states()) == ["pending", "pending", "retrying"]
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["target_disabled"]


async def test_a_disabled_target_stays_so_over_a_restart_until_a_person_resumes_it() -> None:
    journal = SharedJournal()
    stage, actor = Stage(journal), Actor(works_from(1, Retry("410", gone=True)))
    await stage.journal_events(*events_of("1", "2"))
    async with running(stage.egress(actor)):
        await anyio.sleep(100)
    asked = len(actor.calls)
    async with running(stage.egress(actor)):
        await anyio.sleep(100)
        assert standing(stage) == "disabled"
        assert len(actor.calls) == asked
        await journal.person_drops(target_key(LANE.connector))
        began = anyio.current_time()
        await stage.until_settled()
        assert standing(stage) == "closed"
    assert actor.calls[asked].at - began <= 1.1
    assert set(await stage.states()) == {"done"}


async def test_other_settings_give_a_disabled_target_another_chance() -> None:
    stage, actor = Stage(), Actor(works_from(1, Retry("410", gone=True)))
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await anyio.sleep(100)
    changed = ConnectorConfig(type="actor", retry=POLICY, concurrency=3)
    async with running(stage.egress(actor, section=changed)):
        await anyio.sleep(100)
    assert await stage.states() == ["done"]
    assert await stage.journal.notes(TARGETS) == {}


class LaterConfig(ConnectorConfig):
    """A section as a later version may have it: with one more field."""

    colour: str = "red"


def test_a_version_with_one_more_setting_keeps_a_disabled_target_disabled() -> None:
    before, *after = (
        Target("crm", section, Actor).terms.settings
        for section in (
            ConnectorConfig(type="x"),
            LaterConfig(type="x"),
            LaterConfig(type="x", colour="blue"),
        )
    )
    assert [settings == before for settings in after] == [True, False]


async def test_a_person_ends_a_rest_early() -> None:
    journal = SharedJournal()
    stage, actor = Stage(journal), Actor(works_from(400))
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(actor)):
        await until(lambda: anyio.current_time() > 402 or len(actor.calls) > 1000)
        hold = holds(await journal.notes(TARGETS)).get(LANE.connector)
        assert hold is not None
        assert hold.until is not None
        assert (hold.until - stage.clock.now()).total_seconds() > 5
        await journal.person_drops(target_key(LANE.connector))
        await anyio.sleep(2)
        assert standing(stage) == "closed"


class Crossed(SharedJournal):
    """A journal of which a person drops a note in the very moment in which the daemon writes it anew."""

    def __init__(self) -> None:
        super().__init__()
        self.crossed = 0

    async def swap_note(self, key: str, before: bytes | None, after: bytes | None) -> bool:
        if before is not None and after is not None and not self.crossed:
            self.crossed += 1
            await self.person_drops(key)
        return await super().swap_note(key, before, after)


async def test_a_person_who_resumes_a_target_as_its_next_rest_is_noted_has_the_last_word() -> None:
    hours = BreakerPolicy(rest=timedelta(minutes=10), longest_rest=timedelta(hours=20))

    async def works_once_resumed(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.lowlevel.checkpoint()
        return [Done() if journal.crossed else Retry("503") for _ in deliveries]

    stage, actor = Stage(journal := Crossed()), Actor(works_once_resumed)
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(actor, section=SECTION.model_copy(update={"breaker": hours}))):
        while not journal.crossed:  # noqa: ASYNC110 - nobody tells of notes
            await anyio.sleep(0.1)
        await anyio.sleep(3)
        assert standing(stage) == "closed"
        assert dict(await journal.notes(TARGETS)) == {}


async def test_a_target_that_comes_with_a_reload_stands_as_an_earlier_life_left_it() -> None:
    stage, actor = Stage(), Actor(works_from(1, Retry("410", gone=True)))
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await anyio.sleep(100)
    later, asked = Egress([PEOPLE], [], stage.means()), len(actor.calls)
    async with running(later):
        await anyio.sleep(5)
        later.reload([PEOPLE], [Target(LANE.connector, SECTION, lambda: actor)])
        await anyio.sleep(100)
        assert standing(stage) == "disabled"
    assert len(actor.calls) == asked


async def test_a_target_that_a_person_resumed_while_it_was_out_of_the_settings_comes_back_resumed() -> None:
    journal = SharedJournal()
    stage, actor = Stage(journal), Actor(works_from(1, Retry("410", gone=True)))
    target = Target(LANE.connector, SECTION, lambda: actor)
    await stage.journal_events(*events_of("1"))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(100)
        egress.reload([PEOPLE], [])
        await journal.person_drops(target_key(LANE.connector))
        await anyio.sleep(100)
        egress.reload([PEOPLE], [target])
        await anyio.sleep(100)
        assert standing(stage) == "closed"
    assert await stage.states() == ["done"]


class Stumbling(SharedJournal):
    """A journal that stumbles once as it is asked for notes, when `stumbles` says so."""

    stumbles = False

    async def notes(self, prefix: str) -> Mapping[str, bytes]:
        if self.stumbles:
            self.stumbles = False
            raise StoreError("locked")
        return await super().notes(prefix)


async def test_what_a_person_did_is_not_overlooked_because_the_store_could_not_be_read_just_then() -> None:
    journal = Stumbling()
    stage, actor = Stage(journal), Actor(works_from(1, Retry("410", gone=True)))
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await anyio.sleep(100)
        journal.stumbles = True
        await journal.person_drops(target_key(LANE.connector))
        await anyio.sleep(100)
        assert not journal.stumbles
        assert standing(stage) == "closed"


def on_maintenance(begins: str, until: str, **more: Any) -> ConnectorConfig:  # noqa: ANN401 - a section
    window = {"from": begins, "until": until, "timezone": "Etc/UTC"}
    return ConnectorConfig.model_validate({"type": "actor", "retry": POLICY, "maintenance": [window], **more})


async def test_during_maintenance_nothing_is_sent_and_afterwards_everything_at_once() -> None:
    stage, actor = Stage(), Actor()
    section = on_maintenance(f"{NOW.time():%H:%M}", f"{(NOW + timedelta(minutes=40)).time():%H:%M}")
    await stage.journal_events(*events_of(*MANY))
    began = anyio.current_time()
    async with running(stage.egress(actor, section=section)):
        await anyio.sleep(40 * 60 - 60)
        assert standing(stage) == "maintenance"
        assert actor.calls == []
        await stage.until_settled()
        assert standing(stage) == "closed"
    assert actor.calls[0].at - began == pytest.approx(40 * 60, abs=1)


async def test_what_was_claimed_ahead_does_not_go_out_once_maintenance_has_begun() -> None:
    """Whoever is free takes the next one at once: before anybody has noticed that a window has begun."""
    stage, actor = Stage(), Actor(takes(0.4), Abilities(concurrency=1))
    begins, ends = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)
    await stage.journal_events(*events_of(*MANY))
    began = anyio.current_time()
    await anyio.sleep(50.5)
    async with running(stage.egress(actor, section=on_maintenance(f"{begins:%H:%M}", f"{ends:%H:%M}"))):
        await anyio.sleep(30)
    assert 59 < actor.calls[-1].at - began < 60


async def test_what_fails_as_maintenance_begins_does_not_count_against_the_target() -> None:
    async def goes_down(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.sleep(70)
        return [Retry("503") for _ in deliveries]

    stage, actor = Stage(), Actor(goes_down, Abilities(concurrency=20, time_limit=timedelta(minutes=3)))
    begins = (NOW + timedelta(minutes=1)).time()
    assert begins > time(0)
    section = on_maintenance(f"{begins:%H:%M}", f"{(NOW + timedelta(hours=1)).time():%H:%M}")
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(actor, section=section)):
        await anyio.sleep(120)
        assert len(actor.calls) == 20
        assert standing(stage) == "maintenance"
        assert await stage.journal.notes(TARGETS) == {}


async def test_calls_come_no_faster_than_the_rate_and_evenly() -> None:
    stage, actor = Stage(), Actor(takes(0.5), Abilities(concurrency=8))
    section = ConnectorConfig.model_validate({"type": "actor", "retry": POLICY, "rate": "120/1m"})
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(actor, section=section)):
        await stage.until_settled()
    starts = [call.at for call in actor.calls]
    assert all(b - a >= 0.499 for a, b in pairwise(starts))
    assert starts[-1] - starts[0] == pytest.approx(0.5 * (len(MANY) - 1), abs=1)


async def test_a_slow_rate_does_not_keep_egress_from_ending() -> None:
    stage, actor = Stage(), Actor()
    section = ConnectorConfig.model_validate({"type": "actor", "retry": POLICY, "rate": "1/h"})
    await stage.journal_events(*events_of(*MANY))
    async with running(stage.egress(actor, section=section)):
        await anyio.sleep(60)
        began = anyio.current_time()
    assert anyio.current_time() - began < 1
    assert (await stage.states()).count("pending") == len(MANY) - 1


async def test_concurrency_of_the_settings_is_a_cap_on_the_connectors_own() -> None:
    for cap, expected in ((2, 2), (50, 4)):
        stage, actor = Stage(), Actor(takes(1), Abilities(concurrency=4))
        await stage.journal_events(*events_of(*MANY))
        section = SECTION.model_copy(update={"concurrency": cap})
        async with running(stage.egress(actor, section=section)):
            await stage.until_settled()
        assert actor.most == expected
