"""Takes due deliveries out of the journal for one connector: fair to its lanes, as ripe as it likes."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from lucca_sync.connector import Abilities
from lucca_sync.egress.shelf import Batch
from lucca_sync.journal.protocol import Claim, Journal
from lucca_sync.kit.clock import Clock
from lucca_sync.model.delivery import Lane

LEASE_MARGIN: Final = timedelta(seconds=30)
"""A lease outlives the call's time limit by this much, so that the settlement still finds its claim."""


class Claims:
    """The lanes of one connector. A lane that had nothing is not asked again before it may have something."""

    def __init__(self, journal: Journal, clock: Clock, abilities: Abilities) -> None:
        self._journal = journal
        self._clock = clock
        self._batch = max(abilities.max_batch, 1)
        self._linger = abilities.linger
        self.lease: Final = abilities.time_limit + LEASE_MARGIN
        self._asleep: dict[Lane, datetime | None] = {}
        self._short: dict[Lane, int] = {}
        self._unsure: dict[Lane, datetime] = {}
        self._wakes = 0
        self._turn = 0

    def wake(self, lane: Lane | None = None) -> None:
        """Note that a lane, or each, may have something again."""
        self._wakes += 1
        if lane is None:
            self._asleep.clear()
        else:
            self._asleep.pop(lane, None)

    def in_turn(self, lanes: Collection[Lane]) -> Sequence[Lane]:
        """Return those lanes that may have something, each time beginning with another one."""
        now = self._clock.now()
        awake = [lane for lane in lanes if lane not in self._asleep or _reached(self._asleep[lane], now)]
        if not awake:
            return ()
        self._turn = (self._turn + 1) % len(awake)
        return (*awake[self._turn :], *awake[: self._turn])

    async def take(self, lane: Lane, calls: int, now: datetime) -> Sequence[Batch]:
        """Claim enough for up to `calls` calls; a batch is of one lane and about different subjects."""
        wakes = self._wakes
        self._short.pop(lane, None)
        found = await self._found_again(lane)
        if found:
            await self._journal.renew(found, until=now + self.lease)  # its end may have come meanwhile
            del self._unsure[lane]
            self._short[lane] = wakes
            return self._batches(found, now + self.lease)
        limit = calls * self._batch
        if self._linger:
            limit = await self._ripe(lane, now, limit)
        claims: Sequence[Claim] = ()
        if limit:
            self._unsure[lane] = now + self.lease
            claims = await self._journal.claim(lane, now=now, lease=self.lease, limit=limit)
            del self._unsure[lane]
        if len(claims) < calls * self._batch:
            self._short[lane] = wakes
        return self._batches(claims, now + self.lease)

    async def _found_again(self, lane: Lane) -> Sequence[Claim]:
        """Return what the last claim of a lane has taken if it raised: it may have happened all the same."""
        until = self._unsure.get(lane)
        if until is None:
            return ()
        claims = await self._journal.taken(lane, until=until)
        if not claims:
            del self._unsure[lane]
        return claims

    def _batches(self, claims: Sequence[Claim], until: datetime) -> Sequence[Batch]:
        starts = range(0, len(claims), self._batch)
        return [Batch(claims[start : start + self._batch], until) for start in starts]

    async def leave(self) -> None:
        """Give back what claims that raised have taken, as nobody will look again."""
        for lane in tuple(self._unsure):
            found = await self._found_again(lane)
            if found:
                await self._journal.release(found)

    async def rest(self) -> None:
        """Leave lanes that had less than was asked for alone until they are due, unless woken since."""
        while self._short:
            lane, wakes = self._short.popitem()
            due = await self._lane_due(lane)
            if wakes == self._wakes:
                self._asleep[lane] = due

    async def _ripe(self, lane: Lane, now: datetime, limit: int) -> int:
        """Return how many may be taken: full batches, or what is there once the oldest waited long enough."""
        count, oldest = await self._journal.ready(lane, now=now, limit=limit)
        full = count - count % self._batch
        if full or oldest is None:
            return full
        return count if oldest + self._linger <= now else 0

    def next_due(self, lanes: Collection[Lane]) -> datetime | None:
        """Return when the first of the lanes that sleep is to be asked again, None when only a ring tells."""
        dues = [due for lane in lanes if (due := self._asleep.get(lane)) is not None]
        return min(dues, default=None)

    async def _lane_due(self, lane: Lane) -> datetime | None:
        due = await self._journal.next_due(lane)
        if due is None or not self._linger:
            return due
        count, oldest = await self._journal.ready(lane, now=self._clock.now(), limit=self._batch)
        if oldest is None or count >= self._batch:
            return due
        return max(due, oldest + self._linger)


def _reached(due: datetime | None, now: datetime) -> bool:
    return due is not None and due <= now
