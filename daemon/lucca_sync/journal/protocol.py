"""What every journal backend promises, as one protocol.

A backend knows nothing of Lucca's wire format or of targets. Every method may raise `StoreError`; after a
write that raised, whether it happened is *unknown*: read again before deciding (derived ids make that safe).
Instants are aware and in UTC. The conformance suite in `lucca_sync.testing.journal` says the rest in code.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from lucca_sync.journal.errors import StoreError, StoreInUse, StoreTrouble
from lucca_sync.journal.hints import HintStore
from lucca_sync.journal.values import (
    Acted,
    Attempt,
    Cause,
    Claim,
    DeliveryEntry,
    DeliveryFilter,
    DeliveryHistory,
    EventEntry,
    EventFilter,
    Fenced,
    Known,
    LaneStatus,
    PageCommit,
    PageHead,
    PageItems,
    ResourceName,
    ResourceState,
    Settlement,
    SweepCursor,
    Told,
    Write,
)
from lucca_sync.model.delivery import STATES, Lane, State

__all__ = [
    "Acted",
    "Attempt",
    "Cause",
    "Claim",
    "DeliveryEntry",
    "DeliveryFilter",
    "DeliveryHistory",
    "Desk",
    "EventEntry",
    "EventFilter",
    "Fenced",
    "Journal",
    "JournalReader",
    "Known",
    "LaneStatus",
    "PageCommit",
    "PageHead",
    "PageItems",
    "ResourceName",
    "ResourceState",
    "Settlement",
    "StoreError",
    "StoreInUse",
    "StoreTrouble",
    "SweepCursor",
    "Told",
    "Write",
]


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


class Desk(JournalReader, Protocol):
    """A person's hand on a journal; each act is one transaction, also beside the daemon that has it open.

    `among` are the states that are meant: what has gone on since the person looked is left alone.
    What a person did is kept with the delivery, as an attempt with `reason`. What cannot be done in a
    delivery's state (`lucca_sync.model.delivery.after`) is left alone and not counted, but for what is in
    flight: there the act is noted, in place of one noted before. When the claim ends it is done in the same
    transaction, unless the delivery got through; where nobody knows how far that had come, it says so.
    """

    async def queue_again(
        self, keys: Collection[int], *, at: datetime, reason: str, among: Collection[State] = STATES
    ) -> Acted:
        """Have deliveries sent at once whatever they wait for, or again.

        Each goes before its subject's younger open deliveries, but not before one in flight; retries and the
        age limit begin anew. An emptied event's delivery that has ended is left alone.
        """
        ...

    async def discard(
        self, keys: Collection[int], *, at: datetime, reason: str, among: Collection[State] = STATES
    ) -> Acted:
        """End deliveries that are open or dead, and let their subjects' next ones go on."""
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

    async def taken(self, lane: Lane, *, until: datetime) -> Sequence[Claim]:
        """Return what is claimed along a lane until just this instant: what a claim that raised has taken.

        In the order of their keys.
        """
        ...

    async def renew(self, claims: Sequence[Fenced], *, until: datetime) -> int:
        """Let leases of claims that still stand end at `until`; return how many those are."""
        ...

    async def set_back(self, now: datetime, by: timedelta, *, spare: timedelta) -> None:
        """Follow the wall clock, which shows `now` after it was set back.

        What open deliveries have in the future (when they are due, when a lease ends, when they were queued)
        was read from the clock before: it comes `by` sooner. Some may have been claimed by the clock as it is
        now: no lease ends sooner than `spare` from now on its account, so that its holder can renew it.
        """
        ...

    async def hasten(self, now: datetime, beyond: datetime) -> None:
        """Have due `now` what was queued `beyond` an instant that the clock has not shown yet.

        That was begun by the clock before it was set back, and written after `set_back`.
        """
        ...

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write what became of claims and return how many took effect.

        The subject's next delivery becomes due.
        """
        ...

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back as if never attempted, as the daemon is stopping; what was settled stays so."""
        ...

    async def recalled(self) -> Collection[int]:
        """Return the keys of what is in flight and noted to be acted on: better given back than sent."""
        ...

    async def let_go(self, lanes: Collection[Lane], limit: int) -> int:
        """Let up to `limit` dead letters along these lanes hold their subjects no more; return how many.

        They stay dead letters. What is behind them becomes due.
        """
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

    async def swap_note(self, key: str, before: bytes | None, after: bytes | None) -> bool:
        """Write a note, or drop it (None), if it still says what it did `before` (None: there was none).

        False, and nothing, when somebody else has written or dropped it since.
        """
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
