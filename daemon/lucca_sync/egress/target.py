"""A target as egress sees it, and calls into its connector that can't do harm.

Whatever foreign code raises, answers or leaves undone comes back as a value.
"""

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Final, Protocol, TypeVar, cast

import anyio

from lucca_sync.connector import Abilities, ConnectorConfig
from lucca_sync.egress.admission import Terms
from lucca_sync.egress.breaker import Bounds
from lucca_sync.egress.fate import plain
from lucca_sync.kit.durations import format_duration
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry

OPEN_LIMIT: Final = 30.0
CLOSE_LIMIT: Final = 5.0
"""Seconds that a connector may take to open and to close."""

T = TypeVar("T")


class Deliverer(Protocol):
    """The part of a connector that egress uses."""

    @property
    def abilities(self) -> Abilities:
        """How `deliver` may be called; asked once after `open`."""
        ...

    async def open(self) -> None:
        """Acquire what deliveries need."""
        ...

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Take deliveries to the target and answer one outcome for each, in the same order."""
        ...

    async def close(self) -> None:
        """Release everything."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """A connector as configured: its name in the YAML, its section there, and how one is made.

    Two of the same name and section are the same target. `make` is called again when the one before could not
    be opened: a connector is opened once at most.
    """

    name: str
    config: ConnectorConfig
    make: Callable[[], Deliverer] = field(compare=False)

    @property
    def terms(self) -> Terms:
        """What its settings say about when it may be called; the digest holds no secret, nor tells one."""
        windows = [window.weekly for window in self.config.maintenance]
        digest = blake2b(_written(self.config), digest_size=8).hexdigest()
        return Terms(windows, digest, Bounds.of(self.config.breaker))


def _written(section: ConnectorConfig) -> bytes:
    """Write down what a section says; a field of a stranger's that can't be written stands there as its type.

    What it leaves as it is by itself is no part of it: else a version with a setting more would be a change.
    """
    try:
        written = section.model_dump_json(exclude_defaults=True, fallback=lambda value: type(value).__name__)
        return written.encode()
    except ValueError:  # bytes that are no text, or a serializer that raises
        return type(section).__name__.encode()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Foreign code did not do what it should. `what` names the type of an error, never its text."""

    what: str


async def opened(target: Target) -> tuple[Deliverer, Abilities] | Trouble:
    """Make a connector and open it; what could not be opened is closed again."""
    made: list[Deliverer] = []

    async def make_and_open() -> Abilities:
        made.append(target.make())
        await made[0].open()
        return made[0].abilities

    ready = False
    try:
        scope = anyio.CancelScope(deadline=anyio.current_time() + OPEN_LIMIT)
        abilities = await _contained(scope, make_and_open)
        if isinstance(abilities, Trouble):
            return abilities
        ready = True
        return made[0], abilities
    finally:  # also when we are cancelled meanwhile
        for connector in () if ready else made:
            await closed(connector)


async def closed(connector: Deliverer) -> Trouble | None:
    """Close a connector, also while everything is being cancelled, within its limit."""
    scope = anyio.CancelScope(deadline=anyio.current_time() + CLOSE_LIMIT, shield=True)
    return await _contained(scope, connector.close)


async def attempt(
    connector: Deliverer, deliveries: Sequence[Delivery], abilities: Abilities, scope: anyio.CancelScope
) -> Sequence[Outcome]:
    """Call the connector once under its time limit and return exactly one outcome for each delivery.

    Cancelling `scope` ends the call early; as after a time-out the target may have the deliveries.
    """
    deadline = anyio.current_time() + abilities.time_limit.total_seconds()
    scope.deadline = deadline
    answer = await _contained(scope, lambda: connector.deliver(deliveries))
    if not isinstance(answer, Trouble):
        return _checked(answer, len(deliveries))
    retry = Retry(f"the connector raised {answer.what}")
    if scope.cancelled_caught:
        late = anyio.current_time() >= deadline
        limit = format_duration(abilities.time_limit)
        retry = Retry(f"no answer within {limit}" if late else "stopped meanwhile", possibly_sent=True)
    return [retry] * len(deliveries)


def _checked(answer: object, expected: int) -> Sequence[Outcome]:
    """Take a connector's answer only if it is one outcome for each delivery."""
    if not isinstance(answer, Sequence):
        return [Retry(f"the connector answered {type(answer).__name__} instead of outcomes")] * expected
    items = cast("Sequence[object]", answer)
    if len(items) != expected:
        return [Retry(f"the connector answered {len(items)} outcomes for {expected} deliveries")] * expected
    return [_outcome(item) for item in items]


def _outcome(item: object) -> Outcome:
    """Take an outcome whose words are words; its reason is made fit for wherever it will be told."""
    match item:
        case Done(str()):
            return item
        case Retry(str() as reason) | Reject(str() as reason) | Park(str() as reason):
            return replace(item, reason=plain(reason))
        case Done() | Retry() | Reject() | Park():
            return Retry("the connector filled its outcome wrongly: TypeError")
        case _:
            return Retry(f"the connector answered {type(item).__name__} instead of an outcome")


async def _contained(scope: anyio.CancelScope, work: Callable[[], Awaitable[T]]) -> T | Trouble:
    """Do foreign work within a scope; answer Trouble when it raises or when the scope was cancelled."""
    try:
        with scope:
            return await work()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - nothing of foreign code may end a worker
        return Trouble(type(error).__name__)
    except anyio.get_cancelled_exc_class():
        if anyio.current_effective_deadline() == -math.inf:
            raise  # it is we who are being cancelled
        return Trouble("CancelledError")  # leaked from inside: nobody cancelled this task
    return Trouble("TimeoutError")
