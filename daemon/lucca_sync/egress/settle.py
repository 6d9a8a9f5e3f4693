"""Writes what became of deliveries: all that ended meanwhile in one transaction, until it is written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import anyio

from lucca_sync.egress.means import LONGEST_REST, Means, rest
from lucca_sync.journal.protocol import Settlement, StoreError
from lucca_sync.kit.backoff import growing_waits
from lucca_sync.kit.bell import Bell

FIRST_WAIT: Final = 0.2


class Settler:
    """Takes settlements from all workers and writes them.

    While it is `troubled` nothing new should be claimed: what can't be settled would only be repeated.
    """

    name: Final = "egress:settle"

    def __init__(self, means: Means, recovered: Callable[[], None]) -> None:
        self.troubled = False
        self._means = means
        self._recovered = recovered
        self._bell = Bell()
        self._queue: list[Settlement] = []
        self._writing: list[Settlement] = []
        self._settled: list[Callable[[], None]] = []
        self._waits = self._fresh_waits()
        self._closing = False

    def put(self, settlement: Settlement, settled: Callable[[], None]) -> None:
        """Have a settlement written soon and `settled` called then: the subject's next delivery is due."""
        self._queue.append(settlement)
        self._settled.append(settled)
        self._bell.ring()

    @property
    def unwritten(self) -> Sequence[Settlement]:
        """What is not in the store yet, or not known to be: its claims must not end meanwhile."""
        return self._writing + self._queue

    def set_back(self, now: datetime, by: timedelta) -> None:
        """Follow the wall clock, which shows `now` after it was set back: what waits comes `by` sooner.

        To be called before the journal follows, again where that failed. What is being written stands there
        before it does, or is to be written once more.
        """
        self._queue = [_sooner(one, now, by) for one in self._queue]
        self._writing = [_sooner(one, now, by) for one in self._writing]

    def close(self) -> None:
        """Let `run` end as soon as everything is written."""
        self._closing = True
        self._bell.ring()

    async def run(self) -> None:
        """Write until closed."""
        try:
            while self._queue or not self._closing:
                ring = self._bell.next_ring()
                self._means.beat(self.name)
                await rest(ring, await self._flush())
        finally:
            await self._flush()  # also when everything is being cancelled
            if self._queue:
                self._means.log.warning("settlements_unwritten", count=len(self._queue))

    async def _flush(self) -> float:
        """Write everything that waits; return for how long to rest."""
        if not self._queue:
            return LONGEST_REST if not self._closing else 0
        settled = self._settled
        self._writing, self._queue, self._settled = self._queue, [], []
        written = await self._written(self._writing)
        tried, self._writing = self._writing, []
        if written:
            for tell in dict.fromkeys(settled):
                tell()
            return LONGEST_REST if not self._closing else 0
        self._queue, self._settled = tried + self._queue, settled + self._settled
        return next(self._waits)

    async def _written(self, settlements: list[Settlement]) -> bool:
        """Write in one transaction that nothing cancels; to write again what was written changes nothing."""
        effective = 0
        try:
            with anyio.CancelScope(shield=True):
                effective = await self._means.journal.settle(settlements)
        except StoreError as error:
            self.troubled = True
            self._means.store(error)
            return False
        self._tell_late(len(settlements) - effective)
        self._means.store(None)
        if self.troubled:
            self.troubled, self._waits = False, self._fresh_waits()
            self._recovered()
        return True

    def _tell_late(self, count: int) -> None:
        """Tell of answers whose claim was no longer theirs; what is written again after trouble is none."""
        if count and not self.troubled:
            self._means.metrics.late_answers.inc(count)
            self._means.log.warning("answers_too_late", count=count)

    def _fresh_waits(self) -> Iterator[float]:
        return growing_waits(FIRST_WAIT, LONGEST_REST, self._means.random.random)


def _sooner(one: Settlement, now: datetime, by: timedelta) -> Settlement:
    """Return what was put by the clock before as it would have been put by the new one, else as it is."""
    return replace(one, at=one.at - by, due=one.due and one.due - by) if one.at > now else one
