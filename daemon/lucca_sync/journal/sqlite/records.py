"""The records of a resource as rows, and how a transaction's work on them is gathered and written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from lucca_sync.journal.protocol import Known, Write
from lucca_sync.journal.rules import check_sequence, in_order
from lucca_sync.journal.sqlite.bodies import PLAIN, Bodies
from lucca_sync.journal.sqlite.codes import LAST_CHARACTER
from lucca_sync.journal.sqlite.driver import Bindings, Row
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store

MISSING: Final = -1
"""In place of a slot: the record lives, but no page shows it any more."""
APART: Final = -2
"""In place of a slot: no page shows the record, but it was read alone since the last complete sweep."""

_SQL: Final = named_queries("records")


@dataclass(slots=True)
class Standing:
    """Where a record stands while a transaction works on it; the schema explains `slot` and `held`."""

    key: int
    slot: int | None
    held: int
    sequence: int
    living: bool
    new: bool = False

    def shown(self, slot: int) -> None:
        """Note that one more page shows the record."""
        self.slot = slot
        self.held += 1

    def unshown(self, slot: int) -> None:
        """Note that a page shows the record no longer: it is missing when that was the last one."""
        self.held -= 1
        if not self.living or (self.held and self.slot == slot):
            self.slot = None
        elif not self.held:
            self.slot = MISSING

    def written(self, write: Write) -> None:
        """Take over a write that continues the record's history; any other raises StoreError."""
        check_sequence(write, self.sequence)
        self.sequence = write.sequence
        self.living = write.content is not None
        if not self.living:
            self.slot = None
        elif not self.held:
            self.slot = APART


class Records:
    """Reads and writes the rows of one record each."""

    def __init__(self, store: Store, bodies: Bodies) -> None:
        self._store = store
        self._bodies = bodies
        self._last_key: int | None = None

    def known(self, resource: int, ids: Collection[str]) -> Mapping[str, Known]:
        """Return the snapshots of those that were ever seen."""
        rows = self._store.rows(_SQL["known"], (resource, _listed(ids)))
        return {row[0]: self._read(row) for row in rows}

    def ids(self, resource: int) -> Sequence[str]:
        """Return the ids of those that live, in the order that the journal promises."""
        return in_order(row[0] for row in self._store.rows(_SQL["ids"], (resource,)))

    def scan(self, resource: int, after: str | None, limit: int) -> Sequence[Known]:
        """Return up to `limit` of those that live, beyond the id `after`, in the order of the index."""
        if after is None:
            rows = self._store.rows(_SQL["scan_first"], (resource, limit))
        else:
            rows = self._store.rows(_SQL["scan_on"], (resource, after, limit))
        return [self._read(row) for row in rows]

    def beginning(self, resource: int, prefixes: Collection[str]) -> Sequence[Known]:
        """Return the living records whose ids begin with one of the prefixes."""
        rows = self._store.rows(_SQL["beginning"], (resource, LAST_CHARACTER, _listed(prefixes)))
        return [self._read(row) for row in rows]

    def missing(self, resource: int, limit: int) -> Sequence[Known]:
        """Return up to `limit` living records that no page shows, in the order of their first coming."""
        return [self._read(row) for row in self._store.rows(_SQL["missing"], (resource, limit))]

    def count_missing(self, resource: int) -> int:
        """Return how many living records no page shows."""
        row = self._store.row(_SQL["count_missing"], (resource,))
        return row[0] if row else 0

    def miss_those_apart(self, resource: int) -> None:
        """Count what was only read alone as missing again: a complete sweep did not show it."""
        self._store.run(_SQL["miss_those_apart"], (resource,))

    def revise(self, resource: int, ids: Collection[str]) -> "Revision":
        """Begin to work on some records; nothing is written before `Revision.save`."""
        return Revision(self, resource, self.standing(resource, ids))

    def standing(self, resource: int, ids: Collection[str]) -> dict[str, Standing]:
        """Return where those of some records stand that were ever seen."""
        rows = self._store.rows(_SQL["standing"], (resource, _listed(ids))) if ids else []
        return {name: Standing(*rest) for name, *rest in rows}

    def new_key(self) -> int:
        """Return a key that no record has had."""
        last = self._last_key
        if last is None:
            row = self._store.row(_SQL["last_key"])
            last = int(row[0]) if row else 0
        self._last_key = last + 1
        return self._last_key

    def save(self, resource: int, standing: Mapping[str, Standing], contents: Mapping[str, Write]) -> None:
        """Write the rows of all records in `standing`, with new content for those in `contents`."""
        added: list[Bindings] = []
        rewritten: list[Bindings] = []
        placed: list[Bindings] = []
        for name, record in standing.items():
            write = contents.get(name)
            if write is None:
                placed.append((record.slot, record.held, record.key))
            elif record.new:
                added.append((*self._columns(resource, record, write), record.key, resource, name))
            else:
                rewritten.append((*self._columns(resource, record, write), record.key))
        for query, rows in (("add", added), ("rewrite", rewritten), ("place", placed)):
            if rows:
                self._store.run_each(_SQL[query], rows)

    def _columns(self, resource: int, record: Standing, write: Write) -> Bindings:
        dictionary, body = (
            (PLAIN, None) if write.content is None else self._bodies.pack(resource, write.content)
        )
        return record.slot, record.held, record.sequence, write.digest, dictionary, body

    def _read(self, row: Row) -> Known:
        name, dictionary, body, digest, sequence = row
        content = None if body is None else self._bodies.unpack(dictionary, body)
        return Known(name, content, digest, sequence)


class Revision:
    """The records that one transaction touches."""

    def __init__(self, records: Records, resource: int, standing: dict[str, Standing]) -> None:
        self._records = records
        self._resource = resource
        self._standing = standing
        self._contents: dict[str, Write] = {}
        self.born = 0

    def find(self, name: str) -> Standing | None:
        """Return where a record stands, None when it was never seen."""
        return self._standing.get(name)

    def write(self, write: Write) -> Standing:
        """Give a record new content; StoreError unless the write continues its history."""
        record = self._standing.get(write.id)
        if record is None:
            record = Standing(self._records.new_key(), None, 0, 0, living=False, new=True)
            self._standing[write.id] = record
        lived = record.living
        record.written(write)
        self.born += record.living - lived
        self._contents[write.id] = write
        return record

    def save(self) -> None:
        """Write everything."""
        self._records.save(self._resource, self._standing, self._contents)


def _listed(ids: Collection[str]) -> str:
    return msgspec.json.encode(list(ids)).decode()
