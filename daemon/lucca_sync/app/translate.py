"""From the settings' words to the objects that the daemon's parts work with. Builds nothing that runs."""

from collections.abc import Iterator, Mapping

import structlog

from lucca_sync.connector import Surroundings
from lucca_sync.egress.route import Route
from lucca_sync.ingest.guard import Threshold
from lucca_sync.ingest.source import Watched
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.kit.clock import Clock
from lucca_sync.lucca.access import TenantAccess
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.settings.model import ResourceSettings, Settings, Tenant


def routes_of(settings: Settings) -> list[Route]:
    """Turn the settings' routes into those that egress works with."""
    return [
        Route(
            name=name,
            resources=frozenset(route.resources),
            connectors=route.to,
            tenants=None if route.tenants is None else frozenset(route.tenants),
            kinds=frozenset(route.types),
            when=route.when,
            fields=None if route.fields is None else frozenset(route.fields),
        )
        for name, route in settings.routes.items()
    ]


def access_of(tenant: Tenant) -> TenantAccess:
    """Say how a tenant is reached and which scopes its resources take."""
    scopes = tuple(CATALOGUE[name].scope for name in tenant.resources)
    return TenantAccess(tenant.url, tenant.token_url, tenant.client_id, tenant.secret, scopes)


def watched_of(tenant_name: str, tenant: Tenant) -> Iterator[Watched]:
    """Say how each resource of a tenant is to be watched."""
    for name, wanted in tenant.resources.items():
        yield Watched(
            name=ResourceName(tenant_name, name),
            resource=CATALOGUE[name],
            source_url=tenant.url,
            every=wanted.every.total_seconds(),
            snapshot_baseline=wanted.baseline == "snapshot",
            deletions=Threshold(wanted.brake.deletions.count, wanted.brake.deletions.share),
            volatile=wanted.volatile,
            filters=filters_of(wanted),
        )


def filters_of(wanted: ResourceSettings) -> Mapping[str, str]:
    """Say which records of a resource are asked for; all of them without a filter."""
    return {"definition.id": ",".join(wanted.definitions)} if wanted.definitions else {}


def surroundings_of(connector: str, clock: Clock) -> Surroundings:
    """What a connector is lent."""
    return Surroundings(
        connector, clock, structlog.get_logger("lucca_sync.connector").bind(connector=connector)
    )
