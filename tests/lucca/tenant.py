"""A tenant on loopback that answers what a test tells it to, and remembers what it was asked."""

from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TypeAlias

import pytest
from aiohttp import web
from multidict import CIMultiDict

from lucca_sync.kit.clock import Clock, LoopClock
from lucca_sync.kit.secret import Secret
from lucca_sync.lucca.access import TenantAccess
from lucca_sync.lucca.budget import Budget
from lucca_sync.lucca.client import LuccaClient, RequestSeen
from tests.lucca.notes import MemoryNotes
from tests.serving import served

VIRTUAL_TIME = pytest.mark.leaping

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SCOPES = ("employees.readonly", "departments.readonly", "job-positions.readonly")

Reaction: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: CIMultiDict[str]
    form: dict[str, str] = field(default_factory=dict[str, str])


def reply(status: int = 200, body: bytes = b"{}", headers: Mapping[str, str] | None = None) -> Reaction:
    async def react(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers=headers)

    return react


def problem(status: int, text: str) -> Reaction:
    return reply(status, text.encode(), {"Content-Type": "application/problem+json; charset=utf-8"})


@dataclass
class Tenant:
    """Reactions are used up in order; then it answers `{}` to everybody, and hands out numbered tokens."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list[Asked])
    signed_in: list[Asked] = field(default_factory=list[Asked])
    reactions: deque[Reaction] = field(default_factory=deque[Reaction])
    token_reactions: deque[Reaction] = field(default_factory=deque[Reaction])
    refused_scopes: set[str] = field(default_factory=set[str])
    revoked: set[str] = field(default_factory=set[str])
    token_life: int = 1800

    @property
    def token_url(self) -> str:
        return f"{self.url}/connect/token"

    def will(self, *reactions: Reaction) -> None:
        self.reactions.extend(reactions)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.method, request.raw_path, request.headers.copy()))
        if request.headers.get("Authorization", "").removeprefix("Bearer ") in self.revoked:
            return web.Response(status=401)
        reaction = self.reactions.popleft() if self.reactions else reply()
        return await reaction(request)

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.signed_in.append(Asked(request.method, request.raw_path, request.headers.copy(), form))
        if self.token_reactions:
            return await self.token_reactions.popleft()(request)
        if self.refused_scopes & set(form["scope"].split()):
            return web.json_response({"error": "invalid_scope"}, status=400)
        token = f"token-{len(self.signed_in)}"
        return web.json_response(
            {"access_token": token, "token_type": "Bearer", "expires_in": self.token_life}
        )


@asynccontextmanager
async def tenant() -> AsyncGenerator[Tenant, None]:
    """A tenant that listens on a free port."""
    made = Tenant()
    app = web.Application()
    app.router.add_post("/connect/token", made.sign_in)
    app.router.add_route("*", "/{path:.*}", made.serve)
    async with served(app, patience=0) as url:
        made.url = url
        yield made


@dataclass
class Connection:
    """A client of a tenant, with what surrounds it."""

    tenant: Tenant
    client: LuccaClient
    budget: Budget
    notes: MemoryNotes
    clock: Clock
    seen: list[RequestSeen]


def access_to(tenant: Tenant) -> TenantAccess:
    return TenantAccess(tenant.url, tenant.token_url, "our-client", Secret("planted-secret"), SCOPES)


@asynccontextmanager
async def connected(
    secret_file: Path | None = None,
    token_url: str | None = None,
    scopes: tuple[str, ...] = SCOPES,
    rate: float = 10_000,
) -> AsyncGenerator[Connection, None]:
    """A tenant and a client that talks to it."""
    async with tenant() as source:
        access = replace(access_to(source), scopes=scopes)
        if secret_file is not None:
            access = replace(access, client_secret=Secret(file=secret_file))
        if token_url is not None:
            access = replace(access, token_url=token_url)
        notes, clock, seen = MemoryNotes(), LoopClock(START), list[RequestSeen]()
        budget = Budget(rate, notes, "budget", clock)
        async with LuccaClient(access, budget, clock, seen.append, random=Random(1)) as client:
            yield Connection(source, client, budget, notes, clock, seen)
