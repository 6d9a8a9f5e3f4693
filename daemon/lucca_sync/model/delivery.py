"""Delivery: one event on its way to one target along one route, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple, TypeAlias

from lucca_sync.model.event import Event

State: TypeAlias = Literal["pending", "in_flight", "retrying", "parked", "done", "dead"]
OPEN_STATES: Final[tuple[State, ...]] = ("pending", "in_flight", "retrying", "parked")


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
