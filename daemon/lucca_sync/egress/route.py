"""Which events travel along which lanes. Pure: asked for every event inside the journal's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from lucca_sync.egress.leaves_v2 import SHAPED, Shape, in_old_shape
from lucca_sync.egress.transform import cut, tells_something
from lucca_sync.kit.expression import CompiledExpression, ExpressionMisfit
from lucca_sync.model.catalogue import CATALOGUE, described
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import KINDS, Event, Kind
from lucca_sync.model.values import JsonObject

Answer: TypeAlias = Literal["yes", "no", "unclear"]
"""Whether a route asks for an event; `unclear` when its condition fails on this event's values."""

_ALL_KINDS: Final[frozenset[Kind]] = frozenset(KINDS)


@dataclass(frozen=True, slots=True)
class Route:
    """What a route asks for, what it may show, and where it leads.

    `resources` None means every resource of the catalogue: what only the settings name may hold anything,
    and leaves by its name alone. `tenants` None means every tenant. `when` is a JMESPath over the event's
    data (`record`, `previous`, `changes`), uncut. `fields` None means all but the sensitive ones.
    `connectors` are names from the YAML. `shape` asks for a payload of former times.
    """

    name: str
    resources: frozenset[str] | None
    connectors: tuple[str, ...]
    tenants: frozenset[str] | None = None
    kinds: frozenset[Kind] = _ALL_KINDS
    when: CompiledExpression | None = None
    fields: frozenset[str] | None = None
    shape: Shape | None = None

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The route towards each of its connectors."""
        return tuple(Lane(self.name, connector) for connector in self.connectors)

    def asks_for(self, event: Event) -> Answer:
        """Tell whether the event is for this route."""
        if (
            event.resource not in (CATALOGUE if self.resources is None else self.resources)
            or event.kind not in self.kinds
            or (self.tenants is not None and event.tenant not in self.tenants)
            or not self._tells_something(event)
        ):
            return "no"
        return "yes" if self.when is None else _evaluate(self.when, event)

    def shown(self, event: Event, owner: JsonObject | None = None) -> Event:
        """Return what of an event may leave, in the shape that is asked for.

        `owner` is the user whom an event about an absence concerns, where that shape holds any of them.
        """
        shown = cut(event, self.fields, described(event.resource))
        return in_old_shape(shown, owner) if self._reshapes(event) else shown

    def _reshapes(self, event: Event) -> bool:
        return self.shape is not None and event.resource == SHAPED

    def _tells_something(self, event: Event) -> bool:
        """Tell whether there is news in what would be shown; what an old shape leaves out is none."""
        if not tells_something(event, self.fields, described(event.resource)):
            return False
        return event.kind != "updated" or not self._reshapes(event) or bool(self.shown(event).changes)


class Router:
    """All routes, arranged so that an event meets only those of its resource."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [(route, route.lanes) for route in routes]
        self._by_resource: dict[str, list[tuple[Route, tuple[Lane, ...]]]] = {}

    def lanes(self, event: Event) -> tuple[Lane, ...]:
        """Return every lane that gets the event.

        A route whose condition fails on the event counts as asking for it, so that nothing is lost; it is
        asked again before the event is handed out, and what is unclear then becomes a visible dead letter.
        """
        return tuple(
            lane
            for route, lanes in self._concerned(event.resource)
            if route.asks_for(event) != "no"
            for lane in lanes
        )

    def _concerned(self, resource: str) -> list[tuple[Route, tuple[Lane, ...]]]:
        if resource not in self._by_resource:
            self._by_resource[resource] = [
                (route, lanes)
                for route, lanes in self._routes
                if resource in (CATALOGUE if route.resources is None else route.resources)
            ]
        return self._by_resource[resource]


def _evaluate(when: CompiledExpression, event: Event) -> Answer:
    try:
        return "yes" if _is_true(when.search(event.data)) else "no"
    except ExpressionMisfit:
        return "unclear"


def _is_true(value: object) -> bool:
    """JMESPath's truth: null, false and the empty string, list and object are false; zero is true."""
    return value is not None and value is not False and value not in ("", [], {})
