"""Whatever a connector does, each delivery gets one outcome, the others go on, and no value is quoted."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import anyio
import pytest
from pydantic import ConfigDict
from structlog.testing import capture_logs

from lucca_sync.connector import Abilities, ConnectorConfig
from lucca_sync.egress.route import Route
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.model.delivery import Delivery, Lane
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry
from tests.egress.events import LANE
from tests.egress.stage import SECTION, Actor, Stage, events_of, running

pytestmark = pytest.mark.looptime


def misbehaves_once(
    misbehave: Callable[[], Awaitable[Any]],
) -> Callable[[Sequence[Delivery]], Awaitable[Sequence[Outcome]]]:
    """Play a connector that misbehaves at its first call."""
    calls: list[int] = []

    async def play(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        calls.append(len(deliveries))
        if len(calls) == 1:
            return cast("Sequence[Outcome]", await misbehave())
        return [Done() for _ in deliveries]

    return play


async def raises_with_a_value() -> None:
    raise ValueError("Ada earns 12345")


async def raises_a_group() -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(raises_with_a_value)


async def leaks_a_cancellation() -> None:
    raise anyio.get_cancelled_exc_class()


def gives(answer: object) -> Callable[[], Awaitable[object]]:
    async def give() -> object:
        return answer

    return give


@pytest.mark.parametrize(
    ("misbehave", "reason"),
    [
        (raises_with_a_value, "the connector raised ValueError"),
        (raises_a_group, "the connector raised ExceptionGroup"),
        (leaks_a_cancellation, "the connector raised CancelledError"),
        (anyio.sleep_forever, "no answer within 30s (possibly sent)"),
        (gives(None), "the connector answered NoneType instead of outcomes"),
        (gives([]), "the connector answered 0 outcomes for 1 deliveries"),
        (gives([Done(), Done()]), "the connector answered 2 outcomes for 1 deliveries"),
        (gives([None]), "the connector answered NoneType instead of an outcome"),
        (gives("x"), "the connector answered str instead of an outcome"),
        (
            gives([Retry("x", after=cast("timedelta", "soon"))]),
            "the connector filled its outcome wrongly: TypeError",
        ),
        (gives([Park("x", cast("datetime", 3))]), "the connector filled its outcome wrongly: AttributeError"),
        (gives([Reject(cast("str", None))]), "the connector filled its outcome wrongly: TypeError"),
    ],
)
async def test_a_call_that_went_wrong_is_tried_again(
    misbehave: Callable[[], Awaitable[Any]], reason: str
) -> None:
    stage, actor = Stage(), Actor(misbehaves_once(misbehave))
    await stage.journal_events(*events_of("1"))
    with capture_logs() as logs:
        async with running(stage.egress(actor)):
            await stage.until_settled()
    (history,) = await stage.histories()
    assert [attempt.state for attempt in history.attempts] == ["retrying", "done"]
    assert history.attempts[0].reason == reason
    assert "12345" not in str(logs)


@pytest.mark.parametrize("until", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
async def test_odd_times_of_parking_harm_nobody(until: datetime) -> None:
    stage, actor = Stage(), Actor(misbehaves_once(gives([Park("x", until)])))
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await anyio.sleep(10)
    assert len(actor.calls) <= 2


async def test_a_wrong_number_of_outcomes_makes_the_whole_batch_come_again() -> None:
    stage = Stage()
    actor = Actor(misbehaves_once(gives([Done(), Done()])), Abilities(max_batch=3))
    await stage.journal_events(*events_of("1", "2", "3"))
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert sorted(actor.got) == sorted(2 * [("1", 1), ("2", 1), ("3", 1)])


async def test_a_call_that_hangs_holds_up_no_other_subject() -> None:
    stage = Stage()
    actor = Actor(misbehaves_once(anyio.sleep_forever), Abilities(concurrency=2))
    await stage.journal_events(*events_of("1"))
    egress = stage.egress(actor)
    async with running(egress):
        await anyio.sleep(1)
        await stage.journal_events(*events_of("2", "3", "4"))
        egress.bell.ring()
        await anyio.sleep(1)
        assert await stage.states() == ["in_flight", "done", "done", "done"]
        await anyio.sleep(60)
    assert await stage.states() == ["done"] * 4


async def test_a_connector_that_cannot_open_holds_up_no_other_and_is_made_anew_until_it_can() -> None:
    made: list[Actor] = []

    class OpensLate(Actor):
        async def open(self) -> None:
            if len(made) < 4:
                raise OSError("no such host: secret.example")

    def make() -> Actor:
        made.append(OpensLate())
        return made[-1]

    stage, actor = Stage(), Actor()
    chat = Lane(LANE.route, "chat")
    await stage.journal_events(*events_of("1"), lanes=[LANE, chat])
    routes = [Route(LANE.route, frozenset({"employees"}), (LANE.connector, "chat"))]
    targets = [Target(LANE.connector, SECTION, lambda: actor), Target("chat", SECTION, make)]
    with capture_logs() as logs:
        async with running(Egress(routes, targets, stage.means())):
            await anyio.sleep(0.5)
            assert sorted(await stage.states()) == ["done", "pending"]
            await stage.until_settled()
    assert [len(each.calls) for each in made] == [0, 0, 0, 1]
    assert [each.closed for each in made] == [1, 1, 1, 1]
    assert [line["event"] for line in logs] == ["connector_not_opened", "connector_opened"]
    assert "secret" not in str(logs)


async def test_a_connector_that_cannot_even_be_made_is_tried_again() -> None:
    actors = [Actor()]
    tries: list[int] = []

    def make() -> Actor:
        tries.append(1)
        if len(tries) < 3:
            raise ValueError("no template")
        return actors[0]

    stage = Stage()
    await stage.journal_events(*events_of("1"))
    routes = [Route(LANE.route, frozenset({"employees"}), (LANE.connector,))]
    async with running(Egress(routes, [Target(LANE.connector, SECTION, make)], stage.means())):
        await stage.until_settled()
    assert len(tries) == 3


async def test_a_connector_that_hangs_while_opening_or_closing_is_cut_short() -> None:
    class Hangs(Actor):
        async def open(self) -> None:
            await anyio.sleep_forever()

        async def close(self) -> None:
            self.closed += 1
            await anyio.sleep_forever()

    stage, actor = Stage(), Hangs()
    async with running(stage.egress(actor)):
        await anyio.sleep(60)
        assert actor.closed >= 1


class Odd:
    """Something that no serializer knows."""


class OddConfig(ConnectorConfig):
    """A stranger's section, with fields of its own making."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    odd: Odd = Odd()
    raw: bytes = b""


@pytest.mark.parametrize("raw", [b"", b"\xff"])
async def test_a_section_that_cannot_be_written_down_keeps_no_connector_from_its_work(raw: bytes) -> None:
    stage, actor = Stage(), Actor()
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor, section=OddConfig(type="odd", raw=raw))):
        await stage.until_settled()
    assert await stage.states() == ["done"]
