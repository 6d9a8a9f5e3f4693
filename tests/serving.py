"""Serves what a test answers, over real sockets of this machine alone."""

import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

SECRET: Final = f"whsec_{base64.b64encode(b'a secret for these tests alone ..').decode()}"
"""What webhooks to such a server are signed with."""


@asynccontextmanager
async def served(
    app: web.Application, *, patience: float = 0.5, cancels: bool = False
) -> AsyncGenerator[str]:
    """Serve on a free port; gives the address, without a slash at its end.

    At the end, calls under way have `patience` seconds. `cancels`: who hangs up takes the call's work along.
    """
    runner = web.AppRunner(app, access_log=None, handler_cancellation=cancels, shutdown_timeout=patience)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
