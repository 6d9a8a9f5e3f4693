"""What most people would write: follow the pages with aiohttp, decode, compare with a dictionary.

Nothing is durable. Run as `python -m bench.plain ADDRESS`.
"""

import asyncio
import sys
from typing import Any

import aiohttp


async def read(address: str) -> int:
    """Read every employee into a dictionary and return how many there are."""
    known: dict[str, dict[str, Any]] = {}
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer bench"}) as session:
        url: str | None = f"{address}/lucca-api/employees?limit=100&sort=id&include=links"
        while url is not None:
            async with session.get(url) as answer:
                page = await answer.json()
            for record in page["items"]:
                record.pop("links")
                if known.get(record["id"]) != record:
                    known[record["id"]] = record
            following = page["links"]["next"]
            url = following["href"] if following else None
    return len(known)


if __name__ == "__main__":
    print(asyncio.run(read(sys.argv[1])))
