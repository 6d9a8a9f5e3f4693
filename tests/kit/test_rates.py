"""Rates as people write them, and the turns that follow from them."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.egress.pace import Pace
from lucca_sync.kit.rates import PerTime, parse_rate


@pytest.mark.parametrize(
    ("text", "interval"),
    [("10/s", 0.1), ("600/1m", 0.1), ("1/2s", 2), ("1/h", 3600), ("3/1.5s", 0.5), ("1/500ms", 0.5)],
)
def test_a_rate_is_a_count_in_a_time(text: str, interval: float) -> None:
    assert parse_rate(text).interval == pytest.approx(interval)


@pytest.mark.parametrize(
    "text", ["", "10", "0/s", "/s", "10/", "10/x", "-1/s", "1/2d", "1e3/s", 10, None, "1/0s"]
)
def test_what_is_no_rate_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_rate(text)


def test_what_is_written_can_be_read_again() -> None:
    rate = PerTime(600, timedelta(minutes=1))
    assert parse_rate(str(rate)) == rate


@given(st.lists(st.floats(0, 5), max_size=50), st.integers(1, 100))
def test_turns_are_never_closer_than_the_rate_allows(steps: list[float], per_second: int) -> None:
    pace, now, turns = Pace(PerTime(per_second, timedelta(seconds=1))), 100.0, list[float]()
    for step in steps:
        now += step
        turns.append(now + pace.turn(now))
    gaps = [later - earlier for earlier, later in pairwise(turns)]
    assert all(gap >= 1 / per_second - 1e-9 for gap in gaps)


@given(st.floats(0, 1e9))
def test_without_a_rate_every_turn_is_now(now: float) -> None:
    assert Pace(None).turn(now) == 0
