"""The memory journal with the bookkeeping that hundreds of thousands of records need, and an ear at it.

Held to the conformance suite of journals: it must not matter that a simulation is kept in this one.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.memory.snapshot import Page, Snapshot
from lucca_sync.journal.protocol import Known, PageCommit, PageItems, ResourceName, ResourceState, Write
from lucca_sync.journal.rules import check_sequence, unwritten
from lucca_sync.model.event import Event

Heard = Callable[[Event], None]


@dataclass(slots=True)
class LeanSnapshot(Snapshot):
    """One resource that knows how many of its records live, and on which pages each was seen."""

    alive: int = 0
    where: dict[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    order: list[str] = field(default_factory=list[str])
    place: dict[str, int] = field(default_factory=dict[str, int])

    def copy(self) -> "LeanSnapshot":
        """Return another that shares nothing that changes."""
        return replace(
            self,
            records=dict(self.records),
            pages=dict(self.pages),
            apart=set(self.apart),
            where=dict(self.where),
            order=list(self.order),
            place=dict(self.place),
        )

    def state(self) -> ResourceState:
        return ResourceState(self.baseline_done, self.swept, self.cursor, self.alive)

    def missing(self) -> Iterator[Known]:
        for record in self.records.values():
            if record.content is not None and record.id not in self.where and record.id not in self.apart:
                yield record

    def check(self, writes: Sequence[Write], shown: Collection[str], name: ResourceName) -> None:
        after: dict[str, Write] = {}
        for write in writes:
            known = after.get(write.id) or self.records.get(write.id)
            check_sequence(write, known.sequence if known else 0)
            after[write.id] = write
        for listed in shown:
            record = after.get(listed) or self.records.get(listed)
            if record is None or record.content is None:
                raise unwritten(name)

    def commit_page(self, page: PageCommit) -> None:
        slot = page.head.slot
        self.write(page.writes, besides=slot)
        former = self.pages.get(slot)
        self._leave(slot, former.items.ids if former else ())
        self._stand(slot, page.items.ids)
        self.pages[slot] = Page(page.head, page.items)
        self.apart.difference_update(page.items.ids)
        self.cursor = page.cursor

    def write(self, writes: Sequence[Write], besides: int | None = None) -> None:
        for write in writes:
            self._put(Known(write.id, write.content, write.digest, write.sequence))
            for slot in self.where.get(write.id, ()):
                if slot != besides:
                    self.pages[slot] = _distrusting(self.pages[slot], write.id)
            if write.content is None or write.id in self.where:
                self.apart.discard(write.id)
            else:
                self.apart.add(write.id)

    def finish(self, at: datetime, pages: int) -> None:
        for slot in [slot for slot in self.pages if slot >= pages]:
            self._leave(slot, self.pages.pop(slot).items.ids)
        self.apart.clear()
        self.baseline_done, self.swept, self.cursor = True, at, None

    def seed(self, page: Page, records: Sequence[Known]) -> None:
        """Take in a page and its records without asking whether that can be."""
        for record in records:
            self._put(record)
        self.pages[page.head.slot] = page
        self._stand(page.head.slot, page.items.ids)

    def _put(self, record: Known) -> None:
        former = self.records.get(record.id)
        if former is None:
            self.place[record.id] = len(self.order)
            self.order.append(record.id)
        self.alive += (record.content is not None) - (former is not None and former.content is not None)
        self.records[record.id] = record

    def _stand(self, slot: int, ids: Collection[str]) -> None:
        alone = (slot,)  # one for all: most records stand on one page
        for one in ids:
            others = self.where.get(one)
            self.where[one] = alone if others is None else (*others, slot)

    def _leave(self, slot: int, ids: Collection[str]) -> None:
        for one in ids:
            left = tuple(other for other in self.where[one] if other != slot)
            if left:
                self.where[one] = left
            else:
                del self.where[one]


class LeanJournal(MemoryJournal):
    """Tells of each event as it is journaled."""

    def __init__(self, heard: Heard = lambda _: None) -> None:
        super().__init__()
        self._heard = heard
        self._snapshots = defaultdict[ResourceName, Snapshot](LeanSnapshot)

    def adopt(self, name: ResourceName, snapshot: LeanSnapshot) -> None:
        """Begin with what is known of a resource."""
        self._snapshots[name] = snapshot

    def snapshot(self, name: ResourceName) -> Snapshot:
        """Return what is known of a resource."""
        return self._of(name)

    async def scan(self, name: ResourceName, after: str | None, limit: int) -> Sequence[Known]:
        snapshot = self._of(name)
        if not isinstance(snapshot, LeanSnapshot):
            return await super().scan(name, after, limit)
        first = 0 if after is None else snapshot.place[after] + 1
        found = (snapshot.records[one] for one in islice(snapshot.order, first, None))
        return list(islice((record for record in found if record.content is not None), limit))

    def _journal(self, writes: Sequence[Write], at: datetime) -> None:
        super()._journal(writes, at)
        for write in writes:
            if write.event is not None:
                self._heard(write.event)


def _distrusting(page: Page, name: str) -> Page:
    index = page.items.ids.index(name)
    digests = (*page.items.digests[:index], b"", *page.items.digests[index + 1 :])
    return Page(replace(page.head, etag=None, digest=b""), PageItems(page.items.ids, digests))
