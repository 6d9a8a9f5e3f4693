"""Events as rows: written in the order in which they happened to the journal, read back as they were."""

from collections.abc import Sequence
from typing import Final, TypeAlias, cast

import msgspec

from lucca_sync.journal.protocol import EventEntry, EventFilter
from lucca_sync.journal.sqlite.bodies import Bodies
from lucca_sync.journal.sqlite.codes import (
    id_ranges,
    instant,
    maybe_micros,
    micros,
    pack_id,
    unpack_id,
)
from lucca_sync.journal.sqlite.deliveries import Deliveries
from lucca_sync.journal.sqlite.driver import Bindings, Row
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Business, Event, Eye, FieldChange, Kind
from lucca_sync.model.values import Json, JsonObject

_SQL: Final = named_queries("events")
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder()
_BUSINESS: Final = msgspec.json.Decoder(tuple[str, str, str | None, tuple[str, ...]])

_Contents: TypeAlias = tuple[JsonObject | None, JsonObject | None, tuple[FieldChange, ...], str]
_EMPTIED: Final[_Contents] = (None, None, (), "")


class EventReader:
    """Reads events; works on any connection."""

    def __init__(self, store: Store, bodies: Bodies) -> None:
        self._store = store
        self._bodies = bodies

    def after(self, position: int, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return up to `limit` events beyond a position, in order."""
        return [
            self.entry(row) for row in self._store.rows(_SQL["after"], (position, *_criteria(wanted), limit))
        ]

    def newest(self, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return the last `limit` events, oldest first."""
        rows = self._store.rows(_SQL["newest"], (*_criteria(wanted), limit))
        return [self.entry(row) for row in reversed(rows)]

    def find(self, beginning: str) -> EventEntry | None:
        """Return the one event with this id, or the only one whose id begins so."""
        row = self._store.row(_SQL["with_id"], (pack_id(beginning),)) or self._beginning(beginning)
        found = self._store.row(_SQL["at"], row[:1]) if row else None
        return self.entry(found) if found else None

    def _beginning(self, beginning: str) -> Row | None:
        """Return the last position of the only id that begins so."""
        spans = [self._store.row(_SQL["beginning_with"], span) for span in id_ranges(beginning)]
        found = [span for span in spans if span is not None and span[0] is not None]
        return found[0] if len(found) == 1 and found[0][1] == found[0][2] else None

    def entry(self, row: Row) -> EventEntry:
        """Make an event of the columns that `sql/events.sql` explains."""
        (position, packed_id, tenant, resource, source, singular, record_id, kind, eye) = row[:9]
        (sequence, happened, recorded, employee, business, emptied, dictionary, body) = row[9:]
        contents = _EMPTIED if emptied else _unpacked(self._bodies.unpack(dictionary, body))
        event = Event(
            id=unpack_id(packed_id),
            tenant=tenant,
            source=source,
            resource=resource,
            singular=singular,
            record_id=record_id,
            kind=cast(Kind, kind),
            happened=instant(happened),
            recorded=instant(recorded),
            sequence=sequence,
            employee=employee,
            detected_by=cast(Eye, eye),
            record=contents[0],
            previous=contents[1],
            changes=contents[2],
            business=None if business is None else read_business(business),
            request=contents[3],
        )
        return EventEntry(position, event, bool(emptied))


class Events(EventReader):
    """Gathers the events of one transaction and writes them together, with their deliveries."""

    def __init__(self, store: Store, bodies: Bodies, deliveries: Deliveries) -> None:
        super().__init__(store, bodies)
        self._deliveries = deliveries
        self._origins: dict[Bindings, int] = {}
        self._last: int | None = None
        self._gathered: list[Bindings] = []
        store.when_in_doubt(self._forget)

    def _forget(self) -> None:
        self._origins.clear()
        self._last = None
        self._gathered.clear()

    def add(self, resource: int, record: int, event: Event, lanes: Sequence[Lane], at: int) -> None:
        """Take up an event of the record with that key, journaled `at`, with a delivery for each lane."""
        position = self._next_position()
        packed = self._bodies.pack(resource, _packed(event))
        undone = self._deliveries.add(position, record, lanes, at)
        self._gathered.append(
            (
                position,
                pack_id(event.id),
                self._origin((resource, event.source, event.singular, event.kind, event.detected_by)),
                record,
                event.sequence,
                micros(event.happened),
                micros(event.recorded),
                event.employee,
                undone,
                None if event.business is None else _written(event.business),
                *packed,
            )
        )

    def flush(self) -> None:
        """Write what was taken up; the records it belongs to must be there by now."""
        if self._gathered:
            self._store.run_each(_SQL["add"], self._gathered)
            self._gathered.clear()
            self._deliveries.flush()
        self._last = None  # before the next transaction another process may journal something

    def _next_position(self) -> int:
        last = self._last
        if last is None:
            row = self._store.row(_SQL["last_position"])
            last = int(row[0]) if row else 0
        self._last = last + 1
        return self._last

    def _origin(self, what: Bindings) -> int:
        key = self._origins.get(what)
        if key is None:
            row = self._store.row(_SQL["origin"], what)
            if row is None:
                self._store.run(_SQL["add_origin"], what)
                return self._origin(what)
            key = self._origins[what] = row[0]
        return key


def _criteria(wanted: EventFilter) -> tuple[str | int | None, ...]:
    what = (wanted.tenant, wanted.resource, wanted.record_id, wanted.kind)
    return (*what, maybe_micros(wanted.since), maybe_micros(wanted.until))


def _packed(event: Event) -> bytes:
    changes = [(change.path, change.before, change.after) for change in event.changes]
    return _ENCODER.encode((event.record, event.previous, changes, event.request))


def _unpacked(body: bytes) -> _Contents:
    """Read what `_packed` wrote, also before events knew of requests."""
    record, previous, changes, *request = cast(
        tuple[JsonObject | None, JsonObject | None, list[tuple[str, Json, Json]], str], _DECODER.decode(body)
    )
    return record, previous, tuple(FieldChange(*change) for change in changes), "".join(request)


def _written(business: Business) -> str:
    return _ENCODER.encode((business.name, business.of, business.on, business.because)).decode()


def read_business(written: str) -> Business:
    """Read what an event means for somebody."""
    return Business(*_BUSINESS.decode(written))
