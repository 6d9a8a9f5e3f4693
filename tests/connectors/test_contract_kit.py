"""The conformance kit finds each fault that it promises to find, and nothing wrong with a good connector."""

import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar
from unittest import SkipTest

import anyio
import pytest
import structlog
from anyio.lowlevel import checkpoint
from pydantic import ConfigDict, Field, SecretStr

from lucca_sync import Abilities, CheckFailed, Connector, ConnectorConfig, Delivery, Done, Outcome, Retry
from lucca_sync.testing.connectors import ConnectorContract, Mood, Scene


class Shelf:
    """A target in memory."""

    present: ClassVar["Shelf"]

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.mood: Mood = "healthy"
        self.held = anyio.Event()
        self.let_go = anyio.Event()
        Shelf.present = self

    async def become(self, mood: Mood) -> None:
        self.mood = mood
        self.let_go.set()
        self.held, self.let_go = anyio.Event(), anyio.Event()

    async def received(self) -> Sequence[str]:
        return tuple(self.ids)

    async def holding(self) -> None:
        await self.held.wait()

    async def put(self, identity: str) -> None:
        await checkpoint()
        if self.mood == "slow":
            self.held.set()
            await self.let_go.wait()
        if self.mood != "healthy":
            raise ConnectionError(self.mood)
        self.ids.append(identity)


class GoodConfig(ConnectorConfig):
    password: SecretStr


class Good(Connector[GoodConfig]):
    Config = GoodConfig

    @property
    def abilities(self) -> Abilities:
        return Abilities(max_batch=3, concurrency=2)

    async def check(self) -> None:
        if Shelf.present.mood == "gone":
            raise CheckFailed("nobody there")

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        return [await self.one(delivery) for delivery in deliveries]

    async def one(self, delivery: Delivery) -> Outcome:
        try:
            await Shelf.present.put(delivery.event.id)
        except ConnectionError as error:
            return Retry(str(error))
        return Done()


class Suite(ConnectorContract):
    connector = Good
    secret_keys = ("password",)

    @asynccontextmanager
    async def scene(self) -> AsyncGenerator[Scene]:
        yield Scene({"type": "shelf", "password": "open sesame"}, Shelf(), ("open sesame",))


class ForgetsOne(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        return (await super().deliver(deliveries))[:1]


class TurnsAround(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        return await super().deliver(deliveries[::-1])


class AnswersNothingWithSomething(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        return await super().deliver(deliveries) or [Done()]


class RenamesRepeats(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        await Shelf.present.put(f"{delivery.event.id}-{len(Shelf.present.ids)}")
        return Done()


class OneAtATimeAfterAll(Good):
    busy = False

    async def one(self, delivery: Delivery) -> Outcome:
        if self.busy:
            return Retry("busy")
        self.busy = True
        outcome = await super().one(delivery)
        self.busy = False
        return outcome


class RaisesWhenRefused(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        await Shelf.present.put(delivery.event.id)
        return Done()


class DoneWhateverHappens(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        await super().one(delivery)
        return Done()


class GivesNoReason(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        return Retry("") if isinstance(outcome, Retry) else outcome


class NeedsTheTargetToOpen(Good):
    async def open(self) -> None:
        if Shelf.present.mood == "gone":
            raise ConnectionError("gone")


class ClosesOnce(Good):
    closed = False

    async def close(self) -> None:
        if self.closed:
            raise RuntimeError("closed already")
        self.closed = True


class ChecksByPosting(Good):
    async def check(self) -> None:
        await Shelf.present.put("test, please ignore")


class ChecksBadly(Good):
    async def check(self) -> None:
        if Shelf.present.mood == "gone":
            raise ConnectionError("gone")


class ClaimsTheImpossible(Good):
    @property
    def abilities(self) -> Abilities:
        return Abilities(max_batch=0)


class LogsToItsLogger(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        self.surroundings.log.info("delivering", record=delivery.event.record)
        return await super().one(delivery)


class LogsToALoggerOfItsOwn(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        structlog.get_logger().info("delivering", record=delivery.event.record)
        return await super().one(delivery)


class QuotesTheRecord(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        return Retry(f"could not send {delivery.event.record}") if isinstance(outcome, Retry) else outcome


class TellsThePassword(Good):
    async def check(self) -> None:
        raise CheckFailed(f"tried {self.config.password.get_secret_value()}")


class LaxConfig(GoodConfig):
    model_config = ConfigDict(extra="allow")


class TakesAnyKey(Good):
    Config = LaxConfig


class OpenConfig(ConnectorConfig):
    password: str


class ShowsThePassword(Connector[OpenConfig]):
    Config = OpenConfig

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        return [Done() for _ in deliveries]


class TellingConfig(GoodConfig):
    model_config = ConfigDict(hide_input_in_errors=False)

    password: SecretStr = Field(max_length=len("open sesame"))


class ComplainsWithTheValue(Good):
    Config = TellingConfig


FAULTS: list[tuple[type[Connector[Any]], str]] = [
    (ForgetsOne, "test_answers_one_outcome_for_each_delivery"),
    (TurnsAround, "test_answers_one_outcome_for_each_delivery"),
    (AnswersNothingWithSomething, "test_answers_nothing_to_nothing"),
    (RenamesRepeats, "test_a_repeat_is_done_under_the_same_id"),
    (OneAtATimeAfterAll, "test_takes_as_many_calls_at_once_as_it_declares"),
    (OneAtATimeAfterAll, "test_a_call_may_be_cancelled_at_any_await"),
    (OneAtATimeAfterAll, "test_a_call_may_be_cancelled_while_the_target_is_slow"),
    (RaisesWhenRefused, "test_a_target_that_refuses_is_an_outcome_and_passes"),
    (DoneWhateverHappens, "test_a_target_that_refuses_is_an_outcome_and_passes"),
    (DoneWhateverHappens, "test_a_target_that_is_gone_is_an_outcome_and_passes"),
    (GivesNoReason, "test_a_target_that_is_gone_is_an_outcome_and_passes"),
    (NeedsTheTargetToOpen, "test_opens_and_closes_while_the_target_is_gone"),
    (ClosesOnce, "test_closes_without_having_been_opened_and_twice"),
    (ChecksByPosting, "test_its_check_passes_and_delivers_nothing"),
    (ChecksBadly, "test_its_check_fails_in_words"),
    (ClaimsTheImpossible, "test_declares_sane_abilities"),
    (LogsToItsLogger, "test_shows_no_value_and_no_secret"),
    (LogsToALoggerOfItsOwn, "test_shows_no_value_and_no_secret"),
    (QuotesTheRecord, "test_shows_no_value_and_no_secret"),
    (TellsThePassword, "test_shows_no_value_and_no_secret"),
    (TakesAnyKey, "test_refuses_unknown_keys"),
    (ShowsThePassword, "test_complaints_about_its_section_show_no_secret"),
    (ComplainsWithTheValue, "test_complaints_about_its_section_show_no_secret"),
]
PROMISES = sorted(name for name in dir(ConnectorContract) if name.startswith("test_"))


def run(connector: type[Connector[Any]], test: str) -> None:
    suite = type("FaultySuite", (Suite,), {"connector": connector})()
    getattr(suite, test)()


@pytest.mark.parametrize("promise", PROMISES)
def test_a_good_connector_passes(promise: str) -> None:
    run(Good, promise)


@pytest.mark.parametrize(("faulty", "promise"), FAULTS)
def test_a_fault_is_found(faulty: type[Connector[Any]], promise: str) -> None:
    with pytest.raises((AssertionError, ConnectionError, RuntimeError, ExceptionGroup)):
        run(faulty, promise)


@pytest.mark.parametrize("promise", PROMISES)
def test_every_promise_can_be_broken(promise: str) -> None:
    assert promise in {found for _, found in FAULTS}


def test_what_a_target_cannot_do_is_skipped_with_its_reason() -> None:
    patient = type("PatientSuite", (Suite,), {"moods": frozenset({"healthy"})})()
    with pytest.raises(SkipTest, match="never slow"):
        patient.test_a_call_may_be_cancelled_while_the_target_is_slow()


def test_the_kit_needs_no_test_runner() -> None:
    kit = "lucca_sync.testing.connectors, lucca_sync.testing.events, lucca_sync.testing.hostile"
    program = f"import sys, {kit}; print([name for name in sys.modules if 'pytest' in name])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
