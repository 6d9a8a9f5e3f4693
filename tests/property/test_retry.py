"""Retry times, whatever the policy, the age, the target's wish and the draw."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from lucca_sync.connector import RetryPolicy
from lucca_sync.egress.retry import LONGEST_WAIT, LONGEST_WISH, next_attempt
from lucca_sync.model.outcome import Retry

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)

SHORTEST = timedelta(milliseconds=1)

spans = st.timedeltas(SHORTEST, timedelta(days=3)) | st.timedeltas(SHORTEST, timedelta(days=400_000))
policies = st.builds(RetryPolicy, schedule=st.lists(spans, min_size=1, max_size=8).map(tuple), max_age=spans)
attempts = st.integers(1, 1000)
ages = st.timedeltas(timedelta(days=-2), timedelta(days=30))
wishes = st.none() | st.timedeltas(timedelta(days=-10), timedelta.max)
draws = st.floats(0, 1, exclude_max=True)
retries = st.builds(Retry, reason=st.just("busy"), after=wishes, overloaded=st.booleans())


def wish_of(outcome: Retry) -> timedelta:
    return min(max(outcome.after or timedelta(0), timedelta(0)), LONGEST_WISH)


@example(RetryPolicy(schedule=(SHORTEST,)), 1, timedelta(0), Retry("busy"), 0.999999999)
@example(RetryPolicy(schedule=(timedelta(days=9),)), 1, timedelta(days=-5), Retry("busy"), 0.0)
@given(policies, attempts, ages, retries, draws)
def test_the_next_attempt_lies_ahead_and_within_the_age_limit(
    policy: RetryPolicy, attempt: int, age: timedelta, outcome: Retry, draw: float
) -> None:
    due = next_attempt(policy, attempt, NOW - age, NOW, outcome, lambda: draw)
    if due is not None:
        assert due > NOW
        assert due - NOW <= policy.max_age - max(age, timedelta(0))


@given(policies, attempts, ages, retries, draws)
def test_it_is_given_up_only_when_nothing_is_left_of_the_age_after_the_targets_wish(
    policy: RetryPolicy, attempt: int, age: timedelta, outcome: Retry, draw: float
) -> None:
    due = next_attempt(policy, attempt, NOW - age, NOW, outcome, lambda: draw)
    left = policy.max_age - max(age, timedelta(0)) - wish_of(outcome)
    assert (due is None) == (left <= timedelta(0))


@given(policies, attempts, retries, draws)
def test_the_targets_wish_is_a_minimum_and_has_a_limit(
    policy: RetryPolicy, attempt: int, outcome: Retry, draw: float
) -> None:
    due = next_attempt(policy, attempt, NOW, NOW, outcome, lambda: draw)
    if due is not None:
        assert wish_of(outcome) <= due - NOW <= LONGEST_WISH + 2 * LONGEST_WAIT


@given(policies, attempts, draws)
def test_the_wait_never_exceeds_what_is_scheduled(policy: RetryPolicy, attempt: int, draw: float) -> None:
    due = next_attempt(policy, attempt, NOW, NOW, Retry("busy"), lambda: draw)
    assert due is not None
    assert due - NOW <= policy.schedule[min(attempt, len(policy.schedule)) - 1]


@given(policies, attempts, ages, wishes, draws)
def test_an_overloaded_target_never_waits_shorter_for_the_same_draw(
    policy: RetryPolicy, attempt: int, age: timedelta, wish: timedelta | None, draw: float
) -> None:
    usual = next_attempt(policy, attempt, NOW - age, NOW, Retry("busy", wish), lambda: draw)
    spared = next_attempt(policy, attempt, NOW - age, NOW, Retry("busy", wish, overloaded=True), lambda: draw)
    assert (usual is None) == (spared is None)
    if usual is not None and spared is not None:
        assert spared >= usual


@given(st.integers(0, 2**40))
def test_subjects_that_were_told_the_same_do_not_come_back_at_once(seed: int) -> None:
    outcome, draw = Retry("busy", timedelta(minutes=1), overloaded=True), Random(seed).random
    dues = [next_attempt(RetryPolicy(), 3, NOW, NOW, outcome, draw) for _ in range(100)]
    assert len({due and due.replace(microsecond=0) for due in dues}) > 50


@given(st.integers(1, 6))
def test_the_default_schedule_is_climbed_step_by_step(attempt: int) -> None:
    policy = RetryPolicy()
    due = next_attempt(policy, attempt, NOW, NOW, Retry("busy"), lambda: 0.0)
    assert due == NOW + policy.schedule[attempt - 1]
