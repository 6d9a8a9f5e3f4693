"""Rules that span sections: a name used in one place must exist in another. Pure, over plain data.

They look at data and not at models, so that they can be checked beside a section that is wrong in itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from lucca_sync.settings.problems import Finding, KeyPath, did_you_mean

_DEFINED: Final = "employee-attributes"


def broken_rules(data: Mapping[str, object]) -> Iterator[Finding]:
    """Yield what doesn't hold between sections; whatever has the wrong shape is somebody else's finding."""
    for path, route in _named(data, "routes"):
        yield from _unknown(path, route, "to", data, "connectors")
        yield from _unknown(path, route, "tenants", data, "tenants")
    for path, tenant in _named(data, "tenants"):
        yield from _misplaced_definitions((*path, "resources"), _mapping(tenant.get("resources")))


def _unknown(
    path: KeyPath, route: Mapping[str, object], field: str, data: Mapping[str, object], section: str
) -> Iterator[Finding]:
    known = _mapping(data.get(section))
    for index, name in enumerate(_sequence(route.get(field))):
        if isinstance(name, str) and name not in known:
            message = f"no {section.removesuffix('s')} has this name{did_you_mean(name, known)}"
            yield Finding((*path, field, index), message)


def _misplaced_definitions(path: KeyPath, resources: Mapping[str, object]) -> Iterator[Finding]:
    for name, section in resources.items():
        if name != _DEFINED and _mapping(section).get("definitions"):
            yield Finding((*path, name, "definitions"), f"belongs to {_DEFINED} only")


def _named(data: Mapping[str, object], section: str) -> Iterator[tuple[KeyPath, Mapping[str, object]]]:
    for name, entry in _mapping(data.get(section)).items():
        yield (section, name), _mapping(entry)


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()
