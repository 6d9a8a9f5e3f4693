"""Whether calls may go to a target now: its breaker, its maintenance windows, and whether it is disabled.

Knows outcomes and notes; sends nothing and writes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

from lucca_sync.egress.breaker import USUAL, Bounds, Breaker, Ticket
from lucca_sync.egress.fate import plain
from lucca_sync.egress.holding import Hold
from lucca_sync.kit.windows import Standing, Weekly, standing
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Done, Outcome, Retry

TargetState: TypeAlias = Literal["closed", "open", "half_open", "disabled", "maintenance"]
FOR_A_PERSON: Final = timedelta(days=1)
"""How long to wait where only a person ends the wait: whoever does, rings."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Terms:
    """What a target's settings say: when it is under maintenance, their digest, when its breaker opens."""

    windows: Sequence[Weekly] = ()
    settings: str = ""
    bounds: Bounds = USUAL


class Admission:
    """Stands before one target; all its routes share it. `hold` is what its note should say."""

    def __init__(self, terms: Terms, draw: Callable[[], float]) -> None:
        self.hold: Hold | None = None
        self._terms = terms
        self._breaker = Breaker(terms.bounds, draw)
        self._looked: datetime | None = None
        self._week = Standing(inside=False, until=_NEVER)

    def state(self, now: datetime) -> TargetState:
        """Return how the target stands, the weightiest reason first."""
        if self._disabled:
            return "disabled"
        if self._maintenance(now).inside:
            return "maintenance"
        return self._breaker.state(now)

    def wait(self, now: datetime) -> timedelta:
        """Return how long nothing may go out, none when it may."""
        if self._disabled:
            return FOR_A_PERSON
        week = self._maintenance(now)
        return max(week.until - now if week.inside else timedelta(0), self._breaker.wait(now))

    def trials(self, now: datetime) -> int | None:
        """Return how many calls may still be tried after a rest; None while nothing is in doubt."""
        return None if self._breaker.state(now) == "closed" else self._breaker.trials

    def admit(self, now: datetime) -> Ticket | None:
        """Let a call out, or not."""
        if self._disabled or self._maintenance(now).inside:
            return None
        return self._breaker.admit(now)

    def unused(self, ticket: Ticket, now: datetime) -> None:
        """Take a permission back that was not used."""
        self._breaker.heard(ticket, (), worked=False, now=now)

    def heard(self, ticket: Ticket, answers: Sequence[tuple[Delivery, Outcome]], now: datetime) -> None:
        """Take in what a call told of the target; a refusal or a wish to wait tells nothing."""
        gone = next((one for _, one in answers if isinstance(one, Retry) and one.gone), None)
        if gone is not None:
            self._disable(gone.reason, now)
        told = [(delivery, outcome) for delivery, outcome in answers if isinstance(outcome, Done | Retry)]
        worked = any(isinstance(outcome, Done) for _, outcome in told)
        if not worked and self._maintenance(now).inside:
            told = []
        subjects = [(delivery.event.tenant, delivery.event.subject) for delivery, _ in told]
        before = self._breaker.until
        self._breaker.heard(ticket, subjects, worked=worked, now=now)
        if self._breaker.until != before and not self._disabled:
            self._note(told, now)

    def adopt(self, hold: Hold | None) -> None:
        """Stand as a note says: one from an earlier life, or what a person did to it since."""
        if hold is not None and hold.settings not in ("", self._terms.settings):
            hold = None  # the settings have changed since: it may be another address, or mended
        self.hold = hold
        if hold is not None and hold.state == "open" and hold.until is not None:
            self._breaker.restore(hold.until, timedelta(seconds=hold.rest))
        else:
            self._breaker.close()

    @property
    def _disabled(self) -> bool:
        return self.hold is not None and self.hold.state == "disabled"

    def _disable(self, reason: str, now: datetime) -> None:
        if not self._disabled:
            self.hold = Hold("disabled", now, reason[:_LONGEST], settings=self._terms.settings)

    def _note(self, told: Sequence[tuple[Delivery, Outcome]], now: datetime) -> None:
        if self._breaker.until is None:
            self.hold = None
            return
        until, rest = self._breaker.until, self._breaker.rest.total_seconds()
        reason = next((one.reason for _, one in told if isinstance(one, Retry)), "")
        since = now if self.hold is None else self.hold.since
        self.hold = Hold("open", since, _words(reason), until, rest, self._terms.settings)

    def _maintenance(self, now: datetime) -> Standing:
        if not self._terms.windows:
            return self._week
        if self._looked is None or not self._looked <= now < self._week.until:
            self._looked, self._week = now, standing(self._terms.windows, now)
        return self._week


def _words(reason: object) -> str:
    return plain(reason[:_LONGEST]) if isinstance(reason, str) else ""
