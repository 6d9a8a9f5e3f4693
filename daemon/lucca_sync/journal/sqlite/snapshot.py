"""The snapshot's transactions: what one page, or records read alone, change in all tables at once.

Two things always hold afterwards: `record.held` is the number of remembered pages that name the record, and
a remembered digest vouches for what is stored, or is empty.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from lucca_sync.journal.protocol import PageCommit, PageItems, ResourceName, Write
from lucca_sync.journal.rules import check_page, check_writes, unwritten
from lucca_sync.journal.sqlite.bodies import Bodies
from lucca_sync.journal.sqlite.codes import micros
from lucca_sync.journal.sqlite.events import Events
from lucca_sync.journal.sqlite.pages import Pages
from lucca_sync.journal.sqlite.records import Records, Revision, Standing
from lucca_sync.journal.sqlite.resources import Resources


class Snapshot:
    """Writes what looks have found; each method is the content of one transaction."""

    def __init__(
        self, resources: Resources, records: Records, pages: Pages, bodies: Bodies, events: Events
    ) -> None:
        self._resources = resources
        self._records = records
        self._pages = pages
        self._bodies = bodies
        self._events = events

    def commit_page(self, page: PageCommit) -> None:
        """Write all that one page changes."""
        check_page(page)
        resource, slot = self._resources.ensure(page.name), page.head.slot
        before = self._pages.items(resource, slot)
        view = _View(slot, frozenset(before.ids), frozenset(page.items.ids), _untrusted(before))
        revision = self._records.revise(resource, view.touched | {write.id for write in page.writes})
        self._write(resource, page.writes, revision, page.at, view)
        self._place(page.name, revision, view)
        revision.save()
        self._events.flush()
        self._pages.remember(resource, page.head, page.items)
        self._resources.move_on(resource, page.cursor, revision.born)

    def commit_writes(self, name: ResourceName, at: datetime, writes: Sequence[Write]) -> None:
        """Write records seen outside a sweep."""
        check_writes(name, writes)
        resource = self._resources.ensure(name)
        revision = self._records.revise(resource, {write.id for write in writes})
        self._write(resource, writes, revision, at, _NO_PAGE)
        revision.save()
        self._events.flush()
        self._resources.count(resource, revision.born)

    def finish_sweep(self, name: ResourceName, at: datetime, pages: int) -> None:
        """Forget the slots beyond a complete sweep's last page and note its end."""
        resource = self._resources.ensure(name)
        for slot in self._pages.slots(resource, since=pages):
            ids = frozenset(self._pages.items(resource, slot).ids)
            revision = self._records.revise(resource, ids)
            self._place(name, revision, _View(slot, ids, frozenset(), frozenset()))
            revision.save()
            self._pages.forget(resource, slot)
        self._records.miss_those_apart(resource)
        self._resources.finish(resource, at)

    def _write(
        self, resource: int, writes: Sequence[Write], revision: Revision, at: datetime, view: "_View"
    ) -> None:
        self._bodies.learn(resource, [write.content for write in writes if write.content is not None])
        doubts, journaled = _Doubts(), micros(at)
        for write in writes:
            doubts.add(write.id, revision.find(write.id), view)
            record = revision.write(write)
            if write.event is not None:
                self._events.add(resource, record.key, write.event, write.lanes, journaled)
        for slot, ids in doubts.at.items():
            self._pages.distrust(resource, slot, ids)
        if doubts.anywhere:
            self._pages.distrust_wherever(resource, doubts.anywhere, besides=view.slot)

    @staticmethod
    def _place(name: ResourceName, revision: Revision, view: "_View") -> None:
        """Note which records the page shows for the first time and which it shows no longer."""
        for arrived in view.arrived:
            _living(revision.find(arrived), name).shown(view.slot)
        for doubted in view.untrusted & view.now:
            _living(revision.find(doubted), name)
        for departed in view.departed:
            record = revision.find(departed)
            if record is not None:
                record.unshown(view.slot)


class _View:
    """What the page at a slot showed before a look and what it shows now."""

    def __init__(
        self, slot: int, before: frozenset[str], now: frozenset[str], untrusted: frozenset[str]
    ) -> None:
        self.slot = slot
        self.before = before
        self.now = now
        self.untrusted = untrusted
        self.arrived = now - before
        self.departed = before - now

    @property
    def touched(self) -> frozenset[str]:
        """The records whose standing has to be known."""
        return self.arrived | self.departed | (self.untrusted & self.now)


_NO_PAGE = _View(-1, frozenset(), frozenset(), frozenset())


class _Doubts:
    """Which pages vouch for records that are being written through another door."""

    def __init__(self) -> None:
        self.at: defaultdict[int, set[str]] = defaultdict(set)
        self.anywhere: set[str] = set()

    def add(self, name: str, record: Standing | None, view: _View) -> None:
        """Find the other pages that show a record: none, the one it stands at, or only a search will tell."""
        others = 0 if record is None else record.held - (name in view.before)
        if record is None or not others:
            return
        if others == 1 and record.slot is not None and record.slot != view.slot:
            self.at[record.slot].add(name)
        else:
            self.anywhere.add(name)


def _untrusted(items: PageItems) -> frozenset[str]:
    return frozenset(name for name, digest in zip(items.ids, items.digests, strict=True) if not digest)


def _living(record: Standing | None, name: ResourceName) -> Standing:
    if record is None or not record.living:
        raise unwritten(name)
    return record
