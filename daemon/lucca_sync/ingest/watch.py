"""Watching one resource for as long as the daemon runs: when to sweep, and from where on after trouble."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import anyio

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.decode import UnreadablePage
from lucca_sync.ingest.patience import Patience, Setback, trouble_of
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.sweep import Sweep
from lucca_sync.journal.protocol import StoreError
from lucca_sync.lucca.errors import CursorLost, ForeignLink, Unreadable

_USELESS_CURSOR: Final = (CursorLost, UnreadablePage, ForeignLink, Unreadable)
"""After these a sweep cannot go on where it stood."""


@dataclass(slots=True)
class Watch:
    """Sweeps one resource again and again."""

    post: Post
    patience: Patience
    _absentees: Absentees = field(init=False)
    _afresh: bool = False

    def __post_init__(self) -> None:
        self._absentees = Absentees(self.post)

    async def run(self) -> None:
        """Sweep when due, for ever."""
        gate = self.patience.gate
        await anyio.sleep(await self._first_wait())
        await gate.passed()
        # Resources that began together are spread over time: the second look comes early, by chance.
        await anyio.sleep(await self.once() * self.patience.draw())
        while True:
            await gate.passed()
            await anyio.sleep(await self.once())

    async def _first_wait(self) -> float:
        """Keep the rhythm over a restart; an unfinished sweep goes on at once."""
        lookout, watched = self.post.lookout, self.post.watched
        state = await lookout.journal.state(watched.name)
        if state.swept is not None:
            self._mark(state.swept, state.records)
        if state.swept is None or state.cursor is not None:
            return 0.0
        age = (lookout.clock.now() - state.swept).total_seconds()
        return min(max(0.0, watched.every - age), watched.every)

    @property
    def failing(self) -> bool:
        """Whether the last sweep ended in trouble or missed a page."""
        return self.patience.tried

    async def once(self) -> float:
        """Make one sweep; return the seconds to wait before the next."""
        lookout, watched = self.post.lookout, self.post.watched
        started = lookout.clock.now()
        setback = await self.patience.bear(self._sweep)
        if setback is not None:
            await self._look_into(setback)
            return setback.pause
        took = (lookout.clock.now() - started).total_seconds()
        if not self.failing:
            lookout.metrics.look_duration.labels(*watched.name).observe(took)
        return max(0.0, watched.every - took)

    async def _sweep(self) -> bool:
        ended = await Sweep(self.post, afresh=self._afresh).run()
        self._afresh = False
        if not ended.complete:
            return False
        await self._absentees.settle()
        lookout = self.post.lookout
        state = await lookout.journal.state(self.post.watched.name)
        self._mark(state.swept or lookout.clock.now(), state.records)
        return True

    def _mark(self, swept: datetime, records: int) -> None:
        metrics, name = self.post.lookout.metrics, self.post.watched.name
        metrics.look_last_success.labels(*name).set(swept.timestamp())
        metrics.records.labels(*name).set(records)

    async def _look_into(self, setback: Setback) -> None:
        """Drop a cursor that is of no use any more, after a fault of ours as well."""
        error = setback.error
        self._afresh = self._afresh or isinstance(error, CursorLost)
        if isinstance(error, StoreError):
            return
        if isinstance(error, _USELESS_CURSOR) or trouble_of(error).reason == "internal":
            try:
                await self.post.lookout.journal.save_cursor(self.post.watched.name, None)
            except StoreError as refusal:
                self.patience.gate.report(refusal)
