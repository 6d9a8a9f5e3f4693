"""Connectors with one fault each, and the tests of the contract that find it: those and no others."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import anyio
import structlog
from anyio.lowlevel import checkpoint
from pydantic import ConfigDict, Field

from lucca_sync import (
    Abilities,
    CheckFailed,
    Connector,
    ConnectorConfig,
    Delivery,
    Done,
    Outcome,
    Reject,
    Retry,
)
from tests.connectors.shelf import PASSWORD, Good, GoodConfig, Shelf

# --- what is declared ---------------------------------------------------------------------------------------


class ClaimsTheImpossible(Good):
    @property
    def abilities(self) -> Abilities:
        return replace(super().abilities, linger=timedelta(seconds=-1))


class LaxConfig(GoodConfig):
    model_config = ConfigDict(extra="allow")


class TakesAnyKey(Good):
    Config = LaxConfig


class OpenConfig(ConnectorConfig):
    password: str


class ShowsThePassword(Good):
    Config = OpenConfig


class TellingConfig(GoodConfig):
    model_config = ConfigDict(hide_input_in_errors=False)

    password: Any = Field(max_length=len(PASSWORD), repr=False)


class ComplainsWithTheValue(Good):
    Config = TellingConfig


# --- living -------------------------------------------------------------------------------------------------


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


class LeavesATask(Good):
    async def open(self) -> None:
        self.left = asyncio.create_task(asyncio.Event().wait(), name="left behind")


class ChecksByPosting(Good):
    async def check(self) -> None:
        await super().check()
        await Shelf.present.put("test, please ignore")


class ChecksBadly(Good):
    async def check(self) -> None:
        if Shelf.present.mood == "gone":
            raise ConnectionError("gone")


class FailsItsCheckWithoutAWord(Good):
    async def check(self) -> None:
        if Shelf.present.mood == "gone":
            raise CheckFailed


# --- delivering ---------------------------------------------------------------------------------------------


class ForgetsOne(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        return (await super().deliver(deliveries))[:1]


class TurnsAround(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        return (await super().deliver(deliveries[::-1]))[::-1]


class AnswersNothingWithSomething(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        return await super().deliver(deliveries) or [Done()]


class LetsOneSpoilAll(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        outcomes = await super().deliver(deliveries)
        spoilt = [outcome for outcome in outcomes if not isinstance(outcome, Done)]
        return [spoilt[0]] * len(outcomes) if spoilt else outcomes


class StopsAtTheFirstRefusal(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        for delivery in deliveries:
            refused = outcomes and isinstance(outcomes[-1], Reject)
            outcomes.append(Retry("not tried") if refused else await self.one(delivery))
        return outcomes


class SaysThatThePoisonIsDone(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        return Done() if isinstance(outcome, Reject) else outcome


class RenamesRepeats(Good):
    async def put(self, delivery: Delivery) -> None:
        await Shelf.present.put(f"{delivery.event.id}{'-again' * (delivery.attempt - 1)}")


class TellsTheAttempt(Good):
    async def put(self, delivery: Delivery) -> None:
        await Shelf.present.put(delivery.event.id, str(delivery.attempt).encode())


class TellsTheTime(Good):
    async def put(self, delivery: Delivery) -> None:
        await Shelf.present.put(delivery.event.id, str(self.surroundings.clock.now()).encode())


class CountsInMemory(Good):
    lives: ClassVar[list["CountsInMemory"]] = []

    async def open(self) -> None:
        self.lives.append(self)

    async def put(self, delivery: Delivery) -> None:
        await Shelf.present.put(delivery.event.id, str(self.lives.index(self)).encode())


class OneAtATimeAfterAll(Good):
    busy = False

    async def one(self, delivery: Delivery) -> Outcome:
        if self.busy:
            return Retry("busy")
        self.busy = True
        try:
            return await super().one(delivery)
        finally:
            self.busy = False


class ChangesTheEvent(Good):
    async def put(self, delivery: Delivery) -> None:
        await super().put(delivery)
        if delivery.event.previous is not None:
            delivery.event.previous["sent"] = True


# --- trouble ------------------------------------------------------------------------------------------------


class DoneThoughRefused(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        return Done() if outcome == Retry("refusing") else outcome


class DoneThoughGone(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        return Done() if outcome == Retry("gone") else outcome


class RaisesWhenGone(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        if outcome == Retry("gone"):
            raise ConnectionError("gone")
        return outcome


class GivesNoReason(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        return Retry("") if outcome == Retry("gone") else outcome


class StaysDown(Good):
    down = False

    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        self.down = self.down or outcome == Retry("gone")
        return Retry("gone") if self.down else outcome


class TakesALostAnswerForAFailure(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        return Retry("the line broke") if outcome == Retry("the line broke", possibly_sent=True) else outcome


class TakesATimeOutForAFailure(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        late = Retry("no answer in time", possibly_sent=True)
        return Retry("no answer in time") if outcome == late else outcome


class RaisesAtATimeOut(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        if outcome == Retry("no answer in time", possibly_sent=True):
            raise TimeoutError
        return outcome


class EndsOnlyWithItsTarget(Good):
    """Takes no notice of being cancelled."""

    async def one(self, delivery: Delivery) -> Outcome:
        if Shelf.present.mood != "slow":
            return await super().one(delivery)
        with anyio.CancelScope(shield=True):
            await self.put(delivery)
        return Done()


class LeavesAMarkWhenCut(Good):
    async def open(self) -> None:
        self.begun = set[str]()

    async def one(self, delivery: Delivery) -> Outcome:
        if delivery.event.id in self.begun:
            return Retry("this one is under way")
        self.begun.add(delivery.event.id)
        await checkpoint()
        try:
            return await super().one(delivery)
        finally:
            self.begun.discard(delivery.event.id)


class NeverGetsOverACut(Good):
    hurt = False

    async def one(self, delivery: Delivery) -> Outcome:
        if self.hurt:
            return Retry("hurt")
        self.hurt = Shelf.present.mood == "slow"
        outcome = await super().one(delivery)
        self.hurt = False
        return outcome


class ClosesOnlyWhenAllIsWell(Good):
    async def close(self) -> None:
        if Shelf.present.mood == "slow":
            raise TimeoutError("still waiting for an answer")


# --- back-pressure ------------------------------------------------------------------------------------------


class AnswersTooSoon(Good):
    """Waits no longer than it takes the target to hold a thing back; what happens then, nobody is told."""

    async def open(self) -> None:
        self.queue: list[asyncio.Task[None]] = []

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        if Shelf.present.mood != "slow" or len(deliveries) > 1:
            return await super().deliver(deliveries)
        self.queue.append(asyncio.create_task(self.put(deliveries[0])))
        return [Done()]


class AsksForAllAtOnce(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        outcomes = dict[int, Outcome]()

        async def one(place: int, delivery: Delivery) -> None:
            outcomes[place] = await self.one(delivery)

        async with anyio.create_task_group() as calls:
            for place, delivery in enumerate(deliveries):
                calls.start_soon(one, place, delivery)
        return [outcomes[place] for place in range(len(deliveries))]


class KeepsEverything(Good):
    async def open(self) -> None:
        self.kept: list[Delivery] = []

    async def one(self, delivery: Delivery) -> Outcome:
        self.kept.append(delivery)
        return await super().one(delivery)


class KeepsWhatWasRefused(KeepsEverything):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await Good.one(self, delivery)
        if isinstance(outcome, Retry):
            self.kept.append(delivery)
        return outcome


# --- discretion ---------------------------------------------------------------------------------------------


class LogsToItsLogger(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        self.surroundings.log.info("delivering", record=delivery.event.record)
        return await super().one(delivery)


class LogsToALoggerOfItsOwn(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        structlog.get_logger().info("delivering", record=delivery.event.record)
        return await super().one(delivery)


class LogsATraceback(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        if outcome == Retry("gone"):
            self.surroundings.log.warning("odd", exc_info=ValueError(delivery.event.record))
        return outcome


class LogsATracebackElsewhere(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        if outcome == Retry("gone"):
            structlog.get_logger().warning("odd", exc_info=ValueError(delivery.event.record))
        return outcome


class QuotesTheRecord(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        reason = f"could not send {delivery.event.record}"
        return replace(outcome, reason=reason) if isinstance(outcome, Retry) else outcome


class WritesTheRecordOnItsReceipt(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        outcome = await super().one(delivery)
        return Done(str(delivery.event.record)) if isinstance(outcome, Done) else outcome


class TellsThePasswordToItsLog(Good):
    async def open(self) -> None:
        self.surroundings.log.info("opening", password=self.config.password.get_secret_value())


class TellsThePasswordWhenGone(Good):
    async def check(self) -> None:
        if Shelf.present.mood == "gone":
            raise CheckFailed(f"tried {self.config.password.get_secret_value()}")


class WearsThePassword(Good):
    def __repr__(self) -> str:
        return f"WearsThePassword({self.config.password.get_secret_value()})"


FAULTS: dict[type[Connector[Any]], str | tuple[str, str]] = {
    ClaimsTheImpossible: "declares_sane_abilities",
    TakesAnyKey: "refuses_unknown_keys",
    ShowsThePassword: "complaints_about_its_section_show_no_secret",
    ComplainsWithTheValue: "complaints_about_its_section_show_no_secret",
    NeedsTheTargetToOpen: "opens_and_closes_while_the_target_is_gone",
    ClosesOnce: "closes_without_having_been_opened_and_twice",
    LeavesATask: "leaves_nothing_running_once_closed",
    ChecksByPosting: "its_check_passes_and_delivers_nothing",
    ChecksBadly: "its_check_fails_in_words",
    FailsItsCheckWithoutAWord: "its_check_fails_in_words",
    TurnsAround: "answers_one_outcome_for_each_delivery",
    AnswersNothingWithSomething: "answers_nothing_to_nothing",
    LetsOneSpoilAll: "a_poisoned_delivery_spoils_no_other",
    StopsAtTheFirstRefusal: "a_poisoned_delivery_spoils_no_other",
    SaysThatThePoisonIsDone: "a_poisoned_delivery_spoils_no_other",
    RenamesRepeats: "a_repeat_is_harmless",
    TellsTheAttempt: "a_repeat_is_harmless",
    TellsTheTime: "a_repeat_is_harmless",
    CountsInMemory: "a_repeat_is_harmless",
    OneAtATimeAfterAll: "takes_as_many_calls_at_once_as_it_declares",
    ChangesTheEvent: "leaves_what_it_is_handed_as_it_was",
    DoneThoughRefused: "a_target_that_refuses_is_an_outcome_and_passes",
    DoneThoughGone: "a_target_that_is_gone_is_an_outcome_and_passes",
    RaisesWhenGone: "a_target_that_is_gone_is_an_outcome_and_passes",
    GivesNoReason: "a_target_that_is_gone_is_an_outcome_and_passes",
    StaysDown: "a_target_that_is_gone_is_an_outcome_and_passes",
    TakesALostAnswerForAFailure: "an_answer_that_is_lost_is_possibly_sent",
    TakesATimeOutForAFailure: "a_time_out_is_possibly_sent",
    RaisesAtATimeOut: "a_time_out_is_possibly_sent",
    EndsOnlyWithItsTarget: (
        "a_call_may_be_cancelled_while_the_target_is_slow",
        "a_time_out_is_possibly_sent",
    ),
    LeavesAMarkWhenCut: "a_call_may_be_cancelled_at_any_await",
    NeverGetsOverACut: "a_call_may_be_cancelled_while_the_target_is_slow",
    ClosesOnlyWhenAllIsWell: "closes_while_the_target_is_slow",
    AnswersTooSoon: ("answers_no_sooner_than_its_target", "a_time_out_is_possibly_sent"),
    AsksForAllAtOnce: "asks_no_more_of_its_target_at_once_than_it_declares",
    KeepsEverything: "keeps_nothing_it_was_handed",
    KeepsWhatWasRefused: "keeps_nothing_it_was_handed",
    LogsToItsLogger: "shows_no_value_of_a_record",
    LogsToALoggerOfItsOwn: "shows_no_value_of_a_record",
    LogsATraceback: "shows_no_value_of_a_record",
    LogsATracebackElsewhere: "shows_no_value_of_a_record",
    QuotesTheRecord: "shows_no_value_of_a_record",
    WritesTheRecordOnItsReceipt: "shows_no_value_of_a_record",
    TellsThePasswordToItsLog: "shows_no_secret",
    TellsThePasswordWhenGone: "shows_no_secret",
    WearsThePassword: "shows_no_secret",
}
"""Each fault, and the one test that finds it. Two of them can't tell of a time-out either."""
