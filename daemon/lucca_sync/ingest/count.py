"""The count probe: how many records a resource has, one request; a difference starts a search.

Where pages can be addressed by their number the search goes by halves: in the order of ids every page after a
deletion has moved. Elsewhere a sweep is asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from lucca_sync.ingest.abilities import NUMBERED, Abilities, Hope
from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.decode import Item, Page, UnreadablePage, decode_page
from lucca_sync.ingest.head import HeadProbe
from lucca_sync.ingest.post import Post
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import CursorLost, Refused
from lucca_sync.lucca.paging import MAX_LIMIT

_SEARCHING: Final[Purpose] = "confirm"
"""That something is missing is known by then: steps of the search must not stand in line behind counts."""
_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_SEARCHES: Final = 3
"""More places than these that differ at once are left to a sweep."""


@dataclass(slots=True)
class CountProbe:
    """Counts one resource. `head` finds what is new, where the resource can be sorted for it.

    `sweep_now` asks for a complete sweep at once.
    """

    post: Post
    absentees: Absentees
    abilities: Abilities
    sweep_now: Callable[[], None]
    head: HeadProbe | None = None
    _explained: int = 0
    """A difference that a complete sweep has left: records that are there by id and in no list."""
    _hope: Hope = field(init=False)

    def __post_init__(self) -> None:
        self._hope = Hope(self.abilities, NUMBERED, self.post.lookout.clock)

    async def look(self) -> bool:
        """Count, and find what makes the count differ; always whole."""
        if not await self.post.ready():
            return True
        difference = await self._difference("probe")
        if difference == self._explained:
            return True
        if difference > 0 and self.head is not None:
            await self.head.look()
            difference = await self._difference(_SEARCHING)
        for _ in range(_SEARCHES):
            if difference == 0:
                break
            found = await self._search()
            difference = await self._difference(_SEARCHING)
            if not found:
                break
        self._explained = difference
        if difference:
            self.sweep_now()
        return True

    async def _difference(self, purpose: Purpose) -> int:
        """Return how many records Lucca counts beyond those we know."""
        lookout, watched = self.post.lookout, self.post.watched
        url = lookout.source.first_url(
            watched.resource, {**watched.filters, "limit": "0", "include": "totalCount"}
        )
        answer = await lookout.source.page(url, resource=watched.resource, etag=None, purpose=purpose)
        total = decode_page(answer.body or b"").total
        known = (await lookout.journal.state(watched.name)).records
        return 0 if total is None else total - known

    async def _search(self) -> bool:
        """Look into who is missing on the first page that differs; tell whether pages can be searched."""
        ids = await self.post.lookout.journal.ids(self.post.watched.name)
        if not self._sorted(ids) or await self._hope.given_up():
            return False
        low, high = 1, (last := max(1, -(-len(ids) // MAX_LIMIT)))
        differs: list[str] | None = None  # what the page at `high` shows, if it was asked
        while low < high:
            middle = (low + high) // 2
            shown = await self._shown(middle)
            if shown is None:
                return False
            if shown == _expected(middle, ids):
                low = middle + 1
            else:
                high, differs = middle, shown
        shown = await self._shown(low) if differs is None else differs
        missing = [] if shown is None else _missing(shown, ids[(low - 1) * MAX_LIMIT :])
        as_known = low == last and shown == _expected(low, ids)  # it was settled while we searched
        if shown is not None and not as_known and not missing and set(shown) <= set(ids):
            await self._give_up()  # every page looks like another one: the numbers were ignored
        if missing:
            await self.abilities.note(NUMBERED, has=True)
            await self.absentees.suspect(missing, "count")
        return bool(missing)

    def _sorted(self, ids: Sequence[str]) -> bool:
        """Whether the order of ids is known: Lucca's own of other ids than numbers is not."""
        return self.post.watched.resource.sort == "id" and all(one.isdecimal() for one in ids)

    async def _shown(self, number: int) -> list[str] | None:
        """Hand in a page by its number and return whom it shows; None if pages have no numbers."""
        with self.post.asking() as moment:
            page = await self._numbered(number)
            if page is not None:
                await self.post.hand_in(page.items, moment, "count", self._url(number))
        return None if page is None else [item.id for item in page.items]

    def _url(self, number: int) -> str:
        watched = self.post.watched
        return self.post.lookout.source.first_url(watched.resource, {**watched.filters, "page": str(number)})

    async def _numbered(self, number: int) -> Page | None:
        lookout, watched = self.post.lookout, self.post.watched
        try:
            answer = await lookout.source.page(
                self._url(number), resource=watched.resource, etag=None, purpose=_SEARCHING
            )
            page = decode_page(answer.body or b"")
        except (Refused, CursorLost, UnreadablePage):
            await self._give_up()
            return None
        if not _in_order(page.items):
            await self._give_up()
            return None
        return page

    async def _give_up(self) -> None:
        if await self.abilities.lacks(NUMBERED):
            return
        await self.abilities.note(NUMBERED, has=False)
        _LOG.info("pages_not_numbered", **self.post.watched.name._asdict())


def _in_order(items: Sequence[Item]) -> bool:
    numbers = [int(item.id) for item in items if item.id.isdecimal()]
    return len(numbers) == len(items) and numbers == sorted(numbers)


def _expected(number: int, ids: Sequence[str]) -> list[str]:
    return list(ids[(number - 1) * MAX_LIMIT : number * MAX_LIMIT])


def _missing(shown: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Return the known ids that a page should show: all before it are where they were.

    A page that is not full is the last one: nothing stands beyond it.
    """
    listed = set(shown)
    last = int(shown[-1]) if len(shown) >= MAX_LIMIT else None
    return [one for one in ids if one not in listed and (last is None or int(one) < last)]
