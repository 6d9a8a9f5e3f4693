"""A webhook receiver as a consumer would write it: aiohttp.web, each signature checked, each body decoded.

Run as `python -m bench.consumer [SECONDS]`, the seconds being what it takes for an answer; prints its port
and answers what `bench.receiver` answers.
"""

import asyncio
import hmac
import sys
from base64 import b64decode, b64encode
from hashlib import sha256
from time import perf_counter
from typing import Final

import msgspec
from aiohttp import web

from bench.receiver import Arrivals
from bench.stage import SECRET

_KEY: Final = b64decode(SECRET.removeprefix("whsec_"))


class Consumer:
    def __init__(self, pause: float) -> None:
        self._arrivals = Arrivals()
        self._pause = pause

    async def receive(self, request: web.Request) -> web.Response:
        body, event_id = await request.read(), request.headers["webhook-id"]
        signed = f"{event_id}.{request.headers['webhook-timestamp']}.".encode() + body
        expected = f"v1,{b64encode(hmac.digest(_KEY, signed, sha256)).decode()}"
        if not hmac.compare_digest(expected, request.headers["webhook-signature"]):
            return web.Response(status=401)
        msgspec.json.decode(body)
        self._arrivals.times.append(perf_counter())
        self._arrivals.ids.append(event_id)
        if self._pause:
            await asyncio.sleep(self._pause)
        return web.Response(status=self._arrivals.status)

    async def taken(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._arrivals.taken())

    async def count(self, _request: web.Request) -> web.Response:
        return web.Response(text=str(len(self._arrivals.times)))


async def serve(pause: float) -> None:
    consumer = Consumer(pause)
    app = web.Application()
    app.router.add_post("/", consumer.receive)
    app.router.add_get("/", consumer.taken)
    app.router.add_get("/count", consumer.count)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until the bench lets go
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
