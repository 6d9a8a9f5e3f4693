"""Connectors with one fault each, when their target is in trouble or slow."""

import asyncio
from collections.abc import Sequence
from typing import Any

import anyio
from anyio.lowlevel import checkpoint

from lucca_sync import (
    Connector,
    Delivery,
    Done,
    Outcome,
    Retry,
)
from tests.connectors.shelf import Good, Shelf


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


FAULTS: dict[type[Connector[Any]], str | tuple[str, str]] = {
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
}
"""Each fault, and the test that finds it. Two of them can't tell of a time-out either."""
