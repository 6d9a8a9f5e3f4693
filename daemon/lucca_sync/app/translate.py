"""From the settings' words to the objects that the daemon's parts work with. Builds nothing that runs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import structlog

from lucca_sync.connector import Surroundings
from lucca_sync.egress.route import Route
from lucca_sync.ingest.guard import Threshold
from lucca_sync.ingest.leaves import LEAVES, PERIODS, Span, everybodys
from lucca_sync.ingest.source import Watched, Window
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.kit.clock import Clock
from lucca_sync.lucca.access import TenantAccess
from lucca_sync.model.business import chosen
from lucca_sync.model.catalogue import Resource, default_scope, described
from lucca_sync.model.event import KINDS
from lucca_sync.settings.model import ResourceSettings, Tenant
from lucca_sync.settings.model import Route as RouteSettings
from lucca_sync.settings.pace import newcomers_every


def routes_of(sections: Mapping[str, RouteSettings]) -> list[Route]:
    """Turn the settings' routes into those that egress works with."""
    return [
        Route(
            name=name,
            resources=None if route.resources is None else frozenset(route.resources),
            connectors=route.to,
            tenants=None if route.tenants is None else frozenset(route.tenants),
            kinds=frozenset(kind for kind in KINDS if kind in route.types),
            business=chosen(route.types),
            when=route.when,
            fields=None if route.fields is None else frozenset(route.fields),
            shape=route.shape,
            on_dead=route.on_dead,
        )
        for name, route in sections.items()
    ]


def access_of(tenant: Tenant) -> TenantAccess:
    """Say how a tenant is reached and which scopes its resources take."""
    resources = (resource_of(name, wanted) for name, wanted in tenant.resources.items())
    scopes = tuple(resource.scope for resource in resources if resource.api == "v5")
    return TenantAccess(
        tenant.url, tenant.token_url, tenant.client_id, tenant.secret, scopes, tenant.legacy_key
    )


def watched_of(tenant_name: str, tenant: Tenant) -> Iterator[Watched]:
    """Say how each resource of a tenant is to be watched."""
    for name, wanted in tenant.resources.items():
        yield Watched(
            name=ResourceName(tenant_name, name),
            resource=resource_of(name, wanted),
            source_url=tenant.url,
            every=wanted.every.total_seconds(),
            snapshot_baseline=wanted.baseline == "snapshot",
            deletions=Threshold(wanted.brake.deletions.count, wanted.brake.deletions.share),
            changes=Threshold(wanted.brake.changes.count, wanted.brake.changes.share),
            head=_seconds(newcomers_every(tenant, wanted)),
            count=_seconds(tenant.eyes.count),
            stable=tenant.eyes.stable_pages,
            gaps=tenant.eyes.gaps,
            survey=tenant.eyes.survey.total_seconds(),
            deltas=tenant.eyes.deltas,
            window=_window(wanted),
            volatile=wanted.volatile,
            filters=filters_of(wanted),
        )


def resource_of(name: str, wanted: ResourceSettings) -> Resource:
    """Describe a resource: what is known of it, and what the settings say otherwise."""
    known = described(name)
    if wanted.path is not None:
        scope = wanted.scope or default_scope(wanted.path)
        known = replace(known, path=wanted.path, scope=scope, singular=wanted.singular or name)
    return known if wanted.quiet is None else replace(known, quiet=wanted.quiet)


def _window(wanted: ResourceSettings) -> Window:
    default = Window()
    return Window(wanted.past or default.past, wanted.future or default.future)


def probed_resources(tenant: Tenant) -> Iterator[Resource]:
    """Return where to find out what the documentation leaves open: one list of people, and attributes."""
    names = [name for name in ("employees", "employments", "job-positions") if name in tenant.resources]
    for name in (*names[:1], "employee-attributes"):
        if name in tenant.resources:
            yield resource_of(name, tenant.resources[name])


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def filters_of(wanted: ResourceSettings) -> Mapping[str, str]:
    """Say which records of a resource are asked for; all of them without a filter."""
    return {"definition.id": ",".join(wanted.definitions)} if wanted.definitions else {}


def absences_of(resource: Resource, wanted: ResourceSettings, clock: Clock) -> Mapping[str, str]:
    """Say which absences a list must be asked for, as it refuses to show all; nothing of other resources."""
    if resource.name not in {LEAVES, PERIODS}:
        return {}
    return everybodys(Span(*_window(wanted).span(clock.now())))


def surroundings_of(connector: str, clock: Clock) -> Surroundings:
    """What a connector is lent."""
    return Surroundings(
        connector, clock, structlog.get_logger("lucca_sync.connector").bind(connector=connector)
    )
