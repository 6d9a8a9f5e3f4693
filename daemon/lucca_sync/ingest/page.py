"""One page of a sweep: from its bytes to one journal transaction, or to none when nothing changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from lucca_sync.ingest.canonical import Canonical, canonicalise
from lucca_sync.ingest.dates import impossible_dates
from lucca_sync.ingest.decode import Item, decode_record
from lucca_sync.ingest.emit import Origin, went_back, write_created, write_first, write_updated
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.journal.protocol import Known, PageItems, Write


@dataclass(frozen=True, slots=True)
class Compared:
    """What a page makes the journal write, and whose rows were not believed: nothing may vouch for those."""

    writes: tuple[Write, ...] = ()
    disbelieved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """Turns listed records into journal writes. `baseline` is true until the first sweep is complete."""

    lookout: Lookout
    watched: Watched
    baseline: bool

    def origin(self, *, confirmed: bool = False) -> Origin:
        """Say where and when: now, by a sweep or by a confirming read."""
        name = self.watched.name
        return Origin(
            tenant=name.tenant,
            source=self.watched.source_url,
            resource=self.watched.resource,
            seen=self.lookout.clock.now(),
            eye="confirmation" if confirmed else "sweep",
        )

    async def compared(self, items: Sequence[Item], remembered: PageItems) -> Compared:
        """Compare a page's records with the snapshot."""
        vouched = set(remembered.digests)
        unsure = [item for item in items if item.digest not in vouched]
        if not unsure:
            return Compared()
        known = await self.lookout.journal.known(self.watched.name, [item.id for item in unsure])
        origin = self.origin()
        writes: list[Write] = []
        disbelieved: set[str] = set()
        for item in unsure:
            had, canonical = known.get(item.id), self.canonical(item)
            if had is not None and went_back(self.watched.resource, canonical, had):
                disbelieved.add(item.id)
                canonical = await self._reread(item.id) or canonical
            write = self.compare(item.id, canonical, had, origin)
            if write is not None:
                writes.append(write)
        return Compared(tuple(writes), frozenset(disbelieved))

    def canonical(self, item: Item) -> Canonical:
        """Bring a listed record into canonical form."""
        return canonicalise(item.content(), self.watched.resource, self.watched.volatile)

    def compare(
        self, record_id: str, canonical: Canonical, had: Known | None, origin: Origin
    ) -> Write | None:
        """Return what one record's present form makes the journal write."""
        if had is not None and had.content is not None:
            write = write_updated(origin, canonical, had, self.lookout.route)
        elif had is None and self.baseline and not self.watched.snapshot_baseline:
            write = write_first(record_id, canonical)
        else:
            write = write_created(origin, record_id, canonical, had, self.lookout.route)
        if write is not None:
            self._count_impossible(canonical)
        return write

    async def _reread(self, record_id: str) -> Canonical | None:
        """Ask for a record by id when its listed row looks older than the snapshot."""
        answer = await self.lookout.source.record(self.watched.resource, record_id, "confirm")
        item = decode_record(answer.body) if answer and answer.body else None
        return self.canonical(item) if item else None

    def _count_impossible(self, canonical: Canonical) -> None:
        count = impossible_dates(canonical.encoded)
        if count:
            self.lookout.metrics.impossible_values.labels(*self.watched.name).inc(count)
