"""Derives one tenant's business events: reads raw events, folds them, tells what follows, keeps its place.

All that it knows is in the journal. A state, what is told of it and for whom are one transaction; the cursor
follows, so that a crash between any two steps repeats some reading and nothing else.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import anyio

from lucca_sync.ingest.business.book import Book
from lucca_sync.ingest.business.cursor import Cursor, Seeded, decode, encode, key_of
from lucca_sync.ingest.business.dates import Dates
from lucca_sync.ingest.business.fire import fired
from lucca_sync.ingest.business.fold import Folding
from lucca_sync.ingest.business.judge import Scene
from lucca_sync.ingest.business.person import Raw
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.reader import News, Reader
from lucca_sync.ingest.business.recheck import Recheck
from lucca_sync.ingest.business.seed import Seeding
from lucca_sync.ingest.business.sight import Sight
from lucca_sync.ingest.business.state import Held, States
from lucca_sync.ingest.business.telling import Origin, Telling
from lucca_sync.ingest.business.whom import Whom
from lucca_sync.ingest.business.window import Windows
from lucca_sync.journal.protocol import EventEntry, EventFilter, Journal, ResourceName
from lucca_sync.kit.clock import Clock
from lucca_sync.model.event import Event

_PEOPLE_AT_ONCE: Final = 50
_NOTED_EVERY: Final = timedelta(minutes=1)
_NOTED_ANYWAY: Final = timedelta(minutes=10)
_AT_ANY_TIME: Final = datetime.max.replace(tzinfo=UTC)
_AHEAD: Final = 1_000
"""After so many events the cursor is noted sooner."""


@dataclass(frozen=True, slots=True)
class Told:
    """What becomes known of the deriver's work: events that were written, and since when it is behind.

    It is behind since the first event was recorded that was not folded yet; None when there is none.
    """

    events: Callable[[Sequence[Event]], None]
    behind: Callable[[datetime | None], None]


@dataclass(slots=True)
class Deriver:
    """One per tenant. `window` is how long a person's raw events wait for each other.

    `snapshots` are the resources whose baseline is told as events, which are no news here.
    """

    states: States
    book: Book
    places: Places
    clock: Clock
    window: timedelta
    told: Told
    snapshots: Collection[str] = ()
    _reader: Reader = field(init=False)
    _dates: Dates = field(init=False)
    _sight: Sight = field(init=False)
    _cursor: Cursor | None = None
    _noted: datetime | None = None

    def __post_init__(self) -> None:
        self._reader = Reader(self._journal, self._tenant, self.book.read, Windows(self.window))
        self._dates = Dates(self.states, self.book, self.places)
        self._sight = Sight(self._journal, self._tenant, self.clock.now())

    @property
    def _journal(self) -> Journal:
        return self.states.journal

    @property
    def _tenant(self) -> str:
        return self.states.tenant

    async def look(self, *, hurry: bool = False) -> bool:
        """Fold what there is and tell what came due; tell whether anything is still waiting.

        With `hurry` no window is waited for. Raises StoreError, after which the next look begins anew.
        """
        try:
            return await self._look(hurry=hurry)
        except BaseException:  # cut off anywhere: what is in memory may be ahead of the store, or behind
            self._cursor = None
            raise

    async def _look(self, *, hurry: bool) -> bool:
        cursor = self._cursor or await self._begin()
        now = self.clock.now()
        cursor = await self._seeded(cursor, now)
        until = await self._reader.read(now, self._news)
        await self._fold(_AT_ANY_TIME if hurry else until)
        await self._fire(now)
        await self._note(cursor, now)
        self.told.behind(self._reader.earliest())
        return len(self._reader.windows) > 0

    async def _begin(self) -> Cursor:
        """Take up where the store says; on the very first start everything journaled so far is history."""
        note = await self._journal.note(key_of(self._tenant))
        await self._sight.learn_zones(self.places)
        if note is None:
            newest = await self._journal.newest(limit=1, wanted=EventFilter())
            position = newest[-1].position if newest else 0
            cursor = Cursor(position, self.clock.now())
            await self._journal.write_note(key_of(self._tenant), encode(cursor))
        else:
            cursor = decode(note)
        self._reader.begin_at(cursor.position)
        await self._dates.learn()
        self._cursor = cursor
        return cursor

    async def _seeded(self, cursor: Cursor, now: datetime) -> Cursor:
        """Take in what baselines have read since, and what rules that are new ask of older records.

        Once a day also what has come into the snapshot in silence: a new baseline, a filter that was widened.
        """
        seeding = Seeding(self.states, self.book, self.places, Whom(self._journal, self._tenant))
        for resource in sorted(self.book.read, key=_seeding_order):
            digest, before = self.book.digest(resource), cursor.seeded.get(resource)
            again = before is not None and before.digest == digest
            if before is not None and again and before.is_recent(now):
                continue
            name = ResourceName(self._tenant, resource)
            state = await self._journal.state(name)
            if not state.baseline_done:
                continue
            until = state.swept if resource in self.snapshots else None
            seeded = Seeded(digest, until if before is None else before.until, now)
            if resource in self.book.kept:
                beyond = self._reader.folded if again else self._reader.position
                await seeding.take_in(name, seeded.until, beyond, now, only_new=again)
                await self._dates.learn()
            cursor = Cursor(cursor.position, cursor.since, {**cursor.seeded, resource: seeded})
            await self._journal.write_note(key_of(self._tenant), encode(cursor))
            self._cursor = cursor
        return cursor

    async def _news(self, entry: EventEntry) -> News:
        """Tell whether an event is one of a baseline, which is no news, or came after it."""
        event = entry.event
        seeded = self._cursor.seeded.get(event.resource) if self._cursor else None
        if seeded is None:
            state = await self._journal.state(ResourceName(self._tenant, event.resource))
            return "later" if state.baseline_done else "history"
        baseline = event.kind == "created" and seeded.until is not None and event.recorded <= seeded.until
        return "history" if baseline else "news"

    async def _fold(self, until: datetime) -> None:
        while groups := list(self._reader.windows.closed(until)):
            await self._sight.learn_zones(self.places)
            for start in range(0, len(groups), _PEOPLE_AT_ONCE):
                await self._fold_some(groups[start : start + _PEOPLE_AT_ONCE])
                await anyio.lowlevel.checkpoint()

    async def _fold_some(self, groups: Sequence[Sequence[Raw]]) -> None:
        held = await self.states.read([group[0].person for group in groups])
        told: list[tuple[Held, Sequence[Telling]]] = []
        for group in groups:
            one = held[group[0].person]
            folding = Folding(self.book, self.places, one.who)
            told.append((one, folding.fold(one.person, group)))
        await self._write(told)
        for group in groups:
            self._reader.windows.drop(group)

    async def _fire(self, now: datetime) -> None:
        """Tell what came due; whoever has a change of that still to be folded waits for it."""
        due = self._dates.due(now)
        if not due:
            return
        seen_to = await self._sight.seen_to(self.book.kept, now)
        recheck = Recheck(self._journal, self._tenant, self.book, self.places, self._reader.folded)
        for start in range(0, len(due), _PEOPLE_AT_ONCE):
            held = await self.states.read(due[start : start + _PEOPLE_AT_ONCE])
            sound = await recheck.sound(held.values(), now)
            await self._write([(one, self._fired(one, now, seen_to)) for one in sound])
            await anyio.lowlevel.checkpoint()

    def _fired(self, held: Held, now: datetime, seen_to: Mapping[str, datetime]) -> list[Telling]:
        return list(fired(Scene(held.who, held.person, self.places, now), self.book, seen_to))

    async def _write(self, told: Sequence[tuple[Held, Sequence[Telling]]]) -> None:
        now = self.clock.now()
        events = await self.states.write(told, Origin(self._tenant, self.states.source, now))
        for held, _ in told:
            self._dates.keep(held)
        self.told.events(events)

    async def _note(self, cursor: Cursor, now: datetime) -> None:
        """Note how far everything is folded: from time to time, for it may stand behind."""
        position, first = self._reader.folded, self._reader.earliest()
        moved = position - cursor.position
        patience = _NOTED_EVERY if moved else _NOTED_ANYWAY
        if moved < _AHEAD and self._noted is not None and now - self._noted < patience:
            return
        since = now if first is None else min(first, now)
        self._cursor = Cursor(position, since, cursor.seeded)
        await self._journal.write_note(key_of(self._tenant), encode(self._cursor))
        self._noted = now


def _seeding_order(resource: str) -> tuple[bool, str]:
    """Contracts before what is found through them."""
    return resource not in {"employees", "employments"}, resource
