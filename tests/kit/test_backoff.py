"""Waits between tries."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.kit.backoff import growing_waits


def test_waits_double_up_to_the_cap() -> None:
    assert list(islice(growing_waits(1, 10, lambda: 0.0), 6)) == [1, 2, 4, 8, 10, 10]


@given(st.floats(0, 1, exclude_max=True), st.floats(0.01, 10), st.floats(0.01, 100))
def test_jitter_takes_away_half_at_most(draw: float, first: float, cap: float) -> None:
    plain = islice(growing_waits(first, cap, lambda: 0.0), 10)
    drawn = islice(growing_waits(first, cap, lambda: draw), 10)
    assert all(most / 2 <= wait <= most for most, wait in zip(plain, drawn, strict=True))
