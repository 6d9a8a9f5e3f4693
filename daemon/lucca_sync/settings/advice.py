"""What the settings allow and somebody probably did not mean. Pure; stops nothing."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final, cast

import jmespath

from lucca_sync.model.business import chosen, derivable
from lucca_sync.model.event import KINDS
from lucca_sync.settings.model import Route, Settings, Tenant
from lucca_sync.settings.pace import least_requests
from lucca_sync.settings.problems import Finding, KeyPath

LUCCAS_LIMIT: Final = 50
"""Requests a minute that Lucca grants a whole tenant (its documentation, "Limits")."""

_IN_AN_EVENT: Final = frozenset({"record", "previous", "changes"})
_IN_A_BUSINESS_EVENT: Final = _IN_AN_EVENT | {"on", "because"}
_BEFORE_ONE: Final = _IN_AN_EVENT | {"earlier", "next", "anew"}
_FIRST_ONLY: Final = frozenset(
    {"subexpression", "index_expression", "projection", "value_projection", "filter_projection", "pipe"}
)
"""JMESPath nodes that apply the rest of their children to what the first one found."""


def advice(settings: Settings) -> Iterator[Finding]:
    """Yield warnings, each at the setting that causes it."""
    for name, tenant in settings.tenants.items():
        yield from _about_requests(name, tenant)
    yield from _about_connectors(settings)
    for name, route in settings.routes.items():
        yield from _about_resources(name, route, settings)
        yield from _about_condition(name, route)
        yield from _about_types(name, route, settings)
    yield from _about_own_events(settings)
    yield from _about_overlaps(settings.routes)
    yield from _about_server(settings)


def _about_requests(name: str, tenant: Tenant) -> Iterator[Finding]:
    place, share, least = ("tenants", name), tenant.requests_per_minute, least_requests(tenant)
    if share > LUCCAS_LIMIT:
        text = f"Lucca grants a tenant {LUCCAS_LIMIT} requests a minute, all its integrations together"
        yield Finding((*place, "requests_per_minute"), text)
    if least > share:
        text = f"these periods take at least {least:.3g} requests a minute, more than requests_per_minute"
        yield Finding((*place, "resources"), f"{text}: looks will come late", at_key=True)


def _about_connectors(settings: Settings) -> Iterator[Finding]:
    used = {connector for route in settings.routes.values() for connector in route.to}
    for name in settings.connectors.keys() - used:
        yield Finding(("connectors", name), "no route leads here", at_key=True)
    if not settings.routes:
        yield Finding((), "there is no route: events are journaled and delivered to nobody")


def _about_resources(name: str, route: Route, settings: Settings) -> Iterator[Finding]:
    if route.resources is None:
        return
    tenants = (settings.tenants[tenant] for tenant in route.tenants or settings.tenants)
    watched = {resource for tenant in tenants for resource in tenant.resources}
    for index, resource in enumerate(route.resources):
        if resource not in watched:
            yield Finding(("routes", name, "resources", index), "no tenant of this route watches it")


def _about_condition(name: str, route: Route) -> Iterator[Finding]:
    if route.when is not None:
        known = _IN_A_BUSINESS_EVENT if chosen(route.types) else _IN_AN_EVENT
        yield from _about_expression(("routes", name, "when"), route.when.source, known)


def _about_expression(place: KeyPath, source: str, known: frozenset[str]) -> Iterator[Finding]:
    tree = cast("Mapping[str, Any]", jmespath.compile(source).parsed)
    if not known.issuperset(_asked_of_the_event(tree)):
        text = "an event has `record`, `previous` and `changes`; this asks it for something else"
        yield Finding(place, f"{text} (text stands in single quotes)")
    if any(_negates_too_little(node) for node in _nodes(tree)):
        yield Finding(place, "`!a.b` is read as `(!a).b`: write `!(a.b)`")


def _negates_too_little(node: Mapping[str, Any]) -> bool:
    return bool(node["type"] == "subexpression" and node["children"][0]["type"] == "not_expression")


def _nodes(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield tree
    for child in tree["children"]:
        if isinstance(child, Mapping):
            yield from _nodes(cast("Mapping[str, Any]", child))


def _about_types(name: str, route: Route, settings: Settings) -> Iterator[Finding]:
    """Say which business events a route waits for in vain."""
    tenants = (settings.tenants[tenant] for tenant in route.tenants or settings.tenants)
    found = {one for tenant in tenants for one in derivable(settings.business.rules, tenant.resources)}
    for index, wanted in enumerate(route.types):
        names = chosen([wanted])
        if names and names.isdisjoint(found):
            text = "no tenant of this route watches a resource that tells it"
            yield Finding(("routes", name, "types", index), text)


def _about_own_events(settings: Settings) -> Iterator[Finding]:
    watched = {resource for tenant in settings.tenants.values() for resource in tenant.resources}
    for name, event in settings.business.events.items():
        place = ("business", "events", name)
        if event.resource not in watched:
            yield Finding((*place, "resource"), "no tenant watches it")
        for field in ("when", "on"):
            if (expression := getattr(event, field)) is not None:
                yield from _about_expression((*place, field), expression.source, _BEFORE_ONE)


def _asked_of_the_event(tree: Mapping[str, Any]) -> Iterator[str]:
    """The names that an expression looks up in the event itself, not in what it found there."""
    if tree["type"] == "field":
        yield tree["value"]
    if tree["type"] == "expref":
        return
    for child in tree["children"][: 1 if tree["type"] in _FIRST_ONLY else None]:
        yield from _asked_of_the_event(child)


def _about_overlaps(routes: Mapping[str, Route]) -> Iterator[Finding]:
    for (first, one), (second, other) in combinations(routes.items(), 2):
        if _overlap(one, other):
            text = f"the connector gets some events twice: route {first} leads there as well"
            yield from (Finding(("routes", second, "to", at), text) for at in _shared(one, other))


def _shared(one: Route, other: Route) -> Iterator[int]:
    return (index for index, connector in enumerate(other.to) if connector in one.to)


def _overlap(one: Route, other: Route) -> bool:
    """Whether an event may travel along both; two conditions that differ are taken to exclude each other."""
    if one.when and other.when and one.when.source != other.when.source:
        return False
    tenants = not one.tenants or not other.tenants or not set(one.tenants).isdisjoint(other.tenants)
    resources = (
        one.resources is None or other.resources is None or not set(one.resources).isdisjoint(other.resources)
    )
    raw = resources and not set(one.types).isdisjoint({*other.types} & {*KINDS})
    return tenants and (raw or not chosen(one.types).isdisjoint(chosen(other.types)))


def _about_server(settings: Settings) -> Iterator[Finding]:
    for name in ("admin_token", "admin_token_file"):
        if getattr(settings.server, name) is not None:
            yield Finding(("server", name), "no effect yet: the admin API comes with a later version")
