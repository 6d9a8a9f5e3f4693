"""What ingest needs of Lucca and of its surroundings, as small protocols beside the code that uses them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from lucca_sync.ingest.emit import Route
from lucca_sync.ingest.guard import CHANGES, DELETIONS, Threshold
from lucca_sync.ingest.missed import Attention, Inattentive
from lucca_sync.journal.protocol import Journal, ResourceName
from lucca_sync.kit.clock import Clock
from lucca_sync.lucca.budget import Purpose
from lucca_sync.model.catalogue import Resource
from lucca_sync.obs.metrics import Metrics


class Answered(Protocol):
    """An answer to a GET: `body` is None when nothing changed since the ETag that was sent."""

    @property
    def body(self) -> bytes | None:
        """The raw body."""
        ...

    @property
    def etag(self) -> str | None:
        """The ETag, byte for byte."""
        ...


class Source(Protocol):
    """A Lucca tenant. URLs are path and query; every method that asks may raise the source's errors."""

    def first_url(self, resource: Resource, filters: Mapping[str, str]) -> str:
        """Return where the first page of a collection stands."""
        ...

    def follow(self, href: str, asked: str) -> str:
        """Return the URL of a next page from its link, with what it lost of `asked` put back."""
        ...

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answered:
        """Ask for a page, conditionally when an ETag is given."""
        ...

    async def record(self, resource: Resource, record_id: str, purpose: Purpose) -> Answered | None:
        """Ask for one record; None when Lucca says 404."""
        ...


class Onlooker(Protocol):
    """Is told how looking goes, for people who watch a baseline."""

    def page_passed(self, name: ResourceName, *, baseline: bool, records: int, total: int | None) -> None:
        """Count a page of a running sweep: `records` passed so far, of `total` where known."""
        ...

    def sweep_ended(self, name: ResourceName, *, baseline: bool, records: int) -> None:
        """Note the end of a complete sweep."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """How far around today absences are watched, and the seconds between two readings of all of it."""

    past: timedelta = timedelta(days=60)
    future: timedelta = timedelta(days=365)
    reread: float = 6 * 3600.0

    def span(self, now: datetime) -> tuple[str, str]:
        """Return its first and last day at an instant."""
        return (now - self.past).date().isoformat(), (now + self.future).date().isoformat()


@dataclass(frozen=True, slots=True)
class Watched:
    """One resource of one tenant as the settings want it watched.

    `head` and `count` are the seconds between two looks at the newest records and two counts; None switches
    them off, as False does `stable` (pages of a fixed address), `gaps` (deletions proved by a page) and
    `deltas` (asking v3 resources what changed since). `window` bounds absences of v3.
    """

    name: ResourceName
    resource: Resource
    source_url: str
    every: float
    """Seconds from the start of one sweep to the start of the next."""
    snapshot_baseline: bool = False
    deletions: Threshold = DELETIONS
    changes: Threshold = CHANGES
    survey: float = 86_400.0
    """Seconds between two looks at every page where pages of a fixed address are watched: somebody may have
    come into view with an old id, and no other eye would see it."""
    head: float | None = None
    count: float | None = None
    stable: bool = False
    gaps: bool = True
    deltas: bool = True
    window: Window = Window()
    volatile: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Lookout:
    """What every look works with: the tenant, the journal, the routes, the clock, the metrics."""

    source: Source
    journal: Journal
    route: Route
    clock: Clock
    metrics: Metrics
    onlooker: Onlooker
    rouse: Callable[[], None]
    """Wakes whoever delivers, after events were committed."""
    attention: Attention = field(default_factory=Inattentive)
    refused: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """When each resource was last refused for want of a scope."""
