"""Retry times, whatever the policy, the age, the target's wish and the draw."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lucca_sync.connector import RetryPolicy
from lucca_sync.egress.retry import FEWEST_TRIES, LONGEST_WAIT, Tried, next_wait
from lucca_sync.model.outcome import Retry

SHORTEST = timedelta(milliseconds=1)
NOTHING = timedelta(0)

spans = st.timedeltas(SHORTEST, timedelta(days=3)) | st.timedeltas(SHORTEST, timedelta(days=36_500))
policies = st.builds(
    RetryPolicy,
    schedule=st.lists(spans, min_size=1, max_size=8).map(tuple),
    max_age=spans,
    overload=st.floats(1, 100),
    retry_after_cap=spans,
)
tries = st.builds(Tried, st.integers(1, 1000), st.timedeltas(timedelta(days=-2), timedelta(days=30)))
wishes = st.none() | st.timedeltas(timedelta(days=-10), timedelta.max)
draws = st.floats(0, 1, exclude_max=True)
retries = st.builds(Retry, reason=st.just("busy"), after=wishes, overloaded=st.booleans())
FRESH = Tried(1, NOTHING)


def wish_of(outcome: Retry, policy: RetryPolicy) -> timedelta:
    return min(max(outcome.after or NOTHING, NOTHING), policy.retry_after_cap, LONGEST_WAIT)


def room_of(policy: RetryPolicy, tried: Tried) -> timedelta:
    return policy.max_age - max(tried.age, NOTHING)


@example(RetryPolicy(schedule=(SHORTEST,)), FRESH, Retry("busy"), 0.999999999)
@example(RetryPolicy(schedule=(timedelta(days=9),)), Tried(1, timedelta(days=-5)), Retry("busy"), 0.0)
@given(policies, tries, retries, draws)
def test_the_next_attempt_lies_ahead_and_within_the_age_limit(
    policy: RetryPolicy, tried: Tried, outcome: Retry, draw: float
) -> None:
    wait = next_wait(policy, tried, outcome, lambda: draw)
    if wait is not None:
        assert wait > NOTHING
        room = room_of(policy, tried)
        assert wait <= (room if room > NOTHING else LONGEST_WAIT)


@given(policies, tries, retries, draws)
def test_it_is_given_up_only_when_it_is_too_old_and_had_a_few_tries(
    policy: RetryPolicy, tried: Tried, outcome: Retry, draw: float
) -> None:
    wait = next_wait(policy, tried, outcome, lambda: draw)
    assert (wait is None) == (room_of(policy, tried) <= NOTHING and tried.times >= FEWEST_TRIES)


@given(policies, tries, retries, draws)
def test_the_targets_wish_is_a_minimum_up_to_the_cap_and_the_age(
    policy: RetryPolicy, tried: Tried, outcome: Retry, draw: float
) -> None:
    wait = next_wait(policy, tried, outcome, lambda: draw)
    room = room_of(policy, tried)
    if wait is not None and room > NOTHING:
        assert wait >= min(wish_of(outcome, policy), room)
        assert wait <= policy.retry_after_cap + LONGEST_WAIT * policy.overload


@given(policies, tries, draws)
def test_the_wait_never_exceeds_what_is_scheduled(policy: RetryPolicy, tried: Tried, draw: float) -> None:
    wait = next_wait(policy, tried, Retry("busy"), lambda: draw)
    scheduled = policy.schedule[min(tried.times, len(policy.schedule)) - 1]
    assert wait is None or wait <= scheduled


@given(policies, tries, wishes, draws)
def test_an_overloaded_target_never_waits_shorter_for_the_same_draw(
    policy: RetryPolicy, tried: Tried, wish: timedelta | None, draw: float
) -> None:
    usual = next_wait(policy, tried, Retry("busy", wish), lambda: draw)
    spared = next_wait(policy, tried, Retry("busy", wish, overloaded=True), lambda: draw)
    assert (usual is None) == (spared is None)
    if usual is not None and spared is not None:
        assert spared >= usual


@given(policies, retries, st.integers(0, 2**32))
def test_retries_come_to_their_end_without_crowding_before_it(
    policy: RetryPolicy, outcome: Retry, seed: int
) -> None:
    """Whatever reaches the age limit is tried there once more; it does not creep towards it."""
    draw, tried = Random(seed).random, FRESH
    for _ in range(20):
        wait = next_wait(policy, tried, outcome, draw)
        if wait is None:
            return
        if tried.age + wait >= policy.max_age:
            tried = Tried(max(tried.times + 1, FEWEST_TRIES), tried.age + wait)
            assert next_wait(policy, tried, outcome, draw) is None
            return
        tried = Tried(tried.times + 1, tried.age + wait)


@pytest.mark.parametrize("wish", [timedelta(minutes=1), timedelta(minutes=30)])
@pytest.mark.parametrize("overloaded", [True, False])
@given(seed=st.integers(0, 2**40))
def test_subjects_that_were_told_the_same_do_not_come_back_at_once(
    wish: timedelta, seed: int, *, overloaded: bool
) -> None:
    """Be what the target wishes less than what is scheduled, or more."""
    outcome, draw = Retry("busy", wish, overloaded=overloaded), Random(seed).random
    waits = [next_wait(RetryPolicy(), Tried(3, NOTHING), outcome, draw) for _ in range(100)]
    assert len({round(wait.total_seconds()) for wait in waits if wait}) > 50


@given(st.integers(1, 6))
def test_the_default_schedule_is_climbed_step_by_step(times: int) -> None:
    policy = RetryPolicy()
    wait = next_wait(policy, Tried(times, NOTHING), Retry("busy"), lambda: 0.0)
    assert wait == policy.schedule[times - 1]


@given(st.floats(1, 100))
def test_the_penalty_of_overload_is_the_policys(factor: float) -> None:
    policy = RetryPolicy(schedule=(timedelta(minutes=1),), overload=factor)
    wait = next_wait(policy, FRESH, Retry("busy", overloaded=True), lambda: 0.0)
    assert wait == timedelta(minutes=1) * factor
