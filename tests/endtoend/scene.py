"""A simulated tenant, a receiver and a settings file, for tests that watch the real command at work."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from lucca_sync.simulator import Simulator, SimulatorOptions
from tests.serving import SECRET, served

CLIENT_SECRET = "simulator-secret"
SETTINGS = """\
version: 1
tenants:
  acme:
    url: {tenant}
    token_url: {tenant}/connect/token
    client_id: simulator
    client_secret: {client_secret}
    requests_per_minute: 100000
    resources:
      employees: {{every: 200ms, brake: {{changes: {{count: 1000}}}}}}
      departments: {{every: 200ms}}
      employee-attributes: {{every: 300ms}}
store: sqlite:journal.db
connectors:
  receiver:
    type: webhook
    url: {receiver}
    secret: {secret}
    allow: [127.0.0.0/8]
    retry: {{schedule: [50ms], max_age: 1h}}
  month:
    type: payroll_file
    directory: .
    file: "people-{{{{ batch.number }}}}.csv"
    columns: {{Matricule: record.employeeNumber, Nom: record.familyName}}
    max_rows: 1
routes:
  all-to-receiver: {{to: [receiver]}}
  people-to-payroll:
    resources: [employees]
    types: [updated]
    fields: [employeeNumber, familyName]
    to: [month]
server: {{listen: "127.0.0.1:0"}}
"""


@dataclass
class Receiver:
    """Takes everything, while it is up; answers once it is `ready`, if it is to be waited for."""

    up: bool = True
    ready: asyncio.Event | None = None
    waiting: int = 0
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    async def receive(self, request: web.Request) -> web.Response:
        if not self.up:
            return web.Response(status=503)
        if self.ready is not None:
            self.waiting += 1
            await self.ready.wait()
        self.events.append(msgspec.json.decode(await request.read()))
        return web.Response(status=204)

    def told(self, subject: str) -> list[str]:
        """Return the types of what arrived about a subject."""
        return [event["type"] for event in self.events if event["subject"] == subject]


@dataclass
class Scene:
    simulator: Simulator
    receiver: Receiver
    settings: Path

    @property
    def folder(self) -> Path:
        return self.settings.parent


@asynccontextmanager
async def scene(
    folder: Path, client_secret: str = CLIENT_SECRET, employees: int = 20
) -> AsyncGenerator[Scene]:
    """Start a tenant and a receiver and write settings for them."""
    simulator, receiver = Simulator(SimulatorOptions(employees=employees, requests_per_minute=0)), Receiver()
    app = web.Application()
    app.router.add_post("/", receiver.receive)
    async with served(app) as url, simulator.serving() as tenant:
        settings = folder / "lucca-sync.yaml"
        text = SETTINGS.format(tenant=tenant, receiver=f"{url}/", secret=SECRET, client_secret=client_secret)
        settings.write_text(text, encoding="utf-8")
        yield Scene(simulator, receiver, settings)
