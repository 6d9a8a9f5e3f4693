"""Long-lived tasks: each has a name, a heartbeat to look at, and an ending that is an incident."""

from collections.abc import Awaitable, Callable

import anyio
import structlog.typing


class TaskEnded(Exception):
    """A task that should go on for ever came to its end; the message names it."""


async def guarded(
    name: str,
    work: Callable[[], Awaitable[None]],
    *,
    log: structlog.typing.FilteringBoundLogger,
    expected: Callable[[], bool] = lambda: False,
) -> None:
    """Do long-lived work. That it fails, or ends although `expected` says no, is logged and raised.

    Raises what the work raised, or TaskEnded. Cancellation passes in silence.
    """
    try:
        await work()
    except Exception as error:
        log.critical("task_failed", task=name, exc_info=error)
        raise
    if not expected():
        log.critical("task_ended", task=name)
        raise TaskEnded(f"the task {name} ended though nothing asked it to")


class Heartbeats:
    """When each long-lived task last showed that it runs, on the event loop's own time."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def beat(self, name: str) -> None:
        """Note that the task `name` runs; from the first beat on it is expected to go on beating."""
        self._last[name] = anyio.current_time()

    def forget(self, name: str) -> None:
        """Expect nothing more of the task `name`: it has ended as it should."""
        self._last.pop(name, None)

    def silent(self, patience: float) -> tuple[str, ...]:
        """Return the names of the tasks that have not beaten for more than `patience` seconds."""
        now = anyio.current_time()
        return tuple(sorted(name for name, last in self._last.items() if now - last > patience))
