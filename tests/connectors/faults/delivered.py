"""Connectors with one fault each, while their target does its part."""

from collections.abc import Sequence
from typing import Any, ClassVar

from lucca_sync import (
    Connector,
    Delivery,
    Done,
    Outcome,
    Reject,
    Retry,
)
from tests.connectors.shelf import Good, Shelf


class ForgetsTheSecond(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        outcomes = await super().deliver(deliveries)
        return outcomes[:1] if outcomes == [Done(), Done()] else outcomes


class AnswersTwice(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        outcomes = await super().deliver(deliveries)
        return [*outcomes, Done()] if outcomes == [Done(), Done()] else outcomes


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


FAULTS: dict[type[Connector[Any]], str | tuple[str, str]] = {
    ForgetsTheSecond: "answers_one_outcome_for_each_delivery",
    AnswersTwice: "answers_one_outcome_for_each_delivery",
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
}
"""Each fault, and the test that finds it."""
