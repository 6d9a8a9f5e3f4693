"""A target that speaks HTTP on loopback, keeps what it got, and behaves as badly as it is told.

Knows no connector. It is a real server: what happens on the line happens as it does elsewhere.
"""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import anyio
from aiohttp import web

from lucca_sync.testing.connectors.scene import Arrival, Mood

Ending: TypeAlias = Literal["properly", "hang", "reset", "drip"]
"""How an answer goes: as it should; not at all; the line breaks instead; its body comes a byte at a time and
never ends."""

_BETWEEN_DROPS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came over the wire. Names of headers are the same in small and capital letters."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What one request meets.

    `taken` says whether the target keeps what it was sent; None: as the status says.
    """

    status: int = 204
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    ending: Ending = "properly"
    taken: bool | None = None

    @property
    def takes(self) -> bool:
        """Whether the target keeps what it was sent."""
        return 200 <= self.status < 300 if self.taken is None else self.taken  # noqa: PLR2004 - success


def header(name: str) -> Callable[[Request], str]:
    """Find an event's id in a header."""
    return lambda request: request.headers.get(name, "")


_WEBHOOK_ID: Final = header("webhook-id")


class HttpTarget:
    """Answers each request with `reply`, unless the next of `script`, a poison or a mood says otherwise.

    `requests` has all that came, unless another `onlooker` is to be told; `most_at_once` says how many were
    under way side by side at most.
    """

    def __init__(
        self, event_id: Callable[[Request], str] = _WEBHOOK_ID, refusal: Reply | None = None
    ) -> None:
        """Find events' ids in requests by `event_id` ("": there is none), and say no by `refusal`."""
        self.url = ""
        self.reply = Reply()
        self.script: deque[Reply] = deque()
        self.requests: list[Request] = []
        self.onlooker: Callable[[Request], None] = self.requests.append
        self.most_at_once = 0
        self._event_id = event_id
        self._refusal = refusal or Reply(500)
        self._poisons: set[str] = set()
        self._mood: Mood = "healthy"
        self._arrivals: list[Arrival] = []
        self._under_way = 0
        self._held = 0
        self._holds = anyio.Event()
        self._let_go = anyio.Event()

    async def become(self, mood: Mood) -> None:
        """Behave so from now on; requests held back are let go."""
        self._mood = mood
        self._let_go.set()
        self._holds, self._let_go = anyio.Event(), anyio.Event()

    async def poison(self, event_id: str) -> None:
        """Refuse this event for good (HTTP 422), whatever the mood."""
        self._poisons.add(event_id)

    async def received(self) -> list[Arrival]:
        """Return what was taken, in order, repeats included."""
        return list(self._arrivals)

    async def holding(self) -> int:
        """Return how many requests are held back, as soon as there is one."""
        await self._holds.wait()
        return self._held

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Take a request as the script, a poison or the mood wants it."""
        got = Request(request.method, request.path_qs, request.headers.copy(), await request.read())
        self.onlooker(got)
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            if self._mood == "slow":
                await self._hold()
            return await self._answered(request, self._met_by(got))
        finally:
            self._under_way -= 1

    async def _answered(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        if reply.ending == "hang":
            await self._hold()
        if reply.ending == "reset" and request.transport:
            request.transport.abort()
        if reply.ending == "drip":
            return await _dripping(request, reply)
        return web.Response(status=reply.status, headers=reply.headers, body=reply.body)

    def _met_by(self, got: Request) -> Reply:
        """Decide what a request meets, and keep what is taken."""
        identity = self._event_id(got)
        reply = self._reply_to(identity)
        if reply.takes and identity:
            self._arrivals.append(Arrival(identity, got.body))
        return reply

    def _reply_to(self, identity: str) -> Reply:
        if identity in self._poisons:
            return Reply(422)
        if self.script:
            return self.script.popleft()
        if self._mood == "gone":
            return Reply(ending="reset", taken=False)
        if self._mood == "cut":
            return Reply(ending="reset", taken=True)
        return self._refusal if self._mood == "refusing" else self.reply

    async def _hold(self) -> None:
        self._held += 1
        self._holds.set()
        try:
            await self._let_go.wait()
        finally:
            self._held -= 1


async def _dripping(request: web.Request, reply: Reply) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    await response.prepare(request)
    while True:
        await response.write(reply.body[:1] or b".")
        await anyio.sleep(_BETWEEN_DROPS)


@asynccontextmanager
async def http_target(
    event_id: Callable[[Request], str] = _WEBHOOK_ID, refusal: Reply | None = None, port: int = 0
) -> AsyncGenerator[HttpTarget]:
    """Serve a target on loopback (port 0: any that is free) while the block runs."""
    target = HttpTarget(event_id, refusal)
    app = web.Application(client_max_size=0)
    app.router.add_route("*", "/{tail:.*}", target.answer)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        target.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield target
    finally:
        await runner.cleanup()
