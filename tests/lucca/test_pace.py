"""Even spacing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.lucca.pace import CREDIT, Pace

SPAN = 61.0


@given(
    limit=st.integers(1, 500),
    rests=st.lists(st.one_of(st.just(0.0), st.floats(0, 200)), min_size=1, max_size=80),
)
def test_any_stretch_holds_its_even_part_and_a_tenth_of_a_window_at_most(
    limit: int, rests: list[float]
) -> None:
    pace, now, sent = Pace(SPAN), 0.0, list[float]()
    for rest in rests:
        now += rest
        now += pace.wait(now, limit)
        pace.spend(now, limit)
        sent.append(now)
    credit = max(1, int(limit * CREDIT))
    for first, began in enumerate(sent):
        for count, at in enumerate(sent[first:], 1):
            assert count <= (at - began) * limit / SPAN + credit + 1e-6


def test_waiting_for_a_full_window_earns_no_credit() -> None:
    pace = Pace(SPAN)
    pace.held(100.0, 50)
    pace.spend(100.0, 50)
    assert pace.wait(100.0, 50) == pytest.approx(SPAN / 50)


def test_idleness_does() -> None:
    pace = Pace(SPAN)
    pace.spend(0.0, 50)
    for _ in range(5):
        assert pace.wait(100.0, 50) == 0
        pace.spend(100.0, 50)
    assert pace.wait(100.0, 50) > 0
