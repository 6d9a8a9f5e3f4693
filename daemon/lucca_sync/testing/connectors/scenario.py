"""How the contract runs: each test has an event loop of its own, whose time leaps instead of passing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import anyio
from anyio.lowlevel import checkpoint

_PATIENCE: Final = 60.0
"""Seconds after which a test that waits for something is red."""

_A_WHILE: Final = 200
"""Turns of the loop in which whatever is under way on this machine gets where it is going."""

T = TypeVar("T")


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop that can be told that time has passed: a limit of a minute is reached at once."""

    def __init__(self) -> None:
        super().__init__()
        self.patience: anyio.CancelScope | None = None
        self._leapt = 0.0

    def time(self) -> float:
        """Return the loop's time, leaps included."""
        return super().time() + self._leapt

    def leap(self, seconds: float) -> None:
        """Let so much time have passed for everybody but the patience with the test."""
        self._leapt += seconds
        if self.patience is not None:
            self.patience.deadline += seconds


def scenario(check: Callable[[T], Awaitable[None]]) -> Callable[[T], None]:
    """Make a plain test of an asynchronous one."""

    def test(self: T) -> None:
        async def patiently() -> None:
            loop = asyncio.get_running_loop()
            with anyio.fail_after(_PATIENCE) as patience:
                if isinstance(loop, LeapingLoop):
                    loop.patience = patience
                await check(self)

        anyio.run(patiently, backend_options={"loop_factory": LeapingLoop})

    test.__name__, test.__doc__ = getattr(check, "__name__", "test"), check.__doc__
    return test


def expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like assert
    """Raise AssertionError with these words unless something holds."""
    if not holds:
        raise AssertionError(otherwise)


async def a_while() -> None:
    """Let go on what is under way; no time is measured."""
    for _ in range(_A_WHILE):
        await checkpoint()


async def leap(seconds: float) -> None:
    """Let time pass at once, and let everybody react to it."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, LeapingLoop):
        loop.leap(seconds)
    await a_while()
