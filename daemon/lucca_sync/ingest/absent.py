"""Deletions: records that a complete sweep no longer showed, confirmed one by one before anybody is told.

A 404 means "absent or no longer visible to us". Too many at once are held instead: see `brake`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from lucca_sync.ingest.canonical import decode_content
from lucca_sync.ingest.decode import UnreadablePage, decode_record
from lucca_sync.ingest.emit import write_deleted, write_forgotten
from lucca_sync.ingest.guard import Showing
from lucca_sync.ingest.page import Reading
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.sight import Sight, in_sight
from lucca_sync.ingest.source import Answered, Lookout, Watched
from lucca_sync.journal.protocol import Known, Write
from lucca_sync.lucca.errors import SourceError
from lucca_sync.lucca.paging import record_url
from lucca_sync.model.event import Eye

_FORGOTTEN_AT_ONCE: Final = 100
_FAILURES_BELIEVED: Final = 3
_ALONE: Final = Showing(rows=1, known=1, listed=False)


@dataclass(slots=True)
class Absentees:
    """Deals with the missing records of one resource after each complete sweep."""

    post: Post

    @property
    def lookout(self) -> Lookout:
        """What every look works with."""
        return self.post.lookout

    @property
    def watched(self) -> Watched:
        """The resource."""
        return self.post.watched

    async def settle(self) -> bool:
        """Confirm what is missing and tell of it, or hold it when it is too much to believe.

        Tells whether all could be confirmed; who could not is asked for again at the end of the next look.
        """
        journal, name = self.lookout.journal, self.watched.name
        sight = Sight(journal, name, self.watched.filters)
        if self.watched.filters:
            await self._forget_out_of_sight()
        unseen = await journal.missing(name, limit=await journal.count_missing(name))
        missing = [known for known in unseen if known.id not in self.post.newer]
        ruling, failures = await self.post.brake.judge(missing, len(unseen)), 0
        if ruling == "believe":
            failures = await self._confirm_each([known.id for known in missing], "sweep")
        elif ruling == "hush":
            agreed = [known for known in missing if self.post.brake.was_missing(known.id)]
            await self._forget(agreed)
            others = {known.id for known in missing} - {known.id for known in agreed}
            failures = await self._confirm_each([known.id for known in missing if known.id in others], None)
        await sight.complete()
        await self.post.brake.end()
        return not failures

    async def _forget_out_of_sight(self) -> None:
        """Forget what is missing only because it is no longer asked for: nobody has left."""
        journal, name = self.lookout.journal, self.watched.name
        missing = await journal.missing(name, limit=await journal.count_missing(name))
        await self._forget(
            [
                known
                for known in missing
                if not in_sight(self.watched.filters, decode_content(known.content or b"{}"))
            ]
        )

    async def _forget(self, records: Sequence[Known]) -> None:
        for start in range(0, len(records), _FORGOTTEN_AT_ONCE):
            batch = records[start : start + _FORGOTTEN_AT_ONCE]
            async with self.post.turn(0):
                await self.post.write([write_forgotten(known) for known in batch])

    async def suspect(self, ids: Collection[str], eye: Eye) -> None:
        """Look by id into records that should have been shown and were not; tell of those that are gone.

        Where that would be too many to believe before all is seen, they are left to the end of the round.
        """
        if ids and await self.post.brake.may_look_into(ids):
            await self._confirm_each(ids, eye, bearable=len(ids) - 1)

    async def _confirm_each(self, ids: Collection[str], eye: Eye | None, bearable: int | None = None) -> int:
        """Read records by id; tell how many could not be read.

        One that can't be keeps the others from nothing. Several in a row, or more than are `bearable`, say
        that it isn't the records: then what asking raised is raised.
        """
        failures = in_a_row = 0
        for record_id in ids:
            try:
                await self._confirm(record_id, eye)
            except (SourceError, UnreadablePage):
                failures, in_a_row = failures + 1, in_a_row + 1
                if in_a_row >= _FAILURES_BELIEVED or (bearable is not None and failures > bearable):
                    raise
            else:
                in_a_row = 0
        return failures

    async def _confirm(self, record_id: str, eye: Eye | None) -> None:
        """Read one record by id; if it is gone tell by which eye that was seen, nobody where that is None."""
        with self.post.asking() as moment:
            answer = await self.lookout.source.record(self.watched.resource, record_id, "confirm")
            async with self.post.turn(moment) as overtaken:
                if record_id not in overtaken:
                    await self._conclude(record_id, answer, eye)

    async def _conclude(self, record_id: str, answer: Answered | None, eye: Eye | None) -> None:
        """Write what a confirming read found, be it only that the record is alive: then it is not missing."""
        known = (await self.lookout.journal.known(self.watched.name, [record_id])).get(record_id)
        if known is None or known.content is None:
            return
        if answer is None:
            await self.post.write([self._gone(known, eye)])
            return
        item = decode_record(answer.body) if answer.body else None
        if item is not None:
            reading = self._reading("confirmation")
            unchanged = Write(known.id, known.content, known.digest, known.sequence)
            canonical = reading.canonical(item)
            origin = reading.origin(record_url(self.watched.resource, known.id))
            write = reading.compare(known.id, canonical, known, origin) if canonical else None
            sifted = await self.post.brake.sift([write or unchanged], _ALONE)
            await self.post.write(sifted.writes or [unchanged])

    def _gone(self, known: Known, eye: Eye | None) -> Write:
        if eye is None:
            return write_forgotten(known)
        self.post.brake.gone()
        return write_deleted(
            self._reading(eye).origin(record_url(self.watched.resource, known.id)), known, self.lookout.route
        )

    def _reading(self, eye: Eye) -> Reading:
        return Reading(
            self.lookout,
            self.watched,
            self.post.brake,
            baseline=False,
            grown=self.post.grown,
            eye=eye,
            turned=self.post.turned,
        )
