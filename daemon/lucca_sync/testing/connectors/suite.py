"""What every part of the contract stands on: the author's connector, opened against the author's target."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, ClassVar
from unittest import SkipTest

import structlog
from pydantic import ValidationError

from lucca_sync.connector import Connector, Surroundings
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.event import FieldChange
from lucca_sync.model.outcome import Done, Outcome
from lucca_sync.testing.clock import StandingClock
from lucca_sync.testing.connectors.scenario import expect
from lucca_sync.testing.connectors.scene import CANARY, MOODS, Mood, Poisonable, Scene
from lucca_sync.testing.events import a_delivery, an_event


class Suite(ABC):
    """What an author says: which connector, how a target is set up, and what that target can do."""

    connector: ClassVar[type[Connector[Any]]]

    moods: ClassVar[frozenset[Mood]] = MOODS
    """Which moods your target can have."""

    secret_keys: ClassVar[tuple[str, ...]] = ()
    """Keys of the section whose values are secrets."""

    @abstractmethod
    def scene(self) -> AbstractAsyncContextManager[Scene]:
        """Set up a healthy target and say how it is reached."""

    def delivery(self, number: int) -> Delivery:
        """Make the delivery of the given number, about a subject of its own, with canaries in its values."""
        name = f"{CANARY} {number}"
        record_id = str(1000 + number)
        return a_delivery(
            an_event(
                record_id=record_id,
                record={"id": record_id, "givenName": name},
                previous={"id": record_id, "givenName": f"formerly {name}"},
                changes=(FieldChange("/givenName", f"formerly {name}", name),),
            )
        )

    async def poisoned(self, scene: Scene, number: int) -> Delivery:
        """Make a delivery that is refused though the target is healthy and takes all others.

        Override it where the poison is in the event itself, or raise SkipTest where nothing can be refused.
        """
        if not isinstance(scene.target, Poisonable):
            raise SkipTest("nothing says how a single delivery is refused: override `poisoned`")
        delivery = self.delivery(number)
        await scene.target.poison(delivery.event.id)
        return delivery

    # --- for the tests ------------------------------------------------------------------------------------

    def _deliveries(self, count: int) -> list[Delivery]:
        return [self.delivery(number) for number in range(count)]

    def _needs(self, mood: Mood) -> None:
        if mood not in self.moods:
            raise SkipTest(f"this target is never {mood}")

    def _complaint(self, section: Mapping[str, object]) -> str | None:
        try:
            return repr(self.connector.Config.model_validate(section)) and None
        except ValidationError as error:
            return f"{error} {error.errors(include_input=False, include_context=False)}"

    def _made(
        self,
        scene: Scene,
        log: structlog.typing.FilteringBoundLogger | None = None,
        clock: StandingClock | None = None,
    ) -> Connector[Any]:
        config = self.connector.Config.model_validate(scene.section)
        lent = Surroundings("conformance", clock or StandingClock(), log or structlog.get_logger())
        return self.connector(config, lent)

    @asynccontextmanager
    async def _opened(self) -> AsyncGenerator[tuple[Connector[Any], Scene]]:
        async with self.scene() as scene, opened(self._made(scene)) as connector:
            yield connector, scene


@asynccontextmanager
async def opened(connector: Connector[Any]) -> AsyncGenerator[Connector[Any]]:
    """Open, and close whatever happens, as the daemon does."""
    try:
        await connector.open()
        yield connector
    finally:
        await connector.close()


async def all_done(connector: Connector[Any], batch: Sequence[Delivery]) -> None:
    """Deliver a batch that a healthy target takes as a whole."""
    for outcome in await outcomes_of(connector, batch):
        expect(isinstance(outcome, Done), f"{outcome!r} by a healthy target")


async def outcomes_of(connector: Connector[Any], batch: Sequence[Delivery]) -> Sequence[Outcome]:
    """Deliver a batch and return its outcomes, of which there must be one for each delivery."""
    outcomes: Sequence[Outcome] = await connector.deliver(batch)
    expect(len(outcomes) == len(batch), "one outcome for each delivery")
    return outcomes


async def ids_at(scene: Scene) -> list[str]:
    """Return the ids of what got to the target, in order."""
    return [arrival.event_id for arrival in await scene.target.received()]


def ids(deliveries: Sequence[Delivery]) -> list[str]:
    """Return the ids of the events delivered."""
    return [delivery.event.id for delivery in deliveries]
