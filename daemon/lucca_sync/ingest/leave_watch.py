"""Watching a tenant's absences: the whole window now and then, what changed in between.

One watch feeds half-days and periods alike from the same requests.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import anyio

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.leave_delta import LeaveDelta
from lucca_sync.ingest.leave_window import WindowReading, read_window
from lucca_sync.ingest.leaves import LeaveReader
from lucca_sync.ingest.patience import Patience
from lucca_sync.ingest.post import Post
from lucca_sync.kit.bell import Bell


@dataclass(slots=True)
class LeaveWatch:
    """Looks at the absences of one tenant again and again; the first of `posts` lends it its name and rhythm.

    Posts are made by `leave_post`, each with its absentees.
    """

    posts: Sequence[tuple[Post, Absentees]]
    patience: Patience
    _delta: LeaveDelta = field(init=False)
    _bell: Bell = field(default_factory=Bell)
    _whole: bool = False

    def __post_init__(self) -> None:
        self._delta = LeaveDelta(LeaveReader(self.post.lookout.source), self.posts)

    @property
    def post(self) -> Post:
        """The post of the resource that it is named after."""
        return self.posts[0][0]

    @property
    def failing(self) -> bool:
        """Whether the last look ended in trouble."""
        return self.patience.tried

    async def run(self) -> None:
        """Look when due, for ever."""
        await anyio.sleep(await self._first_wait())
        while True:
            await self.patience.gate.passed()
            asked = self._bell.next_ring()
            with anyio.move_on_after(await self.once()):
                await asked.wait()
                self._whole = True

    def survey_now(self) -> None:
        """Ask for a complete reading as soon as can be."""
        self._bell.ring()

    async def once(self) -> float:
        """Look once, at everything or at what changed; return the seconds to wait before the next look."""
        clock, every = self.post.lookout.clock, self.post.watched.every
        started = clock.now()
        setback = await self.patience.bear(self._look)
        if setback is not None:
            return setback.pause
        took = (clock.now() - started).total_seconds()
        for post, _ in self.posts:
            post.lookout.metrics.look_duration.labels(*post.watched.name).observe(took)
        return max(0.0, every - took)

    async def _look(self) -> bool:
        started = self.post.lookout.clock.now()
        if self._whole or await self._due(started) or not await self._changed():
            await read_window(
                LeaveReader(self.post.lookout.source),
                [WindowReading(post, absentees) for post, absentees in self.posts],
            )
            self._whole = False
            await self._delta.watermark.move(started)
        await self._mark()
        return True

    async def _changed(self) -> bool:
        """Look at what changed; False when that cannot be asked for."""
        return self.post.watched.deltas and await self._delta.usable() and await self._delta.look()

    async def _due(self, now: datetime) -> bool:
        """Tell whether one of the resources was never read as a whole, or too long ago."""
        for post, _ in self.posts:
            swept = (await post.lookout.journal.state(post.watched.name)).swept
            if swept is None or (now - swept).total_seconds() >= post.watched.window.reread:
                return True
        return False

    async def _first_wait(self) -> float:
        """Keep the rhythm over a restart."""
        since, now = await self._delta.watermark.started(), self.post.lookout.clock.now()
        if since is None or await self._due(now):
            return 0.0
        every = self.post.watched.every
        return min(max(0.0, every - (now - since).total_seconds()), every)

    async def _mark(self) -> None:
        for post, _ in self.posts:
            lookout, name = post.lookout, post.watched.name
            lookout.metrics.look_last_success.labels(*name).set(lookout.clock.now().timestamp())
            lookout.metrics.records.labels(*name).set((await lookout.journal.state(name)).records)
