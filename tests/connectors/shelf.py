"""A connector that does everything right, and its target in memory: what faulty ones are derived from."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import ClassVar

import anyio
from anyio.lowlevel import checkpoint
from pydantic import SecretStr

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
from lucca_sync.testing import Arrival, ConnectorContract, Mood, Scene

PASSWORD = "open sesame"
OWN_LIMIT = 5


class Refused(Exception):
    """The shelf doesn't take this one."""


class Shelf:
    """A target in memory."""

    present: ClassVar["Shelf"]

    def __init__(self) -> None:
        self.mood: Mood = "healthy"
        self._taken: list[Arrival] = []
        self._poisons: set[str] = set()
        self._held = 0
        self._holds = anyio.Event()
        self._let_go = anyio.Event()
        Shelf.present = self

    async def become(self, mood: Mood) -> None:
        self.mood = mood
        self._let_go.set()
        self._holds, self._let_go = anyio.Event(), anyio.Event()

    async def received(self) -> Sequence[Arrival]:
        return tuple(self._taken)

    async def holding(self) -> int:
        await self._holds.wait()
        return self._held

    async def poison(self, event_id: str) -> None:
        self._poisons.add(event_id)

    async def put(self, identity: str, content: bytes = b"") -> None:
        await checkpoint()
        if self.mood == "slow":
            await self._hold()
        if identity in self._poisons:
            raise Refused(identity)
        if self.mood in {"refusing", "gone"}:
            raise ConnectionError(self.mood)
        self._taken.append(Arrival(identity, content))
        if self.mood == "cut":
            raise ConnectionResetError(self.mood)

    async def _hold(self) -> None:
        self._held += 1
        self._holds.set()
        try:
            await self._let_go.wait()
        finally:
            self._held -= 1


class GoodConfig(ConnectorConfig):
    password: SecretStr


class Good(Connector[GoodConfig]):
    Config: ClassVar[type[ConnectorConfig]] = GoodConfig

    @property
    def abilities(self) -> Abilities:
        return Abilities(max_batch=3, concurrency=2, time_limit=timedelta(seconds=2 * OWN_LIMIT))

    async def check(self) -> None:
        if Shelf.present.mood == "gone":
            raise CheckFailed("nobody there")

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        return [await self.one(delivery) for delivery in deliveries]

    async def one(self, delivery: Delivery) -> Outcome:
        try:
            with anyio.fail_after(OWN_LIMIT):
                await self.put(delivery)
        except Refused:
            return Reject("the shelf refuses this one")
        except ConnectionResetError:
            return Retry("the line broke", possibly_sent=True)
        except ConnectionError as error:
            return Retry(str(error))
        except TimeoutError:
            return Retry("no answer in time", possibly_sent=True)
        return Done()

    async def put(self, delivery: Delivery) -> None:
        await Shelf.present.put(delivery.event.id, str(delivery.event.record).encode())


class Suite(ConnectorContract):
    connector = Good
    secret_keys = ("password",)

    @asynccontextmanager
    async def scene(self) -> AsyncGenerator[Scene]:
        yield Scene({"type": "shelf", "password": PASSWORD}, Shelf(), (PASSWORD,))
