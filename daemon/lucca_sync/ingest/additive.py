"""Fields that appear on a whole page of records at once: the API has grown, and nobody's data has changed.

Pure. Lucca may add properties without notice (/documentation/breaking-changes); such a field is learned
silently. A field that appears on some records is a change like any other.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from lucca_sync.model.event import FieldChange
from lucca_sync.model.pointer import key_of, segment
from lucca_sync.model.values import Json, JsonObject

_FEWEST: Final = 10
_MOST: Final = 0.8
"""Some records have the field already: another eye read them since, or they are newer than it is."""


def are_most(changed: int, records: int) -> bool:
    """Tell whether so many of a page's records changed as to say that it was the API that grew.

    Fewer would do if empty fields were never left out; as they might be, a field that appears on some records
    may have been filled in by people.
    """
    return changed >= max(_FEWEST, math.ceil(records * _MOST))


def grown_fields(pairs: Collection[tuple[JsonObject, JsonObject]], records: int) -> frozenset[str]:
    """Return the fields (JSON Pointers) that all of a page's `records` show, and most for the first time.

    `pairs` are the records that can be compared, before and after. One that lacks the field, or can't be
    compared, stands against it.
    """
    if len(pairs) < records:
        return frozenset()
    counts = Counter(field for before, after in pairs for field in _new_fields(before, after, ""))
    most = (field for field, count in counts.items() if are_most(count, records))
    return frozenset(field for field in most if not any(unseen((field,), after) for _, after in pairs))


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
