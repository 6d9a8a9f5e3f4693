"""The demo's own receiver: what a consumer of the webhook would write, signature check included.

Written from the Standard Webhooks specification, not with the sender's code: it can tell when that is wrong.
"""

import base64
import binascii
import hmac
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, cast

import msgspec
from aiohttp import web

from lucca_sync.model.values import JsonObject

PATH: Final = "/hooks/lucca"
_PREFIX: Final = "whsec_"
_VERSION: Final = "v1,"


@dataclass(frozen=True, slots=True, repr=False)
class Arrival:
    """A request that arrived: its webhook id, whether its signature was right, the CloudEvent in it."""

    webhook_id: str
    verified: bool
    event: JsonObject


def verified(secret: str, headers: "Headers", body: bytes) -> bool:
    """Tell whether one of the signatures is HMAC-SHA256 over `id.timestamp.body` with our secret."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = f"{headers.webhook_id}.{headers.timestamp}.".encode() + body
    expected = hmac.new(key, signed, sha256).digest()
    return any(hmac.compare_digest(expected, given) for given in headers.signatures())


@dataclass(frozen=True, slots=True)
class Headers:
    """The three headers of Standard Webhooks."""

    webhook_id: str
    timestamp: str
    signature: str

    def signatures(self) -> list[bytes]:
        """Return the symmetric signatures that the header holds; what cannot be decoded is none."""
        found: list[bytes] = []
        for part in self.signature.split(" "):
            if part.startswith(_VERSION):
                try:
                    found.append(base64.b64decode(part.removeprefix(_VERSION), validate=True))
                except binascii.Error:
                    continue
        return found


@asynccontextmanager
async def receiving(secret: str, arrived: Callable[[Arrival], None]) -> AsyncGenerator[str]:
    """Listen on a free loopback port while the block runs; gives the URL to deliver to."""

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        headers = Headers(
            *(request.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
        )
        good = verified(secret, headers, body)
        arrived(Arrival(headers.webhook_id, good, cast("JsonObject", msgspec.json.decode(body))))
        return web.Response(status=204 if good else 401)

    app = web.Application()
    app.router.add_post(PATH, receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    finally:
        await runner.cleanup()
