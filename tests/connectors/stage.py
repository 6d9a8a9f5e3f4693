"""Connectors made from a YAML section, opened and closed around a test."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog

from lucca_sync import Clock, Connector, Outcome, Surroundings
from lucca_sync.model.event import Event
from lucca_sync.testing.events import a_delivery

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


class At:
    """A clock that stands."""

    def __init__(self, instant: datetime = NOW) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant


ConnectorT = TypeVar("ConnectorT", bound=Connector[Any])


def made(
    connector: type[ConnectorT], section: Mapping[str, object], clock: Clock | None = None, name: str = "crm"
) -> ConnectorT:
    config = connector.Config.model_validate(section)
    return connector(config, Surroundings(name, clock or At(), structlog.get_logger()))


@asynccontextmanager
async def opened(
    connector: type[ConnectorT], section: Mapping[str, object], clock: Clock | None = None
) -> AsyncGenerator[ConnectorT]:
    one = made(connector, section, clock)
    try:
        await one.open()
        yield one
    finally:
        await one.close()


async def outcome_of(connector: Connector[Any], event: Event) -> Outcome:
    (outcome,) = await connector.deliver([a_delivery(event)])
    return outcome
