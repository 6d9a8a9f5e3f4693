"""Everything that is claimed for a target here: what waits for a place, and what is under way.

Leases of both are renewed, and of what is not settled yet; what could not be is not handed out any more.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

import anyio

from lucca_sync.egress.claims import LEASE_MARGIN
from lucca_sync.egress.means import Means
from lucca_sync.egress.shelf import Batch, Shelf
from lucca_sync.journal.protocol import Claim, Fenced, StoreError
from lucca_sync.model.delivery import Lane

RENEWED_EVERY: Final = LEASE_MARGIN.total_seconds() / 3
_FRESH: Final = LEASE_MARGIN * 2 / 3
"""For so long after a renewal no lease can have ended, whatever the wall clock did in between."""
_APART: Final = timedelta(microseconds=1)
"""So much sooner a renewed lease ends than one claimed at that instant: a claim is found again by its end."""
_TRIES: Final = 3


class Stock:
    """The claims of one target. `lease` is how long they last, `needed` how much of it a call may take.

    `unsettled` tells what has ended and is not written yet, of whichever target.
    """

    def __init__(
        self, means: Means, lease: timedelta, needed: timedelta, unsettled: Callable[[], Sequence[Fenced]]
    ) -> None:
        self.shelf: Final = Shelf()
        self._means = means
        self._unsettled = unsettled
        self._lease = lease
        self._needed = needed
        self._held: dict[int, Claim] = {}
        self._under_way: set[int] = set()
        self._given_up: list[Claim] = []
        self._renewed: datetime | None = None

    @property
    def lanes(self) -> Collection[Lane]:
        """The lanes of what waits."""
        return self.shelf.lanes

    def put(self, lane: Lane, batch: Batch) -> None:
        """Let a batch wait, but not what is still under way here.

        That happens when a lease could not be renewed: the call under way then settles the newer claim.
        """
        if self._renewed is not None:  # the clock may have jumped while this was being claimed
            self._renewed = min(self._renewed, batch.until - self._lease)
        self._held.update((claim.key, claim) for claim in batch.claims)
        fresh = [claim for claim in batch.claims if claim.key not in self._under_way]
        if fresh:
            self.shelf.put(lane, Batch(fresh, batch.until))

    def take(self, now: datetime, wanted: Callable[[Lane], bool]) -> Sequence[Claim]:
        """Return what the next call is to be about, nothing when nothing fit waits."""
        while (batch := self.shelf.take()) is not None:
            claims = [claim for claim in batch.claims if self._held.get(claim.key) is claim]
            if claims and self._lasts(batch, now) and wanted(claims[0].lane):
                self._under_way.update(claim.key for claim in claims)
                return claims
            self._let_go(claims)
        return ()

    def _lasts(self, batch: Batch, now: datetime) -> bool:
        until = batch.until if self._renewed is None else max(batch.until, self._renewed + self._lease)
        return now + self._needed <= until

    def ended(self, key: int) -> Claim:
        """Return the claim that a call is to settle, and hold it no longer."""
        self._under_way.discard(key)
        return self._held.pop(key)

    def give_up(self, lanes: Collection[Lane] | None = None) -> None:
        """Have what waits, or what waits of some lanes, given back soon."""
        if self.shelf:
            self._let_go(self.shelf.clear(lanes))

    def give_up_single(self, keys: Collection[int]) -> None:
        """Have those of these deliveries given back soon that wait."""
        here = [self._held[key] for key in keys if key in self._held and key not in self._under_way]
        self._let_go(here)

    def give_up_under_way(self, claims: Sequence[Claim]) -> None:
        """Have claims given back that were taken for a call which is not made."""
        self._under_way.difference_update(claim.key for claim in claims)
        self._let_go(claims)

    def _let_go(self, claims: Sequence[Claim]) -> None:
        mine = [claim for claim in claims if self._held.get(claim.key) is claim]
        for claim in mine:
            del self._held[claim.key]
        self._given_up += mine

    async def give_back(self) -> bool:
        """Write what was given up as if never attempted; raises StoreError, and keeps it then."""
        if not self._given_up:
            return False
        claims = tuple(self._given_up)
        await self._means.journal.release(claims)
        del self._given_up[: len(claims)]
        return True

    async def keep(self) -> None:
        """Renew leases until cancelled."""
        while True:
            await anyio.sleep(RENEWED_EVERY)
            try:
                await self._renew(self._means.clock.now())
            except StoreError as error:
                self._means.store(error)

    async def secure(self, now: datetime) -> None:
        """Renew leases before something is claimed at `now`, if any could have ended by then.

        The wall clock may have jumped, or the process slept: what it holds is not to be claimed by itself.
        Raises StoreError.
        """
        if self._renewed is None or not timedelta(0) <= now - self._renewed <= _FRESH:
            await self._renew(now)

    async def _renew(self, now: datetime) -> None:
        """Renew what waits, and what is under way: whether that still stands is told when it is settled."""
        until = now + self._lease - _APART
        busy = [*(self._held[key] for key in self._under_way), *self._unsettled()]
        if busy:
            await self._means.journal.renew(busy, until=until)
        for _ in range(_TRIES):  # some of it may have been handed out and settled meanwhile
            waiting = [claim for batch in self.shelf for claim in batch.claims]
            waiting = [claim for claim in waiting if self._held.get(claim.key) is claim]
            if not waiting or await self._means.journal.renew(waiting, until=until) == len(waiting):
                self._renewed = now
                return
        self.give_up()
