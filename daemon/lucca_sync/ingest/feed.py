"""Lucca's list of events as an eye: what is new there becomes hints, and so does what no webhook brought.

Whether the list is there and in which order it runs is found out, not assumed. It is only an eye: where it
leaves a gap, sweeps are asked to look.
"""

from collections.abc import Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

import anyio
import msgspec
import structlog

from lucca_sync.ingest.abilities import Abilities
from lucca_sync.ingest.attention import Listening
from lucca_sync.ingest.listing import EventPages
from lucca_sync.ingest.patience import Patience
from lucca_sync.kit.bell import Bell
from lucca_sync.lucca.errors import CursorLost, Refused, ScopeMissing
from lucca_sync.lucca.feed import Listed, order_of

OFF_SECONDS: Final = 3600.0
"""How long until a list that is of no use is asked for again: a scope may have been granted."""
_ADVICE: Final = {
    "scope": "grant the scope events.readonly to the application in Lucca, or set eyes.feed to false",
    "refused": "this tenant has no list of events: set eyes.feed to false; webhooks and sweeps see the same",
    "unordered": "set eyes.feed to false: what is new can't be told; webhooks and sweeps see the same",
}
_LOG: Final = structlog.get_logger("lucca_sync.ingest")


class _Unordered(Exception):
    """The list is in no order that tells what is new."""


class _Rising(Exception):
    """The list runs oldest first: what is new is at its end."""


class _Place(msgspec.Struct, frozen=True):
    """How far the list was read.

    `last` is the newest event known; `tail` the address of the last page, where the list runs oldest first;
    `begun` is false until its end was reached once: what is older than that was seen by the baseline.
    """

    last: str = ""
    tail: str = ""
    begun: bool = False


_PLACE: Final = msgspec.json.Decoder(_Place)


@dataclass(frozen=True, slots=True)
class Listeners:
    """Whom the feed tells: of new hints, that sweeps should look, since when it works."""

    told: Callable[[], None]
    alarm: Callable[[], None]
    listening: Listening


@dataclass(slots=True)
class Feed:
    """Reads one tenant's list of events. `every` is None where it is of use for repairs only."""

    pages: EventPages
    abilities: Abilities
    listeners: Listeners
    every: float | None
    _there: bool = True
    _hole: bool = False
    _repairing: bool = True
    _bell: Bell = field(default_factory=Bell)

    async def run(self, patience: Patience) -> None:
        """Look again and again, for ever."""
        rested = 0.0
        while True:
            await patience.gate.passed(rested)
            ring = self._bell.next_ring()
            setback = await patience.bear(self.look)
            if setback is not None:
                self.listeners.listening.fails("feed")
            rested = self.rest() if setback is None else setback.pause
            with anyio.move_on_after(rested):
                await ring.wait()

    def rest(self) -> float:
        """Return the seconds until the next look."""
        return OFF_SECONDS if self.every is None or not self._there else self.every

    def repair_now(self) -> None:
        """Look for what webhooks failed to bring: they did not come for a while."""
        self._hole = self._repairing = True
        self._bell.ring()

    async def look(self) -> bool:
        """Take in what failed to be delivered, if that is due, and what is new on the list."""
        began = self.pages.lookout.clock.now()
        try:
            if self._repairing:
                await self._repair()
            if self.every is not None:
                await self._catch_up()
                self.listeners.listening.works("feed", began)
        except (ScopeMissing, Refused, _Unordered) as refusal:
            await self._useless(refusal)
        else:
            await self._useful()
        self._repairing = self._hole = False
        return True

    async def _useful(self) -> None:
        self._there = True
        if await self.abilities.lacks("listed"):
            await self.abilities.note("listed", has=True)
            _LOG.info("feed_available", tenant=self.abilities.name.tenant)

    async def _useless(self, refusal: Exception) -> None:
        """Leave the list alone for a while; say so only when that is news, be it after a restart."""
        self._there = False
        self.listeners.listening.fails("feed")
        if self._hole:
            self.listeners.alarm()
        if not await self.abilities.lacks("listed"):
            await self.abilities.note("listed", has=False)
            why = reason_of(refusal)
            _LOG.warning(
                "feed_unavailable", tenant=self.abilities.name.tenant, reason=why, advice=_ADVICE[why]
            )

    async def _repair(self) -> None:
        """Take in what Lucca could not deliver, as far as ten pages go."""
        following = None
        async with aclosing(self.pages.walk("", {"status": "failed"})) as pages:
            async for page in pages:
                await self._take_in(page.events)
                following = page.following
        if following is not None:
            self.listeners.alarm()

    async def _catch_up(self) -> None:
        place = await self._place()
        if not place.tail:
            try:
                found = await self._from_the_newest(place)
            except _Rising:
                found = await self._to_the_newest(place)
        else:
            try:
                found = await self._to_the_newest(place)
            except CursorLost:
                self._gap()
                found = await self._to_the_newest(_Place())
        if found != place:
            await self.pages.lookout.journal.write_note(self._key, msgspec.json.encode(found))

    async def _from_the_newest(self, place: _Place) -> _Place:
        """Read back to the newest event known, newest first, and take in all that was passed."""
        events: list[Listed] = []
        whole = not place.begun
        async with aclosing(self.pages.walk("", {})) as pages:
            async for page in pages:
                events += page.events
                ordered = _checked(events) == "newest"
                found = not place.begun or any(event.hint.id == place.last for event in page.events)
                at_end = page.following is None and (not self.pages.plain or not place.last)
                if at_end or (found and (ordered or page.following is None)):
                    whole = True
                    break
        if not whole:
            self._gap()
        await self._take_in(reversed(events))
        return _Place(last=events[0].hint.id if events else place.last, begun=True)

    async def _to_the_newest(self, place: _Place) -> _Place:
        """Read on to the end of the list, oldest first; the rest of a long way is left to the next look."""
        async with aclosing(self.pages.walk(place.tail, {})) as pages:
            async for page in pages:
                if order_of(page.events) not in {"oldest", "any"}:
                    raise _Unordered
                begun = place.begun or page.following is None
                if begun:
                    await self._take_in(page.events)
                place = _Place(tail=page.following or page.url, begun=begun)
        return place

    def _gap(self) -> None:
        """Some events went by unseen: they may have been about anything."""
        self.listeners.listening.fails("feed")
        self.listeners.alarm()
        _LOG.info("feed_gap", tenant=self.abilities.name.tenant)

    async def _take_in(self, events: Iterable[Listed]) -> None:
        hints = [event.hint for event in events]
        if hints and await self.pages.lookout.journal.take_in(self.abilities.name.tenant, hints):
            self.listeners.told()

    async def _place(self) -> _Place:
        note = await self.pages.lookout.journal.note(self._key)
        return _PLACE.decode(note) if note else _Place()

    @property
    def _key(self) -> str:
        return f"feed/{self.abilities.name.tenant}"


def reason_of(refusal: Exception) -> str:
    """Name in one word why a list of events is of no use."""
    match refusal:
        case ScopeMissing():
            return "scope"
        case Refused():
            return "refused"
        case _:
            return "unordered"


def _checked(events: list[Listed]) -> str:
    order = order_of(events)
    if order == "none":
        raise _Unordered
    if order == "oldest":
        raise _Rising
    return order
