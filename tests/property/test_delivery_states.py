"""The one state machine of deliveries: what can be done to one in each of its states."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.model.delivery import OPEN_STATES, Act, State, after

STATES: tuple[State, ...] = get_args(State)
ACTS: tuple[Act, ...] = get_args(Act)
BY_HAND: tuple[Act, ...] = ("queue_again", "discard")
CLAIMED_ONLY: tuple[Act, ...] = ("finish", "retry", "park", "die", "release", "abandon")

_acts = st.lists(st.sampled_from(ACTS), max_size=30)


def lived(acts: list[Act]) -> list[State]:
    """Return the states of a delivery to which acts were tried one after the other."""
    states: list[State] = ["pending"]
    for act in acts:
        states.append(after(states[-1], act) or states[-1])
    return states


@given(_acts)
def test_only_a_claim_leads_into_flight_and_only_what_is_claimed_can_be_settled(acts: list[Act]) -> None:
    states = lived(acts)
    for before, then, act in zip(states, states[1:], acts, strict=False):
        if then == "in_flight" and before != "in_flight":
            assert act == "claim"
        if act in CLAIMED_ONLY and before != "in_flight":
            assert then == before


@given(_acts)
def test_what_is_in_flight_is_out_of_a_persons_reach(acts: list[Act]) -> None:
    states = lived(acts)
    for before, then, act in zip(states, states[1:], acts, strict=False):
        if before == "in_flight" and act in BY_HAND:
            assert then == "in_flight"


@given(_acts)
def test_what_has_ended_or_died_comes_back_by_a_persons_hand_alone(acts: list[Act]) -> None:
    states = lived(acts)
    for before, then, act in zip(states, states[1:], acts, strict=False):
        if before not in OPEN_STATES and then in OPEN_STATES:
            assert (act, then) == ("queue_again", "pending")
        if before in ("done", "discarded") and act != "queue_again":
            assert then == before


def test_every_open_delivery_can_be_claimed_and_from_everywhere_one_can_get_back_to_the_queue() -> None:
    assert {after(state, "claim") for state in OPEN_STATES} == {"in_flight"}
    assert {after(state, "claim") for state in STATES if state not in OPEN_STATES} == {None}
    assert {after(state, "queue_again") for state in STATES if state != "in_flight"} == {"pending"}
    assert after("in_flight", "release") == "pending"


def test_every_state_is_reached() -> None:
    assert {after(state, act) for state in STATES for act in ACTS} == {*STATES, None}
