"""Rules that span sections: a name used in one place must exist in another. Pure, over plain data.

They look at data and not at models, so that they can be checked beside a section that is wrong in itself.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, cast

from lucca_sync.model.catalogue import CATALOGUE, default_scope, too_many_scopes
from lucca_sync.model.event import PEOPLE
from lucca_sync.settings.business_rules import about_own_events, hidden_dates, own_events, unknown_types
from lucca_sync.settings.problems import Finding, KeyPath, did_you_mean

_LEAVES: Final = "leaves"
_OLD_LEAVES: Final = "leaves-v2"
BROKEN: Final = "broken_rule"
"""How pydantic is told, which would tell each of them a second time."""
HOMES: Final[Mapping[str, Sequence[str]]] = {
    "definitions": ("employee-attributes",),
    "past": (_LEAVES, "leave-periods"),
    "future": (_LEAVES, "leave-periods"),
}
"""Settings of a resource that only some have."""
OF_STRANGERS: Final = ("path", "scope", "singular")
"""Settings of a resource that only those have which the product doesn't know."""
_OUR_OWN: Final = frozenset({"events", "webhook-endpoints", PEOPLE})
"""What the daemon asks for besides, or makes itself, under these names."""
_OTHERS: Final = "for a v5 collection that the product does not know, give its path:"


def broken_rules(data: Mapping[str, object]) -> Iterator[Finding]:
    """Yield what doesn't hold between sections; whatever has the wrong shape is somebody else's finding."""
    watched = {name for _, tenant in _named(data, "tenants") for name in _mapping(tenant.get("resources"))}
    own = own_events(data)
    yield from about_own_events(own, watched)
    for path, route in _named(data, "routes"):
        yield from _unknown_events(path, route, watched)
        yield from unknown_types(path, _sequence(route.get("types")), own)
        yield from hidden_dates(path, route, own)
        yield from _unknown(path, route, "to", data, "connectors")
        yield from _unknown(path, route, "tenants", data, "tenants")
    for path, tenant in _named(data, "tenants"):
        yield from _about_resources(path, tenant)
        yield from _about_scopes(path, tenant)
    yield from _about_hint_secrets(data)


def _unknown(
    path: KeyPath, route: Mapping[str, object], field: str, data: Mapping[str, object], section: str
) -> Iterator[Finding]:
    known = _mapping(data.get(section))
    for index, name in enumerate(_sequence(route.get(field))):
        if isinstance(name, str) and name not in known:
            message = f"no {section.removesuffix('s')} has this name{did_you_mean(name, known)}"
            yield Finding((*path, field, index), message)


def _unknown_events(
    path: KeyPath, route: Mapping[str, object], watched: AbstractSet[str]
) -> Iterator[Finding]:
    known = watched | CATALOGUE.keys()
    for index, name in enumerate(_sequence(route.get("resources"))):
        if isinstance(name, str) and name not in known:
            yield Finding((*path, "resources", index), f"unknown resource{did_you_mean(name, known)}")
    if route.get("shape") == _OLD_LEAVES and list(_sequence(route.get("resources"))) != [_LEAVES]:
        yield Finding((*path, "shape"), f"belongs to routes with resources: [{_LEAVES}] only")


def _about_resources(path: KeyPath, tenant: Mapping[str, object]) -> Iterator[Finding]:
    has_key = bool(tenant.get("legacy_api_key") or tenant.get("legacy_api_key_file"))
    for name, entry in _mapping(tenant.get("resources")).items():
        section, place = _mapping(entry), (*path, "resources", name)
        if name in CATALOGUE:
            if CATALOGUE[name].api == "v3" and not has_key:
                yield Finding(place, "needs legacy_api_key or legacy_api_key_file", at_key=True)
        elif name in _OUR_OWN:
            yield Finding(
                place, "this name has a meaning of its own in events and metrics: take another", at_key=True
            )
        elif not section.get("path"):
            guess = did_you_mean(name, CATALOGUE)
            text = f"unknown resource{guess}" if guess else f"unknown resource; {_OTHERS}"
            yield Finding(place, text, at_key=True)
        yield from _misplaced(place, name, section)


def _misplaced(place: KeyPath, name: str, section: Mapping[str, object]) -> Iterator[Finding]:
    for field, homes in HOMES.items():
        if name not in homes and section.get(field):
            yield Finding((*place, field), f"belongs to {' and '.join(homes)} only")
    for field in OF_STRANGERS:
        if section.get(field) and name in CATALOGUE:
            yield Finding((*place, field), "belongs to resources that the product does not know")


def _about_scopes(path: KeyPath, tenant: Mapping[str, object]) -> Iterator[Finding]:
    resources = _mapping(tenant.get("resources"))
    why_not = too_many_scopes(_scope(name, _mapping(entry)) for name, entry in resources.items())
    if why_not is not None:
        yield Finding((*path, "resources"), why_not, at_key=True)


def _scope(name: str, section: Mapping[str, object]) -> str:
    if name in CATALOGUE:
        return CATALOGUE[name].scope
    return str(section.get("scope") or default_scope(str(section.get("path"))))


def _about_hint_secrets(data: Mapping[str, object]) -> Iterator[Finding]:
    """`hints register --replace` writes to the file: whatever else stood in it would be lost."""
    files = dict(_files((), data))
    named = Counter(files.values())
    for path, file in files.items():
        if path[-2:] == ("hints", "secret_file") and named[file] > 1:
            yield Finding(path, "must be a file of its own: `lucca-sync hints register` writes to it")


def _files(path: KeyPath, data: Mapping[str, object]) -> Iterator[tuple[KeyPath, str]]:
    for name, value in data.items():
        here = (*path, name)
        if name.endswith("_file") and value:
            yield here, str(value)
        yield from _files(here, _mapping(value))


def _named(data: Mapping[str, object], section: str) -> Iterator[tuple[KeyPath, Mapping[str, object]]]:
    for name, entry in _mapping(data.get(section)).items():
        yield (section, name), _mapping(entry)


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()
