"""The head probe: the newest records of a resource, one request as long as nothing is new.

Sees new records only, and edits of those that are still among the newest; the sweep sees the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lucca_sync.ingest.decode import Page, decode_page
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.source import Answered

_PAGES: Final = 5
"""Newer than five hundred records is an import: the sweep reads those as cheaply."""


@dataclass(slots=True)
class HeadProbe:
    """Looks at the newest records of one resource, whose `newest` says how to sort for them.

    `sweep_now` asks for a look at all of it, where more is new than this eye can see.
    """

    post: Post
    sweep_now: Callable[[], None]
    _url: str = ""
    _etag: str | None = None
    _behind: bool = False
    """Whether there are new records behind those that were taken in: from now on these look known."""

    async def look(self) -> bool:
        """Hand in the newest records, page after page until one was known before; always whole."""
        if not await self.post.ready():
            return True
        self._leave_the_rest()
        url: str | None = self._first_url()
        for _ in range(_PAGES):
            url = await self._page(url) if url else None
            self._behind = url is not None
        self._leave_the_rest()
        return True

    def _leave_the_rest(self) -> None:
        """Have others look behind what a look that was cut off, or went on for too long, has taken in."""
        if self._behind:
            self._behind = False
            self.sweep_now()

    async def _page(self, url: str) -> str | None:
        """Hand in one page; return where to go on when all of its records were new."""
        lookout, watched = self.post.lookout, self.post.watched
        with self.post.asking() as moment:
            answer = await lookout.source.page(
                url, resource=watched.resource, etag=self._tag_of(url), purpose="probe"
            )
            if answer.body is None:
                return None
            page = decode_page(answer.body)
            known = await lookout.journal.known(watched.name, [item.id for item in page.items])
            compared = await self.post.hand_in(page.items, moment, "head", url)
        self._remember(url, answer, sound=not compared.doubtful)
        return None if known else self._following(page)

    def _following(self, page: Page) -> str | None:
        source = self.post.lookout.source
        return source.follow(page.next_href, self._first_url()) if page.next_href else None

    def _first_url(self) -> str:
        resource = self.post.watched.resource
        return self.post.lookout.source.first_url(
            resource, {**self.post.watched.filters, "sort": resource.newest or ""}
        )

    def _tag_of(self, url: str) -> str | None:
        return self._etag if url == self._url else None

    def _remember(self, url: str, answer: Answered, *, sound: bool) -> None:
        """Keep the first page's tag, unless a row on it was not what it seemed."""
        if url == self._first_url():
            self._url, self._etag = url, answer.etag if sound else None
