"""The values that cross a journal's protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from lucca_sync.model.delivery import ByHand, Lane, State
from lucca_sync.model.event import Event, Kind

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


class Fenced(Protocol):
    """Whatever is of one claim: a delivery's key and the attempt."""

    @property
    def key(self) -> int:
        """The delivery's."""
        ...

    @property
    def attempt(self) -> int:
        """The number under which it was claimed."""
        ...


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


class Acted(NamedTuple):
    """To how many deliveries a person's act was done, and for how many it was noted.

    Noted: they are in flight. It is done as soon as their claims have ended, but to those that got through.
    """

    done: int
    noted: int


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

    `number` is the attempt, or the attempts settled so far where a person acted: `state` is then `pending` or
    `discarded`, or `in_flight` for what was noted.
    """

    number: int
    at: datetime
    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryHistory:
    """One delivery of an event with every settled attempt; `due` is None when it waits for something else.

    `key` is its number, by which people name it.
    """

    key: int
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
    `reason` is the last attempt's, empty before the first. `noted` is what a person wants done once its claim
    has ended, None as a rule.
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
    noted: ByHand | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Deliveries along one lane whose last attempts ended with the same words."""

    lane: Lane
    reason: str
    count: int
    first: datetime
    last: datetime
    """When the first and the last of those attempts were made."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event that tells no change: a `snapshot`, and the lanes that it was asked for along."""

    event: Event
    lanes: tuple[Lane, ...]
