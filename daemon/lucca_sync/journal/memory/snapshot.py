"""Records and pages as dictionaries: what is missing is found by looking at them all, not by bookkeeping."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from lucca_sync.journal.protocol import (
    Known,
    PageCommit,
    PageHead,
    PageItems,
    ResourceName,
    ResourceState,
    SweepCursor,
    Write,
)
from lucca_sync.journal.rules import check_sequence, unwritten


@dataclass(frozen=True, slots=True)
class Page:
    """How a page was answered and what it showed."""

    head: PageHead
    items: PageItems


@dataclass(slots=True)
class Snapshot:
    """All that is known of one resource."""

    records: dict[str, Known] = field(default_factory=dict[str, Known])
    pages: dict[int, Page] = field(default_factory=dict[int, Page])
    apart: set[str] = field(default_factory=set[str])
    baseline_done: bool = False
    swept: datetime | None = None
    cursor: SweepCursor | None = None

    def state(self) -> ResourceState:
        """Return what is known of the resource as a whole."""
        living = sum(1 for _ in self.living())
        return ResourceState(self.baseline_done, self.swept, self.cursor, living)

    def living(self) -> Iterator[Known]:
        """Give every record that is not gone."""
        return (record for record in self.records.values() if record.content is not None)

    def known(self, ids: Collection[str]) -> Mapping[str, Known]:
        """Return those records that were ever seen."""
        return {name: self.records[name] for name in ids if name in self.records}

    def missing(self) -> Iterator[Known]:
        """Give every living record that no page shows and that was not read alone since."""
        shown = {name for page in self.pages.values() for name in page.items.ids}
        for record in self.records.values():
            if record.content is not None and record.id not in shown and record.id not in self.apart:
                yield record

    def check(self, writes: Sequence[Write], shown: Collection[str], name: ResourceName) -> None:
        """Raise what a commit of these would have to raise, before anything is changed."""
        after = dict(self.records)
        for write in writes:
            known = after.get(write.id)
            check_sequence(write, known.sequence if known else 0)
            after[write.id] = _known(write)
        if any(listed not in after or after[listed].content is None for listed in shown):
            raise unwritten(name)

    def commit_page(self, page: PageCommit) -> None:
        """Take over a page that was checked."""
        self.write(page.writes, besides=page.head.slot)
        self.pages[page.head.slot] = Page(page.head, page.items)
        self.apart.difference_update(page.items.ids)
        self.cursor = page.cursor

    def write(self, writes: Sequence[Write], besides: int | None = None) -> None:
        """Take over records that were checked; pages other than `besides` vouch for them no longer."""
        for write in writes:
            self.records[write.id] = _known(write)
            for slot, page in self.pages.items():
                if slot != besides and write.id in page.items.ids:
                    self.pages[slot] = _distrusting(page, write.id)
            if write.content is None or self._shown(write.id):
                self.apart.discard(write.id)
            else:
                self.apart.add(write.id)

    def _shown(self, name: str) -> bool:
        return any(name in page.items.ids for page in self.pages.values())

    def finish(self, at: datetime, pages: int) -> None:
        """End a complete sweep."""
        self.pages = {slot: page for slot, page in self.pages.items() if slot < pages}
        self.apart.clear()
        self.baseline_done, self.swept, self.cursor = True, at, None


def _known(write: Write) -> Known:
    return Known(write.id, write.content, write.digest, write.sequence)


def _distrusting(page: Page, name: str) -> Page:
    digests = tuple(
        b"" if listed == name else digest
        for listed, digest in zip(page.items.ids, page.items.digests, strict=True)
    )
    return Page(replace(page.head, etag=None, digest=b""), PageItems(page.items.ids, digests))
