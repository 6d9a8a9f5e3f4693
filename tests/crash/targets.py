"""Targets that misbehave as told: what they got, what of it they kept, and what they said.

A webhook receiver that draws a trouble for each request, and a file of lines that is read as it grows.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import anyio
import msgspec
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from tests.crash.oracle import Arrival
from tests.life.company import told_of
from tests.serving import served

FAIR: Mapping[str, float] = MappingProxyType({})
ROUGH: Mapping[str, float] = {
    "500": 0.05,
    "500 after the effect": 0.05,
    "time-out after the effect": 0.01,
    "reset": 0.03,
    "reset after the effect": 0.03,
    "drip": 0.01,
    "429": 0.005,
}
"""The share of requests that meets each trouble."""
_KEPT = frozenset({"500 after the effect", "time-out after the effect", "reset after the effect", "drip"})


@dataclass
class Book:
    """What arrived anywhere, in order, and what went wrong on the way."""

    arrivals: list[Arrival] = field(default_factory=list[Arrival])
    faults: Counter[str] = field(default_factory=Counter[str])
    last: dict[tuple[str, str], Arrival] = field(default_factory=dict[tuple[str, str], Arrival])
    """The newest event that a route's target has kept of a subject."""

    def note(self, arrival: Arrival) -> None:
        """Write down one attempt."""
        self.arrivals.append(arrival)
        place = (arrival.route, arrival.told.subject)
        known = self.last.get(place)
        if arrival.kept and (known is None or known.told.sequence <= arrival.told.sequence):
            self.last[place] = arrival


@dataclass
class Target:
    """Receives webhooks of one route. `troubles` is what it does instead of taking them, and how often.

    While `held`, it keeps what it gets and answers nobody, until it is let go.
    """

    route: str
    secret: str
    book: Book
    chance: Random
    troubles: Mapping[str, float] = field(default_factory=lambda: FAIR)
    held: bool = False
    waiting: int = 0
    """Requests that are held at the moment."""
    _let_go: anyio.Event = field(default_factory=anyio.Event)

    def hold(self) -> None:
        """Answer nobody from now on."""
        self.held = True

    def let_go(self) -> None:
        """Answer everybody who waits, and from now on."""
        self.held = False
        self._let_go.set()
        self._let_go = anyio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Take one event, or misbehave."""
        body = await request.read()
        trouble = self._drawn()
        kept = not trouble or trouble in _KEPT
        arrival = _arrival(self.route, self.secret, request.headers, body)
        self.book.note(arrival._replace(kept=kept, acknowledged=not trouble and not self.held))
        if trouble:
            self.book.faults[trouble] += 1
            return await _TROUBLES[trouble](request)
        if self.held:
            await self._holding()
        return web.Response(status=204)

    async def _holding(self) -> None:
        self.waiting += 1
        try:
            await self._let_go.wait()
        finally:
            self.waiting -= 1

    def _drawn(self) -> str:
        draw = self.chance.random()
        for name, share in self.troubles.items():
            draw -= share
            if draw < 0:
                return name
        return ""


def _arrival(route: str, secret: str, headers: Mapping[str, str], body: bytes) -> Arrival:
    event: dict[str, Any] = msgspec.json.decode(body)
    signed_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)  # the daemon's time, not ours
    signature = Webhook(secret).sign(event["id"], signed_at, body.decode())
    verified = signature == headers["webhook-signature"] and headers["webhook-id"] == event["id"]
    return Arrival(route, told_of(event), sha256(body).hexdigest(), verified=verified)


async def _fails(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=500)


async def _overloaded(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=429, headers={"Retry-After": "1"})


async def _gone(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=410)


async def _reset(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=204)


async def _silent(_request: web.Request) -> web.StreamResponse:
    await anyio.sleep_forever()  # ended by the sender, who goes away
    raise AssertionError


async def _drips(request: web.Request) -> web.StreamResponse:
    """Begin an answer whose status never becomes whole."""
    if request.transport is not None:
        request.transport.write(b"HTTP/1.1 2")
    return await _silent(request)


_TROUBLES: Mapping[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
    "500": _fails,
    "500 after the effect": _fails,
    "time-out after the effect": _silent,
    "reset": _reset,
    "reset after the effect": _reset,
    "drip": _drips,
    "429": _overloaded,
    "410": _gone,
}


@dataclass
class Lines:
    """A file that a connector adds lines to: each whole line has arrived."""

    route: str
    path: Path
    book: Book
    _read: int = 0

    def look(self) -> None:
        """Take note of the lines that are new; one that was cut off is none."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._read)
            whole = file.read().rpartition(b"\n")[0]
        self._read += len(whole) + 1 if whole else 0
        for line in whole.splitlines():
            told = told_of(msgspec.json.decode(line))
            self.book.note(Arrival(self.route, told, sha256(line).hexdigest()))


@asynccontextmanager
async def receiving(*targets: Target) -> AsyncGenerator[str]:
    """Serve the targets on loopback, each under its route's name; gives the address they share."""
    app = web.Application()
    for target in targets:
        app.router.add_post(f"/{target.route}", target.answer)
    async with served(app, patience=0, cancels=True) as url:
        yield url
