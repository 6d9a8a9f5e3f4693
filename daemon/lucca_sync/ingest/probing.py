"""Finding out by asking what Lucca's documentation leaves open, a request or two for each question.

A tenant's answers are remembered (`abilities`), and shown by `lucca-sync check --connect`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from lucca_sync.ingest.abilities import CONDITIONAL, LARGE, NUMBERED, STRICT, Abilities
from lucca_sync.ingest.decode import Page, decode_page
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.source import Source
from lucca_sync.lucca.errors import CursorLost, Refused, TooHeavy
from lucca_sync.lucca.paging import MAX_LIMIT
from lucca_sync.model.catalogue import Resource

LARGE_LIMIT: Final = 1000
_DAY: Final = 86_400.0
"""Seconds between two rounds of questions: habits change when Lucca changes."""
_LATER: Final = 600.0
"""Seconds after the start: at first there is more urgent use for requests."""
_UNKNOWN: Final = {"lastUpdatedAt.between": "2026-01-01T00:00:00Z--.."}


@dataclass(frozen=True, slots=True)
class Probing:
    """Asks about one v5 collection. What can't be told (too few records) is left out of the answers."""

    source: Source
    resource: Resource

    async def find_out(self) -> Mapping[str, bool]:
        """Put every question; raises what asking raises, beside refusals, which are answers."""
        asked: Mapping[str, Callable[[], Awaitable[bool | None]]] = {
            CONDITIONAL: self._conditional,
            STRICT: self._strict,
            NUMBERED: self._numbered,
            LARGE: self._large,
        }
        found: dict[str, bool] = {}
        for question, ask in asked.items():
            answer = await ask()
            if answer is not None:
                found[question] = answer
        return found

    async def _conditional(self) -> bool:
        url = self.source.first_url(self.resource, {"limit": "1"})
        first = await self.source.page(url, resource=self.resource, etag=None, purpose="probe")
        if first.etag is None:
            return False
        again = await self.source.page(url, resource=self.resource, etag=first.etag, purpose="probe")
        return again.body is None

    async def _strict(self) -> bool:
        return await self._page({"limit": "1", **_UNKNOWN}) is None

    async def _numbered(self) -> bool | None:
        first, second = await self._page({"limit": "1"}), await self._page({"limit": "1", "page": "2"})
        if first is None or (first.next_href is None and second is not None):
            return None
        return second is not None and bool(second.items) and second.items[0].id != first.items[0].id

    async def _large(self) -> bool | None:
        page = await self._page({"limit": str(LARGE_LIMIT)})
        if page is not None and page.next_href is None and len(page.items) <= MAX_LIMIT:
            return None
        return page is not None and len(page.items) > MAX_LIMIT

    async def _page(self, filters: Mapping[str, str]) -> Page | None:
        """Ask; None when the question itself is refused (400) or too much (408)."""
        url = self.source.first_url(self.resource, filters)
        try:
            answer = await self.source.page(url, resource=self.resource, etag=None, purpose="probe")
        except (Refused, CursorLost, TooHeavy):
            return None
        return decode_page(answer.body or b"")


@dataclass(slots=True)
class Habits:
    """Asks about the tenant through one of its resources, remembers the answers and makes use of them."""

    post: Post
    _began: bool = False
    _asked: bool = False

    def rest(self) -> float:
        """Return the seconds until the next round of questions."""
        return _DAY if self._asked else _LATER

    async def look(self) -> bool:
        """Use what is known at first; then, once the baseline is complete, ask anew; always whole."""
        abilities = Abilities(self.post.lookout.journal, self.post.watched.name)
        if not self._began:
            self._began = True
            self.use(await abilities.found())
        elif await self.post.ready():
            found = await Probing(self.post.lookout.source, self.post.watched.resource).find_out()
            for question, answer in found.items():
                await abilities.note(question, has=answer)
            self._asked = True
            self.use(found)
        return True

    def use(self, found: Mapping[str, bool]) -> None:
        """Ask for large pages where there are any: a sweep then takes a tenth of the requests."""
        if found.get(LARGE):
            self.post.size["limit"] = str(LARGE_LIMIT)
        elif LARGE in found:
            self.post.size.clear()
