"""One opened connector at work: claims for every free place, calls side by side, and an orderly end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import anyio
from anyio.abc import TaskGroup

from lucca_sync.connector import Abilities
from lucca_sync.egress.account import Account
from lucca_sync.egress.claims import Claims
from lucca_sync.egress.handout import handed_out
from lucca_sync.egress.means import LONGEST_REST, Means, Stop, rest
from lucca_sync.egress.owners import Owners, owners_of
from lucca_sync.egress.route import Route
from lucca_sync.egress.settle import Settler
from lucca_sync.egress.target import Deliverer, Target, attempt
from lucca_sync.journal.protocol import Claim, StoreError
from lucca_sync.kit.backoff import growing_waits
from lucca_sync.kit.bell import Bell
from lucca_sync.model.delivery import Delivery, Lane
from lucca_sync.model.outcome import Outcome, Reject, Retry

SHORTEST_REST: Final = 0.02
"""Seconds between two looks when the journal says something is due and yet gives nothing."""
FIRST_WAIT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Post:
    """Where a connector works: the lanes that lead to its target, and what all targets share."""

    target: Target
    routes: Mapping[Lane, Route]
    means: Means
    settler: Settler
    stop: Stop
    bell: Bell

    @property
    def name(self) -> str:
        """The name of the post's task."""
        return f"egress:{self.target.name}"


class Shift:
    """From the opened connector to its last call."""

    def __init__(self, post: Post, connector: Deliverer, abilities: Abilities) -> None:
        self._post = post
        self._connector = connector
        self._abilities = abilities
        self._claims = Claims(post.means.journal, post.means.clock, post.routes, abilities)
        self._account = Account(post.target, post.means, post.settler, post.bell.ring)
        self._free = max(abilities.concurrency, 1)
        self._held: dict[int, Claim] = {}
        self._calls: set[anyio.CancelScope] = set()
        self._waits = self._fresh_waits()

    async def run(self) -> None:
        """Work until asked to stop; return when the last call ended."""
        async with anyio.create_task_group() as calls:
            while not self._post.stop.asked:
                ring = self._post.bell.next_ring()
                self._post.means.beat(self._post.name)
                await rest(ring, await self._round(calls))
            await self._wind_down()

    async def _round(self, calls: TaskGroup) -> float:
        """Claim for every free place; return after how many seconds to look again unless somebody rings."""
        if self._post.settler.troubled:
            return LONGEST_REST
        try:
            for lane in self._claims.in_turn():
                if self._free:
                    await self._take(lane, calls)
            seconds = await self._until_due() if self._free else LONGEST_REST
        except StoreError as error:
            self._post.means.store(error)
            return next(self._waits)
        self._waits = self._fresh_waits()
        return seconds

    async def _take(self, lane: Lane, calls: TaskGroup) -> None:
        for batch in await self._claims.take(lane, self._free):
            if self._post.stop.asked:
                await self._post.means.journal.release(batch)
            else:
                self._begin(batch, calls)

    def _begin(self, batch: Sequence[Claim], calls: TaskGroup) -> None:
        """Start a call, but not for what is still under way here.

        That happens when the wall clock jumps past a lease: the call under way then settles the newer claim.
        """
        fresh = [claim for claim in batch if claim.key not in self._held]
        self._held |= {claim.key: claim for claim in batch}
        if fresh:
            self._free -= 1
            calls.start_soon(self._call, fresh)

    async def _until_due(self) -> float:
        due = await self._claims.next_due()
        if due is None:
            return LONGEST_REST
        return max((due - self._post.means.clock.now()).total_seconds(), SHORTEST_REST)

    async def _call(self, claims: Sequence[Claim]) -> None:
        """Hand out one batch and settle it; a place is free again as soon as the connector has answered."""
        try:
            deliveries = await self._all_prepared(claims)
            for delivery, outcome in zip(deliveries, await self._outcomes(deliveries), strict=True):
                self._settle(delivery.key, outcome)
        finally:
            self._free += 1
            self._post.bell.ring()

    async def _all_prepared(self, claims: Sequence[Claim]) -> list[Delivery]:
        """Return what the connector may see; routes that ask for an old shape name whom it concerns."""
        shaped = [claim.event for claim in claims if self._post.routes[claim.lane].shape is not None]
        try:
            owners = await owners_of(shaped, self._post.means.journal)
        except StoreError as error:
            self._post.means.store(error)
            for claim in claims:
                self._settle(claim.key, Retry("the store could not be read"))
            return []
        return [delivery for claim in claims if (delivery := self._prepared(claim, owners))]

    def _prepared(self, claim: Claim, owners: Owners) -> Delivery | None:
        """Return what the connector may see; what must not leave is settled at once."""
        owner = owners.get((claim.event.tenant, claim.event.employee))
        handed = handed_out(claim, self._post.routes[claim.lane], owner)
        if isinstance(handed, Reject):
            self._settle(claim.key, handed)
            return None
        return handed

    async def _outcomes(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        if not deliveries:
            return ()
        started = anyio.current_time()
        scope = anyio.CancelScope()
        self._calls.add(scope)
        try:
            outcomes = await attempt(self._connector, deliveries, self._abilities, scope)
        finally:
            self._calls.discard(scope)
        self._account.called(outcomes, anyio.current_time() - started)
        return outcomes

    def _settle(self, key: int, outcome: Outcome) -> None:
        self._account.settle(self._held.pop(key), outcome)

    async def _wind_down(self) -> None:
        """Let calls under way end until the deadline, then cut them short: they count as possibly sent."""
        while self._calls and anyio.current_time() < self._post.stop.deadline:
            ring = self._post.bell.next_ring()
            self._post.means.beat(self._post.name)
            await rest(ring, self._post.stop.deadline - anyio.current_time())
        for scope in self._calls:
            scope.cancel()

    def _fresh_waits(self) -> Iterator[float]:
        return growing_waits(FIRST_WAIT, LONGEST_REST, self._post.means.random.random)
