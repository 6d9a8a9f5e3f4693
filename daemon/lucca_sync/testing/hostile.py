"""A connector that misbehaves on order, so that whatever calls connectors can be shown to survive it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Annotated, Final, Literal, TypeAlias, cast

import anyio
from pydantic import Field, PrivateAttr

from lucca_sync.connector import Abilities, CheckFailed, Connector, ConnectorConfig, Surroundings
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry

Deed: TypeAlias = Literal[
    # as it should be
    "done",
    "retry",
    "reject",
    "park",
    "wait_to_be_let_go",
    # raised
    "raise",
    "raise_group",
    "raise_unspeakable",
    "exit",
    "leak_cancellation",
    # time
    "hang",
    "hang_through_cancellation",
    # answers of a wrong shape
    "too_few",
    "too_many",
    "nothing",
    "not_outcomes",
    "half_outcomes",
    "unsized",
    # outcomes with strange contents
    "wrong_fields",
    "huge_reason",
    "unprintable_reason",
    "values_in_reason",
    "huge_receipt",
    "unprintable_receipt",
    "values_in_receipt",
    "retry_before_now",
    "retry_after_for_ever",
    "gone",
    "park_without_zone",
    "park_until_the_end",
    # what it was handed
    "spoil",
]
"""What one call of `deliver` does. `raise` puts the records' values into the exception's text, the text of
`raise_unspeakable` can't be had; `exit` raises SystemExit; `unsized` answers a generator; `spoil` changes the
records that it was handed and asks for them again."""

Entrance: TypeAlias = Literal["fine", "raise", "hang", "hang_through_cancellation"]
"""What `open` or `close` does; the last one takes a cancellation for nothing, once."""

HUGE: Final = 1_000_000
"""How long a huge text is, in characters."""

UNPRINTABLE: Final = "\x00\x1b[2J\r\n\u202e\ud800"
"""Nul, an escape that clears terminals, line ends, a turn of writing, and half of a character."""

_FINE: Final[Mapping[str, Outcome]] = {
    "done": Done("taken"),
    "retry": Retry("told to"),
    "reject": Reject("told to"),
    "park": Park("told to"),
}
_STRANGE: Final[Mapping[str, Outcome]] = {
    "wrong_fields": Retry(cast(str, 4711), after=cast(timedelta, "soon")),
    "huge_reason": Retry("x" * HUGE),
    "unprintable_reason": Retry(f"told to{UNPRINTABLE}"),
    "huge_receipt": Done("x" * HUGE),
    "unprintable_receipt": Done(f"taken{UNPRINTABLE}"),
    "gone": Retry(f"told to{UNPRINTABLE}", gone=True),
    "retry_before_now": Retry("told to", after=-timedelta(days=1)),
    "retry_after_for_ever": Retry("told to", after=timedelta.max),
    "park_without_zone": Park("told to", datetime.min),  # noqa: DTZ901 - without a zone is the point
    "park_until_the_end": Park("told to", datetime.max.replace(tzinfo=UTC)),
}


class Unspeakable(Exception):
    """An error that fails when it is asked what it is."""

    def __str__(self) -> str:
        raise self

    __repr__ = __str__


class HostileConfig(ConnectorConfig):
    """What to do wrong, and when."""

    script: Annotated[tuple[Deed, ...], Field(min_length=1)] = ("done",)
    """The deed of the first call, of the second, …; the last one repeats."""

    at_open: Entrance = "fine"
    """What `open` does."""

    fails_to_open: Annotated[int, Field(ge=0)] = 0
    """How many connectors made from this section fail to open, before one does as `at_open` says."""

    at_close: Entrance = "fine"
    """What `close` does."""

    check: str | None = None
    """What `check` complains of; None: nothing."""

    absurd: bool = False
    """Whether `abilities` are beyond reason: batches of none, less than no calls, no time."""

    max_batch: int = 1
    """As in Abilities."""

    concurrency: int | None = 8
    """As in Abilities."""

    _opened: Iterator[int] = PrivateAttr(default_factory=count)

    def next_entrance(self) -> Entrance:
        """Say what the next `open` does. Each attempt has a connector of its own, so it is counted here."""
        return "raise" if next(self._opened) < self.fails_to_open else self.at_open


class HostileConnector(Connector[HostileConfig]):
    """Keeps what it was handed in `calls`, and the names of the methods called in `life`.

    A call that plays `wait_to_be_let_go` answers once `let_go` is set.
    """

    Config = HostileConfig

    def __init__(self, config: HostileConfig, surroundings: Surroundings) -> None:
        super().__init__(config, surroundings)
        self.calls: list[tuple[Delivery, ...]] = []
        self.life: list[str] = []
        self.let_go = anyio.Event()

    @property
    def abilities(self) -> Abilities:
        """As ordered."""
        if self.config.absurd:
            return Abilities(max_batch=0, concurrency=-1, linger=-timedelta(1), time_limit=timedelta(0))
        return Abilities(max_batch=self.config.max_batch, concurrency=self.config.concurrency or 8)

    async def open(self) -> None:
        """Do as ordered."""
        await self._enter("open", self.config.next_entrance())

    async def check(self) -> None:
        """Complain as ordered."""
        self.life.append("check")
        if self.config.check is not None:
            raise CheckFailed(self.config.check)

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Play the next deed of the script."""
        self.life.append("deliver")
        self.calls.append(tuple(deliveries))
        deed = self.config.script[min(len(self.calls), len(self.config.script)) - 1]
        if deed in _ODD_ANSWERS:
            return cast(Sequence[Outcome], _ODD_ANSWERS[deed](deliveries))
        for outcomes in (_FINE, _STRANGE):
            if deed in outcomes:
                return [outcomes[deed]] * len(deliveries)
        await self._misbehave(deed, deliveries)
        return [Done("late")] * len(deliveries)

    async def close(self) -> None:
        """Do as ordered."""
        await self._enter("close", self.config.at_close)

    async def _enter(self, method: str, entrance: Entrance) -> None:
        self.life.append(method)
        if entrance == "raise":
            raise RuntimeError(f"{method}, as ordered")
        if entrance == "hang":
            await anyio.sleep_forever()
        if entrance == "hang_through_cancellation":
            await self._hang_through_cancellation()

    async def _misbehave(self, deed: Deed, deliveries: Sequence[Delivery]) -> None:
        tell_tale = RuntimeError(f"hostile on order, with values: {_values(deliveries)}")
        match deed:
            case "raise":
                raise tell_tale
            case "raise_group":
                raise ExceptionGroup("hostile on order", [tell_tale])
            case "raise_unspeakable":
                raise Unspeakable
            case "exit":
                raise SystemExit(_values(deliveries))
            case "leak_cancellation":
                raise anyio.get_cancelled_exc_class()
            case "wait_to_be_let_go":
                await self.let_go.wait()
            case "hang_through_cancellation":
                await self._hang_through_cancellation()
            case _:
                await anyio.sleep_forever()

    async def _hang_through_cancellation(self) -> None:
        """Swallow the first cancellation, as badly written code does, and answer as if nothing had been."""
        try:
            await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            self.life.append("swallowed")


def _values(deliveries: Sequence[Delivery]) -> str:
    return str([delivery.event.data for delivery in deliveries])


def _spoilt(deliveries: Sequence[Delivery]) -> list[Outcome]:
    """Change what was handed over, in place, and want it again."""
    for delivery in deliveries:
        for record in (delivery.event.record, delivery.event.previous):
            if record is not None:
                record["id"] = "spoilt"
                record["added"] = "spoilt"
    return [Retry("told to")] * len(deliveries)


_ODD_ANSWERS: Final[Mapping[str, Callable[[Sequence[Delivery]], object]]] = {
    "too_few": lambda deliveries: [Done()] * (len(deliveries) - 1),
    "too_many": lambda deliveries: [Done()] * (len(deliveries) + 1),
    "nothing": lambda _: None,
    "not_outcomes": lambda deliveries: ["done"] * len(deliveries),
    "half_outcomes": lambda deliveries: [Done() if place % 2 else "done" for place in range(len(deliveries))],
    "unsized": lambda deliveries: (Done() for _ in deliveries),
    "values_in_reason": lambda deliveries: [Retry(_values(deliveries))] * len(deliveries),
    "values_in_receipt": lambda deliveries: [Done(_values(deliveries))] * len(deliveries),
    "spoil": _spoilt,
}
