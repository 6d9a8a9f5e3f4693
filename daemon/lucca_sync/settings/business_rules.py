"""Rules about business events that span sections: names in routes, resources behind events. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, cast

from lucca_sync.kit.expression import CompiledExpression
from lucca_sync.model.business import INDIRECT, PHASES, RULES, choices
from lucca_sync.model.catalogue import CATALOGUE, described
from lucca_sync.model.event import KINDS
from lucca_sync.settings.problems import Finding, KeyPath, did_you_mean

_RECORDS: Final = ("record", "previous", "next", "changes")
"""What an expression over an event of one's own finds records in."""
_ANY: Final = "any field of the record"
_OURS: Final = frozenset(choices(RULES))


def unknown_types(path: KeyPath, types: Sequence[object], own: Collection[str]) -> Iterator[Finding]:
    """Yield what a route asks for and nobody tells."""
    known = {*KINDS, *_OURS, *(f"{name}{end}" for name in own for end in _ends())}
    for index, name in enumerate(types):
        if isinstance(name, str) and name.strip() and name not in known:
            message = f"neither a kind of change nor a business event{did_you_mean(name, known)}"
            yield Finding((*path, "types", index), message)


def about_own_events(
    events: Mapping[str, Mapping[str, object]], watched: AbstractSet[str]
) -> Iterator[Finding]:
    """Yield what is wrong with events that the settings define."""
    known = watched | CATALOGUE.keys()
    for name, event in events.items():
        place, resource = ("business", "events", name, "resource"), event.get("resource")
        if not isinstance(resource, str):
            continue
        if resource not in known:
            yield Finding(place, f"unknown resource{did_you_mean(resource, known)}")
        elif described(resource).employee is None and resource not in INDIRECT:
            yield Finding(place, "does not say whom it concerns: nothing can be told of a person")


def hidden_dates(
    path: KeyPath, route: Mapping[str, object], own: Mapping[str, Mapping[str, object]]
) -> Iterator[Finding]:
    """Yield where a route would show the date of an event in a field that it has no right to show."""
    named = frozenset(name for name in _sequence(route.get("fields")) if isinstance(name, str))
    for index, wanted in enumerate(_sequence(route.get("types"))):
        for name, event in own.items():
            if wanted not in [f"{name}{end}" for end in _ends()]:
                continue
            hidden = sorted(_sensitive(event) - named)
            if hidden:
                remedy = "look it up by its name" if _ANY in hidden else "name it in `fields`"
                text = f"tells a date from {' and '.join(hidden)}, which is sensitive: {remedy}"
                yield Finding((*path, "types", index), text)


def _sensitive(event: Mapping[str, object]) -> AbstractSet[str]:
    """Return the sensitive fields that the date of an event may come from."""
    resource, on = event.get("resource"), event.get("on")
    if not isinstance(resource, str) or not isinstance(on, str):
        return frozenset()
    try:
        names = CompiledExpression(on).keys_of(_RECORDS)
    except ValueError:
        return frozenset()  # that it is no expression is somebody else's finding
    there = described(resource)
    if names is None:
        return {_ANY} if there.sensitive or there.open is not None else frozenset()
    return there.hidden(names)


def own_events(data: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    """Return the events that the settings define, those that are mappings."""
    section = _mapping(data.get("business"))
    return {name: _mapping(event) for name, event in _mapping(section.get("events")).items()}


def _ends() -> tuple[str, ...]:
    return ("", ".*", *(f".{phase}" for phase in PHASES))


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()
