"""What a person does to deliveries one by one or by the thousand: find, count, send again, give up.

Works on the store itself, beside a running daemon and without one; each handful is one transaction.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from lucca_sync.app.obstacles import Obstacle, Obstacles, Windows, obstacles_in
from lucca_sync.app.stores import opened_desk, reading_store
from lucca_sync.journal.protocol import (
    Cause,
    DeliveryEntry,
    DeliveryFilter,
    DeliveryHistory,
    EventEntry,
    EventFilter,
    JournalReader,
)
from lucca_sync.model.delivery import OPEN_STATES, STATES, ByHand, Lane, State, after, put_off

Tell: TypeAlias = Callable[["Handled"], object]
"""Is given what was found and done so far, as it goes on."""

_AT_ONCE: Final = 200


class NoSuchEvent(Exception):
    """No event, or more than one, has an id that begins like this."""


class NoSuchDelivery(Exception):
    """A delivery that was named is not there; the message says which."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which deliveries are meant: those that are named by number, else all that the filter lets through.

    Nothing is done to a named one in another state than the filter's. `event` is the beginning of an event's
    id.
    """

    wanted: DeliveryFilter
    numbers: tuple[int, ...] = ()
    event: str | None = None


class Order(NamedTuple):
    """What is to be done, as of which instant, in whose words; with `apply` False it is only counted."""

    act: ByHand
    at: datetime
    reason: str
    apply: bool


class Kind(NamedTuple):
    """Deliveries of one lane in one state."""

    lane: Lane
    state: State


@dataclass(slots=True)
class Handled:
    """What a choice holds, counted; to how many of those it can be done, and was (None: nothing was to be).

    `flying` can be acted on too, but are in flight: it is only `noted` for them, and done when they are given
    back.
    """

    found: Counter[Kind] = field(default_factory=Counter["Kind"])
    able: int = 0
    flying: int = 0
    done: int | None = None
    noted: int = 0

    @property
    def lanes(self) -> Collection[Lane]:
        """The lanes of what was found."""
        return {kind.lane for kind in self.found}


class Found(NamedTuple):
    """One delivery, and what keeps its whole lane from flowing now, if anything does."""

    entry: DeliveryEntry
    obstacle: Obstacle | None


class Story(NamedTuple):
    """One delivery, its event, and every attempt."""

    found: Found
    event: EventEntry
    history: DeliveryHistory


async def listed(store: Path, choice: Choice, limit: int, windows: Windows) -> Sequence[Found]:
    """Return the first `limit` deliveries of a choice, in journal order."""
    found: list[DeliveryEntry] = []
    async with reading_store(store) as reader:
        obstacles = await obstacles_in(reader, windows)
        async for page in _pages(reader, choice):
            found += page
            if len(found) >= limit:
                break
    return _found(found[:limit], obstacles)


def _found(entries: Sequence[DeliveryEntry], obstacles: Obstacles) -> Sequence[Found]:
    held_back = obstacles.among(one.lane for one in entries if one.state in OPEN_STATES)
    return [Found(one, held_back.get(one.lane) if one.state in OPEN_STATES else None) for one in entries]


async def causes(store: Path, wanted: DeliveryFilter) -> Sequence[Cause]:
    """Group deliveries by what their last attempt ended with."""
    async with reading_store(store) as reader:
        return await reader.causes(wanted)


async def story_of(store: Path, number: int, windows: Windows) -> Story:
    """Return everything about one delivery; raise NoSuchDelivery."""
    async with reading_store(store) as reader:
        (entry,) = await _numbered(reader, (number,))
        (found,) = _found([entry], await obstacles_in(reader, windows))
        event = await _event_at(reader, entry.position)
        history = [one for one in await reader.history(entry.position) if one.lane == entry.lane]
    if event is None or not history:  # the daemon has just tidied it away
        raise NoSuchDelivery(f"there is no delivery {number}")
    return Story(found, event, history[0])


async def handled(store: Path, choice: Choice, order: Order, tell: Tell) -> Handled:
    """Do it to every delivery of a choice that it can be done to, a handful at a time."""
    return await (_done if order.apply else _counted)(store, choice, order, tell)


async def _counted(store: Path, choice: Choice, order: Order, tell: Tell) -> Handled:
    handled = Handled()
    async with reading_store(store) as reader:
        async for page in _pages(reader, choice):
            _count(page, choice, order.act, handled)
            tell(handled)
    return handled


async def _done(store: Path, choice: Choice, order: Order, tell: Tell) -> Handled:
    handled = Handled(done=0)
    async with opened_desk(store) as desk:
        do = desk.queue_again if order.act == "queue_again" else desk.discard
        meant = choice.wanted.states or STATES
        async for page in _pages(desk, choice):
            keys = _count(page, choice, order.act, handled)
            acted = await do(keys, at=order.at, reason=order.reason, among=meant)
            handled.done = (handled.done or 0) + acted.done
            handled.noted += acted.noted
            tell(handled)
    return handled


def _count(page: Sequence[DeliveryEntry], choice: Choice, act: ByHand, handled: Handled) -> list[int]:
    """Count a page; return those that the act is meant for and can be done to."""
    handled.found.update(Kind(one.lane, one.state) for one in page)
    meant = choice.wanted.states or STATES
    keys = [one.key for one in page if one.state in meant and after(one.state, act) is not None]
    flying = [one.key for one in page if one.state in meant and put_off(one.state)]
    handled.able += len(keys)
    handled.flying += len(flying)
    return [*keys, *flying]


async def _pages(reader: JournalReader, choice: Choice) -> AsyncIterator[Sequence[DeliveryEntry]]:
    """Give a choice a page at a time. Raises NoSuchDelivery, NoSuchEvent."""
    if choice.numbers:
        yield await _numbered(reader, choice.numbers)
        return
    wanted = choice.wanted
    if choice.event is not None:
        wanted = replace(wanted, event_id=await full_id(reader, choice.event))
    key = 0
    while page := await reader.deliveries(after=key, limit=_AT_ONCE, wanted=wanted):
        key = page[-1].key
        yield page


async def full_id(reader: JournalReader, beginning: str) -> str:
    """Return the id of the event that is meant; raise NoSuchEvent."""
    found = await reader.event(beginning)
    if found is None:
        raise NoSuchEvent(f"no event, or more than one, has an id that begins with {beginning}")
    return found.event.id


async def _numbered(reader: JournalReader, numbers: Sequence[int]) -> Sequence[DeliveryEntry]:
    found: list[DeliveryEntry] = []
    for number in dict.fromkeys(numbers):
        entries = await reader.deliveries(after=number - 1, limit=1, wanted=DeliveryFilter())
        if not entries or entries[0].key != number:
            raise NoSuchDelivery(f"there is no delivery {number}")
        found += entries
    return found


async def _event_at(reader: JournalReader, position: int) -> EventEntry | None:
    found = await reader.events(after=position - 1, limit=1, wanted=EventFilter())
    return next((entry for entry in found if entry.position == position), None)
