"""The governor of one tenant's requests: whose turn it is, and when. Knows nothing of HTTP.

50 requests a minute belong to the whole tenant, not to us: a configured share is never passed in any 60
seconds, not by a restart or a crash either, because requests are written down as spent before they are sent.
"""

import math
from datetime import datetime
from typing import Final

import anyio
from anyio import current_time

from lucca_sync.kit.clock import Clock
from lucca_sync.lucca.ledger import Known, Ledger, Notes
from lucca_sync.lucca.line import FLOOR_EVERY, PURPOSES, URGENT, Line, Purpose, Turn, Upcoming, alone
from lucca_sync.lucca.pace import Pace
from lucca_sync.lucca.share import Share
from lucca_sync.lucca.window import Window

__all__ = ["LARGEST_BLOCK", "PURPOSES", "URGENT", "Budget", "Notes", "Purpose"]

BLOCKS_A_MINUTE: Final = 10
LARGEST_BLOCK: Final = 20
"""Enough to make a write per block cheap; more would only be lost at each crash."""
SPARE: Final = 0.06
"""The part of the window, where any of it is reserved, that only the most urgent purpose fills …"""
MODEST: Final = 0.9
"""… as long as it takes no more of the window than this."""


class Budget:
    """Hands out turns: at most `requests_per_minute` in any 60 seconds, over every restart.

    A request takes a turn first. More urgent purposes go before less urgent ones and each is first come,
    first served; every fifth turn goes to the purpose passed over longest, so that none starves. Urgent ones
    (`URGENT`) use whatever room there is at once; the others are spaced evenly, and leave the part `reserve`
    of the window to them, but get about a fifth of it in any case. Where there is a reserve, a little of the
    window is only for the most urgent purpose. What Lucca refuses lowers the rate to what other integrations
    leave.

    Turns are written down under `key` in blocks, a tenth of a minute's share at most, before they are spent:
    after a crash the whole block counts as spent. What `notes` raises, the caller that waited gets.
    """

    def __init__(
        self, requests_per_minute: float, notes: Notes, key: str, clock: Clock, *, reserve: float = 0.0
    ) -> None:
        if not 0 <= reserve < 1:
            raise ValueError(f"reserve must be a share from 0 to below 1, not {reserve}")
        self._window = Window(requests_per_minute)
        self._paced = Window(requests_per_minute)  # what of it was not urgent
        self._first = Window(requests_per_minute)  # what of it was most urgent
        self._share = Share(requests_per_minute)
        self._pace = Pace(self._window.span)
        self.reserve = reserve
        """The share of the window that is kept for what is urgent; may be changed at any time."""
        self._block = max(1, min(self._window.capacity // BLOCKS_A_MINUTE, LARGEST_BLOCK))
        self._ledger = Ledger(notes, key, clock)
        self._line = Line()
        self._joined = anyio.Event()
        self._writing = anyio.Lock()
        self._clock = clock
        self._loaded = False
        self._reserved = 0
        self._paused_until = 0.0  # of the event loop's clock, as all instants here
        self._pause_saved = True
        self._refused_at = -math.inf
        self._driven = False

    async def take(self, purpose: Purpose) -> None:
        """Return when one request may be sent, at once if there is room."""
        if self._line.waiting or not self._pass(alone(purpose)):
            await self._queue(Turn(purpose))

    def refused(self, sent: float, until: datetime) -> None:
        """Learn from a 429 to a request sent at `sent` of the event loop's clock; hand out nothing `until`.

        Several requests may have been under way: the answers to those that were sent before the first was
        refused say the same once more. `save()` makes it outlive a crash.
        """
        now = current_time()
        self.pause_until(until)
        if sent > self._refused_at:
            self._refused_at = now
            self._pause_saved = False
            self._share.refused(now, self._window.count(now) - 1, self._paused_until)

    def pause_until(self, instant: datetime) -> None:
        """Hand out no turn before `instant`; never shortens a pause. `save()` makes it outlive a crash."""
        until = current_time() + (instant - self._clock.now()).total_seconds()
        if until > self._paused_until:
            self._paused_until = until
            self._pause_saved = False

    def available(self) -> int:
        """Return how many urgent requests could be sent this instant."""
        now = current_time()
        return 0 if now < self._paused_until else self._window.free(now, self._limit(now))

    def allowed_per_minute(self) -> float:
        """Return the rate that is kept to now: the configured one, or less after refusals."""
        return self._share.allowed(current_time())

    def estimated_others(self) -> float:
        """Return how many requests a minute other integrations seem to take; 0 when nothing tells of them."""
        return self._share.others(current_time())

    async def save(self) -> None:
        """Write down pause, lessons and exactly what was spent; what was reserved beyond is given back."""
        async with self._writing:
            await self._load()
            self._reserved = 0
            await self._write(0)

    def _limit(self, now: float) -> int:
        return max(1, int(self._share.allowed(now)))

    def _wait(self, now: float, upcoming: Upcoming) -> float:
        """Return the seconds until a request may be sent, 0 or less when it may be now."""
        limit = self._limit(now)
        pause = self._paused_until - now
        if not upcoming.paced:
            return max(pause, self._window.wait(now, self._upper(now, upcoming.purpose)))
        lower = self._lower(limit)
        full = self._window.wait(now, lower)
        if full > 0:
            self._pace.held(now + full, lower)
        return max(pause, full, self._pace.wait(now, lower))

    def _upper(self, now: float, purpose: Purpose) -> int:
        """Return how full the window may get by requests that go as soon as they can.

        Several at once that a hint, or the feed, has led to would make the next of those wait.
        """
        limit = self._limit(now)
        modest = self._first.count(now) <= limit * MODEST
        spared = purpose != PURPOSES[0] and self.reserve > 0 and modest
        return max(1, limit - int(limit * SPARE)) if spared else limit

    def _lower(self, limit: int) -> int:
        """Return how full the window may get by requests that are not urgent."""
        # 0.3 of 10 is 3, not what is left of it in binary.
        return max(1, int(limit * (1 - self.reserve) + 1e-9))

    def _upcoming(self) -> Upcoming:
        now = current_time()
        limit, upper = self._limit(now), self._upper(now, PURPOSES[-1])
        return self._line.upcoming(
            sated=self._paced.count(now) * FLOOR_EVERY >= limit,
            crowded=upper < limit and self._window.count(now) >= upper,
        )

    def _pass(self, upcoming: Upcoming) -> bool:
        now = current_time()
        if self._reserved <= 0 or self._wait(now, upcoming) > 0:
            return False
        self._reserved -= 1
        self._window.spend(now)
        if upcoming.purpose not in URGENT:
            self._paced.spend(now)
            self._pace.spend(now, self._lower(self._limit(now)))
        elif upcoming.purpose == PURPOSES[0]:
            self._first.spend(now)
        return True

    async def _queue(self, turn: Turn) -> None:
        self._line.join(turn)
        self._joined.set()
        try:
            while not turn.granted:
                if self._driven:
                    await turn.news()
                else:
                    await self._drive(turn)
        finally:
            # Cancelled after it was granted, the turn stays spent: rather one request too few.
            self._line.leave(turn)
            if not self._driven:
                self._line.wake_next()

    async def _drive(self, turn: Turn) -> None:
        """Serve the line until this turn's own comes; whoever still waits then takes over."""
        self._driven = True
        try:
            while not turn.granted:
                upcoming = self._upcoming()
                if self._pass(upcoming):
                    self._line.grant(upcoming)
                else:
                    await self._become_ready()
        finally:
            self._driven = False

    async def _become_ready(self) -> None:
        async with self._writing:
            await self._load()
            if not self._pause_saved:
                await self._write(self._reserved)
        delay = self._wait(current_time(), self._upcoming())
        if delay > 0:
            await self._rest(delay)
        else:
            await self._reserve()

    async def _rest(self, delay: float) -> None:
        """Wait, but not longer than until somebody joins the line, who may not have to."""
        self._joined = anyio.Event()
        # The loop may wake a hair early; a rest too small to move its clock would never end.
        with anyio.move_on_after(max(delay, 0.001)):
            await self._joined.wait()

    async def _reserve(self) -> None:
        async with self._writing:
            if self._reserved <= 0:
                await self._write(self._block)
                self._reserved = self._block

    async def _load(self) -> None:
        if self._loaded:
            return
        known = await self._ledger.read(self._window.capacity)
        now = current_time()
        for age, count in known.spent:
            self._window.spend(now - age, count)
        self._paused_until = max(self._paused_until, now + known.pause)
        self._share.recall(known.learned, now)
        self._loaded = True

    async def _write(self, reserved: int) -> None:
        now = current_time()
        pause = self._paused_until
        known = Known(self._window.spent(now), max(0.0, pause - now), self._share.learned(now))
        # A write whose end nobody saw could land after a later one and hide what that one says.
        with anyio.CancelScope(shield=True):
            await self._ledger.write(known, reserved)
        self._pause_saved = pause == self._paused_until
