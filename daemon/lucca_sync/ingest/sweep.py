"""The sweep: every page of one resource, asked for conditionally and compared with the snapshot.

One page, one transaction.
Knows how far it has come (the cursor is in the journal) but not when to start, nor what to do about trouble.
"""

from dataclasses import dataclass, replace
from typing import Final

import structlog

from lucca_sync.ingest.asking import ask
from lucca_sync.ingest.decode import Page, UnreadablePage, decode_page, page_digest
from lucca_sync.ingest.freshness import Freshness
from lucca_sync.ingest.gaps import Gaps, between
from lucca_sync.ingest.page import Compared, Reading
from lucca_sync.ingest.post import Overtaken, Post
from lucca_sync.ingest.sight import Sight
from lucca_sync.journal.protocol import PageCommit, PageHead, PageItems, SweepCursor
from lucca_sync.lucca import legacy
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import ForeignLink, Unreadable
from lucca_sync.lucca.paging import limit_of

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_READS_OF_A_BAD_PAGE: Final = 3
_PAGES_BETWEEN_CURSORS: Final = 20


@dataclass(frozen=True, slots=True)
class Swept:
    """How a sweep ended: all pages seen, or some passed over because they could not be read."""

    pages: int
    complete: bool


@dataclass(frozen=True, slots=True)
class _Passed:
    """What one page came to: where to go next, and whether its cursor is already in the journal."""

    next_url: str | None
    records: int = 0
    saved: bool = False
    total: int | None = None
    readable: bool = True
    gaps: tuple[str, ...] = ()


class Sweep:
    """One pass over a resource. Make a new one for each pass.

    `afresh`: what is remembered of pages is not relied on. An unchanged page may stand before a link that has
    died since: only its body holds the new one.
    """

    def __init__(self, post: Post, gaps: Gaps, freshness: Freshness, *, afresh: bool = False) -> None:
        self._post = post
        self._gaps = gaps
        self._freshness = freshness
        self._lookout = post.lookout
        self._watched = post.watched
        self._afresh = afresh
        self._reading = Reading(post.lookout, post.watched, post.brake, baseline=False)
        self._heads: dict[int, PageHead] = {}
        self._baseline = False
        self._same_filters = True
        self._records = 0
        self._visited: set[str] = set()
        self._firsts: dict[str, int] = {}

    async def run(self) -> Swept:
        """Look at every page from the journal's cursor on; end the sweep when none was missed."""
        journal, name = self._lookout.journal, self._watched.name
        state = await journal.state(name)
        self._baseline, self._records = not state.baseline_done, state.records if state.cursor else 0
        self._post.begin_round()
        sight = Sight(journal, name, self._watched.filters)
        formerly = await sight.formerly()
        self._same_filters = formerly == dict(self._watched.filters)
        self._reading = Reading(
            self._lookout,
            self._watched,
            self._post.brake,
            self._baseline,
            formerly,
            self._post.grown,
            turned=self._post.turned,
        )
        begun = state.cursor if await sight.begin() else None
        if begun is None:
            self._post.begin_anew()
            await self._post.brake.begin(everything=True)
        self._heads = dict(await journal.heads(name))
        cursor = begun or SweepCursor(self._lookout.clock.now(), 0, self._first_url(counting=self._baseline))
        ended = await self._pages(cursor)
        if ended.complete:
            await journal.finish_sweep(name, self._lookout.clock.now(), ended.pages)
            self._freshness.swept(cursor.started.timestamp(), ended.pages)
            self._lookout.onlooker.sweep_ended(name, baseline=self._baseline, records=self._records)
        else:
            await journal.save_cursor(name, None)
        return ended

    async def _pages(self, cursor: SweepCursor) -> Swept:
        complete, unsaved = True, 0
        while cursor.url:
            passed = await self._page(cursor)
            complete = complete and passed.readable
            self._tell(passed)
            cursor = replace(cursor, slot=cursor.slot + 1, url=passed.next_url or "")
            unsaved = 0 if passed.saved else unsaved + 1
            if unsaved >= _PAGES_BETWEEN_CURSORS:
                await self._lookout.journal.save_cursor(self._watched.name, cursor)
                unsaved = 0
        return Swept(cursor.slot, complete)

    async def _page(self, cursor: SweepCursor) -> _Passed:
        """Ask for one page; again if it cannot be read; then go round it where its successor is known."""
        reads = 0
        while True:
            try:
                return await self._look(cursor)
            except (UnreadablePage, ForeignLink, Unreadable) as error:
                reads += 1
                asked_again = isinstance(error, Unreadable)  # the client has done that
                if reads < _READS_OF_A_BAD_PAGE and not asked_again:
                    continue
                return self._gone_round(cursor, error)

    def _gone_round(self, cursor: SweepCursor, error: Exception) -> _Passed:
        """Pass over a page that cannot be read; raise the error where nobody knows what comes next."""
        self._quarantined("page", 1)
        head = self._remembered(cursor)
        if head is None:
            raise error
        _LOG.warning("page_passed_over", **self._labels(), slot=cursor.slot, reason=str(error))
        return _Passed(head.next_url, readable=False)

    async def _look(self, cursor: SweepCursor) -> _Passed:
        with self._post.asking() as moment:
            asked = self._freshness.now()
            passed = await self._answered(cursor, moment)
        self._freshness.looked(cursor.slot, asked)
        await self._gaps.look_into(passed.gaps)
        return passed

    async def _answered(self, cursor: SweepCursor, moment: int) -> _Passed:
        head = self._remembered(cursor)
        url, answer = await ask(
            self._lookout.source,
            cursor.url,
            resource=self._watched.resource,
            etag=head.etag if head else None,
            purpose=self._purpose(),
        )
        if head is not None and (answer.body is None or page_digest(answer.body) == head.digest):
            return _Passed(head.next_url)
        if answer.body is None:
            raise UnreadablePage("Lucca answered 304 to a request without an ETag")
        page = decode_page(answer.body)
        following = self._next_url(cursor, url, page)
        seen = PageHead(cursor.slot, url, answer.etag, page_digest(answer.body), following)
        async with self._post.turn(moment) as overtaken:
            return await self._compare(cursor, page, seen, overtaken)

    async def _compare(
        self, cursor: SweepCursor, page: Page, head: PageHead, overtaken: Overtaken
    ) -> _Passed:
        journal, name = self._lookout.journal, self._watched.name
        former = await journal.items(name, cursor.slot) if cursor.slot in self._heads else PageItems()
        compared = await self._reading.compared(page.items, former, overtaken, head.url)
        self._quarantined("record", page.unidentified + len(compared.unreadable))
        items, head = memory_of(page, head, compared)
        if head.next_url is None and len(page.items) >= limit_of(head.url):
            # A full last page may get a successor without a new ETag, for all that the documentation says.
            head = replace(head, etag=None)
        following = SweepCursor(cursor.started, cursor.slot + 1, head.next_url or "")
        commit = PageCommit(name, self._lookout.clock.now(), head, items, compared.writes, following)
        await self._post.write_page(commit, baseline=self._baseline)
        gaps = self._gaps_of(page, former)
        return _Passed(head.next_url, len(page.items), saved=True, total=page.total, gaps=gaps)

    def _gaps_of(self, page: Page, former: PageItems) -> tuple[str, ...]:
        """Return who stood on this page, and must stand on it still unless it is gone."""
        if self._baseline or not self._same_filters or self._watched.resource.sort != "id":
            return ()
        return tuple(between(former.ids, [item.id for item in page.items]))

    def _next_url(self, cursor: SweepCursor, asked: str, page: Page) -> str | None:
        if self._watched.resource.api == "v3":
            first = page.items[0].id if page.items else ""
            if first and self._firsts.setdefault(first, cursor.slot) != cursor.slot:
                raise UnreadablePage("a page seen before was shown again: which one is asked for is ignored")
            return legacy.next_url(asked, page.rows)
        if page.next_href is None:
            return None
        url = self._lookout.source.follow(page.next_href, self._first_url(counting=False))
        self._visited.add(cursor.url)
        if url in self._visited:
            raise UnreadablePage("the link to the next page leads back to a page already seen")
        return url

    def _remembered(self, cursor: SweepCursor) -> PageHead | None:
        head = None if self._afresh else self._heads.get(cursor.slot)
        return head if head is not None and head.url == cursor.url else None

    def _first_url(self, *, counting: bool) -> str:
        """Ask for the total only where a baseline begins: people watch it, and counting costs Lucca time."""
        include = {"include": "links,totalCount"} if counting else {}
        asked = {**self._watched.filters, **self._post.size, **include}
        return self._lookout.source.first_url(self._watched.resource, asked)

    def _purpose(self) -> Purpose:
        return "baseline" if self._baseline else "sweep"

    def _tell(self, passed: _Passed) -> None:
        self._records += passed.records
        if self._baseline:
            self._lookout.metrics.baseline_records.labels(*self._watched.name).set(self._records)
        self._lookout.onlooker.page_passed(
            self._watched.name, baseline=self._baseline, records=self._records, total=passed.total
        )

    def _quarantined(self, what: str, count: int) -> None:
        if count:
            self._lookout.metrics.quarantined.labels(*self._watched.name, what).inc(count)
            _LOG.warning(f"{what}_quarantined", **self._labels(), count=count)

    def _labels(self) -> dict[str, str]:
        return {"tenant": self._watched.name.tenant, "resource": self._watched.name.resource}


def memory_of(page: Page, head: PageHead, compared: Compared) -> tuple[PageItems, PageHead]:
    """Say what to remember of a page. One with a stale row on it must be compared again next time."""
    listed = [item for item in page.items if item.id not in compared.left_out]
    digests = tuple(b"" if item.id in compared.disbelieved else item.digest for item in listed)
    items = PageItems(tuple(item.id for item in listed), digests)
    return items, replace(head, etag=None, digest=b"") if compared.doubtful else head
