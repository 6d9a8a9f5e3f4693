"""Finds the records of one page: filtered, in order, from a place on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from lucca_sync.simulator.answers.lens import Lens
from lucca_sync.simulator.answers.order import NumberOrder, Order, Place, SortedOrder, place_of
from lucca_sync.simulator.answers.query import Query, direct_ids
from lucca_sync.simulator.answers.tokens import Start
from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.world.attributes import Attribute
from lucca_sync.simulator.world.people import Employee, Employment, JobPosition, ProbationaryPeriod
from lucca_sync.simulator.world.records import Records
from lucca_sync.simulator.world.row import Record
from lucca_sync.simulator.world.world import World


@dataclass(frozen=True)
class Found:
    """A record and how the list shows it."""

    record: Record
    view: View


@dataclass(frozen=True)
class Selection:
    """The records of one page, and where the pages beside it begin or end."""

    found: list[Found]
    following: Place | None
    preceding: Place | None


class Selector:
    """Selects pages; keeps the orders that took time to make."""

    def __init__(self, world: World, lens: Lens) -> None:
        self._world = world
        self._records = world.records
        self._lens = lens
        self._orders: dict[tuple[str, str], tuple[int, SortedOrder]] = {}

    def select(self, query: Query, start: Start, base: str) -> Selection:
        """Return one page."""
        order = self._order(query)
        walk = order.before(start.place) if start.backwards and start.place else order.after(start.place)
        fitting = islice(self._fitting(walk, query, base), start.skip, None)
        found = list(islice(fitting, query.limit + 1)) if query.limit else []
        more = len(found) > query.limit
        found = found[: query.limit]
        if start.backwards:
            found.reverse()
        return self._bounded(query, start, found, more=more)

    def count(self, query: Query, base: str) -> int:
        """Return how many records the whole list has."""
        if not query.conditions and not self._lens.leaves_out:
            return self._records.count(query.resource.name)
        return sum(1 for _ in self._fitting(self._candidates(query), query, base))

    def _bounded(self, query: Query, start: Start, found: list[Found], *, more: bool) -> Selection:
        if not found:
            return Selection(found, None, None)
        first = place_of(found[0].record, query.sorts, self._records)
        last = place_of(found[-1].record, query.sorts, self._records)
        is_first = start.place is None and not start.skip
        if start.backwards:
            return Selection(found, last, first if more else None)
        return Selection(found, last if more else None, None if is_first else first)

    def _fitting(self, walk: Iterable[Record], query: Query, base: str) -> Iterator[Found]:
        for record in walk:
            if not self._lens.lists(record):
                continue
            view = self._lens.listed_view(record, base)
            if all(condition.holds(self._records, view) for condition in query.conditions):
                yield Found(record, view)

    def _order(self, query: Query) -> Order:
        name = query.resource.name
        if direct_ids(query) is not None:
            return SortedOrder(self._records, name, query.sorts, self._candidates(query))
        if [sort.key for sort in query.sorts] == ["id"]:
            return NumberOrder(self._records, name, descending=query.sorts[0].descending)
        return self._kept_order(query)

    def _kept_order(self, query: Query) -> SortedOrder:
        name = query.resource.name
        key = (name, ",".join(map(str, query.sorts)))
        version = self._world.versions[name]
        kept = self._orders.get(key)
        if kept is None or kept[0] != version:
            order = SortedOrder(self._records, name, query.sorts, self._records.rows(name))
            self._orders[key] = kept = (version, order)
        return kept[1]

    def _candidates(self, query: Query) -> Iterable[Record]:
        """Walk through the records that may fit: all, or those that the query names."""
        named = direct_ids(query)
        if named is None:
            return self._records.rows(query.resource.name)
        owner, ids = named
        owners = (self._records.find(owner, public_id) for public_id in dict.fromkeys(ids))
        return [
            record
            for found in owners
            if found is not None
            for record in owned_by(self._records, found)
            if record.resource == query.resource.name
        ]


def owned_by(records: Records, owner: Record) -> Iterable[Record]:
    """Walk through a record and everything that hangs on it."""
    match owner:
        case Employee():
            return records.dossier(owner)
        case Employment():
            return _of_employment(records, owner)
        case _:
            return (owner,)


def _of_employment(
    records: Records, employment: Employment
) -> Iterator[Employment | JobPosition | ProbationaryPeriod | Attribute]:
    yield employment
    for number in employment.positions:
        yield records.job_positions[number]
    if employment.probation is not None:
        yield records.probationary_periods[employment.probation]
