"""Builds what listens to a tenant's own telling: the door for webhooks, the worker, the feed, the watch."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from lucca_sync.app.eyes import Station, Surroundings, Task
from lucca_sync.app.translate import access_of
from lucca_sync.ingest.abilities import Abilities
from lucca_sync.ingest.attention import Listening
from lucca_sync.ingest.endpoint import EndpointWatch
from lucca_sync.ingest.feed import Feed, Listeners
from lucca_sync.ingest.hints import Desk, HintWorker
from lucca_sync.ingest.listing import EventPages
from lucca_sync.ingest.patience import Patience
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.lucca.access import TenantAccess
from lucca_sync.lucca.client import LuccaClient
from lucca_sync.lucca.endpoints import ENDPOINTS, Endpoints
from lucca_sync.lucca.feed import EVENTS
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.event import Eye
from lucca_sync.server.hints import Door
from lucca_sync.settings.model import Tenant

SCOPES: Final = (EVENTS.scope, ENDPOINTS.scope)
"""Asked for with a token of their own, so that those that are not granted trouble nobody else."""


def telling_access(tenant: Tenant, scopes: tuple[str, ...] = SCOPES) -> TenantAccess:
    """Say how a tenant is reached for what it tells of itself."""
    return replace(access_of(tenant), scopes=scopes)


def listens(tenant: Tenant) -> bool:
    """Tell whether the settings want to hear from Lucca at all."""
    return tenant.hints is not None or tenant.eyes.feed is not None


def asked_besides(tenant: Tenant) -> Iterator[str]:
    """Name what is asked for beside the watched resources: that can fail as well."""
    if listens(tenant):
        yield EVENTS.name
    if tenant.hints is not None:
        yield ENDPOINTS.name
    if tenant.legacy_key is not None and tenant.eyes.deltas:
        yield CATALOGUE["users"].name


@dataclass(frozen=True, slots=True)
class Ear:
    """What listening to one tenant takes: its name and settings, a client of its own, what eyes share."""

    name: str
    tenant: Tenant
    client: LuccaClient
    lookout: Lookout
    around: Surroundings
    listening: Listening


class TenantHints:
    """Everything that listens to one tenant."""

    def __init__(self, ear: Ear, stations: Mapping[str, Station]) -> None:
        self._ear = ear
        self._stations = stations
        self._worker = HintWorker(ear.name, dict(self._desks()), ear.lookout, ear.around.gate)
        self._feed = self._made_feed()

    def door(self) -> Door | None:
        """Return where webhooks come in, if the settings want them."""
        hints = self._ear.tenant.hints
        if hints is None:
            return None
        return Door(self._ear.name, self._ear.tenant.url, hints.secrets, self._worker.bell.ring)

    def tasks(self) -> Iterator[Task]:
        """What runs for as long as the daemon does."""
        name = self._ear.name
        yield f"hints:{name}", self._worker.run
        yield f"feed:{name}", partial(self._feed.run, self._patience(EVENTS.name, "feed"))
        if self._ear.tenant.hints is not None:
            watch = self._watch()
            patience = self._patience(ENDPOINTS.name, "hint")
            yield f"endpoint:{name}", partial(patience.keep, watch.look, watch.rest, at_once=True)

    def _desks(self) -> Iterable[tuple[str, Desk]]:
        for name, station in self._stations.items():
            yield name, Desk(station.rereader, self._patience(name, "hint"))

    def _made_feed(self) -> Feed:
        ear, every = self._ear, self._ear.tenant.eyes.feed
        pages = EventPages(replace(ear.lookout, source=ear.client), ear.tenant.url)
        abilities = Abilities(ear.lookout.journal, ResourceName(ear.name, EVENTS.name))
        listeners = Listeners(self._worker.gathered, self._alarm, ear.listening)
        return Feed(pages, abilities, listeners, every.total_seconds() if every else None)

    def _watch(self) -> EndpointWatch:
        ear, lookout = self._ear, self._ear.lookout
        return EndpointWatch(
            ear.name,
            Endpoints(ear.client),
            lookout.metrics,
            lookout.clock,
            ear.listening,
            self._feed.repair_now,
        )

    def _alarm(self) -> None:
        """Have every sweep look as soon as can be: something was not told."""
        for station in self._stations.values():
            station.watch.survey_now()

    def _patience(self, name: str, eye: Eye) -> Patience:
        around = self._ear.around
        return Patience(self._ear.lookout, ResourceName(self._ear.name, name), around.gate, around.draw, eye)
