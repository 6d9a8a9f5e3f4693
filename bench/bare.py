"""The yardstick of the drain: aiohttp as anyone would use it, posting what is ready and forgetting it.

Run as `python -m bench.bare URL CONCURRENCY FILE`: the file holds bodies with their headers, rendered and
signed before. Nothing durable, no order, no retry.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import aiohttp
import msgspec

Signed: TypeAlias = tuple[bytes, dict[str, str]]


async def post_each(session: aiohttp.ClientSession, url: str, left: Iterator[Signed]) -> None:
    for body, headers in left:
        async with session.post(url, data=body, headers=headers) as response:
            await response.read()
            response.raise_for_status()


async def main(url: str, concurrency: int, ready: bytes) -> None:
    left = iter(msgspec.msgpack.decode(ready, type=list[Signed]))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency)) as session:
        await asyncio.gather(*(post_each(session, url, left) for _ in range(concurrency)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]).read_bytes()))
