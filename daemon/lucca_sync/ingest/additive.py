"""Fields that appear on all records of a page at once: the API has grown, and nobody's data has changed.

Pure. Lucca may add properties without notice (/documentation/breaking-changes); such a field is learned
silently. A field that appears on some records is a change like any other.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from lucca_sync.model.event import FieldChange
from lucca_sync.model.pointer import key_of, segment
from lucca_sync.model.values import Json, JsonObject

_FEWEST: Final = 10


def are_all(changed: int, records: int) -> bool:
    """Tell whether all of a page's records changed, and are enough to say that it was the API that grew.

    Fewer would do if empty fields were never left out; as they might be, a field that appears on some records
    may have been filled in by people.
    """
    return changed >= max(_FEWEST, records)


def grown_fields(pairs: Iterable[tuple[JsonObject, JsonObject]], records: int) -> frozenset[str]:
    """Return the fields (JSON Pointers) that are new on all of a page's `records` that were known before.

    `pairs` are the records that look different: before and after.
    """
    counts = Counter(field for before, after in pairs for field in _new_fields(before, after, ""))
    return frozenset(field for field, count in counts.items() if are_all(count, records))


def unseen(grown: Collection[str], before: JsonObject) -> frozenset[str]:
    """Return those of the fields that a record did not show before: once it does, a change of one counts."""
    return frozenset(field for field in grown if not _shows(before, field.split("/")[1:]))


def _shows(value: Json, path: Sequence[str]) -> bool:
    for part in path:
        key = key_of(part)
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True


def told_by_data(changes: Sequence[FieldChange], grown: Collection[str]) -> tuple[FieldChange, ...]:
    """Leave out the changes that only say that the API has grown."""
    return tuple(
        change
        for change in changes
        if not any(change.path == field or change.path.startswith(f"{field}/") for field in grown)
    )


def _new_fields(before: JsonObject, after: JsonObject, above: str) -> Iterator[str]:
    for key, value in after.items():
        path = f"{above}/{segment(key)}"
        if key not in before:
            yield path
        elif isinstance(value, dict) and isinstance(former := before[key], dict):
            yield from _new_fields(former, value, path)
