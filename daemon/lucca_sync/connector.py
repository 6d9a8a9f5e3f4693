"""The contract for connectors: what a connector declares, when each method is called, what it answers.

Knows no target and no store. Authors import these names from `lucca_sync` itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar, Generic, TypeAlias, TypeVar

import structlog.typing
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from lucca_sync.kit.clock import Clock
from lucca_sync.kit.durations import Duration, PositiveDuration
from lucca_sync.kit.maintenance import MaintenanceWindow
from lucca_sync.kit.rates import Rate
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Outcome


class RetryPolicy(BaseModel):
    """When a delivery that did not get through is tried again.

    Each wait is drawn evenly from (0, scheduled] (full jitter): many subjects don't come back at once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schedule: Annotated[tuple[PositiveDuration, ...], Field(min_length=1)] = (
        timedelta(seconds=5),
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=10),
        timedelta(hours=1),
        timedelta(hours=6),
    )
    """Waits after the first, second, … failed attempt; the last one repeats."""

    max_age: PositiveDuration = timedelta(days=3)
    """A delivery older than this becomes a dead letter instead of being tried again. Counted from the change,
    or from when a person had it sent again; what waited so long for something else is tried three times."""

    overload: Annotated[float, Field(ge=1, le=100, allow_inf_nan=False)] = 2.0
    """How many times longer the waits are for a target that says it has too much to do (HTTP 429, 502, 503,
    504)."""

    retry_after_cap: PositiveDuration = timedelta(hours=6)
    """How long a target may ask to be left alone (`Retry-After`); what it asks for beyond is not obeyed."""


def _a_second_to_a_day(span: timedelta) -> timedelta:
    if not timedelta(seconds=1) <= span <= timedelta(days=1):
        raise ValueError("must be from 1s to 1d")
    return span


_Spell: TypeAlias = Annotated[Duration, AfterValidator(_a_second_to_a_day)]


class BreakerPolicy(BaseModel):
    """When a target is left alone because too much fails there, and for how long.

    It is when at least `share` of the calls within `window` failed, and these were about at least `subjects`
    different subjects that have not got through since. After a rest up to three calls are tried; the first
    that gets through ends it, and with three failures the next rest is twice as long.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.5
    """Which part of the calls must fail."""

    subjects: Annotated[int, Field(ge=2, le=200)] = 5
    """About how many different subjects at least: fewer suit a company of few people. Not one: somebody whose
    data a target can't take must not leave everybody waiting."""

    window: _Spell = timedelta(minutes=1)
    """Calls of how long are counted; of these the last 200 at most."""

    rest: _Spell = timedelta(seconds=5)
    """How long the first rest is at most; each is drawn from the upper half."""

    longest_rest: Annotated[_Spell, Field(validate_default=True)] = timedelta(minutes=5)
    """How long a rest gets at most, however often trials fail; at least `rest`."""

    @field_validator("longest_rest")
    @classmethod
    def _at_least_the_first(cls, span: timedelta, info: ValidationInfo) -> timedelta:
        if span < info.data.get("rest", span):
            raise ValueError("must be at least rest")
        return span


class ConnectorConfig(BaseModel):
    """What every connector's section in the YAML has; subclass it and add your own fields.

    A secret `x` is offered as two fields, `x` and `x_file`, of which exactly one must be given: see `Secret`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    type: str
    """The connector's entry-point name."""

    retry: RetryPolicy = RetryPolicy()
    """How long and how often to try again."""

    breaker: BreakerPolicy = BreakerPolicy()
    """When the target is left alone for a while, because too much fails there."""

    concurrency: Annotated[int, Field(ge=1, le=256)] | None = None
    """Calls at the same time at most, each about other subjects. Default: what the connector takes by itself,
    which is also the most, but for `webhook` (16, and up to 256)."""

    rate: Rate | None = None
    """Calls in a time at most, spread evenly, such as `10/s` or `600/1m`. Default: as fast as it can."""

    maintenance: tuple[MaintenanceWindow, ...] = ()
    """Times of the week in which nothing is sent, as a list of windows. What is on its way may end."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """How the daemon may call `deliver`.

    `max_batch` deliveries at most per call, each about another subject. `concurrency` calls at most at once.
    `linger`: a batch smaller than `max_batch` is handed over only when its oldest delivery has waited so long
    (zero: at once). `time_limit`: a call that takes longer is cancelled and counts as possibly sent.
    """

    max_batch: int = 1
    concurrency: int = 8
    linger: timedelta = timedelta(0)
    time_limit: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the daemon lends a connector: its name in the YAML, the clock, a logger that already names it."""

    name: str
    clock: Clock
    log: structlog.typing.FilteringBoundLogger


class CheckFailed(Exception):
    """A connector's own check found something a person must repair; the message says what and where."""


ConfigT = TypeVar("ConfigT", bound=ConnectorConfig)


class Connector(ABC, Generic[ConfigT]):
    """Takes deliveries to one kind of target.

    Life: constructed → `open` → any number of `deliver` (as `abilities` allow) → `close`; then nothing more.
    `check` is called on an open connector that gets no deliveries (`lucca-sync check --connect`).
    """

    Config: ClassVar[type[ConnectorConfig]]
    """The model of the connector's YAML section."""

    def __init__(self, config: ConfigT, surroundings: Surroundings) -> None:
        """Keep what was given; no I/O here."""
        self.config = config
        self.surroundings = surroundings

    @property
    def abilities(self) -> Abilities:
        """How `deliver` may be called; asked once after `open`."""
        return Abilities()

    async def open(self) -> None:
        """Acquire what deliveries need.

        Called once, before anything else. Must not require the target to be up.
        """

    async def check(self) -> None:
        """Prove as far as possible, without side effects at the target, that deliveries would get through.

        Raises CheckFailed with words that help.
        """

    @abstractmethod
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Take deliveries to the target and answer exactly one outcome for each, in the same order.

        Every delivery comes at least once, repeats carry the same event id. May be cancelled at any await
        (stop, time limit). An exception counts as `Retry` for the whole batch. Never log a record's values.
        """

    async def close(self) -> None:
        """Release everything. Called once, also when `open` failed; no delivery is in flight any more."""
