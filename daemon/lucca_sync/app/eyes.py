"""Which eyes look at a tenant: built from its settings, around one post for each of its resources."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from lucca_sync.app.translate import probed_resources, watched_of
from lucca_sync.ingest.abilities import Abilities
from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.attributes import DEFINITIONS, VALUES, AttributeCheck
from lucca_sync.ingest.count import CountProbe
from lucca_sync.ingest.due import DueDates
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.head import HeadProbe
from lucca_sync.ingest.leave_watch import Seat, seats_for
from lucca_sync.ingest.patience import Patience, Standing
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.probing import Habits
from lucca_sync.ingest.reread import Rereader
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.ingest.users import UsersDelta
from lucca_sync.ingest.watch import Watch
from lucca_sync.ingest.watcher import Watcher
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.model.event import Eye
from lucca_sync.settings.model import Tenant

_USERS: Final = "users"
_USERS_SECONDS: Final = 120.0
"""Between two questions who was modified: one request each."""
_ATTRIBUTES_SECONDS: Final = 60.0
"""Between two checks of values against their definitions, which cost no request."""

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
    watch: Watcher
    rereader: Rereader
    head: HeadProbe | None
    count: CountProbe | None


class TenantEyes:
    """All eyes of one tenant."""

    def __init__(self, name: str, tenant: Tenant, lookout: Lookout, around: Surroundings) -> None:
        self.name = name
        self._tenant = tenant
        self._lookout = lookout
        self._around = around
        self.others: list[Callable[[], Iterator[Task]]] = []
        """Give tasks of others that are to run along."""
        resources = list(watched_of(name, tenant))
        seats = {seat.post.watched.name: seat for seat in seats_for(lookout, resources, self._sweeping)}
        self.stations: Mapping[str, Station] = {
            watched.name.resource: self._seated(seat)
            if (seat := seats.get(watched.name))
            else self._station(watched)
            for watched in resources
        }
        self.dates = self._due_dates() if tenant.eyes.due_dates else None

    @property
    def watches(self) -> Iterator[Watcher]:
        """What looks at each resource as a whole."""
        return (station.watch for station in self.stations.values())

    def tasks(self) -> Iterator[Task]:
        """What runs for as long as the daemon does."""
        for resource, station in self.stations.items():
            yield f"look:{self.name}/{resource}", station.watch.run
            yield from self._probes(station)
        if self.dates is not None:
            patience = self._patience(ResourceName(self.name, next(iter(self.stations))), "due")
            look = partial(patience.keep, self.dates.look_if_due, self.dates.nap, at_once=True)
            yield f"due:{self.name}", look
        if self._tenant.legacy_key is not None and self._tenant.eyes.deltas:
            yield self._kept(ResourceName(self.name, _USERS), "delta", self._users().look, _USERS_SECONDS)
        for probed in probed_resources(self._tenant):
            habits = Habits(self.stations[probed.name].post)
            yield f"habits:{self.name}/{probed.name}", self._asked_once(habits)
        if self.stations.keys() >= {VALUES, DEFINITIONS}:
            check = AttributeCheck(self.name, self._lookout)
            yield self._kept(ResourceName(self.name, VALUES), "sweep", check.look, _ATTRIBUTES_SECONDS)
        for tasks in self.others:
            yield from tasks()

    def _station(self, watched: Watched) -> Station:
        post = Post(self._lookout, watched)
        absentees = Absentees(post)
        watch = Watch(post, self._sweeping(watched.name), absentees)
        head = HeadProbe(post, watch.survey_now) if watched.resource.newest and watched.head else None
        abilities = Abilities(self._lookout.journal, watched.name)
        counts = watched.count is not None and watched.resource.api == "v5"
        count = CountProbe(post, absentees, abilities, watch.survey_now, head) if counts else None
        return Station(post, watch, Rereader(post, absentees), head, count)

    def _seated(self, seat: Seat) -> Station:
        return Station(seat.post, seat, Rereader(seat.post, seat.absentees), None, None)

    def _users(self) -> UsersDelta:
        """Ask v3 who was modified: an eye on users where they are watched, and on v5's people anyway."""
        users = self.stations.get(_USERS)
        followers = [
            station.rereader
            for station in self.stations.values()
            if station.post.watched.resource.api == "v5"
        ]
        return UsersDelta(self.name, self._lookout, followers, users.post if users else None)

    def _probes(self, station: Station) -> Iterator[Task]:
        watched = station.post.watched
        if station.head is not None and watched.head is not None:
            yield self._kept(watched.name, "head", station.head.look, watched.head)
        if station.count is not None and watched.count is not None:
            yield self._kept(watched.name, "count", station.count.look, watched.count)

    def _kept(self, name: ResourceName, eye: Eye, look: Callable[[], Awaitable[bool]], every: float) -> Task:
        patience = self._patience(name, eye)
        return f"{eye}:{name.tenant}/{name.resource}", partial(patience.keep, look, lambda: every)

    def _asked_once(self, habits: Habits) -> Callable[[], Awaitable[None]]:
        patience = self._patience(habits.post.watched.name, "sweep")
        return partial(patience.keep, habits.look, habits.rest, at_once=True)

    def _due_dates(self) -> DueDates:
        return DueDates(
            self.name,
            {resource: station.rereader for resource, station in self.stations.items()},
            self._lookout.journal,
            self._lookout.clock,
            self._tenant.zone,
        )

    def _sweeping(self, name: ResourceName) -> Patience:
        return self._patience(name, "sweep", self._around.standing)

    def _patience(self, name: ResourceName, eye: Eye, standing: Standing | None = None) -> Patience:
        return Patience(self._lookout, name, self._around.gate, self._around.draw, eye, standing)
