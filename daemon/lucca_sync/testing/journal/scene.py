"""How a journal is put to the test: one event loop a test, pages and writes made from a few words."""

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Concatenate, Final, ParamSpec, TypeVar

import anyio

from lucca_sync.journal.protocol import (
    Claim,
    DeliveryEntry,
    DeliveryFilter,
    Desk,
    EventFilter,
    Journal,
    JournalReader,
    PageCommit,
    PageHead,
    PageItems,
    ResourceName,
    Settlement,
    SweepCursor,
    Write,
)
from lucca_sync.model.delivery import Lane, State
from lucca_sync.model.event import Event, Kind
from lucca_sync.model.values import JsonObject
from lucca_sync.testing.events import LANE, NOON, an_event

NAME: Final = ResourceName("acme", "employees")
LEASE: Final = timedelta(minutes=1)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
_PATIENCE: Final = 60.0

P = ParamSpec("P")
SceneT = TypeVar("SceneT", bound="JournalScene")
ErrorT = TypeVar("ErrorT", bound=Exception)


class JournalScene(ABC):
    """Gives each test an empty journal."""

    @abstractmethod
    def opened(self) -> AbstractAsyncContextManager[Journal]:
        """Open an empty journal, and close it in the end."""

    def desk(self, journal: Journal) -> AbstractAsyncContextManager[Desk]:
        """Open a desk on the journal that `opened` gave: the journal itself where there is no other."""
        return nullcontext(journal)


def with_journal(test: Callable[[SceneT, Journal], Awaitable[None]]) -> Callable[[SceneT], None]:
    """Make a plain test of an asynchronous one that wants an empty journal."""

    def run(self: SceneT) -> None:
        async def patiently() -> None:
            with anyio.fail_after(_PATIENCE):
                async with self.opened() as journal:
                    await test(self, journal)

        anyio.run(patiently)

    run.__name__, run.__doc__ = getattr(test, "__name__", "test"), test.__doc__
    return run


def same(found: object, wanted: object) -> None:
    """Raise AssertionError unless what was found is what was wanted."""
    if found != wanted:
        raise AssertionError(f"found  {found!r}\nwanted {wanted!r}")


async def raising(
    kind: type[ErrorT],
    call: Callable[Concatenate[P], Awaitable[object]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> ErrorT:
    """Return the error of this kind that a call raises; AssertionError when it raises none."""
    try:
        await call(*args, **kwargs)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


# --- what looks find ----------------------------------------------------------------------------------------


def record(record_id: str, value: str) -> JsonObject:
    """Make a record; another value makes another content."""
    return {"id": record_id, "givenName": value, "manager": {"id": "9", "type": "employee"}}


def digest(record_id: str, value: str) -> bytes:
    """Return the digest of a record with a value."""
    return blake2b(f"{record_id}={value}".encode(), digest_size=16).digest()


def content(record_id: str, value: str) -> bytes:
    """Return a record with a value as canonical JSON."""
    return json.dumps(record(record_id, value), sort_keys=True).encode()


def seen(record_id: str, value: str = "a", sequence: int = 0) -> Write:
    """Write a record without telling anybody."""
    return Write(record_id, content(record_id, value), digest(record_id, value), sequence)


def told(
    record_id: str,
    value: str = "a",
    sequence: int = 1,
    *,
    lanes: Sequence[Lane] = (LANE,),
    kind: Kind = "updated",
    name: ResourceName = NAME,
    recorded: datetime = NOON,
) -> Write:
    """Write a record with an event and its deliveries; kind `deleted` leaves no content."""
    after = None if kind == "deleted" else record(record_id, value)
    event = an_event(
        tenant=name.tenant,
        resource=name.resource,
        record_id=record_id,
        kind=kind,
        sequence=sequence,
        recorded=recorded,
        record=after,
        previous=None if kind == "created" else record(record_id, f"before {value}"),
    )
    stored = None if after is None else content(record_id, value)
    return Write(record_id, stored, digest(record_id, value), sequence, event, tuple(lanes))


def event_of(write: Write) -> Event:
    """Return the event of a write that has one."""
    if write.event is None:
        raise AssertionError("a write without an event")
    return write.event


def page(
    slot: int,
    shown: Mapping[str, str],
    writes: Sequence[Write] = (),
    *,
    name: ResourceName = NAME,
    at: datetime = NOON,
) -> PageCommit:
    """Make the commit of a page that shows these records with these values."""
    items = PageItems(tuple(shown), tuple(digest(*item) for item in shown.items()))
    return PageCommit(name, at, head(slot, shown), items, writes, SweepCursor(NOON, slot + 1, url(slot + 1)))


def first_page(slot: int, *ids: str, name: ResourceName = NAME) -> PageCommit:
    """Make the commit of a page whose records are all new, with the value `a`."""
    return page(slot, dict.fromkeys(ids, "a"), [seen(record_id) for record_id in ids], name=name)


def head(slot: int, shown: Mapping[str, str]) -> PageHead:
    """Make what is remembered of a page that shows these records with these values."""
    body = digest("page", repr(shown))
    return PageHead(slot, url(slot), f'W/"{body.hex()}"', body, url(slot + 1))


def url(slot: int) -> str:
    """Return the path and query of the page at a slot."""
    return f"/lucca-api/employees?page={slot}"


# --- what becomes of deliveries -----------------------------------------------------------------------------


async def telling(journal: Journal, *writes: Write, at: datetime = NOON) -> None:
    """Commit events of records that need not have been seen before."""
    await journal.commit_writes(NAME, at, writes)


async def claimed(journal: Journal, now: datetime = NOON, limit: int = 10, lane: Lane = LANE) -> list[Claim]:
    """Claim what is due."""
    return list(await journal.claim(lane, now=now, lease=LEASE, limit=limit))


def done(claim: Claim, at: datetime = NOON) -> Settlement:
    """Settle a claim as done."""
    return Settlement(claim.key, claim.attempt, "done", at)


def retrying(claim: Claim, due: datetime, at: datetime = NOON) -> Settlement:
    """Settle a claim as to be tried again."""
    return Settlement(claim.key, claim.attempt, "retrying", at, "the target did not answer", due)


def parked(claim: Claim, due: datetime | None = None) -> Settlement:
    """Settle a claim as waiting for something else."""
    return Settlement(claim.key, claim.attempt, "parked", NOON, "a number is missing", due)


def dead(claim: Claim, *, hold: bool = False) -> Settlement:
    """Settle a claim as a dead letter; with `hold` what is behind it waits."""
    return Settlement(claim.key, claim.attempt, "dead", NOON, "the target refused it", hold=hold)


async def listed(journal: JournalReader, wanted: DeliveryFilter | None = None) -> list[DeliveryEntry]:
    """Return all deliveries that are wanted, or just all."""
    return list(await journal.deliveries(after=0, limit=999, wanted=wanted or DeliveryFilter()))


async def states(journal: JournalReader) -> list[tuple[str, int, State]]:
    """Return how each delivery stands: record id, sequence of the event, state."""
    events = await journal.events(after=0, limit=999, wanted=EventFilter())
    sequences = {entry.position: entry.event.sequence for entry in events}
    return [
        (entry.subject.split("/")[-1], sequences[entry.position], entry.state)
        for entry in await listed(journal)
    ]


def who(claims: Sequence[Claim]) -> list[tuple[str, int]]:
    """Return whose events were claimed: record ids and sequences."""
    return [(claim.event.record_id, claim.event.sequence) for claim in claims]
