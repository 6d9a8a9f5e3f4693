"""The survey: every page by cursor where a resource is otherwise watched by pages of a fixed address.

The safety net under those: it finds records that came into view with old ids, which no page asks for by name.
Leaves what is remembered of the pages alone. May be cut off and goes on where it stood.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import anyio

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.asking import ask
from lucca_sync.ingest.decode import Page, UnreadablePage, decode_page

_AGAIN: Final = 3600.0
"""Seconds until it begins again after one that could not go on: it costs as much as a whole sweep."""


@dataclass(slots=True)
class Survey:
    """Surveys one resource."""

    absentees: Absentees
    _url: str | None = None
    _unseen: set[str] = field(default_factory=set[str])
    _visited: set[str] = field(default_factory=set[str])
    _due: float | None = None

    async def due_in(self) -> float:
        """Return the seconds until the next one is due, from the end of the last, or of the last sweep."""
        lookout, watched = self.absentees.lookout, self.absentees.watched
        if self._due is None:
            note = await lookout.journal.note(self._key)
            last = datetime.fromisoformat(note.decode()) if note else None
            if last is None:
                last = (await lookout.journal.state(watched.name)).swept or lookout.clock.now()
                await self._note(last)
            age = max(0.0, (lookout.clock.now() - last).total_seconds())
            self._due = anyio.current_time() + max(0.0, watched.survey - age)
        return max(0.0, self._due - anyio.current_time())

    async def run(self) -> bool:
        """Look at all pages that are left, then into who was on none of them; always whole."""
        if self._url is None:
            await self._begin()
        while self._url:
            self._url = await self._page(self._url)
        await self.absentees.suspect(await self._living(), "sweep")
        await self.absentees.post.brake.end_survey()
        lookout = self.absentees.lookout
        await self._note(lookout.clock.now())
        self._put_off(self.absentees.watched.survey)
        return True

    def put_off(self) -> None:
        """Begin at the first page, and not at once: it could not go on where it stood."""
        self._put_off(_AGAIN)

    def _put_off(self, seconds: float) -> None:
        """Let the next one begin at the first page then, by a clock that nobody sets."""
        self._url, self._due = None, anyio.current_time() + seconds

    async def _begin(self) -> None:
        lookout, watched = self.absentees.lookout, self.absentees.watched
        self._unseen = set(await lookout.journal.ids(watched.name))
        self._visited = set()
        await self.absentees.post.brake.begin_survey()
        self._url = lookout.source.first_url(watched.resource, watched.filters)

    async def _page(self, url: str) -> str:
        """Hand in one page; return where the next one stands, nothing after the last."""
        post = self.absentees.post
        with post.asking() as moment:
            lookout, resource = post.lookout, post.watched.resource
            asked, answer = await ask(lookout.source, url, resource=resource, etag=None, purpose="sweep")
            page = decode_page(answer.body or b"")
            await post.hand_in(page.items, moment, "sweep", asked)
        self._unseen.difference_update(item.id for item in page.items)
        return self._following(url, page)

    def _following(self, url: str, page: Page) -> str:
        if page.next_href is None:
            return ""
        lookout, watched = self.absentees.lookout, self.absentees.watched
        self._visited.add(url)
        following = lookout.source.follow(
            page.next_href, lookout.source.first_url(watched.resource, watched.filters)
        )
        if following in self._visited:
            raise UnreadablePage("the link to the next page leads back to a page already seen")
        return following

    async def _living(self) -> list[str]:
        """Return those that lived when the survey began, still live and were on no page."""
        journal, name = self.absentees.lookout.journal, self.absentees.watched.name
        known = await journal.known(name, self._unseen)
        return [one for one, record in known.items() if record.content is not None]

    async def _note(self, at: datetime) -> None:
        await self.absentees.lookout.journal.write_note(self._key, at.isoformat().encode())

    @property
    def _key(self) -> str:
        return "survey/{}/{}".format(*self.absentees.watched.name)
