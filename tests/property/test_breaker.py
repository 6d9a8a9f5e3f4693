"""The breaker, whatever calls tell it and whenever: few subjects never open it, and no rest is for ever."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lucca_sync.egress.breaker import USUAL, Breaker, Ticket

BOUNDS = replace(USUAL, subjects=3, most=20)
SUBJECTS = [("acme", f"employees/{number}") for number in range(8)]
spans = st.timedeltas(timedelta(0), timedelta(minutes=10))


class Life(RuleBasedStateMachine):
    """One target's breaker between calls that overlap, over a clock that may jump back."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.now = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
        self.breaker = Breaker(BOUNDS, Random(seed).random)
        self.out: list[Ticket] = []
        self.failed: set[tuple[str, str]] = set()

    @rule(span=spans)
    def time_passes(self, span: timedelta) -> None:
        self.now += span

    @rule(span=spans)
    def the_clock_is_set_back(self, span: timedelta) -> None:
        self.now -= span

    @rule()
    def a_call_begins(self) -> None:
        state = self.breaker.state(self.now)
        tried_out = state == "half_open" and self.breaker.trials == 0
        ticket = self.breaker.admit(self.now)
        assert (ticket is None) == (state == "open" or tried_out)
        if ticket is not None:
            assert ticket.trial == (state == "half_open")
            self.out.append(ticket)

    @precondition(lambda self: self.out)
    @rule(data=st.data(), subjects=st.lists(st.sampled_from(SUBJECTS), max_size=3), worked=st.booleans())
    def a_call_ends(self, data: st.DataObject, subjects: list[tuple[str, str]], *, worked: bool) -> None:
        ticket = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        before = self.breaker.state(self.now)
        if subjects and not worked:
            self.failed |= set(subjects)
        self.breaker.heard(ticket, subjects, worked=worked, now=self.now)
        after = self.breaker.state(self.now)
        if before == "closed" and after == "open":
            assert len(self.failed) >= BOUNDS.subjects
            assert not worked
        if after == "closed":
            self.failed = set() if before != "closed" else self.failed

    @invariant()
    def no_rest_is_longer_than_the_longest(self) -> None:
        assert timedelta(0) <= self.breaker.wait(self.now) <= BOUNDS.longest_rest

    @invariant()
    def after_the_rest_somebody_is_let_out_as_soon_as_the_trials_have_told(self) -> None:
        later = self.now + self.breaker.wait(self.now)
        pending = [ticket for ticket in self.out if ticket.trial]
        if self.breaker.state(later) == "half_open" and not pending:
            assert self.breaker.trials > 0


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40)
