"""What a person has sent along one route: former events again, or how records stand now.

Works on the store itself, beside a running daemon and without one. Nothing is asked of Lucca.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import anyio

from lucca_sync.app.stores import opened_desk
from lucca_sync.egress.route import Route
from lucca_sync.ingest.snapshots import snapshot_of
from lucca_sync.journal.protocol import Desk, EventEntry, EventFilter, Known, ResourceName, StoreError, Told
from lucca_sync.model.catalogue import Resource
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import rfc3339

Item = TypeVar("Item")

_AT_ONCE: Final = 200
_TRIES: Final = 5
"""How often records that change under our hands are read again."""


@dataclass(frozen=True, slots=True)
class Way:
    """The route that a person has chosen, and those of its lanes that are meant."""

    route: Route
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """How something is to be sent: at which instant it is queued, in whose words, how many a second at most.

    `per_second` 0 means as fast as the store takes them. With `apply` False it is only counted.
    """

    at: datetime
    reason: str
    per_second: float
    apply: bool


@dataclass(slots=True)
class Sent:
    """What was looked at and what became of it. `queued` counts deliveries, the others events or records.

    `refused` were kept out by the route, `emptied` have no contents any more. `last` is what to go on with
    after an interruption: the last record's id, or when events were recorded. `reasons` are the route's words
    for what it refused, with counts.
    """

    seen: int = 0
    wanted: int = 0
    refused: int = 0
    emptied: int = 0
    queued: int = 0
    last: str | None = None
    reasons: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, other: "Sent") -> None:
        """Take over another's counts of what was looked at."""
        self.seen += other.seen
        self.wanted += other.wanted
        self.refused += other.refused
        for why, count in other.reasons.items():
            self.reasons[why] = self.reasons.get(why, 0) + count

    def judge(self, entry: EventEntry, route: Route) -> bool:
        """Count an event; tell whether the route wants it, or can't say: its condition fails on it."""
        self.seen += 1
        if entry.emptied:
            self.emptied += 1
            return False
        verdict = route.judged(entry.event)
        if verdict.answer == "no":
            self.refused += 1
            self.reasons[verdict.why] = self.reasons.get(verdict.why, 0) + 1
            return False
        self.wanted += 1
        return True


Tell: TypeAlias = Callable[[Sent], object]
"""Is given what was done so far, at the beginning and as it goes on."""


async def replayed(store: Path, way: Way, wanted: EventFilter, order: Order, tell: Tell) -> Sent:
    """Queue former events again, with the ids they had; what is open along a lane stays as it is.

    What happens meanwhile is not former: it goes its way by itself.
    """
    sent = Sent()
    wanted = replace(wanted, until=min(wanted.until or order.at, order.at))
    async with opened_desk(store) as desk:
        tell(sent)
        async for entries in _events(desk, wanted):
            for some in _handfuls(entries, order):
                sent.last = rfc3339(some[0].event.recorded)
                asked_for = [entry for entry in some if sent.judge(entry, way.route)]
                if order.apply and asked_for:
                    await _send(desk, asked_for, way.lanes, order, sent)
                tell(sent)
                if order.apply:
                    await _rest(len(asked_for), order.per_second)
    return sent


async def _send(
    desk: Desk, entries: Sequence[EventEntry], lanes: Collection[Lane], order: Order, sent: Sent
) -> None:
    positions = [entry.position for entry in entries]
    for lane in lanes:
        sent.queued += await desk.send(positions, lane, at=order.at, reason=order.reason)


async def _events(desk: Desk, wanted: EventFilter) -> AsyncIterator[Sequence[EventEntry]]:
    position = 0
    while entries := await desk.events(after=position, limit=_AT_ONCE, wanted=wanted):
        position = entries[-1].position
        changes = [entry for entry in entries if entry.event.kind != "snapshot"]
        if changes:
            yield changes


@dataclass(frozen=True, slots=True)
class Stock:
    """The records of one resource as they are told: what it is called, what it is, where it comes from."""

    name: ResourceName
    resource: Resource
    source_url: str


async def backfilled(
    store: Path, stock: Stock, way: Way, order: Order, tell: Tell, beyond: str | None = None
) -> Sent:
    """Tell how every living record stands, as `snapshot` events; go on `beyond` an earlier run's last id."""
    sent = Sent(last=beyond)
    async with opened_desk(store) as desk:
        tell(sent)
        while records := await desk.scan(stock.name, sent.last, _AT_ONCE):
            for some in _handfuls([record.id for record in records], order):
                told = await _tell(desk, stock, some, (way, order), sent)
                sent.last = some[-1]
                tell(sent)
                await _rest(told, order.per_second)
    return sent


async def resynced(store: Path, stock: Stock, record_id: str, way: Way, order: Order) -> Sent | None:
    """Tell how one record stands: a snapshot of it, or its deletion again; None when it was never seen."""
    sent = Sent()
    async with opened_desk(store) as desk:
        known = (await desk.known(stock.name, [record_id])).get(record_id)
        if known is None:
            return None
        if known.content is not None:
            await _tell(desk, stock, [record_id], (way, order), sent)
            return sent
        gone = EventFilter(*stock.name, record_id=record_id, kind="deleted")
        for entry in await desk.newest(limit=1, wanted=gone):
            if sent.judge(entry, way.route) and order.apply:
                await _send(desk, [entry], way.lanes, order, sent)
    return sent


async def _tell(desk: Desk, stock: Stock, ids: Sequence[str], how: tuple[Way, Order], sent: Sent) -> int:
    """Journal how some records stand, as often anew as the daemon changes one of them meanwhile.

    Returns how many were journaled.
    """
    way, order = how
    tries = 0
    while True:
        told, counted = _told(stock, (await desk.known(stock.name, ids)).values(), how)
        try:
            if order.apply and told:
                await desk.tell(stock.name, told, at=order.at)
        except StoreError:
            tries += 1
            if tries == _TRIES:
                raise
        else:
            break
    sent.add(counted)
    if not order.apply:
        return 0
    sent.queued += len(told) * len(way.lanes)
    return len(told)


def _told(stock: Stock, known: Collection[Known], how: tuple[Way, Order]) -> tuple[list[Told], Sent]:
    way, order = how
    counted = Sent()
    events = [
        snapshot_of(record, stock.name, stock.resource, source_url=stock.source_url, at=order.at)
        for record in known
        if record.content is not None
    ]
    wanted = [event for event in events if counted.judge(EventEntry(0, event), way.route)]
    return [Told(event, way.lanes) for event in wanted], counted


def _handfuls(items: Sequence[Item], order: Order) -> Iterator[Sequence[Item]]:
    """Cut what is to be queued into pieces of about a second's worth; to count them needs no patience."""
    slow = order.apply and order.per_second
    size = max(1, min(_AT_ONCE, int(order.per_second))) if slow else _AT_ONCE
    return (items[start : start + size] for start in range(0, len(items), size))


async def _rest(count: int, per_second: float) -> None:
    """Leave the target room for what happens meanwhile."""
    if per_second:
        await anyio.sleep(count / per_second)
