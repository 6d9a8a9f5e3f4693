"""Takes due deliveries out of the journal for one connector: fair to its lanes, as ripe as it likes."""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from lucca_sync.connector import Abilities
from lucca_sync.journal.protocol import Claim, Journal
from lucca_sync.kit.clock import Clock
from lucca_sync.model.delivery import Lane

LEASE_MARGIN: Final = timedelta(seconds=30)
"""A lease outlives the call's time limit by this much, so that the settlement still finds its claim."""


class Claims:
    """The lanes of one connector."""

    def __init__(self, journal: Journal, clock: Clock, lanes: Iterable[Lane], abilities: Abilities) -> None:
        self._journal = journal
        self._clock = clock
        self._lanes = deque(lanes)
        self._batch = max(abilities.max_batch, 1)
        self._linger = abilities.linger
        self._lease = abilities.time_limit + LEASE_MARGIN

    def in_turn(self) -> Sequence[Lane]:
        """Return the lanes, each time beginning with another one."""
        self._lanes.rotate(-1)
        return tuple(self._lanes)

    async def take(self, lane: Lane, calls: int) -> Sequence[Sequence[Claim]]:
        """Claim enough for up to `calls` calls; a batch is of one lane and about different subjects."""
        now = self._clock.now()
        limit = calls * self._batch
        if self._linger:
            limit = await self._ripe(lane, now, limit)
        if limit == 0:
            return ()
        claims = await self._journal.claim(lane, now=now, lease=self._lease, limit=limit)
        return tuple(claims[start : start + self._batch] for start in range(0, len(claims), self._batch))

    async def _ripe(self, lane: Lane, now: datetime, limit: int) -> int:
        """Return how many may be taken: full batches, or what is there once the oldest waited long enough."""
        count, oldest = await self._journal.ready(lane, now=now, limit=limit)
        full = count - count % self._batch
        if full or oldest is None:
            return full
        return count if oldest + self._linger <= now else 0

    async def next_due(self) -> datetime | None:
        """Return when a lane will have something to take, None when no lane knows."""
        dues = [due for lane in self._lanes if (due := await self._lane_due(lane)) is not None]
        return min(dues, default=None)

    async def _lane_due(self, lane: Lane) -> datetime | None:
        due = await self._journal.next_due(lane)
        if due is None or not self._linger:
            return due
        count, oldest = await self._journal.ready(lane, now=self._clock.now(), limit=self._batch)
        if oldest is None or count >= self._batch:
            return due
        return max(due, oldest + self._linger)
