"""A client for a command that asks a few things and goes; it keeps no accounts, a daemon may run beside."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lucca_sync.kit.clock import SystemClock
from lucca_sync.lucca.access import TenantAccess
from lucca_sync.lucca.budget import Budget
from lucca_sync.lucca.client import LuccaClient, RequestSeen


@dataclass(slots=True)
class _Forgotten:
    """Notes that are not kept: a command spends few requests, and a daemon may hold the store."""

    _notes: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def note(self, key: str) -> bytes | None:
        return self._notes.get(key)

    async def write_note(self, key: str, value: bytes) -> None:
        self._notes[key] = value


@asynccontextmanager
async def passing_client(access: TenantAccess, requests_per_minute: float) -> AsyncGenerator[LuccaClient]:
    """Open a client for a while; its requests are in no metric."""
    clock = SystemClock()

    def unobserved(_seen: RequestSeen) -> None:
        """Nobody counts them."""

    budget = Budget(requests_per_minute, _Forgotten(), "passing", clock)
    async with LuccaClient(access, budget, clock, unobserved) as client:
        yield client
