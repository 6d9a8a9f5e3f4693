"""Follows hints up: what Lucca said in the last moments is read again in as few requests as possible.

A hint is let go of only once what it made us look for was committed. Trouble with one resource holds back
neither the others nor later hints; nor do records that are kept beside what hints are about: those have
surely changed, these only perhaps.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final, NamedTuple, TypeAlias

import anyio
import structlog
from anyio import current_time

from lucca_sync.ingest.decode import UnreadablePage
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.patience import Patience, Setback
from lucca_sync.ingest.questions import GONE, Question, questions
from lucca_sync.ingest.reread import Errand, Rereader
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.protocol import StoreError
from lucca_sync.kit.bell import Bell
from lucca_sync.kit.secret import SecretUnreadable
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import (
    CredentialsRefused,
    RightMissing,
    ScopeMissing,
    SourceError,
    TooHeavy,
    Unavailable,
)
from lucca_sync.model.hint import Hint

GATHER: Final = 0.2
"""Seconds to wait for more: one act of a person makes several events, and a hundred fit into a request."""
GATHER_BESIDE: Final = 5.0
"""Seconds for what is kept beside it: that changed only perhaps, and busy minutes would spend all on it."""
AT_ONCE: Final = 2000
_BASELINE_SECONDS: Final = 10.0
_BASELINE_PATIENCE: Final = timedelta(hours=1)
"""How long hints wait for a baseline: a sweep sees by itself what changed while it ran."""
_TRIES: Final = 3
_LOG: Final = structlog.get_logger("lucca_sync.ingest")

_Asked: TypeAlias = dict[Question, dict[str, None]]


class Debt(NamedTuple):
    """A resource that a hint has still to be looked up in: the one it is about, or one kept beside that."""

    resource: str
    beside: bool


@dataclass(slots=True)
class Desk:
    """One resource that hints may concern, and how asking it goes."""

    rereader: Rereader
    patience: Patience
    rests_until: float = 0.0
    failures: int = 0

    @property
    def topic(self) -> str | None:
        """What Lucca calls its records in hints."""
        return self.rereader.post.watched.resource.topic

    async def ask(self, asked: _Asked, purpose: Purpose) -> bool:
        """Ask all questions; tell whether they are done with, answered or given up."""
        setback = await self.patience.bear(lambda: self._look(asked, purpose))
        self.failures = 0 if setback is None else self.failures + 1
        if setback is None:
            return True
        self.rests_until = current_time() + setback.pause
        return self._gives_up(setback)

    async def _look(self, asked: _Asked, purpose: Purpose) -> bool:
        """Ask every question; one that can't be answered keeps no other, and raises what it raised."""
        failure: Exception | None = None
        for (_, by, eye), subjects in asked.items():
            try:
                if by == GONE:
                    await self.rereader.absentees.suspect(list(subjects), eye)
                else:
                    await self.rereader.reread(by, list(subjects), Errand(purpose, eye))
            except (SourceError, UnreadablePage) as error:
                failure = failure or error
        if failure is not None:
            raise failure
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
    _owed: dict[str, set[Debt]] = field(default_factory=dict[str, set[Debt]])
    """What a waiting hint has still to be looked up in."""
    _books: anyio.Lock = field(default_factory=anyio.Lock)
    """Held while hints are read or let go of, with what they are owed."""
    _gathered: bool = False

    async def run(self) -> None:
        """Follow up whatever comes, for ever."""
        async with anyio.create_task_group() as following_up:
            for beside in (False, True):
                following_up.start_soon(partial(self._keep, beside=beside))

    def gathered(self) -> None:
        """Follow up at once: what is new was read together, waiting would gather no more of it."""
        self._gathered = True
        self.bell.ring()

    async def once(self) -> float:
        """Follow up what waits; return the seconds until what is left is worth another try."""
        return min(await self._once(beside=False), await self._once(beside=True))

    async def _keep(self, *, beside: bool) -> None:
        while True:
            await self.gate.passed()
            ring = self.bell.next_ring()
            wait = await self._once(beside=beside)
            with anyio.move_on_after(wait):
                await ring.wait()
                await self._gather(beside=beside)

    async def _gather(self, *, beside: bool) -> None:
        if beside:
            await anyio.sleep(GATHER_BESIDE)
            return
        if not self._gathered:
            await anyio.sleep(GATHER)
        self._gathered = False

    async def _once(self, *, beside: bool) -> float:
        try:
            return await self._follow_up(beside=beside)
        except StoreError as error:
            self.gate.report(error)
            return 0.0

    async def _follow_up(self, *, beside: bool) -> float:
        async with self._books:
            waiting = await self.lookout.journal.hints(self.tenant, AT_ONCE)
            self.lookout.metrics.hints_waiting.labels(self.tenant).set(len(waiting))
            asked = await self._asked(waiting, beside=beside)
        done = await self._done(asked, "confirm" if beside else "hint")
        async with self._books:
            finished = await self._settle(waiting, {Debt(name, beside) for name in done})
        if finished and len(waiting) == AT_ONCE:
            self.bell.ring()  # there may be more
        return self._rest(beside=beside)

    async def _settle(self, waiting: Sequence[Hint], done: set[Debt]) -> int:
        """Let go of the hints that are owed nothing more; return how many."""
        finished = [hint.id for hint in waiting if self._paid(hint, done)]
        if finished:
            await self.lookout.journal.drop_hints(self.tenant, finished)
        for hint in finished:
            del self._owed[hint]
        self.lookout.metrics.hints_waiting.labels(self.tenant).set(len(waiting) - len(finished))
        return len(finished)

    def _paid(self, hint: Hint, done: set[Debt]) -> bool:
        """Note what is done; tell whether that was all, and nobody has let go of the hint meanwhile."""
        owed = self._owed.get(hint.id)
        if owed is None:
            return False
        owed -= done
        return not owed

    async def _asked(self, waiting: Sequence[Hint], *, beside: bool) -> Mapping[str, _Asked]:
        """Gather what is to be asked of each resource that is ready for it."""
        asked: defaultdict[str, _Asked] = defaultdict(dict)
        now = current_time()  # one instant for all: what is done with is so for every hint
        ready = {name: await desk.rereader.post.ready() for name, desk in self.desks.items()}
        for hint in waiting:
            for debt, (question, subject) in self._owing(hint):
                desk = self.desks[debt.resource]
                if debt.beside is not beside:
                    continue
                if not ready[debt.resource]:
                    self._wait_for_baseline(hint, debt)
                elif desk.rests_until <= now:
                    asked[debt.resource].setdefault(question, {})[subject] = None
        return asked

    def _owing(self, hint: Hint) -> Sequence[tuple[Debt, tuple[Question, str]]]:
        """Return what a hint has still to be looked up in; count it when that is nothing from the start."""
        all_asked = [
            (Debt(name, desk.topic != hint.what), asked)
            for name, desk in self.desks.items()
            for asked in questions(hint, desk.rereader.post.watched.resource)
        ]
        if hint.id not in self._owed:
            self._owed[hint.id] = {debt for debt, _ in all_asked}
            if not all_asked:
                self.lookout.metrics.hints_unwatched.labels(self.tenant).inc()
        return [(debt, asked) for debt, asked in all_asked if debt in self._owed[hint.id]]

    def _wait_for_baseline(self, hint: Hint, debt: Debt) -> None:
        if self.lookout.clock.now() - hint.taken > _BASELINE_PATIENCE:
            self._owed[hint.id].discard(debt)
        else:
            self.desks[debt.resource].rests_until = current_time() + _BASELINE_SECONDS

    async def _done(self, asked: Mapping[str, _Asked], purpose: Purpose) -> set[str]:
        """Ask all resources at once; return those that are done with."""
        done: set[str] = set()

        async def ask(name: str) -> None:
            if await self.desks[name].ask(asked[name], purpose):
                done.add(name)

        async with anyio.create_task_group() as asking:
            for name in asked:
                asking.start_soon(ask, name)
        return done

    def _rest(self, *, beside: bool) -> float:
        owed = {debt.resource for debts in self._owed.values() for debt in debts if debt.beside is beside}
        rests = [self.desks[name].rests_until - current_time() for name in owed]
        return max(0.0, min(rests, default=math.inf))
