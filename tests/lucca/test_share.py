"""What is allowed after refusals, as a function of time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.lucca.share import CALM, CLIMB, RECOVERY, Share

MINUTE, HOUR = 60.0, 3600.0
ALL_BACK = RECOVERY + max(CALM) + CLIMB
REFUSALS = st.lists(
    st.tuples(st.floats(0.1, 12 * HOUR), st.integers(0, 80), st.floats(0, 900)), min_size=1, max_size=20
)


def learning(rate: float, refusals: list[tuple[float, int, float]]) -> tuple[Share, float]:
    """A share after refusals: how long after the last one, how many were sent, how long the pause."""
    share, now = Share(rate), 0.0
    for after, sent, pause in refusals:
        now += after
        share.refused(now, sent, now + pause)
        now += pause
    return share, now


def settled(share: Share, now: float) -> float:
    return share.allowed(now + RECOVERY + MINUTE)


def test_nothing_is_learned_where_nothing_was_refused() -> None:
    share = Share(30)
    assert share.allowed(10 * HOUR) == 30
    assert share.others(10 * HOUR) == 0
    assert share.learned(10 * HOUR) is None


@given(rate=st.floats(0.1, 5000), refusals=REFUSALS, later=st.floats(0, 2 * ALL_BACK))
def test_never_more_than_the_configured_rate_and_never_nothing(
    rate: float, refusals: list[tuple[float, int, float]], later: float
) -> None:
    share, now = learning(rate, refusals)
    assert min(rate, 1) <= share.allowed(now + later) <= rate
    assert share.others(now + later) >= 0


@given(rate=st.floats(0.1, 5000), refusals=REFUSALS)
def test_whatever_was_refused_the_whole_share_comes_back(
    rate: float, refusals: list[tuple[float, int, float]]
) -> None:
    share, now = learning(rate, refusals)
    assert share.allowed(now + ALL_BACK) == rate
    assert share.others(now + ALL_BACK) == 0


@given(rate=st.floats(1, 5000), refusals=REFUSALS, steps=st.lists(st.floats(0, HOUR), max_size=30))
def test_between_refusals_the_rate_only_grows(
    rate: float, refusals: list[tuple[float, int, float]], steps: list[float]
) -> None:
    share, now = learning(rate, refusals)
    before = share.allowed(now)
    for step in steps:
        now += step
        assert share.allowed(now) >= before - 1e-9
        before = share.allowed(now)


@given(rate=st.floats(3, 50), refusals=REFUSALS, sent=st.integers(0, 50))
def test_a_refusal_never_raises_the_rate_and_lowers_a_large_one_by_nearly_a_third(
    rate: float, refusals: list[tuple[float, int, float]], sent: int
) -> None:
    share, now = learning(rate, refusals)
    now += 7 * MINUTE
    before = share.allowed(now)
    share.refused(now, min(sent, int(before)), now + MINUTE)
    assert share.allowed(now) <= max(1, before * 0.7 + 1e-9)


@given(rate=st.floats(0.1, 200), refusals=REFUSALS, later=st.floats(0, ALL_BACK))
def test_what_is_kept_over_a_restart_goes_on_where_it_was(
    rate: float, refusals: list[tuple[float, int, float]], later: float
) -> None:
    share, now = learning(rate, refusals)
    again = Share(rate)
    again.recall(share.learned(now), 1e6)
    assert again.allowed(1e6 + later) == pytest.approx(share.allowed(now + later), rel=1e-6)
    assert again.others(1e6 + later) == pytest.approx(share.others(now + later), rel=1e-6, abs=1e-4)


def test_it_settles_just_under_the_level_of_the_refusal() -> None:
    share, now = learning(50, [(HOUR, 40, 60)])
    assert settled(share, now) == 38
    share, now = learning(50, [(HOUR, 36, 60), (2 * MINUTE, 25, 60)])
    assert settled(share, now) == 25 * 0.95


def test_who_was_refused_while_sending_little_loses_one_drop_not_nearly_everything() -> None:
    share, now = learning(50, [(HOUR, 1, 60)])
    assert settled(share, now) > 30


def test_looking_for_more_waits_longer_each_time_it_is_refused() -> None:
    share, now = learning(50, [(HOUR, 36, 60), (2 * MINUTE, 25, 60)])
    waits = list[float]()
    for _ in range(4):
        began = now
        while share.allowed(now) < 26:
            now += MINUTE / 2
        waits.append((now - began) / MINUTE)
        share.refused(now, 25, now + MINUTE)
    assert waits == pytest.approx([18, 53, 333, 333], abs=2)


def test_another_level_is_looked_beyond_soon_again() -> None:
    share, now = learning(50, [(HOUR, 36, 60), (2 * MINUTE, 25, 60), (20 * MINUTE, 25, 60)])
    share.refused(now + RECOVERY, 8, now + RECOVERY)
    assert share.allowed(now + RECOVERY + HOUR / 2) > 20


def test_others_take_what_we_were_refused_of_the_tenants_fifty() -> None:
    share, now = learning(50, [(HOUR, 36, 60), (2 * MINUTE, 30, 60)])
    assert share.others(now) == 20
    assert share.others(now + RECOVERY + CALM[0] + CLIMB * 0.8) < 10, "what we send is not theirs"
