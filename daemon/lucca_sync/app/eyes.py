"""Which eyes look at a tenant: built from its settings, around one post for each of its resources."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from lucca_sync.app.translate import watched_of
from lucca_sync.ingest.abilities import Abilities
from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.count import CountProbe
from lucca_sync.ingest.due import DueDates
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.head import HeadProbe
from lucca_sync.ingest.patience import Patience, Standing
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.reread import Rereader
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.ingest.watch import Watch
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.model.event import Eye
from lucca_sync.settings.model import Tenant

Task: TypeAlias = tuple[str, Callable[[], Awaitable[None]]]
"""A long-lived task and its name."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the eyes of every tenant share."""

    gate: StoreGate
    standing: Standing
    draw: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Station:
    """Everything that looks at one resource."""

    post: Post
    watch: Watch
    rereader: Rereader
    head: HeadProbe | None
    count: CountProbe | None


class TenantEyes:
    """All eyes of one tenant."""

    def __init__(self, name: str, tenant: Tenant, lookout: Lookout, around: Surroundings) -> None:
        self._name = name
        self._tenant = tenant
        self._lookout = lookout
        self._around = around
        self.others: list[Callable[[], Iterator[Task]]] = []
        """Give tasks of others that are to run along."""
        self.stations: Mapping[str, Station] = {
            watched.name.resource: self._station(watched) for watched in watched_of(name, tenant)
        }
        self.dates = self._due_dates() if tenant.eyes.due_dates else None

    @property
    def watches(self) -> Iterator[Watch]:
        """The sweeps, one a resource."""
        return (station.watch for station in self.stations.values())

    def tasks(self) -> Iterator[Task]:
        """What runs for as long as the daemon does."""
        for resource, station in self.stations.items():
            yield f"look:{self._name}/{resource}", station.watch.run
            yield from self._probes(station)
        if self.dates is not None:
            patience = self._patience(ResourceName(self._name, next(iter(self.stations))), "due")
            look = partial(patience.keep, self.dates.look, self.dates.rest, at_once=True)
            yield f"due:{self._name}", look
        for tasks in self.others:
            yield from tasks()

    def _station(self, watched: Watched) -> Station:
        post = Post(self._lookout, watched)
        absentees = Absentees(post)
        watch = Watch(post, self._patience(watched.name, "sweep", self._around.standing), absentees)
        head = HeadProbe(post) if watched.resource.newest and watched.head else None
        abilities = Abilities(self._lookout.journal, watched.name)
        counts = watched.count is not None and watched.resource.api == "v5"
        count = CountProbe(post, absentees, abilities, watch.survey_now, head) if counts else None
        return Station(post, watch, Rereader(post, absentees), head, count)

    def _probes(self, station: Station) -> Iterator[Task]:
        watched = station.post.watched
        if station.head is not None and watched.head is not None:
            yield self._kept(watched.name, "head", station.head.look, watched.head)
        if station.count is not None and watched.count is not None:
            yield self._kept(watched.name, "count", station.count.look, watched.count)

    def _kept(self, name: ResourceName, eye: Eye, look: Callable[[], Awaitable[bool]], every: float) -> Task:
        patience = self._patience(name, eye)
        return f"{eye}:{name.tenant}/{name.resource}", partial(patience.keep, look, lambda: every)

    def _due_dates(self) -> DueDates:
        return DueDates(
            self._name,
            {resource: station.rereader for resource, station in self.stations.items()},
            self._lookout.journal,
            self._lookout.clock,
            self._tenant.zone,
        )

    def _patience(self, name: ResourceName, eye: Eye, standing: Standing | None = None) -> Patience:
        return Patience(self._lookout, name, self._around.gate, self._around.draw, eye, standing)
