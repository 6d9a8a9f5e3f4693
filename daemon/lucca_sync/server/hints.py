"""Where Lucca's own webhooks come in, `/hints/{tenant}`: checks signatures, has hints noted, answers at once.

Never says 404 or 410, which make Lucca suspend the endpoint, nor anything of what a body holds. What a hint
leads to is decided elsewhere, later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes

import anyio
import structlog
from aiohttp import web

from lucca_sync.journal.hints import HintStore
from lucca_sync.journal.protocol import StoreError
from lucca_sync.kit.clock import Clock
from lucca_sync.kit.secret import Secret, SecretUnreadable
from lucca_sync.lucca.feed import NoEvent, decode_event
from lucca_sync.lucca.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, is_genuine
from lucca_sync.obs.metrics import Metrics

MAX_BODY: Final = 256 * 1024
"""Bytes; a record with all its fields takes a few thousand."""
BODY_SECONDS: Final = 2.0
"""How long a body may take to arrive: Lucca itself waits three seconds for the answer."""
AT_ONCE: Final = 64
"""Webhooks in hand at one time; more are asked to come again."""
MAX_ECHO: Final = 1024

_CHALLENGES: Final = (b"echo", b"challenge")
_LOG: Final = structlog.get_logger("lucca_sync.server")
_JSON: Final = "application/json"
_UNFINISHED: Final = frozenset({400, 401, 405, 408, 413, 503})
"""Statuses that may come before the end of a body: the connection is not used again."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where one tenant's webhooks come in: who it is, what signs its webhooks, whom to tell of new ones."""

    tenant: str
    url: str
    secrets: Sequence[Secret]
    rouse: Callable[[], None]


@dataclass(slots=True)
class HintDesk:
    """Takes webhooks in for all tenants. `draining` says whether the daemon is about to end."""

    doors: Mapping[str, Door]
    store: HintStore
    clock: Clock
    metrics: Metrics
    draining: Callable[[], bool]
    _room: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(AT_ONCE))
    _locked: set[str] = field(default_factory=set[str])

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Return what to add to the server: everything under `/hints/`, lest anything there be a 404."""
        return [web.route("*", path, self.answer) for path in ("/hints", "/hints/{tenant:.*}")]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer whatever comes to `/hints/…`."""
        door = self.doors.get(request.match_info.get("tenant", ""))
        if door is None or self.draining():
            return _said(503, "not now")
        if request.method in {"GET", "HEAD"}:
            return _echo(request)
        if request.method != "POST":
            return _said(405, "GET or POST")
        try:
            self._room.acquire_nowait()
        except anyio.WouldBlock:
            return self._deferred(door, "too many at once")
        try:
            return await self._take(request, door)
        finally:
            self._room.release()

    async def _take(self, request: web.Request, door: Door) -> web.Response:
        timestamp, signature = (request.headers.get(name) for name in (TIMESTAMP_HEADER, SIGNATURE_HEADER))
        if timestamp is None or signature is None:
            return self._refused(door, 401, "not signed")
        body = await _body(request)
        if isinstance(body, int):
            return self._refused(door, body, "too large, too slow or broken off")
        secrets = self._unlocked(door)
        if not secrets:
            return self._deferred(door, "no secret yet")
        if not is_genuine(secrets, timestamp, signature, body, self.clock.now()):
            return self._refused(door, 401, "not signed by the secret of this endpoint, or not now")
        if request.content_type != _JSON:
            return self._refused(door, 415, _JSON)
        return await self._note(door, body)

    async def _note(self, door: Door, body: bytes) -> web.Response:
        """Write a genuine hint down, and only then accept it."""
        now = self.clock.now()
        try:
            hint = decode_event(body, door.url, now, "hint").hint
        except NoEvent:
            # Lucca would only send the same again, and in the end nothing at all.
            self._count(door, "unreadable")
            return _said(202, "cannot be read")
        try:
            new = await self.store.take_in(door.tenant, [hint])
        except StoreError:
            return self._deferred(door, "cannot be noted")
        self.metrics.hints_last.labels(door.tenant).set(now.timestamp())
        self._count(door, "taken" if new else "repeated")
        door.rouse()
        return _said(202, "noted")

    def _unlocked(self, door: Door) -> Sequence[str]:
        """Return the secrets that can be read; say so once when none can."""
        secrets: list[str] = []
        for secret in door.secrets:
            try:
                secrets.append(secret.reveal())
            except SecretUnreadable as error:
                if door.tenant not in self._locked:
                    _LOG.warning("hint_secret_unreadable", tenant=door.tenant, detail=str(error))
                    self._locked.add(door.tenant)
        if len(secrets) == len(door.secrets):
            self._locked.discard(door.tenant)
        return secrets

    def _refused(self, door: Door, status: int, why: str) -> web.Response:
        self._count(door, "refused")
        return _said(status, why)

    def _deferred(self, door: Door, why: str) -> web.Response:
        """Have Lucca come again."""
        self._count(door, "deferred")
        return _said(503, why)

    def _count(self, door: Door, outcome: str) -> None:
        self.metrics.hints_received.labels(door.tenant, outcome).inc()


def _echo(request: web.Request) -> web.Response:
    """Give back the value that Lucca challenges the address with, byte for byte."""
    for pair in request.rel_url.raw_query_string.encode("utf-8", "surrogateescape").split(b"&"):
        name, _, value = pair.partition(b"=")
        if name in _CHALLENGES:
            echoed = unquote_to_bytes(value.replace(b"+", b" "))
            return _text(200, echoed) if len(echoed) <= MAX_ECHO else _said(413, "too long")
    return _said(400, "lucca-sync takes webhooks of Lucca's here")


async def _body(request: web.Request) -> bytes | int:
    """Read the body as far as it is allowed to go, or return the status that says why not."""
    body = bytearray()
    try:
        with anyio.fail_after(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MAX_BODY:
                    return 413
    except TimeoutError:
        return 408
    except (web.RequestPayloadError, OSError):
        return 400
    return bytes(body)


def _said(status: int, text: str) -> web.Response:
    response = _text(status, text.encode())
    if status in _UNFINISHED:
        response.force_close()
    return response


def _text(status: int, body: bytes) -> web.Response:
    headers = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}
    return web.Response(status=status, body=body, headers={**headers, "Cache-Control": "no-store"})
