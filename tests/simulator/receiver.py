"""Somebody who receives webhooks: an address of this machine that keeps what comes and answers as told."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from tests.serving import served
from tests.simulator.visitor import Document, Visitor


@dataclass(frozen=True)
class Parcel:
    body: bytes
    signature: str
    timestamp: str
    content_type: str

    @property
    def event(self) -> Document:
        return msgspec.json.decode(self.body, type=Document)

    @property
    def sent_at(self) -> datetime:
        return datetime.strptime(self.timestamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)

    def is_signed_with(self, secret: str) -> bool:
        message = f"{self.timestamp}.".encode() + self.body
        mac = hmac.new(secret.encode(), message, hashlib.sha256).digest()
        return hmac.compare_digest(base64.b64encode(mac).decode(), self.signature)


class Receiver:
    """Answers the activation as long as it is willing, and each webhook with the status it was told."""

    def __init__(self) -> None:
        self.url = ""
        self.parcels: list[Parcel] = []
        self.asked: list[dict[str, str]] = []
        self.willing = True
        self.patience = 0.0
        self.status: Callable[[int], int] = lambda _: 202
        self._came = asyncio.Condition()

    @property
    def topics(self) -> list[str]:
        return [parcel.event["topic"] for parcel in self.parcels]

    async def count(self, number: int) -> list[Parcel]:
        """Wait until so many have come."""
        async with self._came:
            await self._came.wait_for(lambda: len(self.parcels) >= number)
        return self.parcels

    async def answer(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            self.asked.append(dict(request.query))
            word = next(iter(request.query.values()))
            return web.Response(text=word if self.willing else "no")
        parcel = Parcel(
            await request.read(),
            request.headers["Lucca-Signature"],
            request.headers["Lucca-Timestamp"],
            request.headers["Content-Type"],
        )
        await asyncio.sleep(self.patience)
        async with self._came:
            self.parcels.append(parcel)
            self._came.notify_all()
        return web.Response(status=self.status(len(self.parcels)), text="thank you")


@asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_route("*", "/hook", receiver.answer)
    async with served(application) as url:
        receiver.url = f"{url}/hook"
        yield receiver


async def write(visitor: Visitor, method: str, path: str, content: object = None) -> Document:
    """Write through the API and return what it answered, with its status."""
    reply = await visitor.ask(method, f"/lucca-api/{path}", headers=visitor.headers, json=content)
    return {"status code": reply.status, **(reply.json if reply.body else {})}


async def subscribe(visitor: Visitor, address: str, *topics: str, **fields: object) -> Document:
    content = {
        "name": "tests",
        "webhookUrl": address,
        "apiVersion": "2024-11-01",
        "topics": topics or ["employee.updated"],
        "status": "active",
    }
    return await write(visitor, "POST", "webhook-endpoints", {**content, **fields})
