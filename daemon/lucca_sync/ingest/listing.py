"""Pages of Lucca's list of events, and how to find on them what is new. Decides nothing about hints."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lucca_sync.ingest.decode import decode_page
from lucca_sync.ingest.source import Lookout
from lucca_sync.lucca.errors import Refused
from lucca_sync.lucca.feed import EVENTS, Listed, NoEvent, decode_event

PAGES: Final = 10
"""How many pages are read at a time, at most."""
_BAD_REQUEST: Final = 400


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list: where it stands, what is on it, where the next one stands."""

    url: str
    events: Sequence[Listed]
    following: str | None


@dataclass(slots=True)
class EventPages:
    """Asks for pages of one tenant's list. The page that was asked for first is remembered with its ETag."""

    lookout: Lookout
    tenant_url: str
    plain: bool = False
    """Whether the list takes no parameters: the documentation declares neither `limit` nor `include`."""
    _kept: tuple[Page, str] | None = field(default=None, repr=False)

    async def walk(self, start: str, filters: Mapping[str, str]) -> AsyncGenerator[Page]:
        """Give up to ten pages, from `start` on if it isn't empty, else from the beginning."""
        page = await self._read(start) if start else await self._first(filters)
        yield page
        for _ in range(PAGES - 1):
            if page.following is None:
                return
            page = await self._read(page.following, keep=False)
            yield page

    async def _first(self, filters: Mapping[str, str]) -> Page:
        if not self.plain:
            try:
                return await self._read(self.lookout.source.first_url(EVENTS, filters), keep=not filters)
            except Refused as refusal:
                if refusal.status != _BAD_REQUEST or filters:
                    raise
        page = await self._read(EVENTS.path)
        self.plain = True
        return page

    async def _read(self, url: str, *, keep: bool = True) -> Page:
        source = self.lookout.source
        kept = self._kept if self._kept and self._kept[0].url == url else None
        answer = await source.page(url, resource=EVENTS, etag=kept[1] if kept else None, purpose="hint")
        if answer.body is None and kept is not None:
            return kept[0]
        decoded = decode_page(answer.body or b"")
        events: list[Listed] = []
        for item in decoded.items:
            try:
                events.append(decode_event(item.raw, self.tenant_url, self.lookout.clock.now(), "feed"))
            except NoEvent:
                continue
        page = Page(url, events, source.follow(decoded.next_href, url) if decoded.next_href else None)
        if keep:
            self._kept = (page, answer.etag) if answer.etag else None
        return page
