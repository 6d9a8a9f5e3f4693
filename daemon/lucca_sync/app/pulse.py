"""Feels the store's pulse: one that neither answers nor fails is said to take no writes, until it answers."""

from datetime import timedelta
from typing import Final

import anyio

from lucca_sync.ingest.gate import StoreGate
from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.kit.durations import format_duration

EVERY: Final = 5.0
PATIENCE: Final = 10.0
"""Seconds for an answer: far longer than a disk takes that works, far shorter than a probe's patience."""


class Pulse:
    """Asks the store for very little, again and again, behind whatever it is at."""

    def __init__(self, journal: Journal, gate: StoreGate) -> None:
        self._journal = journal
        self._gate = gate

    async def run(self) -> None:
        """Feel for ever."""
        while True:
            await anyio.sleep(EVERY)
            await self._feel()
            await self._gate.writable()  # where it had stalled: have it tried

    async def _feel(self) -> None:
        """Wait for an answer, however long that takes."""
        async with anyio.create_task_group() as waiting:
            waiting.start_soon(self._lose_patience)
            try:
                await self._journal.size()
            except StoreError as error:
                self._gate.report(error)
            waiting.cancel_scope.cancel()

    async def _lose_patience(self) -> None:
        await anyio.sleep(PATIENCE)
        waited = format_duration(timedelta(seconds=PATIENCE))
        self._gate.report(
            StoreError(
                f"a call into the store has not come back for {waited}: its disk may hang; "
                "look at the system's log; it goes on by itself",
                "stalled",
            )
        )
