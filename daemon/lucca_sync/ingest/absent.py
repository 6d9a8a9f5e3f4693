"""Deletions: records that a complete sweep no longer showed, confirmed one by one before anybody is told.

A 404 means "absent or no longer visible to us". Too many at once are held instead: see `guard`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import structlog

from lucca_sync.ingest.canonical import decode_content
from lucca_sync.ingest.decode import decode_record
from lucca_sync.ingest.emit import write_deleted, write_forgotten
from lucca_sync.ingest.guard import deletions_held
from lucca_sync.ingest.page import Reading
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.sight import Sight, in_sight
from lucca_sync.ingest.source import Answered, Lookout, Watched
from lucca_sync.journal.protocol import Write
from lucca_sync.model.event import Eye

_FORGOTTEN_AT_ONCE: Final = 100
_LOG: Final = structlog.get_logger("lucca_sync.ingest")


@dataclass(slots=True)
class Absentees:
    """Deals with the missing records of one resource after each complete sweep."""

    post: Post
    _held: int = 0

    @property
    def lookout(self) -> Lookout:
        """What every look works with."""
        return self.post.lookout

    @property
    def watched(self) -> Watched:
        """The resource."""
        return self.post.watched

    async def settle(self) -> None:
        """Confirm what is missing and tell of it, or hold it when it is too much to believe."""
        journal, name = self.lookout.journal, self.watched.name
        sight = Sight(journal, name, self.watched.filters)
        if self.watched.filters:
            await self._forget_out_of_sight()
        missing = await journal.count_missing(name)
        records = (await journal.state(name)).records
        held = deletions_held(missing, records, self.watched.deletions)
        self._hold(missing if held else 0, records)
        if missing and not held:
            for known in await journal.missing(name, limit=missing):
                await self._confirm(known.id, "sweep")
        await sight.complete()

    async def _forget_out_of_sight(self) -> None:
        """Forget what is missing only because it is no longer asked for: nobody has left."""
        journal, name = self.lookout.journal, self.watched.name
        missing = await journal.missing(name, limit=await journal.count_missing(name))
        forgotten = [
            write_forgotten(known)
            for known in missing
            if not in_sight(self.watched.filters, decode_content(known.content or b"{}"))
        ]
        for start in range(0, len(forgotten), _FORGOTTEN_AT_ONCE):
            batch = forgotten[start : start + _FORGOTTEN_AT_ONCE]
            async with self.post.turn(0):
                await self.post.write(batch)

    async def suspect(self, ids: Collection[str], eye: Eye) -> None:
        """Look by id into records that should have been shown and were not; tell of those that are gone."""
        for record_id in ids:
            await self._confirm(record_id, eye)

    async def _confirm(self, record_id: str, eye: Eye) -> None:
        with self.post.asking() as moment:
            answer = await self.lookout.source.record(self.watched.resource, record_id, "confirm")
            async with self.post.turn(moment) as overtaken:
                if record_id not in overtaken:
                    await self._conclude(record_id, answer, eye)

    async def _conclude(self, record_id: str, answer: Answered | None, eye: Eye) -> None:
        """Write what a confirming read found, be it only that the record is alive: then it is not missing."""
        known = (await self.lookout.journal.known(self.watched.name, [record_id])).get(record_id)
        if known is None or known.content is None:
            return
        if answer is None:
            await self.post.write([write_deleted(self._reading(eye).origin(), known, self.lookout.route)])
            return
        item = decode_record(answer.body) if answer.body else None
        if item is not None:
            reading = self._reading("confirmation")
            unchanged = Write(known.id, known.content, known.digest, known.sequence)
            canonical = reading.canonical(item)
            write = reading.compare(known.id, canonical, known, reading.origin()) if canonical else None
            await self.post.write([write or unchanged])

    def _reading(self, eye: Eye) -> Reading:
        return Reading(self.lookout, self.watched, baseline=False, grown=self.post.grown, eye=eye)

    def _hold(self, held: int, records: int) -> None:
        self.lookout.metrics.brake_held.labels(*self.watched.name, "deleted").set(held)
        if held and not self._held:
            _LOG.warning(
                "brake_held",
                tenant=self.watched.name.tenant,
                resource=self.watched.name.resource,
                kind="deleted",
                count=held,
                records=records,
                advice="if the rows are really gone, raise brake.deletions of this resource "
                "(where none is left, take the resource out of the settings); "
                "else look at the scopes, establishments and HR sections granted in Lucca",
            )
        elif self._held and not held:
            _LOG.info("brake_released", tenant=self.watched.name.tenant, resource=self.watched.name.resource)
        self._held = held
