"""Reading all absences of the window again: page by page of owners, each compared in one transaction.

What falls out at the window's past edge is forgotten without a word; what is new at the future edge is told.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

import msgspec
import structlog

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.decode import Item
from lucca_sync.ingest.emit import write_first, write_forgotten
from lucca_sync.ingest.halves import HalfDays
from lucca_sync.ingest.leave_records import days_of, in_window, items_for, span_of
from lucca_sync.ingest.leaves import OWNERS_AT_ONCE, LeaveReader, Span
from lucca_sync.ingest.page import Compared, Reading
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.source import Window
from lucca_sync.journal.protocol import Known, PageCommit, PageHead, PageItems, SweepCursor
from lucca_sync.lucca.budget import Purpose

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_FORGOTTEN_AT_ONCE: Final = 100
_ADDRESS: Final = "owners"


@dataclass(frozen=True, slots=True)
class Width:
    """How wide the settings made one resource's window at its last complete reading, kept in a note."""

    post: Post

    async def formerly(self) -> Span | None:
        """Return the days that those settings mean today, if the window has become wider since."""
        lookout, window = self.post.lookout, self.post.watched.window
        note = await lookout.journal.note(self._key)
        if not note:
            return None
        former = msgspec.json.decode(note, type=Window)
        narrower = former.past < window.past or former.future < window.future
        return Span(*former.span(lookout.clock.now())) if narrower else None

    async def note(self) -> None:
        """Note that a reading of today's window is complete."""
        note = msgspec.json.encode(self.post.watched.window)
        if note != await self.post.lookout.journal.note(self._key):
            await self.post.lookout.journal.write_note(self._key, note)

    @property
    def _key(self) -> str:
        return "window/{}/{}".format(*self.post.watched.name)


@dataclass(slots=True)
class WindowReading:
    """One reading of one resource's window, fed with the half-days of owners, page after page."""

    post: Post
    absentees: Absentees
    _baseline: bool = False
    _reading: Reading = field(init=False)
    _formerly: Span | None = None

    async def begin(self) -> None:
        """Begin at the first page."""
        lookout, watched, brake = self.post.lookout, self.post.watched, self.post.brake
        self._baseline = not (await lookout.journal.state(watched.name)).baseline_done
        self.post.grown.clear()
        self._reading = Reading(
            lookout,
            watched,
            brake,
            baseline=self._baseline,
            grown=self.post.grown,
            turned=self.post.turned,
        )
        if not watched.snapshot_baseline:
            self._formerly = await self._width.formerly()
        self.post.begin_anew()
        await brake.begin()

    @property
    def _width(self) -> "Width":
        return Width(self.post)

    @property
    def purpose(self) -> Purpose:
        """With what urgency it asks."""
        return "baseline" if self._baseline else "sweep"

    async def take(self, slot: int, owners: Sequence[str], halves: HalfDays, moment: int) -> int:
        """Compare all half-days of some owners with the snapshot; return how many records they make."""
        lookout, watched = self.post.lookout, self.post.watched
        items = await items_for(lookout, watched, owners, halves, self.purpose)
        former = await lookout.journal.items(watched.name, slot)
        async with self.post.turn(moment) as overtaken:
            await self._take_silently(items)
            compared = await self._reading.compared(items, former, overtaken, watched.resource.path)
            await self._commit(slot, items, compared)
        self._count(halves.unidentified + len(compared.unreadable))
        return len(items)

    async def _commit(self, slot: int, items: Sequence[Item], compared: Compared) -> None:
        lookout, watched = self.post.lookout, self.post.watched
        listed = [item for item in items if item.id not in compared.left_out]
        digests = tuple(b"" if item.id in compared.disbelieved else item.digest for item in listed)
        now, url = lookout.clock.now(), f"{watched.resource.path}?{_ADDRESS}={slot}"
        page = PageCommit(
            watched.name,
            now,
            PageHead(slot, url, None, b"", None),
            PageItems(tuple(item.id for item in listed), digests),
            compared.writes,
            SweepCursor(now, slot + 1, url),
        )
        await self.post.write_page(page, baseline=self._baseline)

    async def end(self, pages: int) -> bool:
        """Note that all pages were seen; forget what is out of the window, confirm what else is missing.

        Tells whether all of that could be confirmed.
        """
        lookout, watched = self.post.lookout, self.post.watched
        await lookout.journal.finish_sweep(watched.name, lookout.clock.now(), pages)
        await self._forget_out_of_window()
        settled = await self.absentees.settle()
        await self._width.note()
        return settled

    async def _forget_out_of_window(self) -> None:
        journal, watched = self.post.lookout.journal, self.post.watched
        span = span_of(watched, self.post.lookout)
        missing = await journal.missing(watched.name, limit=await journal.count_missing(watched.name))
        gone = [known for known in missing if not in_window(days_of(watched, known), span)]
        for start in range(0, len(gone), _FORGOTTEN_AT_ONCE):
            async with self.post.turn(0):
                await self.post.write(
                    [write_forgotten(known) for known in gone[start : start + _FORGOTTEN_AT_ONCE]]
                )

    # --- a window that the settings have made wider -------------------------------------------------------

    async def _take_silently(self, items: Sequence[Item]) -> None:
        """Take in, without telling, unknown records that only a wider window brought into sight."""
        if self._formerly is None:
            return
        known = await self.post.lookout.journal.known(self.post.watched.name, [item.id for item in items])
        writes = [
            write_first(item.id, canonical, None)
            for item in items
            if item.id not in known and (canonical := self._reading.canonical(item))
            if not in_window(days_of(self.post.watched, _as_known(item)), self._formerly)
        ]
        await self.post.write(writes)

    def _count(self, unreadable: int) -> None:
        if unreadable:
            name = self.post.watched.name
            self.post.lookout.metrics.quarantined.labels(*name, "record").inc(unreadable)
            _LOG.warning("record_quarantined", tenant=name.tenant, resource=name.resource, count=unreadable)


async def read_window(reader: LeaveReader, readings: Sequence[WindowReading]) -> bool:
    """Read everybody's half-days of the window once, for all resources that are made of them.

    Tells whether all that was missing could be confirmed.
    """
    for reading in readings:
        await reading.begin()
    purpose: Purpose = "baseline" if any(one.purpose == "baseline" for one in readings) else "sweep"
    owners = await reader.owners(purpose)
    records, pages, settled = [0] * len(readings), 0, True
    for start in range(0, len(owners), OWNERS_AT_ONCE):
        batch = owners[start : start + OWNERS_AT_ONCE]
        with ExitStack() as asking:
            moments = [asking.enter_context(one.post.asking()) for one in readings]
            span = span_of(readings[0].post.watched, readings[0].post.lookout)
            halves = await reader.half_days(batch, span, purpose)
            for place, (reading, moment) in enumerate(zip(readings, moments, strict=True)):
                records[place] += await reading.take(pages, batch, halves, moment)
                _tell(reading, records[place])
        pages += 1
    for reading, count in zip(readings, records, strict=True):
        settled = await reading.end(pages) and settled
        name, baseline = reading.post.watched.name, reading.purpose == "baseline"
        reading.post.lookout.onlooker.sweep_ended(name, baseline=baseline, records=count)
    return settled


def _tell(reading: WindowReading, records: int) -> None:
    lookout, name = reading.post.lookout, reading.post.watched.name
    baseline = reading.purpose == "baseline"
    if baseline:
        lookout.metrics.baseline_records.labels(*name).set(records)
    lookout.onlooker.page_passed(name, baseline=baseline, records=records, total=None)


def _as_known(item: Item) -> Known:
    return Known(item.id, bytes(item.raw), item.digest, 0)
