"""What of an event a route may show: listed top-level fields, or all but the sensitive ones. Pure."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from msgspec.structs import replace

from lucca_sync.model.catalogue import Resource
from lucca_sync.model.event import Event, FieldChange
from lucca_sync.model.pointer import key_of
from lucca_sync.model.values import JsonObject

_ALWAYS: Final = frozenset({"id"})


def cut(event: Event, fields: frozenset[str] | None, resource: Resource) -> Event:
    """Return the event with only what may be shown, in record, previous and changes alike.

    `fields` None means all but what the catalogue marks sensitive. `id` always stays: the subject tells it.
    """
    return replace(
        event,
        record=_cut_record(event.record, fields, resource),
        previous=_cut_record(event.previous, fields, resource),
        changes=tuple(_shown_changes(event, fields, resource)),
    )


def tells_something(event: Event, fields: frozenset[str] | None, resource: Resource) -> bool:
    """Tell whether the event, once cut, is news: a creation, a deletion, or a change of something shown.

    The time of the last write moves with hidden changes too, so it is news only to who lists it.
    """
    if event.kind != "updated":
        return True
    bare_clock = resource.clock if fields is None else None
    return any(_field(change) != bare_clock for change in _shown_changes(event, fields, resource))


def _cut_record(
    record: JsonObject | None, fields: frozenset[str] | None, resource: Resource
) -> JsonObject | None:
    """Return a copy without what is hidden. Asked for each delivery: sets are compared, not name by name."""
    if record is None:
        return None
    hidden = _hidden(record.keys(), fields, resource)
    if not hidden:
        return dict(record)
    return {name: value for name, value in record.items() if name not in hidden}


def _hidden(names: AbstractSet[str], fields: frozenset[str] | None, resource: Resource) -> AbstractSet[str]:
    """Return those of the names that must not be shown."""
    return resource.hidden(names) if fields is None else names - fields - _ALWAYS


def _shown_changes(event: Event, fields: frozenset[str] | None, resource: Resource) -> Iterator[FieldChange]:
    for change in event.changes:
        name = _field(change)
        if name is not None and not _hidden({name}, fields, resource):
            yield change


def _field(change: FieldChange) -> str | None:
    """Return the top-level field of a change, whose path is a JSON Pointer; None for the whole record."""
    if not change.path.startswith("/"):
        return None
    return key_of(change.path.split("/", 2)[1])
