"""Reading named records again, many in a request: what every eye does that knows whom something concerns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.asking import ask
from lucca_sync.ingest.decode import Item, UnreadableRecord, decode_page, decode_record
from lucca_sync.ingest.post import Post
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.paging import MAX_LIMIT, record_url
from lucca_sync.model.event import Eye
from lucca_sync.model.pointer import text_at

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
    _ignored: set[str] = field(default_factory=set[str])
    """Filters that Lucca turned out not to mind."""

    async def reread(self, by: str, ids: Sequence[str], errand: Errand) -> None:
        """Compare all records whose `by` is one of `ids` with the snapshot.

        `by` is `id` or another filter of the resource's `lists`. Records asked for by id that are not there
        any more are looked into one by one. Does nothing before the baseline is complete, nor by a filter
        that Lucca doesn't mind. Raises what asking raises.
        """
        if not await self.post.ready():
            return
        odd = [one for one in dict.fromkeys(ids) if "," in one]  # in a list it would be several
        await self._each(by, odd, errand)
        for batch in _batches([one for one in dict.fromkeys(ids) if "," not in one]):
            if by not in self.post.watched.resource.lists or by in self._ignored:
                await self._each(by, batch, errand)
            else:
                await self._listed(by, batch, errand)

    async def _listed(self, by: str, ids: Sequence[str], errand: Errand) -> None:
        shown = await self._pages(by, ids, errand)
        if shown is None:
            self._distrust(by)
            await self._each(by, ids, errand)
        elif by == _BY_ID:
            await self.absentees.suspect([one for one in ids if one not in shown], errand.eye)

    async def _pages(self, by: str, ids: Sequence[str], errand: Errand) -> set[str] | None:
        """Hand in every page of an answer; return whom it showed, None when that was anybody."""
        source, watched = self.post.lookout.source, self.post.watched
        first = url = source.first_url(watched.resource, {**watched.filters, by: ",".join(ids)})
        shown: set[str] = set()
        for _ in range(_PAGES):
            with self.post.asking() as moment:
                answered, answer = await ask(
                    source, url, resource=watched.resource, etag=None, purpose=errand.purpose
                )
                page = decode_page(answer.body or b"")
                strangers = any(self._stranger(item, by, ids) for item in page.items)
                if strangers:
                    return None
                await self.post.hand_in(page.items, moment, errand.eye, answered)
            shown.update(item.id for item in page.items)
            if page.next_href is None:
                break
            url = source.follow(page.next_href, first)
        return shown

    def _stranger(self, item: Item, by: str, asked: Sequence[str]) -> bool:
        """Tell whether a row is none of those that were asked for."""
        if by == _BY_ID:
            return item.id not in asked
        try:
            value = text_at(item.content(), self.post.watched.resource.lists[by])
        except UnreadableRecord:
            return False
        return value is not None and value not in asked

    async def _each(self, by: str, ids: Sequence[str], errand: Errand) -> None:
        """Read records one by one, where no list takes their ids; of others than ids the sweep takes care."""
        resource = self.post.watched.resource
        for record_id in ids if by == _BY_ID else ():
            with self.post.asking() as moment:
                answer = await self.post.lookout.source.record(resource, record_id, errand.purpose)
                item = decode_record(answer.body) if answer and answer.body else None
                if item is not None:
                    await self.post.hand_in([item], moment, errand.eye, record_url(resource, record_id))
            if answer is None:
                await self.absentees.suspect([record_id], errand.eye)

    def _distrust(self, by: str) -> None:
        self._ignored.add(by)
        _LOG.warning(
            "filter_ignored",
            **self.post.watched.name._asdict(),
            filter=by,
            advice="Lucca shows records that were not asked for: named ones are read one by one from now on, "
            "those of named people by sweeps alone",
        )


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + MAX_LIMIT] for start in range(0, len(ids), MAX_LIMIT))
