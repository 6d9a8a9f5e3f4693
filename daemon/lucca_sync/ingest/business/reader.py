"""Reads a tenant's raw events behind a cursor, and finds whom each concerns."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

import structlog

from lucca_sync.ingest.business.person import Raw
from lucca_sync.ingest.business.whom import Whom
from lucca_sync.ingest.business.window import Windows
from lucca_sync.journal.protocol import EventEntry, EventFilter, JournalReader
from lucca_sync.model.event import KINDS

News: TypeAlias = Literal["news", "history", "later"]
"""What an event is to the reader: to be folded, or not; or first its resource's baseline must be taken in."""

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_AT_ONCE: Final = 500
_MANY: Final = 5_000
"""So many unfolded events are enough to be getting on with."""
_PATIENCE: Final = timedelta(hours=1)
"""How long an event waits to be known whom it concerns, once it was read: somebody may have to look first."""


@dataclass(slots=True)
class Reader:
    """Fills windows with what was journaled of `resources`; `position` is the last one read."""

    journal: JournalReader
    tenant: str
    resources: Collection[str]
    windows: Windows
    position: int = 0
    _strangers: list[tuple[EventEntry, datetime]] = field(default_factory=list[tuple[EventEntry, datetime]])
    """Events of which it is not known yet whom they concern, and until when that may take."""

    async def read(self, now: datetime, news: Callable[[EventEntry], Awaitable[News]]) -> datetime:
        """Read on, as far as there is, and return up to when windows are complete now.

        Stops before an event of which `news` says that it comes later.
        """
        await self._place_strangers(now)
        wanted = EventFilter(tenant=self.tenant)
        while True:
            entries = await self.journal.events(after=self.position, limit=_AT_ONCE, wanted=wanted)
            for entry in entries:
                what = await news(entry) if self._matters(entry) else "history"
                if what == "later":
                    return entry.event.recorded
                if what == "news":
                    await self._place(entry, now + _PATIENCE)
                self.position = entry.position
            if len(entries) < _AT_ONCE:
                return now
            until = entries[-1].event.recorded
            if len(self.windows) >= _MANY and any(True for _ in self.windows.closed(until)):
                return until

    @property
    def folded(self) -> int:
        """The position up to which everything was folded."""
        waiting = [entry.position for entry, _ in self._strangers]
        oldest = self.windows.oldest()
        waiting += [] if oldest is None else [oldest.position]
        return min(waiting) - 1 if waiting else self.position

    def earliest(self) -> datetime | None:
        """Return when the first event was recorded that was read and not folded; None where all was."""
        instants = [entry.event.recorded for entry, _ in self._strangers]
        first = self.windows.earliest()
        return min((*instants, *([] if first is None else [first])), default=None)

    def begin_at(self, position: int) -> None:
        """Forget what was read, and read on beyond a position."""
        self.windows.clear()
        self._strangers.clear()
        self.position = position

    def _matters(self, entry: EventEntry) -> bool:
        event = entry.event
        return event.resource in self.resources and event.kind in KINDS and not entry.emptied

    async def _place(self, entry: EventEntry, until: datetime) -> None:
        who = await Whom(self.journal, self.tenant).of_event(entry.event)
        if who is None:
            self._strangers.append((entry, until))
        elif who:
            self.windows.add(Raw(entry.position, entry.event, who))

    async def _place_strangers(self, now: datetime) -> None:
        waiting, self._strangers = self._strangers, []
        for entry, until in waiting:
            if now < until:
                await self._place(entry, until)
            else:
                _LOG.warning("nobody_concerned", tenant=self.tenant, event_id=entry.event.id)
