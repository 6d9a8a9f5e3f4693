"""Carries what waits to the connector: as many calls side by side as there are places."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import anyio
from anyio.abc import TaskGroup

from lucca_sync.connector import Abilities
from lucca_sync.egress.account import Account
from lucca_sync.egress.breaker import Ticket
from lucca_sync.egress.handout import handed_out
from lucca_sync.egress.means import rest
from lucca_sync.egress.owners import Owners, owners_of
from lucca_sync.egress.pace import Pace
from lucca_sync.egress.post import Post
from lucca_sync.egress.stock import Stock
from lucca_sync.egress.target import Deliverer, attempt
from lucca_sync.journal.protocol import Claim, StoreError
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Outcome, Reject, Retry

MOST_PLACES: Final = 1024


@dataclass(frozen=True, slots=True)
class Work:
    """An opened connector at its post, and what it said that it can do."""

    post: Post
    connector: Deliverer
    abilities: Abilities


class Porters:
    """Up to `places` tasks, each for as long as something waits: one for each call would cost too much.

    `low`: whoever takes a lane's batch and leaves just so many there rings for more.
    """

    def __init__(self, work: Work, stock: Stock, account: Account) -> None:
        post, abilities = work.post, work.abilities
        self.places: Final = max(min(abilities.concurrency, post.target.config.concurrency or MOST_PLACES), 1)
        self.pace: Final = Pace(post.target.config.rate)
        self.busy = 0
        self.low = 0
        self._post = post
        self._connector = work.connector
        self._abilities = work.abilities
        self._stock = stock
        self._account = account
        self._calls: set[anyio.CancelScope] = set()

    def send(self, tasks: TaskGroup) -> None:
        """Send a porter for each free place, as far as something waits."""
        for _ in range(min(self.places - self.busy, len(self._stock.shelf))):
            self.busy += 1
            tasks.start_soon(self._carry)

    async def _carry(self) -> None:
        """Make one call after the other while something waits and may go out."""
        try:
            while self._stock.shelf:
                if self.pace.limited:
                    await self._post.stop.wait(self.pace.turn(anyio.current_time()))
                if not await self._carried_one():
                    break
        finally:
            self.busy -= 1
            self._post.bell.ring()

    async def _carried_one(self) -> bool:
        post = self._post
        now = post.means.clock.now()
        if post.stop.asked or post.common.settler.troubled:
            return False
        ticket = post.admission.admit(now)
        if ticket is None:
            return False
        claims = self._stock.take(now, post.open_to)
        if not claims:
            post.admission.unused(ticket, now)
            return False
        if self._stock.shelf.of(claims[0].lane) == self.low:
            post.bell.ring()
        await self._call(claims, ticket)
        return True

    async def _call(self, claims: Sequence[Claim], ticket: Ticket) -> None:
        """Hand out one batch and have it settled."""
        deliveries = await self._all_prepared(claims)
        outcomes = await self._outcomes(deliveries)
        answers = list(zip(deliveries, outcomes, strict=True))
        before = self._post.admission.hold
        self._post.admission.heard(ticket, answers, self._post.means.clock.now())
        if self._post.admission.hold is not before:
            self._post.common.changed.ring()
        for delivery, outcome in answers:
            self._settle(delivery.key, outcome)

    async def _all_prepared(self, claims: Sequence[Claim]) -> list[Delivery]:
        """Return what the connector may see; routes that ask for an old shape name whom it concerns.

        The last look at the routes is made after the last pause: what they say now is what leaves.
        """
        owners: Owners = {}
        shaped = [claim.event for claim in claims if self._post.routes[claim.lane].shape is not None]
        if shaped:
            try:
                owners = await owners_of(shaped, self._post.means.journal)
            except StoreError as error:
                self._post.means.store(error)
                for claim in claims:
                    self._settle(claim.key, Retry("the store could not be read"))
                return []
            if self._post.stop.asked or not self._post.open_to(claims[0].lane):
                self._stock.give_up_under_way(claims)
                return []
        return [delivery for claim in claims if (delivery := self._prepared(claim, owners))]

    def _prepared(self, claim: Claim, owners: Owners) -> Delivery | None:
        """Return what the connector may see; what must not leave is settled at once."""
        owner = owners.get((claim.event.tenant, claim.event.employee))
        handed = handed_out(claim, self._post.routes[claim.lane], owner)
        if isinstance(handed, Reject):
            self._account.settle(self._stock.ended(claim.key), handed)
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
        self._account.called(outcomes, started, anyio.current_time())
        return outcomes

    def _settle(self, key: int, outcome: Outcome) -> None:
        claim = self._stock.ended(key)
        route = self._post.routes.get(claim.lane)
        self._account.settle(claim, outcome, "skip" if route is None else route.on_dead)

    async def wind_down(self) -> None:
        """Let calls under way end until the deadline, then cut them short: they count as possibly sent."""
        while self.busy and anyio.current_time() < self._post.stop.deadline:
            ring = self._post.bell.next_ring()
            self._post.means.beat(self._post.name)
            await rest(ring, self._post.stop.deadline - anyio.current_time())
        for scope in self._calls:
            scope.cancel()
