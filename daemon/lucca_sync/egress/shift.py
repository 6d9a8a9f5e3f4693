"""One opened connector at work: claims ahead of its porters, calls side by side, and an orderly end."""

from collections.abc import Iterator
from typing import Final

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from lucca_sync.connector import Abilities
from lucca_sync.egress.account import Account
from lucca_sync.egress.claims import Claims
from lucca_sync.egress.means import LONGEST_REST, rest
from lucca_sync.egress.porters import Porters, Work
from lucca_sync.egress.stock import Stock
from lucca_sync.journal.protocol import StoreError
from lucca_sync.kit.backoff import growing_waits
from lucca_sync.model.delivery import Lane

SHORTEST_REST: Final = 0.02
"""Seconds between two looks when the journal says something is due and yet gives nothing."""
FIRST_WAIT: Final = 0.5
_STEPS_OUT: Final = 2
"""Turns of the loop that a call needs until its request is written."""
AHEAD: Final = 4
"""Calls claimed ahead for each place, so that one transaction serves many calls …"""
MOST_AHEAD: Final = 256
"""… but no more than this many,"""
SECONDS_AHEAD: Final = 10.0
"""nor more than a limited rate lets out in this time."""


class Shift:
    """From the opened connector to its last call."""

    def __init__(self, work: Work) -> None:
        post, abilities = work.post, work.abilities
        self._post = post
        self._claims = Claims(post.means.journal, post.means.clock, abilities)
        settler = post.common.settler
        self._stock = Stock(post.means, self._claims.lease, abilities.time_limit, lambda: settler.unwritten)
        self._porters = Porters(work, self._stock, Account(post, self._settled))
        self._ahead = self._calls_ahead(abilities)
        self._porters.low = self._ahead // 2
        self._commits = post.common.commits.rings
        self._looked = -LONGEST_REST
        self._waits = self._fresh_waits()

    def _calls_ahead(self, abilities: Abilities) -> int:
        """Return how much is claimed ahead: of batches little, of those that wait to be full nothing."""
        if abilities.linger:
            return 0
        if abilities.max_batch > 1:
            return 1
        return min(AHEAD * self._porters.places, MOST_AHEAD)

    def _settled(self, lane: Lane) -> None:
        """Look at a lane again: the next of some subject may be due."""
        self._claims.wake(lane)
        self._post.bell.ring()

    async def run(self) -> None:
        """Work until asked to stop; return when the last call ended."""
        async with anyio.create_task_group() as keeping:
            keeping.start_soon(self._stock.keep)
            async with anyio.create_task_group() as calls:
                while not self._post.stop.asked:
                    ring = self._post.bell.next_ring()
                    self._post.means.beat(self._post.name)
                    await rest(ring, await self._round(calls))
                await self._leave_the_rest()
                await self._porters.wind_down()
            await self._leave_the_rest()  # what was still being prepared as the stop came
            keeping.cancel_scope.cancel()

    async def _round(self, calls: TaskGroup) -> float:
        """Claim what is needed; return after how many seconds to look again unless somebody rings."""
        if self._post.common.settler.troubled:
            return LONGEST_REST
        try:
            seconds = await self._looked_round(calls)
        except StoreError as error:
            self._post.means.store(error)
            return next(self._waits)
        self._waits = self._fresh_waits()
        return seconds

    async def _looked_round(self, calls: TaskGroup) -> float:
        wait = self._post.admission.wait(self._post.means.clock.now()).total_seconds()
        self._stock.give_up(None if wait else [lane for lane in self._stock.lanes if not self._open(lane)])
        self._stock.give_up_single(self._post.recalled)
        self._post.recalled.clear()
        if await self._stock.give_back() or wait:
            self._claims.wake()
        if wait:
            return min(max(wait, SHORTEST_REST), LONGEST_REST)
        self._wake()
        lanes = [lane for lane in self._post.routes if self._open(lane)]
        for lane in self._claims.in_turn(lanes):
            await self._replenish(lane, calls)
        self._porters.send(calls)
        await self._calls_first()
        await self._claims.rest()
        return self._until_due(lanes)

    async def _calls_first(self) -> None:
        """Let the calls that were just begun leave before the store is asked what comes later."""
        for _ in range(_STEPS_OUT if self._porters.busy else 0):
            await checkpoint()

    async def _replenish(self, lane: Lane, calls: TaskGroup) -> None:
        room = self._room(lane)
        if not room or self._post.stop.asked:
            return
        now = self._post.means.clock.now()
        await self._stock.secure(now)
        for batch in await self._claims.take(lane, room, now):
            self._stock.put(lane, batch)
        if not self._post.stop.asked:
            self._porters.send(calls)

    def _room(self, lane: Lane) -> int:
        """Return for how many calls to claim: for free places and ahead, once half of that is used up."""
        waiting = self._stock.shelf.of(lane)
        if waiting > self._porters.low:
            return 0
        most = self._porters.places - self._porters.busy + self._ahead
        most = self._porters.pace.ahead(SECONDS_AHEAD, most)
        trials = self._post.admission.trials(self._post.means.clock.now())
        if trials is not None:
            return max(min(most, trials - len(self._stock.shelf)), 0)
        return max(most - waiting, 0)

    def _open(self, lane: Lane) -> bool:
        return self._post.open_to(lane)

    def _wake(self) -> None:
        """Ask every lane again after each commit, and now and then though nobody rang."""
        commits, now = self._post.common.commits.rings, anyio.current_time()
        if commits != self._commits or now - self._looked >= LONGEST_REST:
            self._commits, self._looked = commits, now
            self._claims.wake()

    def _until_due(self, lanes: list[Lane]) -> float:
        due = self._claims.next_due([lane for lane in lanes if self._room(lane)])
        if due is None:
            return LONGEST_REST
        return max((due - self._post.means.clock.now()).total_seconds(), SHORTEST_REST)

    async def _leave_the_rest(self) -> None:
        """Give back what still waits, so that it is due at once and as if never attempted."""
        self._stock.give_up()
        try:
            await self._stock.give_back()
            await self._claims.leave()
        except StoreError as error:
            self._post.means.store(error)

    def _fresh_waits(self) -> Iterator[float]:
        return growing_waits(FIRST_WAIT, LONGEST_REST, self._post.means.random.random)
