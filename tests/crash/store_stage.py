"""The whole daemon on a store in trouble, between a simulated tenant and a receiver that keeps book."""

import asyncio
import base64
import os
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path

import msgspec

from lucca_sync.cli.demo.receiver import Arrival, receiving
from lucca_sync.cli.demo.tally import Tally
from lucca_sync.journal.sqlite import read_sqlite
from lucca_sync.kit.clock import SystemClock
from lucca_sync.simulator import LedgerEntry, Simulator, SimulatorOptions
from lucca_sync.simulator.world.actions import Rename, RenameDepartment
from tests.crash.store_diary import assert_sound
from tests.crash.store_faults import Switch
from tests.running import Running, attended, until

ROOT = Path(__file__).parents[2]
EMPLOYEES = 120
SECRET = f"whsec_{base64.b64encode(b'a secret for these tests alone ..').decode()}"
WATCHED = ("employees", "departments")
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
      employees: {{every: 200ms, brake: {{changes: {{count: 1000}}}}}}
      departments: {{every: 300ms}}
store: sqlite:{store}/journal.db
connectors:
  receiver:
    type: webhook
    url: {receiver}
    secret: {secret}
    allow: [127.0.0.0/8]
    timeout: 1s
    retry: {{schedule: [50ms], max_age: 1h}}
routes:
  everything: {{to: [receiver]}}
server: {{listen: "127.0.0.1:0"}}
"""


@dataclass
class Book:
    """What was changed and what arrived."""

    tally: Tally
    changed: set[str] = field(default_factory=set[str])
    bodies: defaultdict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    strays: list[str] = field(default_factory=list[str])

    def change(self, entry: LedgerEntry) -> None:
        self.changed.add(f"{entry.resource}/{entry.id}")
        self.tally.changed(entry)

    def arrive(self, arrival: Arrival) -> None:
        body = msgspec.json.encode(arrival.event)
        self.bodies[arrival.webhook_id].add(sha256(body).digest())
        if str(arrival.event["subject"]) not in self.changed:
            self.strays.append(arrival.webhook_id)
        self.tally.arrived(arrival, SystemClock().now())

    @property
    def settled(self) -> bool:
        """Whether the last state of everything that changed has arrived."""
        return self.tally.figures().waiting == 0

    def assert_conserved(self) -> None:
        """Everything arrived, in order, signed; nothing was made up; an id has one body."""
        figures = self.tally.figures()
        assert figures.good, figures
        assert figures.changes > 0
        assert not self.strays
        assert all(len(bodies) == 1 for bodies in self.bodies.values())


@dataclass
class StoreStage:
    """The daemon is launched from here; `disk` is where its store stands."""

    simulator: Simulator
    book: Book
    settings: Path
    disk: Path
    switch: Switch
    surroundings: Mapping[str, str] = field(default_factory=dict[str, str])
    before: Sequence[str] = ()
    """What stands in the command line before Python."""
    seen_at: Path = Path()
    """Where `disk` is to be found from here: elsewhere when only the daemon has it mounted."""
    _turn: Iterator[int] = field(default_factory=count)

    @property
    def store(self) -> Path:
        return self.seen_at / "journal.db"

    def change(self, people: int = 3) -> None:
        """Rename people, each time others, and a department.

        Nobody is hired: who came is found by eyes that look once a minute.
        """
        for _ in range(people):
            number = next(self._turn)
            name = f"Renamed {number}"
            self.simulator.perform(Rename(employee=str(number % EMPLOYEES + 1), family_name=name))
            self.simulator.perform(RenameDepartment(department="1", name=name))

    async def arrived(self) -> None:
        """Wait until the last state of everything that changed has arrived."""
        await until(lambda: self.book.settled)

    async def settled(self) -> None:
        """Wait until all has arrived and the daemon has it in writing."""
        await self.arrived()
        reader = await read_sqlite(self.store)
        try:
            while any(sum(lane.counts.values()) for lane in (await reader.lanes()).values()):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        finally:
            await reader.close()

    async def arrived_or(self, holds: Callable[[], bool]) -> None:
        """Wait for that, or until something else holds."""
        await until(lambda: holds() or self.book.settled)

    @asynccontextmanager
    async def daemon(self, *options: str) -> AsyncGenerator[Running]:
        """Run it; it is gone when the block ends."""
        folder = str(self.settings.parent)
        process = await asyncio.create_subprocess_exec(
            *self.before,
            *(sys.executable, "-m", "tests.crash.store_launcher", folder),
            *("run", "-c", str(self.settings), *options),
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": _search_path(), **self.surroundings},
        )
        async with attended(process) as daemon:
            yield daemon

    async def take_everything_in(self) -> None:
        """Make the silent baseline: what changes from then on must arrive."""
        async with self.daemon("--once") as daemon:
            assert await daemon.ended() == 0, daemon.complaints

    async def end(self) -> None:
        """Let a sound daemon deliver what is left, end it in order, and look at what has come of all."""
        self.switch.heal()
        async with self.daemon() as daemon:
            await daemon.started()
            self.change()
            await self.arrived()
            assert await daemon.stop() == 0
        assert_sound(self.store)
        self.book.assert_conserved()


def said_more(daemon: Running, event: str, than: int) -> Callable[[], bool]:
    """Return what tells whether a daemon has logged something more often than so many times."""
    return lambda: len(daemon.lines(event)) > than


def _search_path() -> str:
    return os.pathsep.join(map(str, (ROOT, ROOT / "daemon", ROOT / "connectors")))


@asynccontextmanager
async def store_stage(folder: Path, *, baseline: bool = True) -> AsyncGenerator[StoreStage]:
    """Start a tenant and a receiver, write the settings, and have the baseline taken."""
    options = SimulatorOptions(employees=EMPLOYEES, requests_per_minute=0, absences=0.0)
    simulator = Simulator(options)
    book = Book(Tally(simulator.record))
    simulator.world.ledger.listen(book.change, {*WATCHED})
    settings, disk = folder / "lucca-sync.yaml", folder / "disk"
    disk.mkdir()
    async with simulator.serving() as tenant, receiving(SECRET, book.arrive) as url:
        settings.write_text(
            SETTINGS.format(tenant=tenant, receiver=url, secret=SECRET, store=disk), encoding="utf-8"
        )
        stage = StoreStage(simulator, book, settings, disk, Switch(folder), seen_at=disk)
        if baseline:
            await stage.take_everything_in()
        yield stage
