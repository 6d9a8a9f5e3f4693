"""Watching a tenant's absences: the whole window now and then, what changed in between.

One watch feeds half-days and periods alike from the same requests; each has a seat at it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import anyio

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.freshness import Freshness
from lucca_sync.ingest.leave_delta import LeaveDelta
from lucca_sync.ingest.leave_records import leave_post
from lucca_sync.ingest.leave_window import Width, WindowReading, read_window
from lucca_sync.ingest.leaves import LEAVES, PERIODS, LeaveReader
from lucca_sync.ingest.patience import Patience
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.kit.bell import Bell


@dataclass(slots=True)
class LeaveWatch:
    """Looks at the absences of one tenant again and again.

    Posts are made by `leave_post`, each with its absentees. All have one window; the first lends its name.
    """

    posts: Sequence[tuple[Post, Absentees]]
    patience: Patience
    _delta: LeaveDelta = field(init=False)
    _freshness: Sequence[Freshness] = field(init=False)
    _bell: Bell = field(default_factory=Bell)
    _whole: bool = False

    def __post_init__(self) -> None:
        self._delta = LeaveDelta(LeaveReader(self.post.lookout.source), self.posts)
        self._freshness = [Freshness(post.lookout, post.watched.name) for post, _ in self.posts]

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
        await anyio.sleep(await self.patience.first_wait(self._first_wait))
        rested = 0.0
        while True:
            await self.patience.gate.passed(rested)
            asked = self._bell.next_ring()
            rested = await self.once()
            with anyio.move_on_after(rested):
                await asked.wait()

    def survey_now(self) -> None:
        """Ask for a complete reading as soon as can be."""
        self._whole = True
        self._bell.ring()

    async def once(self) -> float:
        """Look once, at everything or at what changed; return the seconds to wait before the next look."""
        started = anyio.current_time()  # the wall clock may be set meanwhile
        setback = await self.patience.bear(self._look)
        if setback is not None:
            return setback.pause
        took = anyio.current_time() - started
        for post, _ in self.posts:
            post.lookout.metrics.look_duration.labels(*post.watched.name).observe(took)
        return max(0.0, self._every - took)

    async def _look(self) -> bool:
        started = self.post.lookout.clock.now()
        whole = True
        if self._whole or await self._due(started) or not await self._changed():
            whole = await self._read_all()
            await self._delta.watermark.move(started)
        await self._mark(started)
        return whole

    async def _read_all(self) -> bool:
        asked, self._whole = self._whole, False  # whoever asks from now on means another reading
        try:
            return await read_window(
                LeaveReader(self.post.lookout.source),
                [WindowReading(post, absentees) for post, absentees in self.posts],
            )
        except BaseException:
            self._whole = self._whole or asked
            raise

    async def _changed(self) -> bool:
        """Look at what changed; False when that cannot be asked for."""
        return self.post.watched.deltas and await self._delta.usable() and await self._delta.look()

    async def _due(self, now: datetime) -> bool:
        """Tell whether one of the resources was never read as a whole, too long ago, or less of it than now.

        Who asked for changes in a window that is wider now would take for new what was always there.
        """
        for post, _ in self.posts:
            swept = (await post.lookout.journal.state(post.watched.name)).swept
            if swept is None or (now - swept).total_seconds() >= post.watched.window.reread:
                return True
            if await Width(post).formerly() is not None:
                return True
        return False

    async def _first_wait(self) -> float:
        """Keep the rhythm over a restart; what somebody decided meanwhile is carried out at once."""
        since, now = await self._delta.watermark.started(), self.post.lookout.clock.now()
        for post, _ in self.posts:
            self._whole = await post.brake.decided() or self._whole
        if since is None or self._whole or await self._due(now):
            return 0.0
        return min(max(0.0, self._every - (now - since).total_seconds()), self._every)

    @property
    def _every(self) -> float:
        return min(post.watched.every for post, _ in self.posts)

    async def _mark(self, started: datetime) -> None:
        """Show that all was looked at, be it by asking what changed."""
        for (post, _), freshness in zip(self.posts, self._freshness, strict=True):
            state = await post.lookout.journal.state(post.watched.name)
            freshness.complete(replace(state, swept=post.lookout.clock.now()))
            freshness.swept(started.timestamp(), 0)


@dataclass(slots=True)
class Seat:
    """One resource's place at the watch that feeds it: what it does, it does for all of them."""

    post: Post
    absentees: Absentees
    watch: LeaveWatch

    @property
    def failing(self) -> bool:
        """Whether the last look ended in trouble."""
        return self.watch.failing

    async def run(self) -> None:
        """Look when due, for ever; only the first seat does."""
        if self._first:
            await self.watch.run()
        await anyio.sleep_forever()

    async def once(self) -> float:
        """Look once; only the first seat does."""
        return await self.watch.once() if self._first else 0.0

    def survey_now(self) -> None:
        """Ask for a complete reading as soon as can be."""
        self.watch.survey_now()

    def look_anew(self) -> None:
        """Ask for a complete reading as soon as can be."""
        self.watch.survey_now()

    @property
    def _first(self) -> bool:
        return self.watch.post is self.post


def seats_for(
    lookout: Lookout, resources: Iterable[Watched], patience: Callable[[ResourceName], Patience]
) -> Iterator[Seat]:
    """Seat the resources that are made of absences; those with one window share a watch."""
    absences = [watched for watched in resources if watched.name.resource in {LEAVES, PERIODS}]
    for window in dict.fromkeys(watched.window for watched in absences):
        posts = [leave_post(lookout, watched) for watched in absences if watched.window == window]
        pairs = [(post, Absentees(post)) for post in posts]
        watch = LeaveWatch(pairs, patience(posts[0].watched.name))
        yield from (Seat(post, absentees, watch) for post, absentees in pairs)
