"""Whether a target is worth calling: open while too many different subjects fail, then tried with few calls.

A pure state machine: time and chance are passed in, nothing is awaited. What a call was about and what became
of it is all that it knows. Open is a rest that ends by itself.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from lucca_sync.connector import BreakerPolicy

BreakerState: TypeAlias = Literal["closed", "open", "half_open"]
Subject: TypeAlias = tuple[str, str]
"""Tenant and subject."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a breaker opens, and for how long.

    It opens when at least `share` of the calls within `window`, of which the last `most` are remembered,
    failed, and these were about at least `subjects` different subjects that have not got through since. The
    first rest is drawn from the upper half of `rest`; each one after trials that all failed has twice that
    ceiling, up to `longest_rest`. `trials` calls are let out after a rest.
    """

    @classmethod
    def of(cls, policy: BreakerPolicy) -> "Bounds":
        """Return what a target's settings say."""
        return cls(
            subjects=policy.subjects,
            share=policy.share,
            window=policy.window,
            rest=policy.rest,
            longest_rest=policy.longest_rest,
        )

    subjects: int
    share: float
    window: timedelta
    rest: timedelta
    longest_rest: timedelta
    most: int = 200
    trials: int = 3


USUAL: Final = Bounds.of(BreakerPolicy())
"""What a target has whose settings say nothing."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Permission for one call. Numbered by the opening before it: what began before tells nothing of now."""

    opening: int
    trial: bool


class Breaker:
    """The breaker of one target."""

    def __init__(self, bounds: Bounds, draw: Callable[[], float]) -> None:
        self._bounds = bounds
        self._draw = draw
        self._calls: deque[_Call] = deque()
        self._failed = 0
        self._failing: dict[Subject, _Call] = {}
        self._lost = 0
        self._openings = 0
        self.trials = 0
        """How many calls may still be let out after a rest."""
        self._ceiling = timedelta(0)
        self.rest = timedelta(0)
        self.until: datetime | None = None
        """When the present rest ends; None while closed."""

    def state(self, now: datetime) -> BreakerState:
        """Return how it stands."""
        if self.until is None:
            return "closed"
        return "open" if self.wait(now) else "half_open"

    def wait(self, now: datetime) -> timedelta:
        """Return how much of a rest is left. A clock that was set back makes no rest longer than it was."""
        if self.until is None or self.until <= now:
            return timedelta(0)
        self.until = min(self.until, now + self.rest)
        return self.until - now

    def admit(self, now: datetime) -> Ticket | None:
        """Let a call out, or not: none while open, few at a time after a rest."""
        state = self.state(now)
        if state == "open" or (state == "half_open" and self.trials <= 0):
            return None
        self.trials -= state == "half_open"
        return Ticket(self._openings, trial=state == "half_open")

    def heard(self, ticket: Ticket, subjects: Sequence[Subject], *, worked: bool, now: datetime) -> bool:
        """Take in that a call about `subjects` got something through, or that all of them failed.

        Without subjects it told nothing of the target. Returns whether the breaker has just opened or closed.
        """
        if ticket.opening != self._openings:
            return False
        if ticket.trial:
            return self._tried(told=bool(subjects), worked=worked, now=now)
        if subjects:
            self._note(self._key(subjects), bad=not worked, now=now)
        if worked or not self._too_much():
            return False
        self._ceiling = self._bounds.rest
        self._open(now)
        return True

    def _tried(self, *, told: bool, worked: bool, now: datetime) -> bool:
        if not told:
            self.trials += 1
            return False
        if worked:
            self.close()
            return True
        self._lost += 1
        if self._lost < self._bounds.trials:
            return False
        self._ceiling = min(self._ceiling * 2, self._bounds.longest_rest)
        self._open(now)
        return False

    def close(self) -> None:
        """Begin anew, as when somebody has repaired the target."""
        self._forget()
        self._openings += 1
        self.until = None

    def restore(self, until: datetime, rest: timedelta) -> None:
        """Go on with a rest that was noted before."""
        self._forget()
        self._openings += 1
        self.rest = min(max(rest, timedelta(0)), self._bounds.longest_rest)
        self._ceiling = max(self.rest, self._bounds.rest)
        self.until = until

    def _open(self, now: datetime) -> None:
        self._forget()
        self._openings += 1
        self.rest = self._ceiling * (1 - self._draw() / 2)
        self.until = now + self.rest

    def _forget(self) -> None:
        self._calls.clear()
        self._failed = 0
        self._failing.clear()
        self._lost = 0
        self.trials = self._bounds.trials

    def _key(self, subjects: Sequence[Subject]) -> Subject:
        """Return whom a call counts for: where somebody poisons each batch, the same one each time."""
        return next((subject for subject in subjects if subject in self._failing), subjects[0])

    def _note(self, subject: Subject, *, bad: bool, now: datetime) -> None:
        call = _Call(now, subject, bad)
        self._calls.append(call)
        if bad:
            self._failed += 1
            self._failing[subject] = call
        else:
            self._failing.pop(subject, None)
        oldest = self._calls[0]
        while len(self._calls) > self._bounds.most or now - oldest.at >= self._bounds.window:
            self._drop(self._calls.popleft())
            oldest = self._calls[0]

    def _drop(self, call: "_Call") -> None:
        self._failed -= call.bad
        if self._failing.get(call.subject) is call:
            del self._failing[call.subject]

    def _too_much(self) -> bool:
        enough = len(self._failing) >= self._bounds.subjects
        return enough and self._failed >= self._bounds.share * len(self._calls)


@dataclass(frozen=True, slots=True)
class _Call:
    at: datetime
    subject: Subject
    bad: bool
