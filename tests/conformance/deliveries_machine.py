"""Two journals that live through the same history of deliveries, what people do to them included.

The one in memory says what is right; beside both, the laws of deliveries are checked on what is seen.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal, TypeVar, cast

from lucca_sync.app.stores import opened_desk
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import (
    Claim,
    DeliveryEntry,
    DeliveryFilter,
    Desk,
    EventEntry,
    EventFilter,
    Journal,
    Settlement,
    StoreError,
    Told,
)
from lucca_sync.journal.sqlite import SqliteJournal, open_sqlite
from lucca_sync.model.delivery import Lane
from lucca_sync.testing.events import LANE, NOON, an_event
from lucca_sync.testing.journal.scene import LEASE, NAME, record, told
from tests.conformance.journal_audit import wrongs

T = TypeVar("T")

IDS: Final = ("1", "2")
LANES: Final = (LANE, Lane("another-route", "a-connector"))
MINUTE: Final = timedelta(minutes=1)
_ALL: Final = 9999


@dataclass
class Histories:
    """Both journals, the time, and the claims that were ever made."""

    path: Path
    model: MemoryJournal
    tested: SqliteJournal
    now: datetime = NOON
    claims: list[Claim] = field(default_factory=list[Claim])
    seen: dict[int, DeliveryEntry] = field(default_factory=dict[int, DeliveryEntry])
    events: list[EventEntry] = field(default_factory=list[EventEntry])

    @classmethod
    async def begin(cls, folder: Path) -> "Histories":
        """Open both, empty."""
        path = folder / "journal.db"
        return cls(path, MemoryJournal(), await open_sqlite(path))

    async def both(self, wanted: Awaitable[T], found: Awaitable[T]) -> T:
        """Return the answer that both agree on, or raise the error that both have raised."""
        (right, refused), (answer, failed) = await _answer(wanted), await _answer(found)
        told = f"wanted {right!r} {refused!r}\nfound  {answer!r} {failed!r}"
        assert (answer, failed is None) == (right, refused is None), told
        if refused is not None:
            raise refused
        return cast(T, right)

    # --- the daemon ---------------------------------------------------------------------------------------

    async def journal(self, record_id: str, lanes: Sequence[Lane]) -> None:
        """Let a record change."""
        known = (await self.model.known(NAME, [record_id])).get(record_id)
        sequence = known.sequence + 1 if known else 1
        write = told(record_id, f"v{sequence}", sequence, lanes=lanes, recorded=self.now)
        for journal in (self.model, self.tested):
            await journal.commit_writes(NAME, self.now, [write])

    async def claim(self, lane: Lane, limit: int) -> None:
        """Claim what is due: only heads, and none while another of its subject is in flight.

        But for one whose lease has ended and that a person has acted on: that was done first.
        """
        before, noted = self.seen, await _recalled(self.model)
        claims = await self.both(
            self.model.claim(lane, now=self.now, lease=LEASE, limit=limit),
            self.tested.claim(lane, now=self.now, lease=LEASE, limit=limit),
        )
        for claim in claims:
            line = [one for one in before.values() if _queued(one) and _line(one) == _line(before[claim.key])]
            flying = [one.key for one in line if one.state == "in_flight" and one.key not in noted]
            heads = {min(one.key for one in line), min(one.key for one in line if one.key not in noted)}
            assert claim.key in ([flying[0]] if flying else heads)
        self.claims += claims

    async def renew(self, which: Sequence[int], minutes: int) -> None:
        """Renew some of the claims ever made."""
        claims, until = self._claims(which), self.now + minutes * MINUTE
        await self.both(self.model.renew(claims, until=until), self.tested.renew(claims, until=until))

    async def settle(
        self,
        which: Sequence[int],
        state: Literal["done", "retrying", "parked", "dead"],
        due: int | None,
        *,
        hold: bool,
    ) -> None:
        """Settle some of the claims ever made; only those that stand can take effect."""
        at = None if due is None else self.now + due * MINUTE
        settlements = [
            Settlement(claim.key, claim.attempt, state, self.now, f"why {state}", at, hold=hold)
            for claim in self._claims(which)
        ]
        standing = {
            one.key
            for one in settlements
            if one.key in self.seen
            and (self.seen[one.key].state, self.seen[one.key].attempt) == ("in_flight", one.attempt)
        }
        effective = await self.both(self.model.settle(settlements), self.tested.settle(settlements))
        assert effective == len(standing)

    async def release(self, which: Sequence[int]) -> None:
        """Give some of the claims ever made back."""
        claims = self._claims(which)
        await self.both(self.model.release(claims), self.tested.release(claims))

    def _claims(self, which: Sequence[int]) -> list[Claim]:
        """Count claims from the last one."""
        return [self.claims[-1 - one % len(self.claims)] for one in which] if self.claims else []

    async def let_go(self, lanes: Sequence[Lane], limit: int) -> None:
        """Let dead letters along some lanes hold their subjects no more."""
        held = [one for one in self.seen.values() if one.held and one.lane in lanes]
        let_go = await self.both(self.model.let_go(lanes, limit), self.tested.let_go(lanes, limit))
        assert let_go == min(limit, len(held))

    async def die(self) -> None:
        """Let the process end, and another one open the store."""
        await self.tested.close()
        self.tested = await open_sqlite(self.path)
        self.model.take_back_abandoned()

    # --- a person -----------------------------------------------------------------------------------------

    async def by_hand(self, act: Callable[[Desk], Awaitable[T]], *, beside: bool) -> T:
        """Act on the model and on the file: through the open journal, or beside it."""
        async with AsyncExitStack() as stack:
            desk: Desk = await stack.enter_async_context(opened_desk(self.path)) if beside else self.tested
            await self.tested.touched()
            answer = await self.both(act(self.model), act(desk))
            assert beside or not await self.tested.touched()
        return answer

    async def queue_again(self, which: Sequence[int], *, beside: bool) -> None:
        """Queue some deliveries again: those whose events have contents; it is noted for those in flight."""
        keys, empty = self._keys(which), {one.position for one in self.events if one.emptied}
        flying = self._flying(keys)
        possible = {key for key in keys if key not in flying and self.seen[key].position not in empty}
        acted = await self.by_hand(
            lambda desk: desk.queue_again(keys, at=self.now, reason="again"), beside=beside
        )
        assert acted == (len(possible), len(flying))

    async def discard(self, which: Sequence[int], *, beside: bool) -> None:
        """Discard some deliveries: those that are open or dead; it is noted for those in flight."""
        keys = self._keys(which)
        flying = self._flying(keys)
        ended = {key for key in keys if self.seen[key].state in ("done", "discarded")}
        acted = await self.by_hand(lambda desk: desk.discard(keys, at=self.now, reason="off"), beside=beside)
        assert acted == (len({*keys} - flying - ended), len(flying))

    async def send(self, which: Sequence[int], lane: Lane, *, beside: bool) -> None:
        """Send some events along a lane."""
        positions = [self.events[one % len(self.events)].position for one in which] if self.events else []
        await self.by_hand(lambda desk: desk.send(positions, lane, at=self.now, reason="send"), beside=beside)

    async def tell(self, record_id: str, lane: Lane, *, beside: bool) -> None:
        """Tell how a record stands, if it was ever seen."""
        known = (await self.model.known(NAME, [record_id])).get(record_id)
        sequence, shown = known.sequence if known else 0, record(record_id, "a")
        event = an_event(
            record_id=record_id,
            kind="snapshot",
            sequence=sequence,
            record=shown,
            previous=None,
            recorded=self.now,
        )
        try:
            await self.by_hand(
                lambda desk: desk.tell(NAME, [Told(event, (lane,))], at=self.now), beside=beside
            )
        except StoreError:
            assert known is None

    def _flying(self, keys: Sequence[int]) -> set[int]:
        return {key for key in keys if self.seen[key].state == "in_flight"}

    def _keys(self, which: Sequence[int]) -> list[int]:
        keys = sorted(self.seen)
        return [keys[one % len(keys)] for one in which] if keys else []

    # --- upkeep -------------------------------------------------------------------------------------------

    async def empty(self, minutes: int, limit: int) -> None:
        """Empty what has ended and is old enough: just that."""
        before = self.now - minutes * MINUTE
        full = [one for one in self._ended(before) if not one.emptied]
        count = await self.both(self.model.empty(before, limit), self.tested.empty(before, limit))
        assert count == min(limit, len(full))

    async def prune(self, minutes: int, limit: int) -> None:
        """Prune what has ended and is old enough: just that."""
        before = self.now - minutes * MINUTE
        old = self._ended(before)
        count = await self.both(self.model.prune(before, limit), self.tested.prune(before, limit))
        assert count == min(limit, len(old))
        gone = {one.position for one in old} - {one.position for one in await _events(self.model)}
        assert len(gone) == count
        self.seen = {key: one for key, one in self.seen.items() if one.position not in gone}

    def _ended(self, before: datetime) -> list[EventEntry]:
        waiting = {one.position for one in self.seen.values() if one.state not in ("done", "discarded")}
        return [one for one in self.events if one.position not in waiting and one.event.recorded < before]

    async def end(self) -> None:
        """Close, and look for what does not fit together in the file."""
        await self.tested.close()
        assert not [*wrongs(self.path)]

    # --- what must hold -----------------------------------------------------------------------------------

    async def check(self) -> None:
        """Compare all that can be asked, and hold it against the laws."""
        entries = await self._agree()
        assert self.seen.keys() <= {entry.key for entry in entries}, "a delivery has vanished"
        self.seen = {entry.key: entry for entry in entries}
        self.events = await _events(self.model)
        flying = {entry.key: _line(entry) for entry in entries if entry.state == "in_flight"}
        assert len(flying) == len(set(flying.values())), "two of one subject are in flight"
        assert set(await self.model.recalled()) <= flying.keys(), "what was noted was forgotten"

    async def _agree(self) -> Sequence[DeliveryEntry]:
        model, tested, everything = self.model, self.tested, DeliveryFilter()
        await self.both(model.lanes(), tested.lanes())
        await self.both(model.causes(everything), tested.causes(everything))
        await self.both(_events(model), _events(tested))
        await self.both(_recalled(model), _recalled(tested))
        for lane in LANES:
            await self.both(model.next_due(lane), tested.next_due(lane))
            until = self.now + LEASE
            await self.both(model.taken(lane, until=until), tested.taken(lane, until=until))
            await self.both(
                model.ready(lane, now=self.now, limit=3), tested.ready(lane, now=self.now, limit=3)
            )
        for entry in self.events[:3]:
            await self.both(model.history(entry.position), tested.history(entry.position))
        apart = DeliveryFilter(states=("dead", "discarded", "retrying"))
        await self.both(
            model.deliveries(after=0, limit=5, wanted=apart),
            tested.deliveries(after=0, limit=5, wanted=apart),
        )
        return await self.both(
            model.deliveries(after=0, limit=_ALL, wanted=everything),
            tested.deliveries(after=0, limit=_ALL, wanted=everything),
        )


def _line(entry: DeliveryEntry) -> tuple[Lane, str]:
    return entry.lane, entry.subject


def _queued(entry: DeliveryEntry) -> bool:
    return entry.held or entry.state in ("pending", "in_flight", "retrying", "parked")


async def _recalled(journal: Journal) -> set[int]:
    return {*await journal.recalled()}


async def _events(journal: Desk) -> list[EventEntry]:
    return [*await journal.events(after=0, limit=_ALL, wanted=EventFilter())]


async def _answer(call: Awaitable[T]) -> tuple[T | None, StoreError | None]:
    try:
        return await call, None
    except StoreError as error:
        return None, error
