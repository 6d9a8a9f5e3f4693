"""The real command in a process of its own, for tests that start it, feed it, break it and kill it."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

_PROGRAM = "from lucca_sync.cli import main; main()"


class Running:
    """A running `lucca-sync`: its log lines, and where it serves."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.log: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            try:
                self.log.append(json.loads(line))
            except json.JSONDecodeError:
                self.complaints.append(line.decode().rstrip())

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return the log lines of one kind."""
        return [line for line in self.log if line.get("event") == event]

    async def started(self) -> str:
        """Wait until it serves and return its base URL."""
        await until(lambda: bool(self.lines("started")) or self.process.returncode is not None)
        assert self.lines("started"), self.complaints
        return f"http://{self.lines('started')[0]['address']}"

    async def stop(self) -> int:
        """Ask for an orderly end and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        await self.ended()

    async def ended(self) -> int:
        """Wait for its end and for its last words; return the exit code."""
        code = await self.process.wait()
        await self._reading
        return code


@asynccontextmanager
async def running(*arguments: str | Path) -> AsyncGenerator[Running]:
    """Run `lucca-sync` with these arguments; it is gone when the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM, *map(str, arguments), stderr=asyncio.subprocess.PIPE
    )
    async with attended(process) as command:
        yield command


@asynccontextmanager
async def attended(process: asyncio.subprocess.Process) -> AsyncGenerator[Running]:
    """Read what a command says that was started with a pipe for it; it is gone when the block ends."""
    command = Running(process)
    try:
        yield command
    finally:
        if process.returncode is None:
            process.kill()
        await command.ended()


async def until(holds: Callable[[], bool]) -> None:
    """Come back when something holds; the test's own time limit bounds the wait."""
    while not holds():  # noqa: ASYNC110 - what is awaited happens in another process
        await asyncio.sleep(0.005)


async def fetched(url: str) -> tuple[int, str]:
    """Get a page: its status and its text."""
    async with ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def sample(base: str, series: str) -> float | None:
    """Return a metric's value from a running daemon, by its name with labels as exported."""
    _, page = await fetched(f"{base}/metrics")
    found = [line.rpartition(" ")[2] for line in page.splitlines() if line.rpartition(" ")[0] == series]
    return float(found[0]) if found else None
