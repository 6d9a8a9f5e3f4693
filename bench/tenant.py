"""A Lucca tenant made of ready bytes, so that its answers cost the reader no waiting.

Run as `python -m bench.tenant EMPLOYEES [SECONDS]`, the seconds being what it takes for an answer; prints its
port, then takes `POST /bench/mode` with JSON: `etags` (bool), `tokens` (bool: portrait links differ at each
answer), `changed` (share of the records, 0 to 1). `POST /bench/edit` edits the employee whose number it
brings, `GET /bench/shown` tells when the page with that edit was first answered.
"""

import asyncio
import json
import random
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from time import perf_counter
from typing import Any

from aiohttp import web

PAGE = 100
TOKEN = b"eyJhbGciOiJub25lIn0." + b"0" * 44
HOST = "https://bench.example"


def employee(number: int, edit: int) -> dict[str, Any]:
    """An invented employee of about one kilobyte."""

    def ref(kind: str) -> dict[str, str]:
        return {"id": str(number), "type": kind, "url": f"{HOST}/lucca-api/{kind}s/{number}"}

    return {
        "id": str(number),
        "type": "employee",
        "url": f"{HOST}/lucca-api/employees/{number}",
        "remoteId": None,
        "portrait": ref("portrait"),
        "givenName": f"Given {number % 977}",
        "familyName": f"Family {number % 7919}" + (f" edited {edit}" if edit else ""),
        "employeeNumber": f"{number:06d}",
        "status": "active",
        "email": f"person.{number}@example.org",
        "birthDay": {"day": number % 28 + 1, "month": number % 12 + 1},
        "phoneNumber": None,
        "applicableEmployment": ref("employment"),
        "applicableJobPosition": ref("job-position"),
        "createdAt": "2024-03-01T08:30:00.000Z",
        "lastUpdatedAt": f"2026-0{1 + edit}-02T10:11:12.345Z",
        "links": {
            "employments": {"href": f"{HOST}/lucca-api/employments?employee.id={number}"},
            "jobPositions": {"href": f"{HOST}/lucca-api/job-positions?employee.id={number}"},
            "portrait": {"href": f"{HOST}/files/{number}?token={TOKEN.decode()}"},
        },
    }


@dataclass
class Tenant:
    employees: int
    pause: float = 0.0
    etags: bool = True
    tokens: bool = False
    pages: list[bytes] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    answers: int = 0
    edits: int = 0
    awaited: int | None = None
    shown: float | None = None

    def edit(self, number: int) -> None:
        """Edit one employee, and note when somebody is shown it."""
        self.edits += 1
        moment = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(seconds=self.edits)
        news = {
            "familyName": f"Family edited {self.edits}",
            "lastUpdatedAt": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        page = (number - 1) // PAGE
        body = json.loads(self.pages[page])
        body["items"][(number - 1) % PAGE] |= news
        self.pages[page] = json.dumps(body, separators=(",", ":")).encode()
        self.tags[page] = _tag(self.pages[page])
        self.awaited, self.shown = page, None

    def render(self, address: str, changed: float) -> None:
        drawn = random.Random(7)
        edited = set(drawn.sample(range(self.employees), int(self.employees * changed)))
        count = -(-self.employees // PAGE)
        self.pages = [self._page(page, count, address, edited) for page in range(count)]
        self.tags = [_tag(body) for body in self.pages]

    def _page(self, page: int, count: int, address: str, edited: set[int]) -> bytes:
        rows = range(page * PAGE, min((page + 1) * PAGE, self.employees))
        link = {"href": f"{address}/lucca-api/employees?limit=100&page=!p.{page + 1}&sort=id"}
        body = {
            "type": "employees",
            "items": [employee(row + 1, 1 if row in edited else 0) for row in rows],
            "links": {"prev": None, "next": link if page + 1 < count else None},
        }
        return json.dumps(body, separators=(",", ":")).encode()

    async def employees_page(self, request: web.Request) -> web.Response:
        self.answers += 1
        if self.pause:
            await asyncio.sleep(self.pause)
        cursor = request.query.get("page", "!p.0")
        page = int(cursor.removeprefix("!p."))
        headers = {"ETag": self.tags[page]} if self.etags else {}
        if self.etags and request.headers.get("If-None-Match") == self.tags[page]:
            return web.Response(status=304, headers=headers)
        body = self.pages[page]
        if self.tokens:
            body = body.replace(TOKEN, TOKEN[:-8] + f"{self.answers:08d}".encode())
        if page == self.awaited:
            self.awaited, self.shown = None, perf_counter()
        return web.Response(body=body, headers=headers, content_type="application/json")


def _tag(body: bytes) -> str:
    return f'W/"{blake2b(body, digest_size=12).hexdigest()}"'


async def serve(employees: int, pause: float) -> None:
    tenant = Tenant(employees, pause)

    async def token(_request: web.Request) -> web.Response:
        return web.json_response({"access_token": "bench", "token_type": "Bearer", "expires_in": 1800})

    async def mode(request: web.Request) -> web.Response:
        wanted = await request.json()
        tenant.etags, tenant.tokens = wanted["etags"], wanted["tokens"]
        tenant.render(f"http://{request.host}", wanted["changed"])
        return web.Response()

    async def edit(request: web.Request) -> web.Response:
        tenant.edit(int(await request.text()))
        return web.Response()

    async def shown(_request: web.Request) -> web.Response:
        return web.json_response(tenant.shown)

    app = web.Application()
    app.router.add_post("/connect/token", token)
    app.router.add_post("/bench/mode", mode)
    app.router.add_post("/bench/edit", edit)
    app.router.add_get("/bench/shown", shown)
    app.router.add_get("/lucca-api/employees", tenant.employees_page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until the bench lets go
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
