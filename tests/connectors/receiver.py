"""A target that speaks HTTP on loopback, keeps what it got, and behaves as told."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
from aiohttp import web

from lucca_sync.testing.connectors import Mood

LOOPBACK = "127.0.0.0/8"


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Reply:
    """What the receiver answers; `body` may be longer than anybody wants to read."""

    status: int = 204
    headers: Mapping[str, str] | None = None
    body: bytes = b""


class Receiver:
    """Answers with `reply`; `mood` decides whether it answers at all."""

    def __init__(self, refusal: Reply, event_id: Callable[[Received], str]) -> None:
        self.requests: list[Received] = []
        self.reply = Reply()
        self.url = ""
        self._refusal = refusal
        self._event_id = event_id
        self._mood: Mood = "healthy"
        self._taken: list[str] = []
        self._held = anyio.Event()
        self._let_go = anyio.Event()

    async def become(self, mood: Mood) -> None:
        self._mood = mood
        self._let_go.set()
        self._held, self._let_go = anyio.Event(), anyio.Event()

    async def received(self) -> list[str]:
        return list(self._taken)

    async def holding(self) -> None:
        await self._held.wait()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        got = Received(request.method, request.path_qs, dict(request.headers), await request.read())
        self.requests.append(got)
        if self._mood == "slow":
            self._held.set()
            await self._let_go.wait()
        if self._mood == "gone" and request.transport:
            request.transport.abort()
        reply = self._refusal if self._mood == "refusing" else self.reply
        if self._mood == "healthy" and request.method == "POST" and (identity := self._event_id(got)):
            self._taken.append(identity)
        return web.Response(status=reply.status, headers=reply.headers, body=reply.body)


def webhook_id(got: Received) -> str:
    return next((text for name, text in got.headers.items() if name.lower() == "webhook-id"), "")


@asynccontextmanager
async def receiving(
    refusal: Reply | None = None, event_id: Callable[[Received], str] = webhook_id
) -> AsyncGenerator[Receiver]:
    receiver = Receiver(refusal or Reply(500), event_id)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.answer)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield receiver
    finally:
        await runner.cleanup()
