"""What every journal backend promises, as one protocol and the values that cross it.

A backend knows nothing of Lucca's wire format or of targets. Every method may raise `StoreError`; after a
write that raised, whether it happened is *unknown*: read again before deciding (derived ids make that safe).
Instants are aware and in UTC. The conformance suite in `lucca_sync.testing.journal` says the rest in code.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol, TypeAlias

from lucca_sync.journal.hints import HintStore
from lucca_sync.model.delivery import Lane, State
from lucca_sync.model.event import Event, Kind

StoreTrouble: TypeAlias = Literal["full", "io", "other"]


class StoreError(Exception):
    """The store could not do what was asked; a write may or may not have happened.

    `reason` is `full` (no room left on the disk), `io` (the disk failed) or `other`. A write whose `sequence`
    does not continue what is stored (another writer was faster) is refused with `other`: nothing is written.
    """

    def __init__(self, message: str, reason: StoreTrouble = "other") -> None:
        super().__init__(message)
        self.reason: StoreTrouble = reason


class StoreInUse(Exception):
    """Another instance holds this store. Nothing was opened; stop the other one or name another store."""


# --- snapshot -----------------------------------------------------------------------------------------------


class ResourceName(NamedTuple):
    """One resource of one tenant: the unit that is swept."""

    tenant: str
    resource: str


@dataclass(frozen=True, slots=True)
class SweepCursor:
    """Where a sweep in progress stands: it began at `started` and `slot` (from 0) at `url` comes next.

    `url` is empty when every page has been seen and only the end of the sweep is left.
    """

    started: datetime
    slot: int
    url: str


@dataclass(frozen=True, slots=True)
class ResourceState:
    """What the journal knows of a resource: nothing yet (all defaults) when it was never committed to.

    `baseline_done` is set by the first complete sweep. `swept` is the end of the last complete sweep.
    """

    baseline_done: bool = False
    swept: datetime | None = None
    cursor: SweepCursor | None = None
    records: int = 0


@dataclass(frozen=True, slots=True)
class PageHead:
    """How the page at one slot was last answered: enough to ask conditionally and to know what follows.

    `url` is path and query as asked; `next_url` likewise, None on the last page. `digest` is of the raw body.
    `etag` is None and `digest` empty once one of the page's records was written through another door:
    the next look must compare.
    """

    slot: int
    url: str
    etag: str | None
    digest: bytes
    next_url: str | None


@dataclass(frozen=True, slots=True)
class PageItems:
    """The records seen on a page, in order: `ids[i]` had the raw digest `digests[i]`.

    A digest is empty when it is no longer to be trusted, because the record was written through another door.
    """

    ids: tuple[str, ...] = ()
    digests: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """A record's snapshot.

    `content` is canonical JSON, None for a record that is gone; `sequence` counts its events.
    """

    id: str
    content: bytes | None
    digest: bytes
    sequence: int


@dataclass(frozen=True, slots=True, repr=False)
class Write:
    """One record's new snapshot (`content` None: gone), with the event it makes, if any, and who gets it.

    `sequence` is the record's event count after this write: one more than before where there is an event.
    """

    id: str
    content: bytes | None
    digest: bytes
    sequence: int
    event: Event | None = None
    lanes: tuple[Lane, ...] = ()


@dataclass(frozen=True, slots=True)
class PageCommit:
    """All that one page changes, written in one transaction.

    `items` are the page's records after this look. A record is *missing* while it lives and no remembered
    page shows it: ids that an earlier look had at this slot and that are not among them, unless another slot
    has them. Each of `items` must live after `writes`, and what `writes` leaves alive must be among `items`.
    A record written here is distrusted in the memory of every other page; one that merely moved is not.
    `cursor` is None where no sweep is under way: any page may come next.
    """

    name: ResourceName
    at: datetime
    head: PageHead
    items: PageItems
    writes: Sequence[Write]
    cursor: SweepCursor | None


# --- deliveries ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery taken for one attempt until its lease ends.

    `attempt` counts from 1 and fences the settlement. `journaled` is when it was queued, by its event or
    last by a person; `earlier` counts the attempts before that: with a person's word retries begin anew.
    """

    key: int
    lane: Lane
    event: Event
    attempt: int
    journaled: datetime
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a claim.

    `due` says when a `retrying` or `parked` delivery is taken up again (None: never by itself). `hold` keeps
    a `dead` one at the head of its subject's queue: what is behind waits until a person decides.

    Takes effect only if the delivery is still claimed under the same attempt.
    """

    key: int
    attempt: int
    state: Literal["done", "retrying", "parked", "dead"]
    at: datetime
    reason: str = ""
    due: datetime | None = None
    hold: bool = False


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """How a lane stands: deliveries by state, and when the oldest open one was queued.

    `done` and `discarded` ones are not counted; `counts` names each other state, also at zero. Who waits
    behind another of its subject is `pending`.
    """

    counts: Mapping[State, int]
    oldest: datetime | None


# --- looking back -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attempt:
    """One settled attempt at a delivery, or what a person did to it, as kept for people.

    `number` is the attempt, or the attempts so far where a person acted (`state` is then `pending` or
    `discarded`).
    """

    number: int
    at: datetime
    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryHistory:
    """One delivery of an event with every settled attempt; `due` is None when it waits for something else."""

    lane: Lane
    state: State
    journaled: datetime
    due: datetime | None
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An event at its position in the journal; positions grow and are never used twice.

    `emptied`: it was kept long enough and only its ids, times and deliveries are left; there is no record, no
    previous one and no change to show or to send.
    """

    position: int
    event: Event
    emptied: bool = False


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; None leaves a criterion open."""

    tenant: str | None = None
    resource: str | None = None
    record_id: str | None = None
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Recorded at `since` or later, and before `until`."""


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries are wanted; None leaves a criterion open. `reason` is exactly the last attempt's.

    `since` and `until` (exclusive) are about when the event was recorded.
    """

    route: str | None = None
    connector: str | None = None
    states: tuple[State, ...] | None = None
    tenant: str | None = None
    resource: str | None = None
    record_id: str | None = None
    event_id: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryEntry:
    """One delivery as a person finds it.

    `held`: dead, and what is behind it waits. `behind`: open, and waits behind another of its subject.
    `reason` is the last attempt's, empty before the first.
    """

    key: int
    position: int
    event_id: str
    tenant: str
    subject: str
    type: str
    lane: Lane
    state: State
    journaled: datetime
    due: datetime | None
    attempt: int
    reason: str
    held: bool
    behind: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """Deliveries along one lane whose last attempts ended with the same words."""

    lane: Lane
    reason: str
    count: int
    first: datetime
    last: datetime
    """When the first and the last of those attempts were made."""


class JournalReader(Protocol):
    """Looking at a journal, also while a daemon writes to it."""

    async def deliveries(self, *, after: int, limit: int, wanted: DeliveryFilter) -> Sequence[DeliveryEntry]:
        """Return up to `limit` deliveries whose keys are beyond `after`, in journal order."""
        ...

    async def causes(self, wanted: DeliveryFilter) -> Sequence[Cause]:
        """Group deliveries by lane and last reason, the most frequent first."""
        ...

    async def lanes(self) -> Mapping[Lane, LaneStatus]:
        """Return how every lane stands that ever had a delivery."""
        ...

    async def known(self, name: ResourceName, ids: Collection[str]) -> Mapping[str, Known]:
        """Return the snapshots of those of `ids` that were ever seen, the gone ones included."""
        ...

    async def scan(self, name: ResourceName, after: str | None, limit: int) -> Sequence[Known]:
        """Return up to `limit` living records beyond the id `after` (None: from the beginning).

        In an order of the store's own: go on with the last id returned, until none is returned any more.
        """
        ...

    async def resources(self) -> Mapping[ResourceName, ResourceState]:
        """Return every resource that was ever committed to, and how it stands."""
        ...

    async def events(self, *, after: int, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return up to `limit` events beyond position `after`, in order."""
        ...

    async def newest(self, *, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return the last `limit` events, oldest first."""
        ...

    async def event(self, event_id: str) -> EventEntry | None:
        """Return one event by its id or by an unambiguous beginning of it."""
        ...

    async def history(self, position: int) -> Sequence[DeliveryHistory]:
        """Return the deliveries of the event at `position` with their attempts."""
        ...

    async def last_hint(self, tenant: str) -> datetime | None:
        """Return when the last hint that Lucca pushed was taken, None when none is remembered."""
        ...

    async def notes(self, prefix: str) -> Mapping[str, bytes]:
        """Return the notes whose keys begin with `prefix`, in the order of their keys."""
        ...

    async def close(self) -> None:
        """Let go of the store."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """An event that tells no change: a `snapshot`, and the lanes that it was asked for along."""

    event: Event
    lanes: tuple[Lane, ...]


class Desk(JournalReader, Protocol):
    """A person's hand on a journal; each act is one transaction, also beside the daemon that has it open.

    What a person did is kept with the delivery, as an attempt with `reason`. What cannot be done in a
    delivery's state (`lucca_sync.model.delivery.after`) is left alone and not counted.
    """

    async def queue_again(self, keys: Collection[int], *, at: datetime, reason: str) -> int:
        """Have deliveries sent at once whatever they wait for, or again; return how many.

        Each goes before its subject's younger open deliveries, but not before one in flight; retries and the
        age limit begin anew. An emptied event's delivery that has ended is left alone.
        """
        ...

    async def discard(self, keys: Collection[int], *, at: datetime, reason: str) -> int:
        """End deliveries that are open or dead, and let their subjects' next ones go on; return how many."""
        ...

    async def send(self, positions: Collection[int], lane: Lane, *, at: datetime, reason: str) -> int:
        """Queue events along a lane: again where it had them, for the first time where not; return how many.

        What is open there already is left as it is, and so are emptied events.
        """
        ...

    async def tell(self, name: ResourceName, told: Sequence[Told], *, at: datetime) -> None:
        """Journal events that change nothing, with their deliveries.

        Raises StoreError when a record's sequence is no longer the event's: read it again.
        """
        ...

    async def write_note(self, key: str, value: bytes) -> None:
        """Write a small durable note; it is on the disk when this returns."""
        ...

    async def drop_note(self, key: str) -> None:
        """Delete a note, if it is there; it is off the disk when this returns."""
        ...


class Journal(Desk, HintStore, Protocol):
    """The durable meeting point of ingest and egress."""

    # ingest

    async def state(self, name: ResourceName) -> ResourceState:
        """Return what is known of a resource."""
        ...

    async def heads(self, name: ResourceName) -> Mapping[int, PageHead]:
        """Return the remembered pages of a resource by slot."""
        ...

    async def items(self, name: ResourceName, slot: int) -> PageItems:
        """Return the records last seen at a slot; empty when nothing is remembered."""
        ...

    async def ids(self, name: ResourceName) -> Sequence[str]:
        """Return the ids of all living records: decimal ones first, by value, then the others as text."""
        ...

    async def beginning(self, name: ResourceName, prefixes: Collection[str]) -> Sequence[Known]:
        """Return the living records whose ids begin with one of `prefixes`, which don't begin each other."""
        ...

    async def commit_page(self, page: PageCommit) -> None:
        """Write a page's snapshot changes, events, deliveries, memory and cursor in one transaction.

        Raises ValueError when the commit contradicts itself or shows a record that nobody wrote.
        """
        ...

    async def commit_writes(self, name: ResourceName, at: datetime, writes: Sequence[Write]) -> None:
        """Write records seen outside a sweep (a confirming read).

        Memories of pages that hold them are distrusted. A record written alive is not missing until the next
        complete sweep has ended without it.
        """
        ...

    async def save_cursor(self, name: ResourceName, cursor: SweepCursor | None) -> None:
        """Move (or clear) the cursor alone, when pages passed without a change."""
        ...

    async def finish_sweep(self, name: ResourceName, at: datetime, pages: int) -> None:
        """End a complete sweep of `pages` pages: forget the slots beyond, whose records may now be missing.

        Sets `baseline_done`, and `swept` to `at`; clears the cursor.
        """
        ...

    async def missing(self, name: ResourceName, limit: int) -> Sequence[Known]:
        """Return up to `limit` living records that no page showed any more, those known longest first."""
        ...

    async def count_missing(self, name: ResourceName) -> int:
        """Return how many living records are missing."""
        ...

    # egress

    async def claim(self, lane: Lane, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        """Take up to `limit` due deliveries: the oldest open one of each subject only, earliest due first.

        A claim whose lease has ended counts as due: an abandoned attempt is taken up again by itself.
        Where only one process can have the store open, whatever an earlier one left claimed is due at once.
        """
        ...

    async def renew(self, claims: Sequence[Claim], *, until: datetime) -> int:
        """Let leases of claims that still stand end at `until`; return how many those are."""
        ...

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write what became of claims and return how many took effect.

        The subject's next delivery becomes due.
        """
        ...

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back as if never attempted, as the daemon is stopping; what was settled stays so."""
        ...

    async def next_due(self, lane: Lane) -> datetime | None:
        """Return when the earliest claimable delivery of a lane is due, None when there is none."""
        ...

    async def ready(self, lane: Lane, *, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Return how many deliveries could be claimed now and when the oldest of those was written.

        Looks at the first `limit` that a claim would take, no further.
        """
        ...

    # notes and upkeep

    async def note(self, key: str) -> bytes | None:
        """Return a small durable note of another part of the daemon (a request window), None when absent."""
        ...

    async def empty(self, before: datetime, limit: int) -> int:
        """Remove the contents of up to `limit` events recorded before `before`, the oldest first.

        Returns how many.
        Only where every delivery has ended (`done` or `discarded`); ids, times and attempts stay.
        """
        ...

    async def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` events recorded before `before`, the oldest first, and return how many.

        Only those whose deliveries have all ended (`done` or `discarded`); what is open or dead stays.
        """
        ...

    async def size(self) -> int:
        """Return the bytes that the store takes up on its disk."""
        ...

    async def used(self) -> int:
        """Return the bytes in use inside the store; what was deleted does not count."""
        ...

    async def touched(self) -> bool:
        """Tell whether another process has written to the store since this was last asked."""
        ...
