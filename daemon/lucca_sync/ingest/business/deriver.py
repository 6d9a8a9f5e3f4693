"""Derives one tenant's business events: reads raw events, folds them, tells what follows, keeps its place.

All that it knows is in the journal. A state, what is told of it and for whom are one transaction; the cursor
follows, so that a crash between any two steps repeats some reading and nothing else.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import anyio
import structlog

from lucca_sync.ingest.business.aside import Aside, Asides, each_alone
from lucca_sync.ingest.business.book import Book
from lucca_sync.ingest.business.cursor import Cursor, Seeded, decode, encode, key_of
from lucca_sync.ingest.business.dates import Dates
from lucca_sync.ingest.business.fire import fired
from lucca_sync.ingest.business.fold import Folding
from lucca_sync.ingest.business.judge import Scene
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.reader import News, Reader
from lucca_sync.ingest.business.recheck import Recheck
from lucca_sync.ingest.business.seed import Seeding, Task
from lucca_sync.ingest.business.sight import Sight
from lucca_sync.ingest.business.state import Held, States
from lucca_sync.ingest.business.telling import Origin, Telling
from lucca_sync.ingest.business.whom import Whom
from lucca_sync.ingest.business.window import Group, Windows
from lucca_sync.journal.protocol import EventEntry, EventFilter, Journal, ResourceName
from lucca_sync.kit.clock import Clock
from lucca_sync.model.event import Event

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
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
    `aside` is how many people are set aside.
    """

    events: Callable[[Sequence[Event]], None]
    behind: Callable[[datetime | None], None]
    aside: Callable[[int], None]


@dataclass(slots=True)
class Deriver:
    """One per tenant. `window` is how long a person's raw events wait for each other.

    There is `room` for so many people's at once: memory stays flat whatever a day brings. `snapshots` are
    the resources whose baseline is told as events, which are no news here.
    """

    states: States
    book: Book
    places: Places
    clock: Clock
    window: timedelta
    told: Told
    snapshots: Collection[str] = ()
    room: int = 20_000
    _reader: Reader = field(init=False)
    _dates: Dates = field(init=False)
    _sight: Sight = field(init=False)
    _asides: Asides = field(init=False)
    _cursor: Cursor | None = None
    _noted: datetime | None = None

    def __post_init__(self) -> None:
        self._asides = Asides(self._journal, self._tenant, self.clock)
        windows = Windows(self.window)
        self._reader = Reader(self._journal, self._tenant, self.book.read, windows, self._asides, self.room)
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
        now = self.clock.now()
        if self._cursor is None:
            await self._begin(now)
        await self._seeded(now)
        await self._take_up(self._asides.take_up(), now)
        await self._read_and_fold(now, hurry=hurry)
        await self._asides.release(lambda person: person in self._reader.windows)
        await self._fire(now)
        await self._note(now)
        self.told.behind(self._reader.earliest())
        self.told.aside(len(self._asides))
        return not self._reader.is_done

    async def _read_and_fold(self, now: datetime, *, hurry: bool) -> None:
        while True:
            until = await self._reader.read(now, self._news)
            some = await self._fold(_AT_ANY_TIME if hurry else until)
            if not (some and self._reader.has_more):
                return
            await self._note(now)

    async def _begin(self, now: datetime) -> None:
        """Take up where the store says; on the very first start everything journaled so far is history."""
        note = await self._journal.note(key_of(self._tenant))
        await self._sight.learn_zones(self.places)
        if note is None:
            newest = await self._journal.newest(limit=1, wanted=EventFilter())
            cursor = Cursor(newest[-1].position if newest else 0, now)
            await self._journal.write_note(key_of(self._tenant), encode(cursor))
        else:
            cursor = decode(note)
        self._reader.begin_at(cursor.position)
        await self._asides.learn()
        await self._dates.learn(self._put_aside)
        self._cursor = cursor
        await self._seeded(now)
        await self._take_up(self._asides.taken_up, now)

    @property
    def _known(self) -> Cursor:
        """How far the store says that everything is folded, as far as is known here."""
        if self._cursor is None:
            raise RuntimeError("the deriver has not begun")
        return self._cursor

    async def _take_up(self, people: Mapping[str, Aside], now: datetime) -> None:
        """Try again to fold those who were set aside, from where they stand.

        After what rules that are new ask for was taken in: until then no event about it can be read.
        """
        for resource in sorted(
            {one for aside in people.values() for one in aside.unseeded}, key=_seeding_order
        ):
            seeded = self._known.seeded.get(resource)
            without = {who for who, aside in people.items() if resource in aside.unseeded}
            name = ResourceName(self._tenant, resource)
            until = None if seeded is None else seeded.until
            await self._seeding.take_in(Task(name, until, self._reader.folded, now, only=without))
        for who in people:
            if not self._asides.waits(who):
                await self._asides.seeded(who)
        reading = {who: one for who, one in people.items() if not self._asides.waits(who)}
        if reading:
            await self._reader.again(reading, now, self._news)
            await self._dates.learn(self._put_aside)

    @property
    def _seeding(self) -> Seeding:
        whom = Whom(self._journal, self._tenant)
        return Seeding(self.states, self.book, self.places, whom, self._asides, self._put_aside)

    async def _put_aside(self, who: str, error: Exception, unseeded: Collection[str]) -> None:
        """Set somebody aside where they stand; from then on nothing of theirs is read, folded or told."""
        spot = self._reader.standing(who, self.clock.now())
        await self._asides.put(who, spot.position, spot.recorded, error, unseeded)
        self._reader.windows.forget(who)

    async def _seeded(self, now: datetime) -> None:
        """Take in what baselines have read since, and what rules that are new ask of older records.

        Once a day also what has come into the snapshot in silence: a new baseline, a filter that was widened.
        """
        for resource in sorted(self.book.read, key=_seeding_order):
            digest, before = self.book.digest(resource), self._known.seeded.get(resource)
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
                await self._seeding.take_in(Task(name, seeded.until, beyond, now, only_new=again))
                await self._dates.learn(self._put_aside)
            cursor = self._known
            self._cursor = Cursor(cursor.position, cursor.since, {**cursor.seeded, resource: seeded})
            await self._journal.write_note(key_of(self._tenant), encode(self._cursor))

    async def _news(self, entry: EventEntry) -> News:
        """Tell whether an event is one of a baseline, which is no news, or came after it."""
        event = entry.event
        seeded = self._known.seeded.get(event.resource)
        if seeded is None:
            state = await self._journal.state(ResourceName(self._tenant, event.resource))
            return "later" if state.baseline_done else "history"
        baseline = event.kind == "created" and seeded.until is not None and event.recorded <= seeded.until
        return "history" if baseline else "news"

    async def _fold(self, until: datetime) -> bool:
        """Fold what is complete; tell whether there was any."""
        some = False
        while groups := self._reader.windows.closed(until):
            some = True
            await self._sight.learn_zones(self.places)
            for start in range(0, len(groups), _PEOPLE_AT_ONCE):
                await each_alone(groups[start : start + _PEOPLE_AT_ONCE], self._fold_some, self._not_folded)
                await anyio.lowlevel.checkpoint()
            await self._note(self.clock.now())  # whoever is killed again and again must come on all the same
        return some

    async def _fold_some(self, groups: Sequence[Group]) -> None:
        held = await self.states.read([group.person for group in groups])
        told: list[tuple[Held, Sequence[Telling]]] = []
        for group, raws in zip(groups, await self._reader.contents(groups), strict=True):
            one = held[group.person]
            folding = Folding(self.book, self.places, one.who)
            told.append((one, folding.fold(one.person, raws)))
        await self._write(told)
        for group in groups:
            self._reader.windows.drop(group)

    async def _not_folded(self, group: Group, error: Exception) -> None:
        await self._put_aside(group.person, error, ())

    async def _fire(self, now: datetime) -> None:
        """Tell what came due; whoever has a change of that still to be folded waits for it."""
        due = [who for who in self._dates.due(now) if who not in self._asides]
        if not due:
            return
        seen_to = await self._sight.seen_to(self.book.kept, now)
        recheck = Recheck(self._journal, self._tenant, self.book, self.places, self._reader.folded)

        async def fire(people: Sequence[str]) -> None:
            held = await self.states.read(people)
            sound = await recheck.sound(held.values(), now)
            await self._write([(one, self._fired(one, now, seen_to)) for one in sound])

        for start in range(0, len(due), _PEOPLE_AT_ONCE):
            await each_alone(due[start : start + _PEOPLE_AT_ONCE], fire, self._not_fired)
            await anyio.lowlevel.checkpoint()

    async def _not_fired(self, who: str, error: Exception) -> None:
        await self._put_aside(who, error, ())

    def _fired(self, held: Held, now: datetime, seen_to: Mapping[str, datetime]) -> list[Telling]:
        told = list[Telling]()
        if held.who not in self._reader.windows:
            told = Folding(self.book, self.places, held.who).given_up(held.person, now)
        if told:
            _LOG.warning("told_without_the_employee", tenant=self._tenant, employee=held.who)
        return [*told, *fired(Scene(held.who, held.person, self.places, now), self.book, seen_to)]

    async def _write(self, told: Sequence[tuple[Held, Sequence[Telling]]]) -> None:
        now = self.clock.now()
        events = await self.states.write(told, Origin(self._tenant, self.states.source, now))
        for held, _ in told:
            self._dates.keep(held)
        self.told.events(events)

    async def _note(self, now: datetime) -> None:
        """Note how far everything is folded: from time to time, for it may stand behind."""
        position, first = self._reader.folded, self._reader.earliest()
        moved = position - self._known.position
        patience = _NOTED_EVERY if moved else _NOTED_ANYWAY
        if moved < _AHEAD and self._noted is not None and now - self._noted < patience:
            return
        since = now if first is None else min(first, now)
        self._cursor = Cursor(position, since, self._known.seeded)
        await self._journal.write_note(key_of(self._tenant), encode(self._cursor))
        self._noted = now


def _seeding_order(resource: str) -> tuple[bool, str]:
    """Contracts before what is found through them."""
    return resource not in {"employees", "employments"}, resource
