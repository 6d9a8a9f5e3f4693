"""Lists of events, endpoints, deliveries and attempts: the same pages as any list of the tenant."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol
from urllib.parse import quote, urlencode
from zlib import crc32

from lucca_sync.simulator.answers.catalogue import Resource
from lucca_sync.simulator.answers.conditions import OneOf
from lucca_sync.simulator.answers.pages import Address, Page
from lucca_sync.simulator.answers.query import Query
from lucca_sync.simulator.answers.tokens import BACKWARD, FORWARD, PageTokens, Start
from lucca_sync.simulator.options import EventsOrder
from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.records import Records


class Listed(Protocol):
    """Anything that can stand in one of these lists."""

    @property
    def id(self) -> int:
        """Its number."""
        ...

    def view(self, base: str) -> View:
        """Return it as the API shows it, without links."""
        ...

    def links(self, base: str) -> View | None:
        """Return its links."""
        ...

    def facets(self) -> View:
        """Return what lists can be filtered by."""
        ...


LISTS: Mapping[str, Resource] = {
    "events": Resource(
        "events", {"status": OneOf("status", frozenset({"scheduled", "delivered", "failed"}))}, read_only=True
    ),
    "webhook-endpoints": Resource(
        "webhook-endpoints",
        {
            "status": OneOf("status", frozenset({"active", "suspended", "inactive"})),
            "application.id": OneOf("application.id"),
        },
    ),
    "webhook-deliveries": Resource(
        "webhook-deliveries",
        {"status": OneOf("status", frozenset({"delivered", "undelivered", "failed"}))},
    ),
    "webhook-delivery-attempts": Resource(
        "webhook-delivery-attempts",
        {"webhookDelivery.id": OneOf("webhookDelivery.id")},
        covered_by="webhook-deliveries",
    ),
}
PUSH_SCOPES = frozenset(scope for resource in LISTS.values() for scope in resource.scopes)
_KEYS: Mapping[EventsOrder, Callable[[int], int]] = {
    "oldest-first": lambda number: number,
    "newest-first": lambda number: -number,
    "unordered": lambda number: crc32(str(number).encode()),
}
# The conditions look at what they are given; only those about other records need records.
_NOTHING = Records()


@dataclass(frozen=True)
class Shelf:
    """All things of one kind, in the order in which their list shows them."""

    kept: Mapping[int, Listed]
    facets: Callable[[Listed], View]
    """What a thing can be filtered by."""
    order: EventsOrder = "oldest-first"


class Listing:
    """Answers one query for a list."""

    def __init__(self, shelf: Shelf, query: Query, tokens: PageTokens, at: Address) -> None:
        self._shelf = shelf
        self._query = query
        self._tokens = tokens
        self._at = at
        self._key = _KEYS[shelf.order]
        self._numbers = sorted(shelf.kept, key=self._key)

    def page(self) -> Page:
        """Return the page that is asked for."""
        start = self._tokens.read(self._query.page, self._query.sorts, self._query.limit)
        fitting = islice(self._fitting(self._walk(start)), start.skip, None)
        found = list(islice(fitting, self._query.limit + 1)) if self._query.limit else []
        more = len(found) > self._query.limit
        shown = found[: self._query.limit]
        if start.backwards:
            shown.reverse()
        document: View = {
            "type": self._query.resource.name,
            "url": self._at.full,
            "items": [self.item(thing) for thing in shown],
        }
        if "totalCount" in self._query.includes:
            document["totalCount"] = sum(1 for _ in self._fitting(iter(self._numbers)))
        if "links" in self._query.includes:
            document["links"] = self._links(start, shown, more=more)
        if "embedded" in self._query.includes:
            document["embedded"] = {}
        return Page.of(document)

    def item(self, thing: Listed) -> View:
        """Return one thing as the list shows it."""
        base = self._at.base
        view = thing.view(base)
        return {**view, "links": thing.links(base)} if "links" in self._query.includes else view

    def _walk(self, start: Start) -> Iterator[int]:
        if start.place is None:
            return iter(self._numbers)
        number = start.place[-1]
        key = self._key(number if isinstance(number, int) else 0)
        if start.backwards:
            return reversed(self._numbers[: bisect_left(self._numbers, key, key=self._key)])
        return iter(self._numbers[bisect_right(self._numbers, key, key=self._key) :])

    def _fitting(self, numbers: Iterator[int]) -> Iterator[Listed]:
        for number in numbers:
            thing = self._shelf.kept[number]
            facets = self._shelf.facets(thing) if self._query.conditions else {}
            if all(condition.holds(_NOTHING, facets) for condition in self._query.conditions):
                yield thing

    def _links(self, start: Start, shown: Sequence[Listed], *, more: bool) -> View:
        links: View = {"prev": None, "next": None}
        is_first = start.place is None and not start.skip
        if shown and (more if start.backwards else not is_first):
            links["prev"] = self._link(BACKWARD, shown[0])
        if shown and (more or start.backwards):
            links["next"] = self._link(FORWARD, shown[-1])
        return links

    def _link(self, direction: str, thing: Listed) -> Json:
        token = self._tokens.write(direction, self._query.sorts, (thing.id, thing.id))
        kept = [(name, value) for name, value in self._query.parameters if name not in ("include", "page")]
        text = urlencode([*kept, ("page", token)], quote_via=quote, safe="!.,:~")
        return {"href": f"{self._at.base}{self._at.path}?{text}"}
