"""Connectors with one fault each, in what they declare or in how they live."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import ConfigDict, Field

from lucca_sync import (
    Abilities,
    CheckFailed,
    Connector,
    ConnectorConfig,
)
from tests.connectors.shelf import PASSWORD, Good, GoodConfig, Shelf


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
}
"""Each fault, and the test that finds it."""
