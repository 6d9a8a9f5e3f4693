"""Reading named records again, many in a request: what every eye does that knows whom something concerns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.decode import decode_page, decode_record
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.source import Answered
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import TooHeavy
from lucca_sync.lucca.paging import MAX_LIMIT, simpler
from lucca_sync.model.event import Eye

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_BY_ID: Final = "id"
_PAGES: Final = 20
"""More rows than this makes of a hundred subjects are left to the sweep."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Why something is read again: with what urgency, and which eye is to be named."""

    purpose: Purpose
    eye: Eye


@dataclass(slots=True)
class Rereader:
    """Reads records of one resource again, by their own ids or by those of whom they belong to."""

    post: Post
    absentees: Absentees
    _ignored: bool = False

    async def reread(self, by: str, ids: Sequence[str], errand: Errand) -> None:
        """Compare all records whose `by` is one of `ids` with the snapshot.

        `by` is `id` or another filter of the resource's `lists`. Records asked for by id that are not there
        any more are looked into one by one. Does nothing before the baseline is complete. Raises what asking
        raises.
        """
        if not await self.post.ready():
            return
        for batch in _batches(list(dict.fromkeys(ids))):
            if by == _BY_ID and (_BY_ID not in self.post.watched.resource.lists or self._ignored):
                await self._each(batch, errand)
            else:
                await self._listed(by, batch, errand)

    async def _listed(self, by: str, ids: Sequence[str], errand: Errand) -> None:
        shown = await self._pages(by, ids, errand)
        if by != _BY_ID:
            return
        if shown - set(ids):
            self._distrust(by)
            await self._each(ids, errand)
        else:
            await self.absentees.suspect([one for one in ids if one not in shown], errand.eye)

    async def _pages(self, by: str, ids: Sequence[str], errand: Errand) -> set[str]:
        """Hand in every page of an answer; return whom it showed."""
        source, watched = self.post.lookout.source, self.post.watched
        first = url = source.first_url(watched.resource, {**watched.filters, by: ",".join(ids)})
        shown: set[str] = set()
        for _ in range(_PAGES):
            with self.post.asking() as moment:
                answer = await self._asked(url, errand)
                page = decode_page(answer.body or b"")
                strangers = by == _BY_ID and any(item.id not in ids for item in page.items)
                if not strangers:
                    await self.post.hand_in(page.items, moment, errand.eye)
            shown.update(item.id for item in page.items)
            if page.next_href is None or strangers:
                break
            url = source.follow(page.next_href, first)
        return shown

    async def _asked(self, url: str, errand: Errand) -> Answered:
        """Ask for a page; for less at a time if that is too much for Lucca, never for the same again."""
        source, resource = self.post.lookout.source, self.post.watched.resource
        while True:
            try:
                return await source.page(url, resource=resource, etag=None, purpose=errand.purpose)
            except TooHeavy:
                less = simpler(url)
                if less is None:
                    raise
                url = less

    async def _each(self, ids: Sequence[str], errand: Errand) -> None:
        """Read records one by one, where no list takes their ids."""
        for record_id in ids:
            with self.post.asking() as moment:
                answer = await self.post.lookout.source.record(
                    self.post.watched.resource, record_id, errand.purpose
                )
                item = decode_record(answer.body) if answer and answer.body else None
                if item is not None:
                    await self.post.hand_in([item], moment, errand.eye)
            if answer is None:
                await self.absentees.suspect([record_id], errand.eye)

    def _distrust(self, by: str) -> None:
        self._ignored = True
        _LOG.warning(
            "filter_ignored",
            **self.post.watched.name._asdict(),
            filter=by,
            advice="Lucca shows records that were not asked for: they are read one by one from now on",
        )


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + MAX_LIMIT] for start in range(0, len(ids), MAX_LIMIT))
