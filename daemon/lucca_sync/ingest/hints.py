"""Follows hints up: what Lucca said in the last moments is read again in as few requests as possible.

A hint is let go of only once what it made us look for was committed. Trouble with one resource holds back
neither the others nor later hints.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias

import anyio
import structlog
from anyio import current_time

from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.patience import Patience, Setback
from lucca_sync.ingest.questions import GONE, Question, questions
from lucca_sync.ingest.reread import Errand, Rereader
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.protocol import StoreError
from lucca_sync.kit.bell import Bell
from lucca_sync.kit.secret import SecretUnreadable
from lucca_sync.lucca.errors import CredentialsRefused, RightMissing, ScopeMissing, TooHeavy, Unavailable
from lucca_sync.model.hint import Hint

GATHER: Final = 0.2
"""Seconds to wait for more: one act of a person makes several events, and a hundred fit into a request."""
AT_ONCE: Final = 2000
_BASELINE_SECONDS: Final = 10.0
_BASELINE_PATIENCE: Final = timedelta(hours=1)
"""How long hints wait for a baseline: a sweep sees by itself what changed while it ran."""
_TRIES: Final = 3
_LOG: Final = structlog.get_logger("lucca_sync.ingest")

_Asked: TypeAlias = dict[Question, dict[str, None]]


@dataclass(slots=True)
class Desk:
    """One resource that hints may concern, and how asking it goes."""

    rereader: Rereader
    patience: Patience
    rests_until: float = 0.0
    failures: int = 0

    async def ask(self, asked: _Asked) -> bool:
        """Ask all questions; tell whether they are done with, answered or given up."""
        setback = await self.patience.bear(lambda: self._look(asked))
        self.failures = 0 if setback is None else self.failures + 1
        if setback is None:
            return True
        self.rests_until = current_time() + setback.pause
        return self._gives_up(setback)

    async def _look(self, asked: _Asked) -> bool:
        for (_, by, eye), subjects in asked.items():
            if by == GONE:
                await self.rereader.absentees.suspect(list(subjects), eye)
            else:
                await self.rereader.reread(by, list(subjects), Errand("hint", eye))
        return True

    def _gives_up(self, setback: Setback) -> bool:
        """Tell whether asking again is of no use: the sweep sees it once it may, or can."""
        error = setback.error
        if isinstance(error, ScopeMissing | RightMissing):
            return True
        passing = isinstance(error, Unavailable | CredentialsRefused | SecretUnreadable | StoreError)
        return self.failures >= _TRIES and (not passing or isinstance(error, TooHeavy))


@dataclass(slots=True)
class HintWorker:
    """Follows up the hints of one tenant. Ring `bell` when there are new ones."""

    tenant: str
    desks: Mapping[str, Desk]
    lookout: Lookout
    gate: StoreGate
    bell: Bell = field(default_factory=Bell)
    _owed: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """Which resources a waiting hint has still to be looked up in."""

    async def run(self) -> None:
        """Follow up whatever comes, for ever."""
        while True:
            await self.gate.passed()
            ring = self.bell.next_ring()
            wait = await self.once()
            with anyio.move_on_after(wait):
                await ring.wait()
                await anyio.sleep(GATHER)

    async def once(self) -> float:
        """Follow up what waits; return the seconds until what is left is worth another try."""
        try:
            return await self._follow_up()
        except StoreError as error:
            self.gate.report(error)
            return 0.0

    async def _follow_up(self) -> float:
        journal = self.lookout.journal
        waiting = await journal.hints(self.tenant, AT_ONCE)
        asked = await self._asked(waiting)
        done = await self._done(asked)
        for hint in waiting:
            self._owed[hint.id] -= done
        finished = [hint.id for hint in waiting if not self._owed[hint.id]]
        if finished:
            await journal.drop_hints(self.tenant, finished)
        for done_with in finished:
            del self._owed[done_with]
        self.lookout.metrics.hints_waiting.labels(self.tenant).set(len(waiting) - len(finished))
        return 0.0 if len(waiting) == AT_ONCE and finished else self._rest()

    async def _asked(self, waiting: Sequence[Hint]) -> Mapping[str, _Asked]:
        """Gather what is to be asked of each resource that is ready for it."""
        asked: defaultdict[str, _Asked] = defaultdict(dict)
        now = current_time()  # one instant for all: what is done with is so for every hint
        ready = {name: await desk.rereader.post.ready() for name, desk in self.desks.items()}
        for hint in waiting:
            for name, (question, subject) in self._owing(hint):
                desk = self.desks[name]
                if not ready[name]:
                    self._wait_for_baseline(hint, name)
                elif desk.rests_until <= now:
                    asked[name].setdefault(question, {})[subject] = None
        return asked

    def _owing(self, hint: Hint) -> Sequence[tuple[str, tuple[Question, str]]]:
        """Return what a hint has still to be looked up in; count it when that is nothing from the start."""
        all_asked = [
            (name, asked)
            for name, desk in self.desks.items()
            for asked in questions(hint, desk.rereader.post.watched.resource)
        ]
        if hint.id not in self._owed:
            self._owed[hint.id] = {name for name, _ in all_asked}
            if not all_asked:
                self.lookout.metrics.hints_unwatched.labels(self.tenant).inc()
        return [(name, asked) for name, asked in all_asked if name in self._owed[hint.id]]

    def _wait_for_baseline(self, hint: Hint, name: str) -> None:
        if self.lookout.clock.now() - hint.taken > _BASELINE_PATIENCE:
            self._owed[hint.id].discard(name)
        else:
            self.desks[name].rests_until = current_time() + _BASELINE_SECONDS

    async def _done(self, asked: Mapping[str, _Asked]) -> set[str]:
        """Ask all resources at once; return those that are done with."""
        done: set[str] = set()

        async def ask(name: str) -> None:
            if await self.desks[name].ask(asked[name]):
                done.add(name)

        async with anyio.create_task_group() as asking:
            for name in asked:
                asking.start_soon(ask, name)
        return done

    def _rest(self) -> float:
        owed = {name for names in self._owed.values() for name in names}
        rests = [self.desks[name].rests_until - current_time() for name in owed]
        return max(0.0, min(rests, default=math.inf))
