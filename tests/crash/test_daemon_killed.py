"""The real daemon, killed at random instants while Lucca changes and the receiver fails one time in five."""

import base64
import random
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from lucca_sync.cli.demo.receiver import Arrival
from lucca_sync.cli.demo.tally import Tally
from lucca_sync.kit.clock import SystemClock
from lucca_sync.simulator import Simulator, SimulatorOptions
from lucca_sync.simulator.world.actions import Rename
from tests.running import running, until

CHANGES = 200
KILLS = 12
BURST = 9
EMPLOYEES = KILLS * BURST + 12
SECRET = f"whsec_{base64.b64encode(b'a secret for this test alone ....').decode()}"
SETTINGS = """\
version: 1
tenants:
  acme:
    url: {tenant}
    token_url: {tenant}/connect/token
    client_id: simulator
    client_secret: simulator-secret
    requests_per_minute: 100000
    resources:
      employees: {{every: 200ms}}
      employments: {{every: 200ms}}
      job-positions: {{every: 200ms}}
      departments: {{every: 300ms}}
      probationary-periods: {{every: 300ms}}
      employee-attributes: {{every: 400ms, brake: {{deletions: {{count: 1000}}}}}}
store: sqlite:journal.db
connectors:
  receiver:
    type: webhook
    url: {receiver}
    secret: {secret}
    allow: [127.0.0.0/8]
    retry: {{schedule: [20ms, 50ms], max_age: 1h}}
routes:
  everything: {{to: [receiver]}}
server: {{listen: "127.0.0.1:0"}}
"""
WATCHED = {
    *(
        "employees",
        "employments",
        "job-positions",
        "departments",
        "probationary-periods",
        "employee-attributes",
    )
}


@dataclass
class Receiver:
    """Verifies, keeps what it accepts, and fails one time in five: half of those after having kept it."""

    chance: random.Random
    tally: Tally
    seen: int = 0
    accepted: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    bodies: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.text()
        Webhook(SECRET).verify(body, dict(request.headers))
        event = msgspec.json.decode(body)
        assert request.headers["webhook-id"] == event["id"]
        self.seen += 1
        draw = self.chance.random()
        if draw < 0.1:
            return web.Response(status=503)
        self.accepted.append(event)
        self.tally.arrived(Arrival(event["id"], verified=True, event=event), SystemClock().now())
        self.bodies[event["id"]].add(sha256(body.encode()).hexdigest())
        return web.Response(status=500 if draw < 0.2 else 204)

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[str]:
        app = web.Application()
        app.router.add_post("/", self.receive)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()


async def take_everything_in(settings: Path) -> None:
    """Make the silent baseline: what changes from then on must arrive."""
    async with running("run", "--once", "-c", settings) as daemon:
        assert await daemon.ended() == 0


async def lead_a_hard_life(
    simulator: Simulator, receiver: Receiver, settings: Path, chance: random.Random
) -> None:
    """Make the changes, in bursts, while the daemon is killed again and again somewhere in its work."""
    employees = iter(range(1, EMPLOYEES + 1))
    for _ in range(KILLS):
        async with running("run", "-c", settings) as daemon:
            for _ in range(BURST):
                number = next(employees)  # another one each time, so that these renames cannot merge
                simulator.perform(Rename(employee=str(number), family_name=f"Renamed {number}"))
                simulator.step()
            await some_more_work(simulator, receiver, chance.randrange(1, 60))
            await daemon.kill()


async def some_more_work(simulator: Simulator, receiver: Receiver, amount: int) -> None:
    """Wait for so many more requests, to Lucca or to the receiver."""
    enough = simulator.stats.requests() + receiver.seen + amount
    await until(lambda: simulator.stats.requests() + receiver.seen >= enough)


async def come_to_rest(receiver: Receiver, settings: Path) -> None:
    """Let the daemon live until the last state of every record has arrived, then ask it to end."""
    async with running("run", "-c", settings) as daemon:
        await until(lambda: receiver.tally.figures().waiting == 0)
        assert await daemon.stop() == 0


async def test_every_change_arrives_in_order_and_repeats_keep_their_id(tmp_path: Path) -> None:
    chance = random.Random(20)
    simulator = Simulator(SimulatorOptions(employees=EMPLOYEES, requests_per_minute=0, absences=0.0))
    receiver = Receiver(chance, Tally(simulator.record))
    simulator.world.ledger.listen(receiver.tally.changed, WATCHED)
    settings = tmp_path / "lucca-sync.yaml"
    async with simulator.serving() as tenant, receiver.serving() as url:
        settings.write_text(SETTINGS.format(tenant=tenant, receiver=url, secret=SECRET), encoding="utf-8")
        await take_everything_in(settings)
        await lead_a_hard_life(simulator, receiver, settings, chance)
        await come_to_rest(receiver, settings)
    assert len(simulator.world.ledger) >= CHANGES
    assert_in_order(receiver.accepted)
    assert all(len(bodies) == 1 for bodies in receiver.bodies.values())
    renamed = {event["data"]["record"]["familyName"] for event in receiver.accepted if renames(event)}
    once = renamed_once(simulator)
    assert len(once) > KILLS * BURST * 0.9
    assert renamed >= once


def renamed_once(simulator: Simulator) -> set[str]:
    """Name those whom life did not rename as well: two renames of one person may be seen as one."""
    entries = (entry for entry in simulator.ledger.after(0) if entry.resource == "employees")
    times = Counter(entry.id for entry in entries if "familyName" in entry.fields)
    return {f"Renamed {number}" for number in range(1, KILLS * BURST + 1) if times[str(number)] == 1}


def renames(event: dict[str, Any]) -> bool:
    """Tell whether an event is about an employee's new family name."""
    return any(change["path"] == "/familyName" for change in event["data"]["changes"])


def assert_in_order(events: list[dict[str, Any]]) -> None:
    """Each subject's sequence grows by one, or repeats with the same id."""
    ids: dict[tuple[str, int], str] = {}
    reached: dict[str, int] = {}
    for event in events:
        subject, sequence = event["subject"], int(event["sequence"])
        before = reached.get(subject, 0)
        assert sequence in {before, before + 1}, f"{subject}: {sequence} after {before}"
        assert ids.setdefault((subject, sequence), event["id"]) == event["id"]
        reached[subject] = sequence
