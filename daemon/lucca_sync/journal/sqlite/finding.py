"""Deliveries as people look for them: a stretch of the store at a time, by an index where one helps."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from lucca_sync.journal.protocol import Cause, DeliveryEntry, DeliveryFilter
from lucca_sync.journal.sqlite.codes import (
    CODES,
    instant,
    maybe_instant,
    maybe_micros,
    pack_id,
    state_of,
    unpack_id,
)
from lucca_sync.journal.sqlite.deliveries import keys_of
from lucca_sync.journal.sqlite.driver import Row
from lucca_sync.journal.sqlite.events import read_business
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import OPEN_STATES, Lane, State
from lucca_sync.model.event import type_of

_SQL: Final = named_queries("finding")
_STRETCH: Final = 5000
_NO_LIMIT: Final = -1
_MANY: Final[frozenset[State]] = frozenset({"pending", "done"})
_HELD: Final = 0
_BEHIND: Final = 2


class Found(NamedTuple):
    """One delivery and when its last attempt was made."""

    entry: DeliveryEntry
    tried: datetime | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was found up to a key; `more` tells whether there is anything beyond it."""

    found: Sequence[Found]
    reached: int
    more: bool


class Finder:
    """Looks for deliveries; works on any connection."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def stretch(self, after: int, wanted: DeliveryFilter, limit: int = _NO_LIMIT) -> Stretch:
        """Look through one stretch of deliveries beyond a key, or until so many are found in it."""
        if wanted.event_id is not None:
            return self._of_event(after, wanted, wanted.event_id)
        if wanted.states is not None and _MANY.isdisjoint(wanted.states):
            return self._apart(after, wanted, wanted.states)
        row = self._store.row(_SQL["stretch"], (after, _STRETCH))
        if row is None or row[0] is None:
            return Stretch([], after, more=False)
        return Stretch(self._between(after, row[0], wanted, limit), row[0], more=True)

    def _between(
        self, after: int, last: int, wanted: DeliveryFilter, limit: int = _NO_LIMIT
    ) -> Sequence[Found]:
        states = None if wanted.states is None else [CODES[state] for state in wanted.states]
        listed = None if states is None else msgspec.json.encode(states).decode()
        rows = self._store.rows(_SQL["between"], (after, last, listed, *_criteria(wanted), limit))
        return [_found(row) for row in rows]

    def _apart(self, after: int, wanted: DeliveryFilter, states: Iterable[State]) -> Stretch:
        codes = sorted({CODES[state] for state in states})
        keys = sorted(
            key for code in codes for (key,) in self._store.rows(_SQL["apart"], (code, after, _STRETCH))
        )[:_STRETCH]
        if not keys:
            return Stretch([], after, more=False)
        rows = (
            row
            for code in codes
            for row in self._store.rows(_SQL["apart_between"], (after, keys[-1], code, *_criteria(wanted)))
        )
        return Stretch([_found(row) for row in sorted(rows)], keys[-1], more=True)

    def _of_event(self, after: int, wanted: DeliveryFilter, event_id: str) -> Stretch:
        found: list[Found] = []
        for (position,) in self._store.rows(_SQL["positions_of"], (pack_id(event_id),)):
            first, last = keys_of(position)
            found += self._between(max(after, first - 1), last, wanted)
        return Stretch(found, after, more=False)


class Causes:
    """Deliveries counted by lane and last reason."""

    def __init__(self) -> None:
        self._tried: defaultdict[tuple[Lane, str], list[datetime]] = defaultdict(list)
        self._count: defaultdict[tuple[Lane, str], int] = defaultdict(int)

    def add(self, found: Iterable[Found]) -> None:
        """Count those that were ever attempted."""
        for entry, tried in found:
            if tried is not None:
                why = entry.lane, entry.reason
                self._count[why] += 1
                times = self._tried[why]
                self._tried[why] = [min(tried, *times), max(tried, *times)] if times else [tried, tried]

    def listed(self) -> Sequence[Cause]:
        """Return the causes, the most frequent first."""
        causes = [
            Cause(lane, reason, count, *self._tried[lane, reason])
            for (lane, reason), count in self._count.items()
        ]
        return sorted(causes, key=lambda cause: (-cause.count, cause.lane, cause.reason))


def _criteria(wanted: DeliveryFilter) -> tuple[object, ...]:
    where = (wanted.route, wanted.connector, wanted.tenant, wanted.resource, wanted.record_id)
    event_id = None if wanted.event_id is None else pack_id(wanted.event_id)
    return (*where, event_id, wanted.reason, maybe_micros(wanted.since), maybe_micros(wanted.until))


def _found(row: Row) -> Found:
    key, route, connector, code, place, due, journaled, attempt = row[:8]
    position, event_id, _, business, singular, kind, tenant, resource, record_id, tried, reason, act = row[8:]
    state = state_of(code)
    name = None if business is None else read_business(business).name
    entry = DeliveryEntry(
        key=key,
        position=position,
        event_id=unpack_id(event_id),
        tenant=tenant,
        subject=f"{resource}/{record_id}",
        type=type_of(singular, kind, name),
        lane=Lane(route, connector),
        state=state,
        journaled=instant(journaled),
        due=maybe_instant(due),
        attempt=attempt,
        reason=reason,
        held=place == _HELD,
        behind=place == _BEHIND and state in OPEN_STATES,
        noted=act,
    )
    return Found(entry, maybe_instant(tried))
