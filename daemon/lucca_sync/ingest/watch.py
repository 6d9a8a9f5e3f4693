"""Watching one resource for as long as the daemon runs: by sweeps, or by pages of a fixed address.

Knows when to look, and from where on after trouble; not what a look finds.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final

import anyio

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.decode import UnreadablePage
from lucca_sync.ingest.freshness import Freshness
from lucca_sync.ingest.gaps import Gaps
from lucca_sync.ingest.guard import replaced
from lucca_sync.ingest.patience import Patience, Setback, trouble_of
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.rounds import Rounds
from lucca_sync.ingest.survey import Survey
from lucca_sync.ingest.sweep import Sweep
from lucca_sync.journal.protocol import StoreError
from lucca_sync.kit.bell import Bell
from lucca_sync.lucca.errors import CursorLost, ForeignLink, Unreadable

_USELESS_CURSOR: Final = (CursorLost, UnreadablePage, ForeignLink, Unreadable)
"""After these a sweep cannot go on where it stood."""


@dataclass(slots=True)
class Watch:
    """Looks at one resource again and again.

    It is swept, the baseline always; where it can be, it is then watched by pages of a fixed address, round
    after round, and only surveyed from time to time.
    """

    post: Post
    patience: Patience
    absentees: Absentees
    _step: Bell = field(default_factory=Bell)
    _survey_asked: Bell = field(default_factory=Bell)
    _freshness: Freshness = field(init=False)
    _gaps: Gaps = field(init=False)
    _rounds: Rounds = field(init=False)
    _survey: Survey = field(init=False)
    _afresh: bool = False
    _gone_since: datetime | None = None
    _pause: float = 0.0
    _rested: float = 0.0
    _until_survey: float = 0.0

    def __post_init__(self) -> None:
        self._freshness = Freshness(self.post.lookout, self.post.watched.name)
        self._gaps = Gaps(self.absentees)
        self._rounds = Rounds(self.absentees, self._gaps, self._freshness)
        self._survey = Survey(self.absentees)

    async def run(self) -> None:
        """Look when due, for ever."""
        if not self._rounds.wanted:
            await self._looks()
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._surveys)
            await self._looks()

    async def _looks(self) -> None:
        asked = self._step.next_ring()
        with anyio.move_on_after(await self.patience.first_wait(self._first_wait)):
            await asked.wait()
        # Resources that began together are spread over time: the second look comes early, by chance.
        await self._turn(self.patience.draw())
        while True:
            await self._turn(1.0)

    async def _turn(self, share: float) -> None:
        """Look once and rest for a share of the time until the next, or until somebody asks for a survey."""
        await self.patience.gate.passed(self._rested)
        asked = self._step.next_ring()
        self._rested = await self._borne(self._look) * share
        with anyio.move_on_after(self._rested):
            await asked.wait()

    def survey_now(self) -> None:
        """Ask for a look at all of the resource as soon as can be: somebody knows that something is amiss."""
        self._survey_asked.ring()
        if not self._rounds.active:
            self._step.ring()

    def look_anew(self) -> None:
        """Ask for a sweep, or a round, as soon as can be: somebody has decided what to believe of it."""
        if self._rounds.active:
            self._rounds.begin_anew()
        self._step.ring()

    async def _first_wait(self) -> float:
        """Keep the rhythm over a restart; an unfinished sweep goes on at once."""
        lookout, watched = self.post.lookout, self.post.watched
        state = await lookout.journal.state(watched.name)
        self._freshness.recall(state.swept)
        self._freshness.complete(state)
        if state.swept is None or state.cursor is not None or await self._rounds.persisted():
            return 0.0
        if await self.post.brake.decided():
            return 0.0
        age = (lookout.clock.now() - state.swept).total_seconds()
        return min(max(0.0, watched.every - age), watched.every)

    @property
    def failing(self) -> bool:
        """Whether the last look ended in trouble or missed a page."""
        return self.patience.tried

    async def once(self) -> float:
        """Look at all of the resource once; return the seconds to wait before another look."""
        return await self._borne(self._whole)

    async def _borne(self, look: Callable[[], Awaitable[bool]]) -> float:
        """Take one look; return the seconds to wait before the next."""
        started = anyio.current_time()  # the wall clock may be set meanwhile
        setback = await self.patience.bear(look)
        if setback is not None:
            await self._look_into(setback)
            return setback.pause
        return max(0.0, self._pause - (anyio.current_time() - started))

    async def _look(self) -> bool:
        """Ask for a page of a fixed address where there are such, else sweep."""
        if not await self._rounds.possible():
            whole = await self._sweep()
            if await self._rounds.possible():
                self._pause = self._rounds.spacing
            return whole
        whole = await self._rounds.step()
        self._pause = self._rounds.spacing
        self._look_for_others()
        return whole

    def _look_for_others(self) -> None:
        """Ask for a survey once nearly all records seem to be gone: is it a restore, and others are there?

        Pages of a fixed address never show that, and a person who decides ought to know.
        """
        held = self.post.brake.held
        if held is None or not replaced(held.deletions, held.records):
            self._gone_since = None
        elif self._gone_since != held.since:
            self._gone_since = held.since
            self.survey_now()

    async def _whole(self) -> bool:
        """Look at all there is, without ruining what is remembered of pages of a fixed address."""
        if await self._rounds.persisted():
            self._pause = self.post.watched.every
            return await self._survey.run()
        return await self._sweep()

    async def _sweep(self) -> bool:
        lookout, name = self.post.lookout, self.post.watched.name
        self._pause = self.post.watched.every
        began = self._freshness.now()
        self._gaps.renew()
        ended = await Sweep(self.post, self._gaps, self._freshness, afresh=self._afresh).run()
        self._afresh = False
        if not ended.complete:
            return False
        settled = await self.absentees.settle()
        self._freshness.complete(await lookout.journal.state(name))
        lookout.metrics.look_duration.labels(*name).observe(self._freshness.now() - began)
        return settled

    async def _look_into(self, setback: Setback) -> None:
        """Drop a cursor that is of no use any more, after a fault of ours as well."""
        error = setback.error
        self._afresh = self._afresh or isinstance(error, CursorLost)
        if isinstance(error, StoreError):
            return
        if _is_useless(error):
            try:
                await self.post.lookout.journal.save_cursor(self.post.watched.name, None)
            except StoreError as refusal:
                self.patience.gate.report(refusal)

    async def _surveys(self) -> None:
        """Survey when due, or when somebody asks for it."""
        patience = replace(self.patience, standing=None)
        pause, asked = 0.0, False
        ring = self._survey_asked.next_ring()
        while True:
            with anyio.move_on_after(pause):
                await ring.wait()
            await patience.gate.passed(pause)
            asked = asked or ring.is_set()
            ring = self._survey_asked.next_ring()
            setback = await patience.bear(partial(self._survey_if_due, asked=asked))
            if setback is None:
                pause, asked = self._until_survey, False
            else:
                pause = setback.pause
                if _is_useless(setback.error):
                    self._survey.put_off()
                    asked = False

    async def _survey_if_due(self, *, asked: bool) -> bool:
        if not self._rounds.active:
            self._until_survey = self.post.watched.every
            return True
        if asked or await self._survey.due_in() <= 0:
            await self._survey.run()
        self._until_survey = await self._survey.due_in()
        return True


def _is_useless(error: Exception) -> bool:
    return isinstance(error, _USELESS_CURSOR) or trouble_of(error).reason == "internal"
