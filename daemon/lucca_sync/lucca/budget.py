"""The governor of one tenant's requests: whose turn it is, and when. Knows nothing of HTTP.

50 requests a minute belong to the whole tenant, not to us: a configured share is never passed in any 60
seconds, not by a restart or a crash either, because requests are written down as spent before they are sent.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, Protocol, TypeAlias, get_args

import anyio
import msgspec
from anyio import current_time

from lucca_sync.kit.clock import Clock
from lucca_sync.lucca.throttle import LONGEST
from lucca_sync.lucca.window import Window

Purpose: TypeAlias = Literal["hint", "due", "confirm", "probe", "sweep", "baseline"]
"""Why a request is sent, the most urgent first."""

PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
FLOOR_EVERY: Final = 5
BLOCKS_A_MINUTE: Final = 10
LARGEST_BLOCK: Final = 20
"""Enough to make a write per block cheap; more would only be lost at each crash."""


class Notes(Protocol):
    """Small durable values by key, as a journal keeps them."""

    async def note(self, key: str) -> bytes | None:
        """Return what was last written under the key, None when nothing was."""
        ...

    async def write_note(self, key: str, value: bytes) -> None:
        """Write a value; it is on the disk when this returns."""
        ...


class Budget:
    """Hands out turns: at most `requests_per_minute` in any 60 seconds, over every restart.

    A request takes a turn first. More urgent purposes go before less urgent ones and each is first come,
    first served; every fifth turn goes to the purpose passed over longest, so that none starves.
    Turns are written down under `key` in blocks, a tenth of a minute's share at most, before they are spent:
    after a crash the whole block counts as spent. What `notes` raises, the caller that waited gets.
    """

    def __init__(self, requests_per_minute: float, notes: Notes, key: str, clock: Clock) -> None:
        self._window = Window(requests_per_minute)
        self._block = max(1, min(self._window.capacity // BLOCKS_A_MINUTE, LARGEST_BLOCK))
        self._ledger = _Ledger(notes, key, clock)
        self._line = Line()
        self._writing = anyio.Lock()
        self._clock = clock
        self._loaded = False
        self._reserved = 0
        self._paused_until = 0.0  # of the event loop's clock, as all instants here
        self._pause_saved = True
        self._driven = False

    async def take(self, purpose: Purpose) -> None:
        """Return when one request may be sent, at once if the window has room."""
        if self._line.waiting or not self._pass():
            await self._queue(Turn(purpose))

    def pause_until(self, instant: datetime) -> None:
        """Hand out no turn before `instant`; never shortens a pause. `save()` makes it outlive a crash."""
        until = current_time() + (instant - self._clock.now()).total_seconds()
        if until > self._paused_until:
            self._paused_until = until
            self._pause_saved = False

    def available(self) -> int:
        """Return how many requests could be sent this instant."""
        now = current_time()
        return 0 if now < self._paused_until else self._window.free(now)

    async def save(self) -> None:
        """Write down a pause and exactly what was spent; what was reserved beyond that is given back."""
        async with self._writing:
            await self._load()
            self._reserved = 0
            await self._write(0)

    def _pass(self) -> bool:
        now = current_time()
        if self._reserved <= 0 or now < self._paused_until or self._window.free(now) <= 0:
            return False
        self._reserved -= 1
        self._window.spend(now)
        return True

    async def _queue(self, turn: "Turn") -> None:
        self._line.join(turn)
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

    async def _drive(self, turn: "Turn") -> None:
        """Serve the line until this turn's own comes; whoever still waits then takes over."""
        self._driven = True
        try:
            while not turn.granted:
                if self._pass():
                    self._line.grant_next()
                else:
                    await self._become_ready()
        finally:
            self._driven = False

    async def _become_ready(self) -> None:
        async with self._writing:
            await self._load()
            if not self._pause_saved:
                await self._write(self._reserved)
        now = current_time()
        delay = max(self._paused_until - now, self._window.wait(now))
        if delay > 0:
            # The loop may wake a hair early; a rest too small to move its clock would never end.
            await anyio.sleep(max(delay, 0.001))
        else:
            await self._reserve()

    async def _reserve(self) -> None:
        async with self._writing:
            if self._reserved <= 0:
                await self._write(self._block)
                self._reserved = self._block

    async def _load(self) -> None:
        if self._loaded:
            return
        now = current_time()
        known = await self._ledger.read(self._window.capacity)
        for age, count in known.spent:
            self._window.spend(now - age, count)
        self._paused_until = max(self._paused_until, now + known.pause)
        self._loaded = True

    async def _write(self, reserved: int) -> None:
        now = current_time()
        pause = self._paused_until
        # A write whose end nobody saw could land after a later one and hide what that one says.
        with anyio.CancelScope(shield=True):
            await self._ledger.write(self._window.spent(now), reserved, max(0.0, pause - now))
        self._pause_saved = pause == self._paused_until


class Turn:
    """One request's place in the line."""

    __slots__ = ("_news", "granted", "purpose")

    def __init__(self, purpose: Purpose) -> None:
        self.purpose: Final = purpose
        self.granted = False
        self._news = anyio.Event()

    async def news(self) -> None:
        """Wait until the turn is granted, or its holder should serve the line."""
        await self._news.wait()
        self._news = anyio.Event()

    def tell(self) -> None:
        """Wake the holder."""
        self._news.set()


class Line:
    """Who waits, in the order of purposes, with a floor for each of them. Pure."""

    def __init__(self) -> None:
        self._waiting: Final[dict[Purpose, deque[Turn]]] = {purpose: deque() for purpose in PURPOSES}
        self._served: Final = dict.fromkeys(PURPOSES, 0)
        self._contested = 0
        self.waiting = 0

    def join(self, turn: Turn) -> None:
        """Stand at the end of the line of the turn's purpose."""
        self._waiting[turn.purpose].append(turn)
        self.waiting += 1

    def leave(self, turn: Turn) -> None:
        """Step out, if not served already."""
        if not turn.granted:
            self._waiting[turn.purpose].remove(turn)
            self.waiting -= 1

    def grant_next(self) -> None:
        """Serve whoever comes next; somebody must be waiting."""
        present = self._present()
        self._contested += len(present) > 1
        passed_over = self._contested % FLOOR_EVERY == 0
        purpose = min(present, key=self._served.__getitem__) if passed_over else present[0]
        self._served[purpose] = self._contested
        turn = self._waiting[purpose].popleft()
        self.waiting -= 1
        turn.granted = True
        turn.tell()

    def wake_next(self) -> None:
        """Tell the first of the line, if there is one, that nobody serves it."""
        if present := self._present():
            self._waiting[present[0]][0].tell()

    def _present(self) -> Sequence[Purpose]:
        return [purpose for purpose in PURPOSES if self._waiting[purpose]]


class _Page(msgspec.Struct, frozen=True):
    """The note as it stands on the disk; instants are seconds since 1970, UTC."""

    spent: list[tuple[float, int]]
    reserved: int
    paused_until: float


class _Known(msgspec.Struct, frozen=True):
    """The note as read: ages and the rest of the pause, in seconds."""

    spent: list[tuple[float, int]]
    pause: float


class _Ledger:
    """Keeps the window and the pause in a note, by the wall clock, the only one that survives a restart.

    That clock may have been set meanwhile: what lies in the future counts as of now, a pause ends within its
    longest span.
    """

    def __init__(self, notes: Notes, key: str, clock: Clock) -> None:
        self._notes = notes
        self._key = key
        self._clock = clock

    async def read(self, capacity: int) -> _Known:
        raw = await self._notes.note(self._key)
        now = self._clock.now().timestamp()
        if raw is None:
            return _Known([], 0.0)
        try:
            page = msgspec.json.decode(raw, type=_Page)
        except msgspec.DecodeError:
            # A note that nobody understands may have been a full minute.
            return _Known([(0.0, capacity)], 0.0)
        spent = sorted(((max(0.0, now - at), count) for at, count in page.spent), reverse=True)
        if page.reserved:
            # Spent at any instant until the crash, so perhaps only now.
            spent.append((0.0, page.reserved))
        pause = min(max(0.0, page.paused_until - now), LONGEST.total_seconds())
        return _Known(spent, pause)

    async def write(self, ages: Sequence[tuple[float, int]], reserved: int, pause: float) -> None:
        now = self._clock.now().timestamp()
        spent = [(now - age, count) for age, count in ages]
        await self._notes.write_note(
            self._key, msgspec.json.encode(_Page(spent, reserved, now + pause if pause else 0.0))
        )
