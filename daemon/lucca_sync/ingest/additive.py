"""Fields that appear on many records at once: the API has grown, and nobody's data has changed.

Pure. Lucca may add properties without notice (/documentation/breaking-changes); such a field is learned
silently. A field that appears on one record is a change like any other.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from lucca_sync.model.event import FieldChange
from lucca_sync.model.pointer import segment
from lucca_sync.model.values import JsonObject

_FEWEST: Final = 3
_SHARE: Final = 0.5


def are_many(changed: int, records: int) -> bool:
    """Tell whether so many of a page's records changed that the API may have grown."""
    return changed >= max(_FEWEST, _SHARE * records)


def grown_fields(pairs: Iterable[tuple[JsonObject, JsonObject]], records: int) -> frozenset[str]:
    """Return the fields (JSON Pointers) that are new on many of a page's `records`.

    `pairs` are the records that look different: before and after.
    """
    counts = Counter(field for before, after in pairs for field in _new_fields(before, after, ""))
    return frozenset(field for field, count in counts.items() if are_many(count, records))


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
