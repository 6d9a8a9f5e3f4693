"""Calls of `deliver` that a slow target holds back, made and cancelled as the daemon does."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio

from lucca_sync.connector import Connector
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Outcome
from lucca_sync.testing.connectors.scenario import a_while, leap
from lucca_sync.testing.connectors.scene import Target
from lucca_sync.testing.connectors.suite import outcomes_of

_STEPS: Final = 20


class Calls:
    """Calls side by side; each is cancelled at the declared time limit, as the daemon would.

    `obedient` says afterwards whether all had ended once they were cancelled.
    """

    def __init__(self, connector: Connector[Any]) -> None:
        self.obedient = False
        self.outcomes: list[Outcome] = []
        self._connector = connector
        self._limit = connector.abilities.time_limit.total_seconds()
        self._scopes: set[anyio.CancelScope] = set()
        self._under_way = 0

    async def make(self, batch: Sequence[Delivery]) -> None:
        """Deliver a batch and keep its outcomes."""
        self._under_way += 1
        with anyio.move_on_after(self._limit) as scope:
            self._scopes.add(scope)
            self.outcomes += await outcomes_of(self._connector, batch)
        self._under_way -= 1

    async def time_out(self) -> None:
        """Let time pass until all have ended; in steps, so that the connector's own limit comes first."""
        for _ in range(2 * _STEPS):
            if self._under_way:
                await leap(self._limit / _STEPS)

    async def cancel(self) -> None:
        """Cancel what is still under way, and let it react."""
        for scope in self._scopes:
            scope.cancel()
        await a_while()
        self.obedient = not self._under_way


@asynccontextmanager
async def held(
    connector: Connector[Any], batches: Sequence[Sequence[Delivery]], target: Target
) -> AsyncGenerator[Calls]:
    """Make a call of each batch to a slow target; when the block ends, they are cancelled.

    Calls that go on all the same are let go, so that a test can tell it instead of waiting with them.
    """
    await target.become("slow")
    calls = Calls(connector)
    async with anyio.create_task_group() as tasks:
        for batch in batches:
            tasks.start_soon(calls.make, batch)
        await target.holding()
        yield calls
        await calls.cancel()
        if not calls.obedient:
            tasks.start_soon(target.become, "healthy")
