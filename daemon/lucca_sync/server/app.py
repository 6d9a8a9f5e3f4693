"""The admin server: probes and metrics over HTTP. No authentication, so on loopback unless told otherwise."""

import logging
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import anyio
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import CONTENT_TYPE_LATEST

from lucca_sync.model.values import JsonObject
from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.health import Health

LAST_ANSWERS: Final = 1.0
"""Seconds that answers under way get when the server closes."""
LINGERING: Final = 1.0
"""Seconds for which a body is heard out that was answered before its end, so that the answer gets through."""

_NO_STORE: Final = {"Cache-Control": "no-store"}


def _is_ours(record: logging.LogRecord) -> bool:
    """Tell whether it was our doing: a stranger who sends no HTTP is answered, and fills no log."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_SERVER_LOG: Final = logging.getLogger("lucca_sync.server.http")
_SERVER_LOG.addFilter(_is_ours)


class AddressUnavailable(Exception):
    """The server could not listen; the message names the address and the system's reason."""


@asynccontextmanager
async def serving(
    health: Health, metrics: Metrics, host: str, port: int, more: Sequence[web.AbstractRouteDef] = ()
) -> AsyncGenerator[tuple[str, int]]:
    """Serve while the block runs; gives the host and port bound to (port 0 takes a free one).

    `more` are routes of others, such as those where hints come in.

    Raises AddressUnavailable.
    """
    runner = web.AppRunner(
        admin_app(health, metrics, more),
        access_log=None,
        logger=_SERVER_LOG,
        handle_signals=False,
        shutdown_timeout=LAST_ANSWERS,
        lingering_time=LINGERING,
    )
    await runner.setup()
    try:
        yield await _listen(runner, host, port)
    finally:
        with anyio.CancelScope(shield=True):
            await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> tuple[str, int]:
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as error:
        raise AddressUnavailable(f"cannot listen on {host}:{port}: {_reason(error)}") from None
    address = runner.addresses[0]
    return str(address[0]), int(address[1])


def _reason(error: OSError) -> str:
    """Return the system's words: asyncio wraps those of a failed bind, and a failed look-up has no errno."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or type(error).__name__


def admin_app(health: Health, metrics: Metrics, more: Sequence[web.AbstractRouteDef] = ()) -> web.Application:
    """Build the aiohttp application: `/livez`, `/readyz`, `/startupz`, `/metrics`."""

    async def livez(_request: web.Request) -> web.Response:
        stuck = health.stuck
        return _answer({"alive": not stuck, "stuck": list(stuck)}, good=not stuck)

    async def readyz(_request: web.Request) -> web.Response:
        return _answer(health.detail(), good=health.is_ready)

    async def startupz(_request: web.Request) -> web.Response:
        return _answer({"started": health.has_started}, good=health.has_started)

    async def page(_request: web.Request) -> web.Response:
        return web.Response(body=metrics.page(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.add_routes(
        [
            web.get("/livez", livez),
            web.get("/readyz", readyz),
            web.get("/startupz", startupz),
            web.get("/metrics", page),
            *more,
        ]
    )
    return app


def _answer(body: JsonObject, *, good: bool) -> web.Response:
    return web.json_response(body, status=200 if good else 503, headers=_NO_STORE)
