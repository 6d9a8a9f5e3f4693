"""One page of a sweep: from its bytes to one journal transaction, or to none when nothing changed."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from lucca_sync.ingest.additive import are_most, grown_fields
from lucca_sync.ingest.brake import Brake, Sifted
from lucca_sync.ingest.canonical import Canonical, canonicalise, decode_content
from lucca_sync.ingest.dates import impossible_dates
from lucca_sync.ingest.decode import Item, UnreadableRecord, decode_record
from lucca_sync.ingest.emit import (
    Origin,
    born_anew,
    former,
    went_back,
    went_on,
    write_created,
    write_first,
    write_updated,
)
from lucca_sync.ingest.guard import Showing
from lucca_sync.ingest.sight import in_sight
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.ingest.turned import Turned
from lucca_sync.journal.protocol import Known, PageItems, Write
from lucca_sync.model.event import Eye

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_LISTED: Final = frozenset[Eye]({"sweep", "page", "head", "count"})
"""Eyes whose rows were not chosen by who changed."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a page makes the journal write, and whose rows were not believed: nothing may vouch for those.

    `left_out` are rows of which there is nothing to remember: unreadable ones that were never read before,
    ghosts of deleted records, new ones that the brake holds. `unreadable` are all whose content cannot be
    decoded.
    """

    writes: tuple[Write, ...] = ()
    disbelieved: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    unreadable: frozenset[str] = frozenset()

    @property
    def doubtful(self) -> bool:
        """Whether the same bytes must be compared again: what they showed was not the truth."""
        return bool(self.disbelieved or self.left_out - self.unreadable)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record as it looks now (if its row was not believed: when read by id), beside its snapshot."""

    id: str
    canonical: Canonical
    had: Known | None
    believed: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """Turns listed records into journal writes. One serves a whole sweep; `eye` is what saw them.

    `baseline` is true until the first sweep is complete. `formerly` are the filters of the last
    complete sweep. `grown` collects fields that the API has added. `turned` knows what records were
    before they last changed.
    """

    lookout: Lookout
    watched: Watched
    brake: Brake
    baseline: bool
    formerly: Mapping[str, str] = field(default_factory=dict[str, str])
    grown: set[str] = field(default_factory=set[str])
    eye: Eye = "sweep"
    turned: Turned = field(default_factory=Turned)

    def origin(self, request: str = "") -> Origin:
        """Say where, when and by which eye: now. `request` is what was asked, as path and query."""
        name = self.watched.name
        return Origin(
            tenant=name.tenant,
            source=self.watched.source_url,
            resource=self.watched.resource,
            seen=self.lookout.clock.now(),
            eye=self.eye,
            volatile=self.watched.volatile,
            request=request,
        )

    async def compared(
        self,
        items: Sequence[Item],
        remembered: PageItems,
        overtaken: Container[str] = (),
        request: str = "",
    ) -> Compared:
        """Compare a page's records with the snapshot, but not those of which newer things were written.

        `request` is the path and query that was answered with them.
        """
        vouched = set(remembered.digests)
        late = {item.id for item in items if item.id in overtaken}
        unsure = [item for item in items if item.digest not in vouched and item.id not in late]
        if not unsure and not late:
            return Compared()
        known = await self.lookout.journal.known(self.watched.name, [*late, *(item.id for item in unsure)])
        readings = {item.id: self.canonical(item) for item in unsure}
        page = self._showing(items, readings, known, remembered)
        as_listed = not self.baseline and await self.brake.as_listed(page)
        sightings = [
            sighting
            for name, canonical in readings.items()
            if (sighting := await self._sighting(name, canonical, known.get(name), as_listed=as_listed))
        ]
        unknown = sum(1 for name in readings if name not in known)
        self._learn(sightings, len(items) - len(late) - unknown)
        origin = self.origin(request)
        compared = [self.compare(each.id, each.canonical, each.had, origin) for each in sightings]
        writes = [write for write in compared if write is not None]
        sifted = Sifted(tuple(writes)) if self.baseline else await self.brake.sift(writes, page)
        alive = {name for name in late if _lives(known.get(name))}
        held = {name for name in sifted.held if _lives(known.get(name))}
        return Compared(
            sifted.writes,
            frozenset(each.id for each in sightings if not each.believed) | alive | held,
            frozenset(readings.keys() - {each.id for each in sightings})
            | (late - alive)
            | (sifted.held - held),
            frozenset(name for name, canonical in readings.items() if canonical is None),
        )

    def _showing(
        self,
        items: Sequence[Item],
        readings: Mapping[str, Canonical | None],
        known: Mapping[str, Known],
        remembered: PageItems,
    ) -> Showing:
        """Put a page beside the snapshot and what stood there at the last look, in numbers."""
        listed = {item.id for item in items}
        new = sum(1 for name in readings if not _lives(known.get(name)))
        back = sum(
            1
            for name, canonical in readings.items()
            if canonical and (had := known.get(name))
            if went_back(self.watched.resource, canonical, had) or born_anew(canonical, had)
        )
        return Showing(
            rows=len(items),
            known=len(items) - new,
            back=back,
            former=len(remembered.ids),
            vanished=sum(1 for name in remembered.ids if name not in listed),
            listed=self.eye in _LISTED,
        )

    async def _sighting(
        self, record_id: str, canonical: Canonical | None, had: Known | None, *, as_listed: bool
    ) -> Sighting | None:
        """Judge a listed row; one older than the snapshot is read again by id before it is believed.

        Unless it is to be taken `as_listed`: in a restore all rows are older.

        None when nothing can be said: it cannot be read and there is no snapshot that could stand in for it,
        or it shows a deleted record that is still not there by id.
        """
        if canonical is None:
            if had is None or had.content is None:
                return None
            return Sighting(record_id, former(self.origin(), had), had, believed=False)
        if had is not None and had.content is None and in_sight(self.formerly, canonical.content):
            returned = await self._reread(record_id)
            return Sighting(record_id, returned, had) if returned else None
        if had is None or as_listed or not self._looks_old(canonical, had):
            return Sighting(record_id, canonical, had)
        # Neither the row nor, if it cannot be read by id, anything else: then the snapshot stands.
        fresh = await self._reread(record_id) or former(self.origin(), had)
        return Sighting(record_id, fresh, had, believed=False)

    def _looks_old(self, canonical: Canonical, had: Known) -> bool:
        """Tell whether a row may come from a stale copy: its clock went back, or all of it without its clock.

        Computed fields move without a write, so the clock alone does not give every stale copy away.
        """
        resource = self.watched.resource
        if went_back(resource, canonical, had):
            return True
        return self.turned.back(canonical, had) and not went_on(resource, canonical, had)

    def _learn(self, sightings: Sequence[Sighting], records: int) -> None:
        """Notice fields that the API has added for everybody, and say so once a sweep."""
        living = [(each.canonical, each.had.content) for each in sightings if each.had and each.had.content]
        if not are_most(sum(now.encoded != had for now, had in living), records):
            return
        grown = grown_fields([(decode_content(had), now.content) for now, had in living], records)
        for name in sorted(grown - self.grown):
            self.grown.add(name)
            _LOG.info("field_learned", **self.watched.name._asdict(), field=name)

    def canonical(self, item: Item) -> Canonical | None:
        """Bring a listed record into canonical form; None when its content cannot be read."""
        try:
            return canonicalise(item.content(), self.watched.resource, self.watched.volatile)
        except (UnreadableRecord, RecursionError):
            return None

    def compare(
        self, record_id: str, canonical: Canonical, had: Known | None, origin: Origin
    ) -> Write | None:
        """Return what one record's present form makes the journal write."""
        if had is not None and had.content is not None:
            write = write_updated(origin, canonical, had, self.lookout.route, self.grown)
        elif self._only_came_into_sight(canonical, had):
            write = write_first(record_id, canonical, had)
        else:
            write = write_created(origin, record_id, canonical, had, self.lookout.route)
        if write is not None:
            self._count_impossible(canonical)
            self.turned.note(write, had)
        return write

    def _only_came_into_sight(self, canonical: Canonical, had: Known | None) -> bool:
        """Tell whether a record is new to us without being new in Lucca."""
        if self.watched.snapshot_baseline:
            return False
        return (had is None and self.baseline) or not in_sight(self.formerly, canonical.content)

    async def _reread(self, record_id: str) -> Canonical | None:
        """Ask for a record by id when its listed row looks older than the snapshot."""
        answer = await self.lookout.source.record(self.watched.resource, record_id, "confirm")
        item = decode_record(answer.body) if answer and answer.body else None
        return self.canonical(item) if item else None

    def _count_impossible(self, canonical: Canonical) -> None:
        count = impossible_dates(canonical.encoded)
        if count:
            self.lookout.metrics.impossible_values.labels(*self.watched.name).inc(count)


def _lives(known: Known | None) -> bool:
    return known is not None and known.content is not None
