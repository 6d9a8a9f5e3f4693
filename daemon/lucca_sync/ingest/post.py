"""The post of one resource: where all its eyes hand in what they saw, one at a time.

Several eyes ask about the same records at once, and answers overtake each other: a row that another eye has
written since a request was sent is not compared with that request's older answer.
"""

from collections.abc import AsyncGenerator, Collection, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager

import anyio
from anyio.lowlevel import cancel_shielded_checkpoint

from lucca_sync.ingest.brake import Brake
from lucca_sync.ingest.decode import Item
from lucca_sync.ingest.missed import missed_by
from lucca_sync.ingest.page import Compared, Reading
from lucca_sync.ingest.sight import Sight
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.ingest.turned import Turned
from lucca_sync.journal.protocol import PageCommit, PageItems, Write
from lucca_sync.model.event import Event, Eye


class Post:
    """One per resource, shared by its eyes.

    `grown` are the fields that the API was seen to add of late; `turned` knows what records were before.
    `brake` holds what is too much to believe.
    `size` is a limit for pages of sweeps, where the tenant was found to give more than a hundred records.
    """

    def __init__(self, lookout: Lookout, watched: Watched) -> None:
        self.lookout = lookout
        self.watched = watched
        self.grown: set[str] = set()
        self.turned = Turned()
        self._grown_before: set[str] = set()
        self.brake = Brake(lookout, watched)
        self.size: dict[str, str] = {}
        self._turn = anyio.Lock()
        self._count = 0
        self._written: dict[str, int] = {}
        self._open: list[int] = []
        self._newer: set[str] = set()

    @property
    def newer(self) -> Collection[str]:
        """Who was read alone since the look at all pages began: that it shows them not says nothing."""
        return self._newer

    @property
    def commits(self) -> int:
        """How often something was committed: while it is the same, so is the memory of pages."""
        return self._count

    def begin_round(self) -> None:
        """Note that a look at all pages begins.

        After a whole one every record shows what the API has added before it, but for those that are held.
        """
        if self.brake.held is None:
            self.grown -= self._grown_before
            self._grown_before = set(self.grown)

    def begin_anew(self) -> None:
        """Note that a look at all pages begins at the first, not where another one was cut off."""
        self._newer.clear()

    @contextmanager
    def asking(self) -> Generator[int]:
        """Enclose a request and the handing in of its answer; gives the moment it was sent."""
        moment = self._count
        self._open.append(moment)
        try:
            yield moment
        finally:
            self._open.remove(moment)
            if not self._open:
                self._written.clear()

    @asynccontextmanager
    async def turn(self, moment: int) -> AsyncGenerator["Overtaken"]:
        """Hold everybody else off; gives what was written since `moment`."""
        async with self._turn:
            yield Overtaken(self._written, moment)

    async def ready(self) -> bool:
        """Tell whether the baseline is complete: until then only the sweep may say what is new."""
        return (await self.lookout.journal.state(self.watched.name)).baseline_done

    async def hand_in(self, items: Sequence[Item], moment: int, eye: Eye, request: str) -> Compared:
        """Compare records with the snapshot and write what is new of them, in one transaction.

        `request` is the path and query that was answered with them.
        """
        sight = Sight(self.lookout.journal, self.watched.name, self.watched.filters)
        reading = Reading(
            self.lookout,
            self.watched,
            self.brake,
            baseline=False,
            formerly=await sight.formerly(),
            grown=self.grown,
            turned=self.turned,
            eye=eye,
        )
        async with self.turn(moment) as overtaken:
            compared = await reading.compared(items, PageItems(), overtaken, request)
            await self.write(compared.writes)
        return compared

    async def write(self, writes: Sequence[Write]) -> None:
        """Commit writes made outside a sweep's page; the caller holds the turn."""
        if not writes:
            return
        with self._writing(writes):
            await self.lookout.journal.commit_writes(self.watched.name, self.lookout.clock.now(), writes)
        self._newer.update(write.id for write in writes if write.content is not None)
        await self._announce(writes)

    async def write_page(self, page: PageCommit, *, baseline: bool = False) -> None:
        """Commit a page; the caller holds the turn. Of a `baseline` nobody measures how late it was seen."""
        with self._writing(page.writes):
            await self.lookout.journal.commit_page(page)
        await self._announce(page.writes, baseline=baseline)

    @contextmanager
    def _writing(self, writes: Sequence[Write]) -> Generator[None]:
        """Enclose a commit: one that raised may have happened, and then older answers are overtaken too."""
        try:
            yield
        finally:
            self._count += 1
            self._written.update((write.id, self._count) for write in writes)

    async def _announce(self, writes: Sequence[Write], *, baseline: bool = False) -> None:
        """Count the events that were just committed; wake those who deliver them, and let them go first."""
        for event in [write.event for write in writes if write.event is not None]:
            self.lookout.metrics.changes.labels(*self.watched.name, event.kind).inc()
            if not baseline:  # which tells of records as old as they happen to be
                _measure(self.lookout, self.watched, event)
        if any(write.lanes for write in writes):
            self.lookout.rouse()
            await cancel_shielded_checkpoint()


class Overtaken:
    """The records that were written after a moment."""

    def __init__(self, written: dict[str, int], moment: int) -> None:
        self._written = written
        self._moment = moment

    def __contains__(self, record_id: object) -> bool:
        return isinstance(record_id, str) and self._written.get(record_id, 0) > self._moment


def _measure(lookout: Lookout, watched: Watched, event: Event) -> None:
    """Tell how long a change took to be seen, where it has a time of its own, and who should have told it."""
    delay = (event.recorded - event.happened).total_seconds()
    if delay > 0:
        lookout.metrics.detection_delay.labels(watched.name.tenant, event.detected_by).observe(delay)
    for teller in missed_by(event, watched.resource, lookout.attention):
        lookout.metrics.changes_missed.labels(*watched.name, teller).inc()
