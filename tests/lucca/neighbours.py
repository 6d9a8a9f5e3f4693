"""A limit of 50 requests in any 60 seconds, shared with a neighbour who looks neither left nor right."""

import asyncio
import itertools
import math
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import anyio

from lucca_sync.kit.clock import Clock
from lucca_sync.lucca.budget import Budget, Purpose
from lucca_sync.lucca.throttle import pause_after

LIMIT = 50
MINUTE = 60.0


@dataclass
class SharedLimit:
    """Admits requests whoever sends them; a refused one counts for nothing."""

    most: int = LIMIT
    admitted: deque[float] = field(default_factory=deque[float])

    def admit(self) -> float | None:
        """Count a request, or return the seconds until there is room."""
        now = anyio.current_time()
        while self.admitted and self.admitted[0] + MINUTE <= now:
            self.admitted.popleft()
        if len(self.admitted) >= self.most:
            return self.admitted[0] + MINUTE - now
        self.admitted.append(now)
        return None


@dataclass
class Neighbour:
    """Takes `per_minute`, evenly or all at each minute's beginning; counts how often it was refused."""

    limit: SharedLimit
    per_minute: int
    bursty: bool = False
    refused: int = 0

    async def live(self) -> None:
        began = anyio.current_time()
        at_once = self.per_minute if self.bursty else 1
        step = MINUTE * at_once / self.per_minute
        for number in itertools.count(1):
            for _ in range(at_once):
                await self._ask()
            await asyncio.sleep(max(0.0, began + number * step - anyio.current_time()))

    async def _ask(self) -> None:
        while (wait := self.limit.admit()) is not None:
            self.refused += 1
            await asyncio.sleep(wait + 0.01)


@asynccontextmanager
async def beside(neighbour: Neighbour) -> AsyncGenerator[None, None]:
    """Let the neighbour live while the block runs."""
    task = asyncio.create_task(neighbour.live())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@dataclass
class Visitor:
    """Sends as much as the governor lets it; minutes since its beginning."""

    limit: SharedLimit
    budget: Budget
    clock: Clock
    began: float | None = None
    sent: list[float] = field(default_factory=list[float])
    refused: list[float] = field(default_factory=list[float])

    def minute(self) -> float:
        now = anyio.current_time()
        self.began = now if self.began is None else self.began
        return (now - self.began) / MINUTE

    def rate(self, first: float, last: float) -> float:
        """Return what passed in a minute between two of them."""
        return sum(first <= minute < last for minute in self.sent) / (last - first)

    async def visit(self, minutes: float, purpose: Purpose = "sweep") -> None:
        """Ask for as many minutes as much as possible."""
        self.minute()
        with anyio.move_on_after(minutes * MINUTE):
            while True:
                await self.ask(purpose)

    async def ask(self, purpose: Purpose) -> None:
        await self.budget.take(purpose)
        sent = anyio.current_time()
        wait = self.limit.admit()
        await asyncio.sleep(0.05)  # the answer's way
        if wait is None:
            self.sent.append(self.minute())
            return
        self.refused.append(self.minute())
        now, since = self.clock.now(), timedelta(seconds=anyio.current_time() - sent)
        self.budget.refused(sent, now + pause_after(str(math.ceil(wait)), now, since))
