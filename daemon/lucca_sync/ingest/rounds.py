"""Rounds: one resource watched by pages of a fixed address, one page a step, the planner's choice.

A round ends when every page has been asked; then what no page showed is dealt with, as after a sweep.
Knows nothing of when the next step is due, beyond the seconds between two.
"""

from collections.abc import Sequence
from typing import Final

import structlog

from lucca_sync.ingest.abilities import Abilities, Hope
from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.decode import Item, Page, UnreadablePage, UnreadableRecord, decode_page, page_digest
from lucca_sync.ingest.freshness import Freshness
from lucca_sync.ingest.gaps import Gaps
from lucca_sync.ingest.page import Reading
from lucca_sync.ingest.planner import Planner
from lucca_sync.ingest.post import Overtaken
from lucca_sync.ingest.stable import Layout, can_be_listed
from lucca_sync.ingest.sweep import memory_of
from lucca_sync.ingest.values import population_of, values_of
from lucca_sync.journal.protocol import PageCommit, PageHead
from lucca_sync.lucca.errors import Refused, TooHeavy, Unreadable
from lucca_sync.model.pointer import text_at

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
ABILITY: Final = "stable pages"
_REFUSALS_BELIEVED: Final = 3
"""An odd status may be a gateway's; so many in a row are Lucca's own word."""


class FilterIgnored(Exception):
    """A page shows records that it did not ask for, or too few of those that it did."""


class Rounds:
    """Asks the pages of one resource, round after round."""

    def __init__(self, absentees: Absentees, gaps: Gaps, freshness: Freshness) -> None:
        self._post = absentees.post
        self._absentees = absentees
        self._gaps = gaps
        self._freshness = freshness
        self._lookout = absentees.lookout
        self._watched = absentees.watched
        self._by = self._watched.resource.stable or ""
        self._abilities = Abilities(self._lookout.journal, self._watched.name)
        self._hope = Hope(self._abilities, ABILITY, self._lookout.clock)
        self._forget()

    def _forget(self) -> None:
        self._layout = Layout(self._watched.resource, self._by)
        self._planner = Planner()
        self._heads: dict[int, PageHead] = {}
        self._heads_of = -1
        self._unseen: set[int] = set()
        self._changed: set[int] = set()
        self._unread: set[int] = set()
        self._population = (0, 0)
        self._share = 1.0
        self._began = 0.0
        self._hurried = False
        self._anew = False
        self._refusals = 0
        self._strange = 0
        self._proved = False
        self._settled = True

    @property
    def spacing(self) -> float:
        """The seconds from one step to the next: a round takes the time that a sweep would have."""
        return 0.0 if self._hurried else self._watched.every / max(1, len(self._layout))

    @property
    def wanted(self) -> bool:
        """Whether the settings and the resource allow it: no page of these would ever show a new record."""
        watched, resource = self._watched, self._watched.resource
        headed = watched.head is not None and resource.newest is not None
        counted = watched.count is not None and resource.api == "v5"
        return watched.stable and bool(self._by) and (headed or counted) and not watched.filters

    @property
    def active(self) -> bool:
        """Whether the resource is being watched this way."""
        return len(self._layout) > 0

    async def possible(self) -> bool:
        """Tell whether the resource can be watched this way now; get ready for it."""
        if len(self._layout):
            return True
        if not self.wanted or not await self._post.ready() or await self._hope.given_up():
            return False
        return await self._get_ready()

    async def persisted(self) -> bool:
        """Tell whether the journal's pages are of this kind: a sweep would put its own in their place."""
        if not self.wanted:
            return False
        layout = Layout(self._watched.resource, self._by)
        heads = await self._lookout.journal.heads(self._watched.name)
        layout.recall({slot: head.url for slot, head in heads.items()})
        return len(layout) > 0

    async def _get_ready(self) -> bool:
        journal, name = self._lookout.journal, self._watched.name
        values = await values_of(journal, self._watched)
        if not values or not can_be_listed(values):
            return False
        state = await journal.state(name)
        heads = await journal.heads(name)
        self._proved = (await self._abilities.found()).get(ABILITY) is True
        self._layout.recall({slot: head.url for slot, head in heads.items()})
        self._freshness.recall(state.swept)
        self._population = await population_of(journal, self._watched)
        self._arrange(values)
        self._changed.clear()
        self._hurried = self._freshness.age() > self._watched.every
        await self._begin()
        return True

    async def _begin(self) -> None:
        self._unseen = set(self._layout)
        self._began = self._freshness.now()
        self._post.begin_round()
        self._post.begin_anew()
        self._gaps.renew()
        await self._post.brake.begin()

    def begin_anew(self) -> None:
        """Begin a round with the next step, and hurry: somebody has decided what to believe of it."""
        self._anew = True

    async def step(self) -> bool:
        """Ask for one page, and end the round if it was the last; tell whether all can be read."""
        if self._anew:
            self._anew, self._hurried = False, True
            await self._begin()
        if await population_of(self._lookout.journal, self._watched) != self._population:
            await self._adopt()
        slot = self._planner.next(self._freshness.now())
        if slot is not None:
            await self._ask(slot)
        if self._unseen <= self._unread:  # what can't be read, as it seems, is no reason to hurry
            self._hurried = False
        if not self._unseen and len(self._layout):
            await self._end()
        return self._settled and not self._unread

    async def _end(self) -> None:
        """Deal with what no page showed, once pages that have just taken in a record were asked too."""
        await self._adopt()
        for slot in sorted(self._changed):
            await self._ask(slot)
        self._unseen |= self._changed  # whatever of them could not be read waits for its turn
        if self._unseen or not self._planner:
            return
        journal, name = self._lookout.journal, self._watched.name
        await journal.finish_sweep(name, self._lookout.clock.now(), len(self._layout))
        self._settled = await self._absentees.settle()
        state = await journal.state(name)
        self._freshness.complete(state)
        self._lookout.metrics.look_duration.labels(*name).observe(self._freshness.now() - self._began)
        self._lookout.onlooker.sweep_ended(name, baseline=False, records=state.records)
        self._hurried = False
        await self._begin()

    # --- which pages there are ------------------------------------------------------------------------------

    async def _adopt(self) -> None:
        """Give new records a page, and rebuild pages of which most are gone."""
        journal, watched = self._lookout.journal, self._watched
        self._population = await population_of(journal, watched)
        values = await values_of(journal, watched)
        if can_be_listed(values):
            self._arrange(values)
        else:
            await self._give_up("ids that no list can hold")

    def _arrange(self, values: Sequence[str]) -> None:
        self._share = self._population[0] / max(1, len(values))
        self._changed |= self._layout.thin_out(set(values))
        asked = self._layout.everything()
        self._changed |= self._layout.place(value for value in values if value not in asked)
        self._plan()

    def _plan(self) -> None:
        """Plan for the pages of the layout, for all of them and no other."""
        slots = set(self._layout)
        self._freshness.fixed(len(slots))
        for slot in set(self._planner) - slots:
            self._planner.drop(slot)
        for slot in sorted(slots - set(self._planner)):
            self._planner.add(slot, self._freshness.page(slot))
        for pages in (self._unseen, self._changed, self._unread):
            pages.intersection_update(slots)

    async def _give_up(self, reason: str) -> None:
        """Watch by cursor sweeps from now on, and say so once, however often it is tried again."""
        self._forget()
        if await self._abilities.lacks(ABILITY):
            return
        await self._abilities.note(ABILITY, has=False)
        _LOG.warning(
            "pages_not_addressable",
            **self._watched.name._asdict(),
            filter=self._by,
            reason=reason,
            advice="every look is a sweep of the whole resource from now on",
        )

    # --- one page -------------------------------------------------------------------------------------------

    async def _ask(self, slot: int) -> None:
        """Ask for one page; what is wrong with it alone does not keep the others from their turn."""
        began = self._freshness.now()
        changes: int | None = None
        absent: Sequence[str] = ()
        try:
            changes, absent = await self._look(slot)
        except TooHeavy:
            if not self._split(slot):
                raise
        except (UnreadablePage, Unreadable):
            self._unread.add(slot)
            self._quarantined("page", 1)
        except FilterIgnored as error:
            await self._give_up(str(error))
        except Refused:
            self._refusals += 1
            if self._refusals < _REFUSALS_BELIEVED:
                raise
            await self._give_up("the filter is refused")
        finally:
            if slot in self._planner:
                self._planner.asked(slot, began, changes)
        if changes is not None:
            self._seen(slot, began)
            await self._gaps.look_into(absent)

    def _seen(self, slot: int, began: float) -> None:
        self._refusals = 0
        self._freshness.looked(slot, began)
        for pages in (self._unseen, self._changed, self._unread):
            pages.discard(slot)

    def _split(self, slot: int) -> bool:
        halves = self._layout.split(slot)
        self._changed |= halves
        self._plan()
        return bool(halves)

    async def _look(self, slot: int) -> tuple[int, Sequence[str]]:
        """Ask for a page and compare it; return how many of its records have changed, and who is missing."""
        asked, url = set(self._layout.values(slot)), self._layout.url(slot)
        head = await self._remembered(slot, url)
        with self._post.asking() as moment:
            answer = await self._lookout.source.page(
                url, resource=self._watched.resource, etag=head.etag if head else None, purpose="sweep"
            )
            if head is not None and (answer.body is None or page_digest(answer.body) == head.digest):
                return 0, ()
            if answer.body is None:
                raise UnreadablePage("Lucca answered 304 to a request without an ETag")
            page = decode_page(answer.body)
            await self._check(page, asked)
            seen = PageHead(slot, url, answer.etag, page_digest(answer.body), None)
            async with self._post.turn(moment) as overtaken:
                changes, former = await self._compare(page, seen, overtaken)
        listed = {item.id for item in page.items}
        expected = asked if self._by == "id" else former
        # A page that shows nobody any more is a sign of something larger: the end of the round judges it all.
        return changes, [one for one in expected if one not in listed] if listed else ()

    async def _compare(self, page: Page, head: PageHead, overtaken: Overtaken) -> tuple[int, Sequence[str]]:
        """Commit what is new on a page; return how many events that makes, and who stood here before."""
        journal, name = self._lookout.journal, self._watched.name
        former = await journal.items(name, head.slot)
        reading = Reading(
            self._lookout,
            self._watched,
            self._post.brake,
            baseline=False,
            grown=self._post.grown,
            turned=self._post.turned,
            eye="page",
        )
        compared = await reading.compared(page.items, former, overtaken, head.url)
        self._quarantined("record", page.unidentified + len(compared.unreadable))
        items, head = memory_of(page, head, compared)
        commit = PageCommit(name, self._lookout.clock.now(), head, items, compared.writes, None)
        await self._post.write_page(commit)
        return sum(write.event is not None for write in compared.writes), former.ids

    async def _remembered(self, slot: int, url: str) -> PageHead | None:
        """Return what is remembered of a page, unless it was asked for something else then."""
        if self._heads_of != self._post.commits:
            self._heads_of = self._post.commits
            self._heads = dict(await self._lookout.journal.heads(self._watched.name))
        head = self._heads.get(slot)
        return head if head is not None and head.url == url else None

    async def _check(self, page: Page, asked: set[str]) -> None:
        """Find out whether Lucca honours the filter; raise FilterIgnored if it does not.

        Where it did before, one answer that is not to the question is only a page that cannot be read.
        """
        if len(page.items) > len(asked) or any(self._stranger(item, asked) for item in page.items):
            self._strange += 1
            if self._proved and self._strange < _REFUSALS_BELIEVED:
                raise UnreadablePage("records that were not asked for are shown")
            raise FilterIgnored("records that were not asked for are shown")
        self._strange = 0
        if self._proved:
            return
        if len(page.items) * 2 < len(asked) * self._share:
            raise FilterIgnored("most of the records asked for are not shown")
        await self._abilities.note(ABILITY, has=True)
        self._proved = True

    def _stranger(self, item: Item, asked: set[str]) -> bool:
        path = self._watched.resource.lists[self._by]
        try:
            return (item.id if path == ("id",) else text_at(item.content(), path)) not in asked
        except UnreadableRecord:
            return False

    def _quarantined(self, what: str, count: int) -> None:
        if count:
            self._lookout.metrics.quarantined.labels(*self._watched.name, what).inc(count)
            _LOG.warning(f"{what}_quarantined", **self._watched.name._asdict(), count=count)
