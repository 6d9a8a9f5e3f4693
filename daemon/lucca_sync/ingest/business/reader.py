"""Reads a tenant's raw events behind a cursor, and finds whom each concerns.

What waits for its window is kept as places in the journal, of so many people at once: memory stays flat
whatever a day brings.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

import structlog

from lucca_sync.ingest.business.aside import Aside, Asides
from lucca_sync.ingest.business.person import Raw
from lucca_sync.ingest.business.whom import Whom
from lucca_sync.ingest.business.window import Group, Spot, Windows
from lucca_sync.journal.protocol import EventEntry, EventFilter, JournalReader
from lucca_sync.model.business import INDIRECT
from lucca_sync.model.event import KINDS, Event

News: TypeAlias = Literal["news", "history", "later"]
"""What an event is to the reader: to be folded, or not; or first its resource's baseline must be taken in."""
Judge: TypeAlias = Callable[[EventEntry], Awaitable[News]]

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_AT_ONCE: Final = 500
_MANY: Final = 5_000
"""So many people's unfolded events are enough to be getting on with."""
_NEAR: Final = 50
"""Events so near to each other are read in one go, with those between them."""
_PATIENCE: Final = timedelta(hours=1)
"""How long an event waits to be known whom it concerns, once it was read: somebody may have to look first."""


@dataclass(slots=True)
class Reader:
    """Fills windows with what was journaled of `resources`; `position` is the last one read.

    When `room` is full, whoever comes is read again once these are folded. Of those among `asides` nothing
    is read until they are taken up. `has_more` after reading that stopped before the end of what there is.
    """

    journal: JournalReader
    tenant: str
    resources: Collection[str]
    windows: Windows
    asides: Asides
    room: int
    position: int = 0
    has_more: bool = False
    _turned_away: Spot | None = None
    _strangers: list[tuple[EventEntry, datetime]] = field(default_factory=list[tuple[EventEntry, datetime]])
    """Events of which it is not known yet whom they concern, and until when that may take."""
    _strange: set[str] = field(default_factory=set[str])
    """The windows that these would be in."""

    async def read(self, now: datetime, news: Judge) -> datetime:
        """Read on, as far as there is, and return up to when windows are complete now.

        Stops before an event of which `news` says that it comes later, and where those turned away for want
        of room have waited for as long as everybody does.
        """
        self._turn_back(now)
        await self._place_strangers(now)
        self.has_more = False
        while True:
            entries = await self._beyond(self.position)
            for entry in entries:
                what = await news(entry) if self._matters(entry) else "history"
                if what == "later" or self._is_enough(entry):
                    self.has_more = what != "later"
                    return entry.event.recorded
                if what == "news":
                    await self._place(entry, now + _PATIENCE)
                self.position = entry.position
            if len(entries) < _AT_ONCE:
                self.has_more = self._turned_away is not None
                return now
            until = entries[-1].event.recorded
            if len(self.windows) >= _MANY and self.windows.any_closed(until):
                self.has_more = True
                return until

    async def again(self, people: Mapping[str, Aside], now: datetime, news: Judge) -> None:
        """Read once more what was journaled of people who are taken up, beyond where they stand."""
        position = min((one.position for one in people.values()), default=self.position)
        waiting = {entry.position for entry, _ in self._strangers}
        while entries := [one for one in await self._beyond(position) if one.position <= self.position]:
            for entry in entries:
                if not self._matters(entry) or entry.position in waiting or await news(entry) != "news":
                    continue
                who = await self._whom(entry)
                if who is None:
                    self._wait(entry, now + _PATIENCE)
                elif who in people:
                    self.windows.add(who, entry.position, entry.event.recorded, _beside(entry.event))
            position = entries[-1].position

    async def contents(self, groups: Sequence[Group]) -> Sequence[Sequence[Raw]]:
        """Read what the events of groups hold; those that were emptied meanwhile are left out."""
        found: dict[int, EventEntry] = {}
        wanted = {spot.position for group in groups for spot in group.spots}
        for first, last in _stretches(sorted(wanted)):
            entries = await self._between(first, last)
            found |= {one.position: one for one in entries if one.position in wanted and not one.emptied}
        return [
            [Raw(at, found[at].event, group.person) for at, _ in group.spots if at in found]
            for group in groups
        ]

    @property
    def folded(self) -> int:
        """The position up to which everything was folded, but of those who are set aside."""
        waiting = [entry.position for entry, _ in self._strangers]
        oldest = self.windows.oldest()
        waiting += [] if oldest is None else [oldest]
        waiting += [] if self._turned_away is None else [self._turned_away.position]
        return min(waiting) - 1 if waiting else self.position

    @property
    def is_done(self) -> bool:
        """Whether nothing waits for its window, or for room."""
        return not len(self.windows) and self._turned_away is None

    def earliest(self) -> datetime | None:
        """Return when the first event was recorded that was read and not folded; None where all was."""
        instants = [entry.event.recorded for entry, _ in self._strangers]
        first = self.windows.earliest()
        instants += [] if first is None else [first]
        instants += [] if self._turned_away is None else [self._turned_away.recorded]
        return min(instants, default=None)

    def begin_at(self, position: int) -> None:
        """Forget what was read, and read on beyond a position."""
        self.windows.clear()
        self._strangers.clear()
        self._strange.clear()
        self._turned_away = None
        self.position = position

    def standing(self, person: str, now: datetime) -> Spot:
        """Return up to where somebody's events are folded, and when what comes next was recorded."""
        first = self.windows.first_of(person)
        return Spot(self.folded, now) if first is None else Spot(first.position - 1, first.recorded)

    def _matters(self, entry: EventEntry) -> bool:
        event = entry.event
        return event.resource in self.resources and event.kind in KINDS and not entry.emptied

    def _is_enough(self, entry: EventEntry) -> bool:
        away = self._turned_away
        return away is not None and abs(entry.event.recorded - away.recorded) >= self.windows.span

    def _turn_back(self, now: datetime) -> None:
        """Read on from where somebody was turned away, if those before them had their time."""
        away = self._turned_away
        if away is None or (len(self.windows) and abs(now - away.recorded) < self.windows.span):
            return
        oldest = self.windows.oldest()
        self.position = (away.position if oldest is None else min(away.position, oldest)) - 1
        self._turned_away = None
        self._strangers = [one for one in self._strangers if one[0].position <= self.position]
        self._strange = {_beside(entry.event) for entry, _ in self._strangers}
        self.windows.clear()

    async def _place(self, entry: EventEntry, until: datetime) -> None:
        who = await self._whom(entry)
        if who is None:
            self._wait(entry, until)
        elif who:
            await self._place_of(who, Spot(entry.position, entry.event.recorded), _beside(entry.event))

    async def _whom(self, entry: EventEntry) -> str | None:
        """Tell whom an event concerns; what stands behind a stranger of its own record waits with that one.

        The record between may become known at any moment: the later change must not be folded first.
        """
        if _beside(entry.event) in self._strange:
            return None
        return await Whom(self.journal, self.tenant).of_entry(entry)

    def _wait(self, entry: EventEntry, until: datetime) -> None:
        self._strangers.append((entry, until))
        self._strange.add(_beside(entry.event))

    async def _place_of(self, who: str, spot: Spot, beside: str) -> None:
        if who in self.asides:
            await self.asides.move_back(who, *spot)
            if self.asides.waits(who):
                return
        elif who not in self.windows and not self._has_room():
            self._turned_away = self._turned_away or spot
            return
        self.windows.add(who, *spot, beside)

    def _has_room(self) -> bool:
        return self._turned_away is None and len(self.windows) < self.room

    async def _place_strangers(self, now: datetime) -> None:
        waiting, self._strangers, self._strange = self._strangers, [], set()
        for entry, until in waiting:
            if now < until:
                await self._place(entry, until)
            else:
                _LOG.warning("nobody_concerned", tenant=self.tenant, event_id=entry.event.id)

    async def _beyond(self, position: int) -> Sequence[EventEntry]:
        wanted = EventFilter(tenant=self.tenant)
        return await self.journal.events(after=position, limit=_AT_ONCE, wanted=wanted)

    async def _between(self, first: int, last: int) -> Sequence[EventEntry]:
        wanted = EventFilter(tenant=self.tenant)
        return await self.journal.events(after=first - 1, limit=last - first + 1, wanted=wanted)


def _beside(event: Event) -> str:
    """Name the window beside a person's own for what may become known late as theirs: one for each record."""
    return f"{event.resource}/{event.record_id}" if event.resource in INDIRECT else ""


def _stretches(positions: Sequence[int]) -> Sequence[tuple[int, int]]:
    """Put together what stands near to each other, from the first position to the last."""
    found: list[tuple[int, int]] = []
    for at in positions:
        if found and at - found[-1][1] <= _NEAR and at - found[-1][0] < _AT_ONCE:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found
