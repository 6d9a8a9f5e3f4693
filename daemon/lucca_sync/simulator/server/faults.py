"""Misbehaviours that a person or a test switches on, for good or for the next few requests."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from msgspec import Struct, structs

from lucca_sync.simulator.answers.lens import EVERY, Distortion, Lens
from lucca_sync.simulator.options import RetryAfterFormat

TOKEN = "token"  # noqa: S105 - the name of an endpoint
FaultKind = Literal["status", "delay", "truncate", "invalid-json", "reset", "malformed-record"]


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong with requests that fit."""

    kind: FaultKind
    resource: str = EVERY
    """A resource, `*` for all, `token` for the token endpoint."""
    of: Literal["any", "list", "record"] = "any"
    requests: int | None = None
    """How many requests it still spoils; null until it is switched off."""
    rate: float = 1.0
    """The share of fitting requests that it spoils."""
    status: int = 503
    """For `status`: 408, 429, 500, 503…"""
    retry_after: float | None = None
    """For `status`: seconds to name in `Retry-After`."""
    retry_after_as: RetryAfterFormat = "seconds"
    seconds: float = 1.0
    """For `delay`: how long the answer takes."""
    malformed: Literal["no-id", "not-an-object"] = "no-id"
    """For `malformed-record`: what stands between the records of a page."""

    def fits(self, resource: str, *, is_list: bool) -> bool:
        """Say whether a request is of the kind that this spoils."""
        place = resource == self.resource or (self.resource == EVERY and resource != TOKEN)
        return place and (self.of == "any" or (self.of == "list") is is_list)


class Misbehaviours(Distortion, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that is wrong with the tenant; all empty is a tenant that behaves."""

    faults: tuple[Fault, ...] = ()
    refuse_scopes: frozenset[str] = frozenset()
    """Resources that answer 403, whatever the token says."""
    refuse_credentials: int | None = None
    """A status with which the token endpoint refuses every client: 400 or 401."""


@dataclass
class _Armed:
    fault: Fault
    left: int | None


class Mischief:
    """Holds the misbehaviours and deals out the faults."""

    def __init__(self, lens: Lens, random: Random) -> None:
        self._lens = lens
        self._random = random
        self._present = Misbehaviours()
        self._armed: list[_Armed] = []

    @property
    def present(self) -> Misbehaviours:
        """What is wrong at the moment, with the requests that are still to be spoilt."""
        left = tuple(structs.replace(armed.fault, requests=armed.left) for armed in self._armed)
        return structs.replace(self._present, faults=left)

    @present.setter
    def present(self, misbehaviours: Misbehaviours) -> None:
        self._present = misbehaviours
        self._armed = [_Armed(fault, fault.requests) for fault in misbehaviours.faults]
        self._lens.distortion = misbehaviours

    def deal(self, resource: str, *, is_list: bool) -> list[Fault]:
        """Return the faults that spoil this request, and count it."""
        dealt: list[Fault] = []
        for armed in self._armed:
            if armed.fault.fits(resource, is_list=is_list) and self._random.random() < armed.fault.rate:
                dealt.append(armed.fault)
                armed.left = None if armed.left is None else armed.left - 1
        self._armed = [armed for armed in self._armed if armed.left is None or armed.left > 0]
        return dealt
