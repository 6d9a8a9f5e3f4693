"""Which events travel along which lanes. Pure: asked for every event inside the journal's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from lucca_sync.egress.leaves_v2 import SHAPED, Shape, in_old_shape
from lucca_sync.egress.transform import cut, tells_something
from lucca_sync.kit.expression import CompiledExpression, ExpressionMisfit
from lucca_sync.model.catalogue import CATALOGUE, described
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import KINDS, PEOPLE, Event, Kind
from lucca_sync.model.values import JsonObject

Answer: TypeAlias = Literal["yes", "no", "unclear"]
"""Whether a route asks for an event; `unclear` when its condition fails on this event's values."""

OnDead: TypeAlias = Literal["skip", "hold-subject"]
"""What follows when a delivery is given up: the subject's next goes on, or waits until a person decides."""

_ALL_KINDS: Final[frozenset[Kind]] = frozenset(KINDS)


class Verdict(NamedTuple):
    """Whether a route asks for an event, and why (not), in words for people without a record's values."""

    answer: Answer
    why: str


@dataclass(frozen=True, slots=True)
class Route:
    """What a route asks for, what it may show, and where it leads.

    `resources` None means every resource of the catalogue: what only the settings name may hold anything,
    and leaves by its name alone. `tenants` None means every tenant. `business` names business events, which
    no `resources` restrict. A snapshot is sent on purpose, so no `kinds` keep it out. `when` is a JMESPath
    over the event's data (`record`, `previous`, `changes`), uncut. `fields` None means all but the sensitive
    ones. `connectors` are names from the YAML. `shape` asks for a payload of former times.
    """

    name: str
    resources: frozenset[str] | None
    connectors: tuple[str, ...]
    tenants: frozenset[str] | None = None
    kinds: frozenset[Kind] = _ALL_KINDS
    when: CompiledExpression | None = None
    fields: frozenset[str] | None = None
    shape: Shape | None = None
    business: frozenset[str] = frozenset()
    on_dead: OnDead = "skip"

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The route towards each of its connectors."""
        return tuple(Lane(self.name, connector) for connector in self.connectors)

    def asks_for(self, event: Event) -> Answer:
        """Tell whether the event is for this route."""
        return self.judged(event).answer

    def judged(self, event: Event) -> Verdict:
        """Tell whether the event is for this route, and why."""
        if self.tenants is not None and event.tenant not in self.tenants:
            return Verdict("no", f"tenant {event.tenant} is not among its tenants")
        strange = self._out_of_place(event)
        if strange is not None:
            return strange
        if not self._tells_something(event):
            return Verdict("no", "nothing that it shows has changed")
        if self.when is None:
            return Verdict("yes", "it asks for this type")
        return _ANSWERS[_evaluate(self.when, event)]

    def _out_of_place(self, event: Event) -> Verdict | None:
        """Return why the event's type or resource keeps it out; None when neither does."""
        if event.business is not None:
            if event.business.name in self.business:
                return None
            return Verdict("no", f"{event.business.name} is not among its types")
        if not _takes(self, event.resource):
            return Verdict("no", f"{event.resource} is not among its resources")
        if event.kind != "snapshot" and event.kind not in self.kinds:
            return Verdict("no", f"{event.kind} is not among its types")
        return None

    def shown(self, event: Event, owner: JsonObject | None = None) -> Event:
        """Return what of an event may leave, in the shape that is asked for.

        `owner` is the user whom an event about an absence concerns, where that shape holds any of them.
        """
        shown = cut(event, self.fields, described(event.carries))
        return in_old_shape(shown, owner) if self._reshapes(event) else shown

    def _reshapes(self, event: Event) -> bool:
        return self.shape is not None and event.resource == SHAPED

    def _tells_something(self, event: Event) -> bool:
        """Tell whether there is news in what would be shown; what an old shape leaves out is none."""
        if not tells_something(event, self.fields, described(event.carries)):
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
                if (route.business if resource == PEOPLE else _takes(route, resource))
            ]
        return self._by_resource[resource]


_ANSWERS: Final[dict[Answer, Verdict]] = {
    "yes": Verdict("yes", "its condition (`when`) holds"),
    "no": Verdict("no", "its condition (`when`) is false"),
    "unclear": Verdict("unclear", "its condition (`when`) fails on this event's values"),
}


def _takes(route: Route, resource: str) -> bool:
    return resource in (CATALOGUE if route.resources is None else route.resources)


def _evaluate(when: CompiledExpression, event: Event) -> Answer:
    try:
        return "yes" if _is_true(when.search(event.data)) else "no"
    except ExpressionMisfit:
        return "unclear"


def _is_true(value: object) -> bool:
    """JMESPath's truth: null, false and the empty string, list and object are false; zero is true."""
    return value is not None and value is not False and value not in ("", [], {})
