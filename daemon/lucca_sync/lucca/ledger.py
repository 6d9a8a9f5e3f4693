"""What the governor keeps over restarts: the last minute's requests, a pause, what was learned of others."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from lucca_sync.kit.clock import Clock
from lucca_sync.lucca.share import CALM, Learned
from lucca_sync.lucca.throttle import LONGEST


class Notes(Protocol):
    """Small durable values by key, as a journal keeps them."""

    async def note(self, key: str) -> bytes | None:
        """Return what was last written under the key, None when nothing was."""
        ...

    async def write_note(self, key: str, value: bytes) -> None:
        """Write a value; it is on the disk when this returns."""
        ...


class _Page(msgspec.Struct, frozen=True):
    """The note as it stands on the disk; instants are seconds since 1970, UTC."""

    spent: list[tuple[float, int]]
    reserved: int
    paused_until: float
    learned: Learned | None = None


class Known(msgspec.Struct, frozen=True):
    """What the governor has to remember: ages and the rest of a pause are in seconds."""

    spent: Sequence[tuple[float, int]] = ()
    pause: float = 0.0
    learned: Learned | None = None


class Ledger:
    """Keeps what is known in a note, by the wall clock, the only one that survives a restart.

    That clock may have been set meanwhile: what lies in the future counts as of now, a pause ends within its
    longest span.
    """

    def __init__(self, notes: Notes, key: str, clock: Clock) -> None:
        self._notes = notes
        self._key = key
        self._clock = clock

    async def read(self, capacity: int) -> Known:
        """Return what was written last; what was reserved then counts as spent just now."""
        raw = await self._notes.note(self._key)
        if raw is None:
            return Known()
        try:
            page = msgspec.json.decode(raw, type=_Page)
        except msgspec.DecodeError:
            # A note that nobody understands may have been a full minute.
            return Known([(0.0, capacity)])
        return self._known(page)

    async def write(self, known: Known, reserved: int) -> None:
        """Write down what is known, and that so many requests more may be sent before the next writing."""
        now = self._clock.now().timestamp()
        spent = [(now - age, count) for age, count in known.spent]
        page = _Page(spent, reserved, now + known.pause if known.pause else 0.0, known.learned)
        await self._notes.write_note(self._key, msgspec.json.encode(page))

    def _known(self, page: _Page) -> Known:
        now = self._clock.now().timestamp()
        spent = sorted(((max(0.0, now - at), count) for at, count in page.spent), reverse=True)
        if page.reserved:
            # Spent at any instant until the crash, so perhaps only now.
            spent.append((0.0, page.reserved))
        pause = min(max(0.0, page.paused_until - now), LONGEST.total_seconds())
        return Known(spent, pause, _sound(page.learned))


def _sound(learned: Learned | None) -> Learned | None:
    """Return what was learned if it can be: another version, or a hand, may have written it."""
    sound = learned is not None and learned.level > 0 and 0 <= learned.times < len(CALM) and learned.calm >= 0
    return learned if sound else None
