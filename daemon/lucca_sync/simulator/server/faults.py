"""Misbehaviours that a person or a test switches on, for good or for the next few requests."""

from collections.abc import Mapping
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

    @property
    def name(self) -> str:
        """The word it is counted under."""
        return f"status-{self.status}" if self.kind == "status" else self.kind


class Storm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times in which everything is answered 429, again and again."""

    every: float = 600.0
    """Seconds from the beginning of one storm to the beginning of the next."""
    lasts: float = 30.0
    retry_after: Literal["seconds", "date", "none", "mixed"] = "mixed"
    """How the delay is named; `mixed` goes through the three forms."""


class Heavy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is too much work for the tenant: such a list is answered 408."""

    above: int | None = 50
    """Pages of more than so many records; null for any size."""
    includes: frozenset[str] = frozenset({"embedded", "totalCount"})
    """Words of `include` that make any list too much."""
    rate: float = 1.0
    """The share of such requests that is refused."""


class WebhookTroubles(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong with webhooks; each share is from 0 to 1, and all of it is 1."""

    unrecorded: float = 0.0
    """The share of changes of which no event is made at all."""
    lost: float = 0.0
    """The share of deliveries that are called delivered and were never sent."""
    repeated: float = 0.0
    """The share of deliveries that are sent once more after they arrived."""
    shuffled: float = 0.0
    """The share of deliveries that others overtake."""
    delayed: float = 0.0
    """Seconds that each delivery waits before it is first sent."""
    wrong_signature: float = 0.0
    """The share of attempts signed with another secret."""
    old_timestamp: float = 0.0
    """The share of attempts signed, correctly, with a time a quarter of an hour ago."""


class Misbehaviours(Distortion, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that is wrong with the tenant; all empty is a tenant that behaves."""

    faults: tuple[Fault, ...] = ()
    storm: Storm | None = None
    heavy: Heavy | None = None
    others_per_minute: float = 0.0
    """Requests of the tenant's limit that another integration takes."""
    others: Literal["steady", "bursty"] = "steady"
    """Whether the other integration spreads its requests or sends them all as a minute begins."""
    refuse_scopes: frozenset[str] = frozenset()
    """Resources that answer 403, whatever the token says."""
    refuse_credentials: int | None = None
    """A status with which the token endpoint refuses every client: 400 or 401."""
    token_lifetime: float | None = None
    """Seconds after which tokens are worthless, though half an hour was promised."""
    max_limit: int | None = None
    """The largest `limit` that lists take; a larger one is a 400."""
    page_numbers: Literal["honoured", "refused", "ignored"] = "honoured"
    """What becomes of `page=7`: page seven, a 400, or page one."""
    ignored_filters: frozenset[str] = frozenset()
    """Parameters that lists ignore although they are documented, such as `id`."""
    unknown_parameters: Literal["refused", "ignored"] | None = None
    """What becomes of parameters that nobody knows; null leaves it to the options."""
    dead_cursors: float = 0.0
    """The share of requests whose page token is not known any more: a 400."""
    ignore_if_none_match: bool = False
    """Lists answer in full even when nothing has changed."""
    clock_skew: float = 0.0
    """Seconds by which the tenant's own clock is ahead: `Date`, `lastUpdatedAt`, webhook timestamps."""
    shrinking: float = 0.0
    """The share of further pages before which a record of the list is truly deleted."""
    deprecated: Mapping[str, str] = {}
    """Resource (or `*`) to the day of its sunset, announced by `Deprecation` and `Sunset` headers."""
    webhooks: WebhookTroubles = WebhookTroubles()


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

    @property
    def standing(self) -> Misbehaviours:
        """What is wrong at the moment but for the faults, which are dealt out."""
        return self._present

    def deal(self, resource: str, *, is_list: bool) -> list[Fault]:
        """Return the faults that spoil this request, and count it."""
        dealt: list[Fault] = []
        for armed in self._armed:
            if armed.fault.fits(resource, is_list=is_list) and self._random.random() < armed.fault.rate:
                dealt.append(armed.fault)
                armed.left = None if armed.left is None else armed.left - 1
        self._armed = [armed for armed in self._armed if armed.left is None or armed.left > 0]
        return dealt

    def strikes(self, rate: float) -> bool:
        """Draw whether something that goes wrong so often goes wrong this time."""
        return rate > 0 and self._random.random() < rate

    def one_of(self, number: int) -> int:
        """Draw one of so many, from 0."""
        return self._random.randrange(number)
