"""A plain HTTP visitor to a simulated tenant, and a clock that stands still until told to move."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import msgspec

from lucca_sync.kit.clock import Clock
from lucca_sync.simulator import Simulator, SimulatorOptions

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
Document = dict[str, Any]
unlimited = partial(SimulatorOptions, requests_per_minute=0)


class HandClock:
    """Shows a time that the test sets."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Document:
        return msgspec.json.decode(self.body, type=Document)

    @property
    def items(self) -> list[Document]:
        return list(self.json["items"])

    @property
    def ids(self) -> list[str]:
        return [item["id"] for item in self.items]

    @property
    def next(self) -> str | None:
        link = self.json["links"]["next"]
        return None if link is None else str(link["href"])


class Visitor:
    """Asks as any HTTP client would; decompresses nothing and follows nothing by itself."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.url = simulator.url
        self._session = session
        self.headers = {"Api-Version": "2024-11-01"}

    async def sign_in(self, scope: str = "", **form: str) -> Reply:
        """Ask for a token and use it from now on."""
        fields = {
            "grant_type": "client_credentials",
            "client_id": self.simulator.options.client_id,
            "client_secret": self.simulator.options.client_secret,
            "scope": scope,
        }
        reply = await self.ask("POST", "/connect/token", data={**fields, **form})
        if reply.status == 200:
            self.headers["Authorization"] = f"Bearer {reply.json['access_token']}"
        return reply

    async def ask(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        data: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask for an address or a path of the tenant."""
        address = address if address.startswith("http") else f"{self.url}{address}"
        asked = self._session.request(method, address, headers=headers, json=json, data=data)
        async with asked as response:
            return Reply(response.status, response.headers, await response.read())

    async def get(self, path: str, **headers: str) -> Reply:
        """Ask the API for a path under /lucca-api/, or for an address that it gave."""
        address = path if path.startswith("http") else f"/lucca-api/{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("GET", address, headers={**self.headers, **named})

    async def control(self, method: str, path: str, content: object = None) -> Reply:
        """Ask the control API."""
        return await self.ask(method, f"/control/{path}", json=content)

    async def walk(self, path: str) -> list[Reply]:
        """Follow the next links, putting back the include that they lose, to the end of a list."""
        separator = "&" if "?" in path else "?"
        pages = [await self.get(f"{path}{separator}include=links")]
        while (href := pages[-1].next) is not None:
            pages.append(await self.get(f"{href}&include=links"))
        return pages


@asynccontextmanager
async def visiting(
    options: SimulatorOptions | None = None, clock: Clock | None = None, *, unpack: bool = True
) -> AsyncGenerator[Visitor]:
    """Serve a tenant without a limit, unless the options say otherwise, and sign in to it."""
    simulator = Simulator(options or unlimited(), clock or HandClock())
    async with simulator.serving(), aiohttp.ClientSession(auto_decompress=unpack) as session:
        visitor = Visitor(simulator, session)
        await visitor.sign_in()
        yield visitor
