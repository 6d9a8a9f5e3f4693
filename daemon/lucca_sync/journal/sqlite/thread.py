"""One thread of its own for everything that blocks on one store, seen from the event loop.

Knows nothing of SQLite. A job that has begun is always waited for, cancelled or not: no caller goes on while
its transaction is still being written.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import anyio

T = TypeVar("T")


class OwnThread:
    """Runs jobs one after the other, in the order in which they came."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, job: Callable[[], T]) -> T:
        """Run a job and return its result; when cancelled, keep it from beginning or await its end first."""
        running = self._executor.submit(job)
        with anyio.CancelScope(shield=True):
            await _ended(running)
        return running.result()

    def stop(self) -> None:
        """Let the thread end once its jobs are done; nothing can be run any more."""
        self._executor.shutdown(wait=False)


async def _ended(running: "Future[T]") -> None:
    """Wait until a job has ended. A task's own cancellation gets through anyio's shield: hold it back."""
    done = asyncio.wrap_future(running)
    cancelled: asyncio.CancelledError | None = None
    while not done.done():
        try:
            await asyncio.wait([done])
        except asyncio.CancelledError as error:
            cancelled = error
            running.cancel()
    if not done.cancelled():
        done.exception()  # looked at: asyncio reports an exception that nobody retrieves
    if cancelled is not None:
        raise cancelled
