"""A connector made, opened and asked as the daemon would do it, for an author's own tests."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import structlog

from lucca_sync.connector import Connector, Surroundings
from lucca_sync.kit.clock import Clock
from lucca_sync.model.event import Event
from lucca_sync.model.outcome import Outcome
from lucca_sync.testing.clock import StandingClock
from lucca_sync.testing.events import a_delivery

ConnectorT = TypeVar("ConnectorT", bound=Connector[Any])


def made(
    connector: type[ConnectorT],
    section: Mapping[str, object],
    clock: Clock | None = None,
    name: str = "a-connector",
) -> ConnectorT:
    """Make a connector from its section of the YAML; the section is checked first."""
    config = connector.Config.model_validate(section)
    return connector(config, Surroundings(name, clock or StandingClock(), structlog.get_logger()))


@asynccontextmanager
async def opened(
    connector: type[ConnectorT], section: Mapping[str, object], clock: Clock | None = None
) -> AsyncGenerator[ConnectorT]:
    """Make a connector and have it open while the block runs."""
    one = made(connector, section, clock)
    try:
        await one.open()
        yield one
    finally:
        await one.close()


async def outcome_of(connector: Connector[Any], event: Event) -> Outcome:
    """Deliver one event and return what became of it."""
    (outcome,) = await connector.deliver([a_delivery(event)])
    return outcome
