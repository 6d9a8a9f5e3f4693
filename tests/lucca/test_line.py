"""Who goes next."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.lucca.line import FLOOR_EVERY, PURPOSES, URGENT, Line, Purpose, Turn, alone

PRESENT = st.sets(st.sampled_from(PURPOSES), min_size=1).map(
    lambda chosen: [purpose for purpose in PURPOSES if purpose in chosen]
)


def crowded(present: list[Purpose], each: int = 200) -> Line:
    line = Line()
    for purpose in present:
        for _ in range(each):
            line.join(Turn(purpose))
    return line


def served(line: Line, turns: int, *, sated: bool = False) -> list[Purpose]:
    order: list[Purpose] = []
    for _ in range(turns):
        upcoming = line.upcoming(sated=sated)
        line.grant(upcoming)
        order.append(upcoming.purpose)
    return order


@given(PRESENT)
def test_four_turns_in_five_go_to_the_most_urgent(present: list[Purpose]) -> None:
    order = served(crowded(present), 100)
    assert order.count(present[0]) >= 80
    assert order[: FLOOR_EVERY - 1] == [present[0]] * (FLOOR_EVERY - 1)


@given(PRESENT)
def test_nobody_waits_for_more_turns_than_five_for_each_purpose(present: list[Purpose]) -> None:
    order = served(crowded(present), 150)
    for purpose in present:
        turns = [0, *(number for number, to in enumerate(order, 1) if to == purpose)]
        waits = [later - earlier for earlier, later in itertools.pairwise(turns)]
        assert max(waits) <= FLOOR_EVERY * len(present)


@given(PRESENT)
def test_the_paced_claim_no_turn_from_urgent_ones_while_they_are_sated(present: list[Purpose]) -> None:
    order = served(crowded(present), 100, sated=True)
    if present[0] in URGENT:
        assert set(order) <= URGENT
    else:
        assert set(order) == set(present)


@given(PRESENT)
def test_turns_are_paced_unless_somebody_urgent_waits(present: list[Purpose]) -> None:
    upcoming = crowded(present, 1).upcoming(sated=False)
    assert upcoming.paced == (not URGENT & set(present))


@pytest.mark.parametrize("purpose", PURPOSES)
def test_alone_the_urgent_go_at_once_and_the_others_at_their_pace(purpose: Purpose) -> None:
    assert alone(purpose) == crowded([purpose], 1).upcoming(sated=False)


def test_urgent_are_hints_due_dates_and_confirmations() -> None:
    assert PURPOSES == ("hint", "due", "confirm", "probe", "sweep", "baseline")
    assert {"hint", "due", "confirm"} == URGENT
