"""Ways to write the same record differently: fields gone, arrays turned, numbers as floats."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeGuard

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.organisation import Department
from lucca_sync.simulator.world.row import Record

_ALL = "*"


class Oddities:
    """Knows what is odd about each resource, and how often it was asked."""

    def __init__(
        self,
        vanishing: Mapping[str, frozenset[str]],
        nulled: Mapping[str, frozenset[str]],
        reordered: frozenset[str],
        reformatted: frozenset[str],
        *,
        restless: bool,
    ) -> None:
        self._vanishing = vanishing
        self._nulled = nulled
        self._reordered = reordered
        self._reformatted = reformatted
        self._restless = restless
        self._turns = 0
        self._writers: Mapping[str, Callable[[Record, View], View]] = {
            "vanishing": self._vanish,
            "nulled": self._null,
            "reordered": self._reorder,
            "reformatted": self._reformat,
            "restless_order": self._shuffle,
        }

    @property
    def are_restless(self) -> bool:
        """Whether an answer depends on how often somebody has asked."""
        return bool(self._reordered or self._reformatted or self._restless)

    def turn(self) -> None:
        """Count one more answer."""
        self._turns += 1

    def of(self, resource: str) -> Iterator[str]:
        """Name what is odd about a resource."""
        if resource in self._vanishing:
            yield "vanishing"
        if resource in self._nulled:
            yield "nulled"
        if self._reordered & {resource, _ALL}:
            yield "reordered"
        if self._reformatted & {resource, _ALL}:
            yield "reformatted"
        if self._restless and resource == Department.resource:
            yield "restless_order"

    def write(self, name: str, record: Record, view: View) -> View:
        """Return a view with one of the oddities."""
        return self._writers[name](record, view)

    def _vanish(self, record: Record, view: View) -> View:
        gone = self._vanishing[record.resource]
        return {name: value for name, value in view.items() if name not in gone}

    def _null(self, record: Record, view: View) -> View:
        return {**view, **dict.fromkeys(self._nulled[record.resource])}

    def _reorder(self, record: Record, view: View) -> View:
        del record
        return {name: self._turned(value) for name, value in view.items()}

    def _turned(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {name: self._turned(item) for name, item in value.items()}
        if isinstance(value, list) and len(value) > 1 and all(_has_id(item) for item in value):
            by = self._turns % len(value)
            return [*value[by:], *value[:by]]
        return value

    def _reformat(self, record: Record, view: View) -> View:
        del record
        if self._turns % 2:
            return {name: _as_floats(value) for name, value in view.items()}
        return {name: _as_integers(value) for name, value in view.items()}

    def _shuffle(self, record: Record, view: View) -> View:
        order = view.get("sortOrder")
        return {**view, "sortOrder": order + (record.id + self._turns) % 3} if _is_whole(order) else view


def _has_id(value: Json) -> bool:
    return isinstance(value, dict) and "id" in value


def _is_whole(value: Json) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _as_floats(value: Json) -> Json:
    """Write 1 as 1.0, at any depth."""
    if isinstance(value, dict):
        return {name: _as_floats(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_floats(item) for item in value]
    return float(value) if _is_whole(value) else value


def _as_integers(value: Json) -> Json:
    """Write 1.0 as 1, at any depth."""
    if isinstance(value, dict):
        return {name: _as_integers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_integers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
