"""A connector that misbehaves on order, so that whatever calls connectors can be shown to survive it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, Literal, TypeAlias, cast

import anyio
from pydantic import Field

from lucca_sync.connector import Abilities, CheckFailed, Connector, ConnectorConfig, Surroundings
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry

Deed: TypeAlias = Literal[
    "done",
    "retry",
    "reject",
    "park",
    "raise",
    "raise_group",
    "leak_cancellation",
    "hang",
    "hang_through_cancellation",
    "wait_to_be_let_go",
    "too_few",
    "too_many",
    "nothing",
    "not_outcomes",
]
"""What one call of `deliver` does. `raise` puts the records' values into the exception's text."""

Entrance: TypeAlias = Literal["fine", "raise", "hang"]

_FINE: Final[Mapping[str, Outcome]] = {
    "done": Done("taken"),
    "retry": Retry("told to"),
    "reject": Reject("told to"),
    "park": Park("told to"),
}


class HostileConfig(ConnectorConfig):
    """What to do wrong, and when."""

    script: Annotated[tuple[Deed, ...], Field(min_length=1)] = ("done",)
    """The deed of the first call, of the second, …; the last one repeats."""

    at_open: Entrance = "fine"
    """What `open` does."""

    at_close: Entrance = "fine"
    """What `close` does."""

    check: str | None = None
    """What `check` complains of; None: nothing."""

    max_batch: int = 1
    """As in Abilities."""

    concurrency: int = 8
    """As in Abilities."""


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
        self._oddities: Mapping[str, Callable[[Sequence[Delivery]], object]] = {
            "too_few": lambda deliveries: [Done()] * (len(deliveries) - 1),
            "too_many": lambda deliveries: [Done()] * (len(deliveries) + 1),
            "nothing": lambda _: None,
            "not_outcomes": lambda deliveries: ["done"] * len(deliveries),
        }

    @property
    def abilities(self) -> Abilities:
        """As ordered."""
        return Abilities(max_batch=self.config.max_batch, concurrency=self.config.concurrency)

    async def open(self) -> None:
        """Do as ordered."""
        await self._enter("open", self.config.at_open)

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
        if deed in _FINE:
            return [_FINE[deed]] * len(deliveries)
        if deed in self._oddities:
            return cast(Sequence[Outcome], self._oddities[deed](deliveries))
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

    async def _misbehave(self, deed: Deed, deliveries: Sequence[Delivery]) -> None:
        tell_tale = RuntimeError(f"hostile on order, with values: {[d.event.data for d in deliveries]}")
        match deed:
            case "raise":
                raise tell_tale
            case "raise_group":
                raise ExceptionGroup("hostile on order", [tell_tale])
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
