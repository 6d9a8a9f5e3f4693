"""Outcome: what a connector says became of one delivery. Named after what happens next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Done:
    """The target has it.

    `receipt` is the target's own reference (a message id, a file name), never a record's value.
    """

    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now. `after` is the target's own wish (Retry-After); `overloaded` asks for a longer wait.

    `possibly_sent` says that the target may have it already (a time-out after the request went out).
    `gone` says that the target is no more (HTTP 410): nothing is sent to it until a person says otherwise.
    `reason` says what happened in words a person can act on, without a record's values.
    """

    reason: str
    after: timedelta | None = None
    overloaded: bool = False
    possibly_sent: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """Never: the target refused this delivery for good; it becomes a dead letter."""

    reason: str


@dataclass(frozen=True, slots=True)
class Park:
    """Waits for something outside (a missing number, a person), until `until` or until it is released."""

    reason: str
    until: datetime | None = None


Outcome: TypeAlias = Done | Retry | Reject | Park
