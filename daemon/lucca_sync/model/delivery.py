"""Delivery: one event on its way to one target along one route, and how far it has come.

How deliveries move from state to state stands here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from lucca_sync.model.event import Event

State: TypeAlias = Literal["pending", "in_flight", "retrying", "parked", "done", "dead", "discarded"]
STATES: Final[tuple[State, ...]] = get_args(State)
OPEN_STATES: Final[tuple[State, ...]] = ("pending", "in_flight", "retrying", "parked")

Act: TypeAlias = Literal[
    "claim", "finish", "retry", "park", "die", "release", "abandon", "queue_again", "discard"
]
"""What can be done to a delivery. `claim` to `die` are egress's; `release` gives a claim back unused, and
`abandon` finds one whose holder is gone; `queue_again` and `discard` are a person's."""
ByHand: TypeAlias = Literal["queue_again", "discard"]

_MOVES: Final[Mapping[Act, tuple[tuple[State, ...], State]]] = {
    "claim": (OPEN_STATES, "in_flight"),  # one in flight may be claimed again once its lease has ended
    "finish": (("in_flight",), "done"),
    "retry": (("in_flight",), "retrying"),
    "park": (("in_flight",), "parked"),
    "die": (("in_flight",), "dead"),
    "release": (("in_flight",), "pending"),
    "abandon": (("in_flight",), "retrying"),
    "queue_again": (("pending", "retrying", "parked", "done", "dead", "discarded"), "pending"),
    "discard": (("pending", "retrying", "parked", "dead"), "discarded"),
}


def after(state: State, act: Act) -> State | None:
    """Return the state that an act leads to, None where it cannot be done in this one."""
    allowed, then = _MOVES[act]
    return then if state in allowed else None


def put_off(state: State) -> bool:
    """Whether a person's act has to wait for the end of a claim: what is claimed may be on its way."""
    return state == "in_flight"


class Lane(NamedTuple):
    """A route towards one of its connectors. Order is kept per subject inside a lane."""

    route: str
    connector: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a connector is handed: the event, cut to the fields that the route allows.

    `key` identifies the delivery in its store; `attempt` counts from 1; `journaled` is when it was written.
    """

    key: int
    event: Event
    lane: Lane
    attempt: int
    journaled: datetime
