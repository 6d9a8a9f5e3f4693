"""A webhook receiver that costs as little as it can, so that what is measured is the sender.

Run as `python -m bench.receiver`; prints its port. Takes POSTs on kept connections, answers 204, and notes
when each came and its `webhook-id`. `GET /` tells what came since the last time and begins anew, `GET /count`
how many those are so far; `PUT /` with a status has it answer with that one from now on.
"""

import asyncio
import json
import sys
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, cast

_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"
_ID: Final = b"webhook-id:"


@dataclass
class Arrivals:
    """What came since somebody asked. `times` are seconds on the clock that all processes share."""

    status: int = 204
    times: list[float] = field(default_factory=list[float])
    ids: list[str] = field(default_factory=list[str])

    def taken(self) -> bytes:
        body = json.dumps({"times": self.times, "ids": self.ids}).encode()
        self.times, self.ids = [], []
        return body


class Conversation(asyncio.Protocol):
    """One connection."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._unread = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (end := self._unread.find(_END)) >= 0:
            head = self._unread[:end]
            total = end + len(_END) + int(_header(head, _LENGTH) or 0)
            if len(self._unread) < total:
                return
            body, self._unread = self._unread[end + len(_END) : total], self._unread[total:]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        assert self._transport is not None  # noqa: S101 - for the type checkers
        if head.startswith(b"POST"):
            self._arrivals.times.append(perf_counter())
            self._arrivals.ids.append(_header(head, _ID).decode())
            self._transport.write(b"HTTP/1.1 %d Ok\r\nContent-Length: 0\r\n\r\n" % self._arrivals.status)
            return
        told = self._told(head, body)
        self._transport.write(b"HTTP/1.1 200 Ok\r\nContent-Length: %d\r\n\r\n%b" % (len(told), told))

    def _told(self, head: bytes, body: bytes) -> bytes:
        if head.startswith(b"PUT"):
            self._arrivals.status = int(body)
        if head.startswith(b"GET /count"):
            return str(len(self._arrivals.times)).encode()
        return self._arrivals.taken() if head.startswith(b"GET") else b""


def _header(head: bytes, name: bytes) -> bytes:
    """Return a header's value, empty where there is none."""
    start = head.lower().find(b"\r\n" + name)
    if start < 0:
        return b""
    start += 2 + len(name)
    end = head.find(b"\r\n", start)
    return (head[start:end] if end >= 0 else head[start:]).strip()


async def serve() -> None:
    arrivals = Arrivals()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(arrivals), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # until the bench lets go
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
