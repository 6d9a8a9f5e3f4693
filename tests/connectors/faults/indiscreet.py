"""Connectors with one fault each: they tell what nobody may know."""

import logging
from dataclasses import replace
from typing import Any

import structlog

from lucca_sync import (
    CheckFailed,
    Connector,
    Delivery,
    Done,
    Outcome,
    Retry,
)
from tests.connectors.shelf import Good, Shelf


class LogsToItsLogger(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        self.surroundings.log.info("delivering", record=delivery.event.record)
        return await super().one(delivery)


class LogsToALoggerOfItsOwn(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        structlog.get_logger().info("delivering", record=delivery.event.record)
        return await super().one(delivery)


class LogsByTheStandardLibrary(Good):
    async def one(self, delivery: Delivery) -> Outcome:
        logging.getLogger("faulty").debug("delivering %s", delivery.event.record)
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
    LogsToItsLogger: "shows_no_value_of_a_record",
    LogsToALoggerOfItsOwn: "shows_no_value_of_a_record",
    LogsByTheStandardLibrary: "shows_no_value_of_a_record",
    LogsATraceback: "shows_no_value_of_a_record",
    LogsATracebackElsewhere: "shows_no_value_of_a_record",
    QuotesTheRecord: "shows_no_value_of_a_record",
    WritesTheRecordOnItsReceipt: "shows_no_value_of_a_record",
    TellsThePasswordToItsLog: "shows_no_secret",
    TellsThePasswordWhenGone: "shows_no_secret",
    WearsThePassword: "shows_no_secret",
}
"""Each fault, and the test that finds it."""
