"""The demo's stage: a living tenant, the real daemon with a real settings file, a receiver.

Nothing leaves loopback.
"""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

import anyio

from lucca_sync.app.daemon import Daemon, World
from lucca_sync.app.registration import registrar
from lucca_sync.cli.demo.receiver import Arrival, receiving
from lucca_sync.cli.demo.tally import Figures, Tally, Told
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.kit.clock import Clock
from lucca_sync.registry import load_all
from lucca_sync.simulator import Simulator, SimulatorOptions

SETTINGS: Final = """\
version: 1
tenants:
  demo:
    url: {tenant}
    token_url: {tenant}/connect/token
    client_id: simulator
    client_secret: simulator-secret
    requests_per_minute: 44
    hints: {{secret_file: ./hint-secret}}
    eyes: {{feed: false}}
    resources:
      employees: {{every: 20s}}
      employments: {{every: 20s}}
      job-positions: {{every: 20s}}
      departments: {{every: 20s}}
      probationary-periods: {{every: 15s}}
      employee-attributes: {{every: 15s}}
      business-establishments: {{every: 5m}}
      employee-attribute-definitions: {{every: 5m}}
store: sqlite:demo.db
connectors:
  receiver:
    type: webhook
    url: {receiver}
    secret: {secret}
    allow: [127.0.0.0/8]
routes:
  everything: {{to: [receiver]}}
server: {{listen: "127.0.0.1:0"}}
"""
EMPLOYEES: Final = 25
_PATIENCE: Final = 120.0
"""Seconds that the last changes may take to arrive once life stands still."""


class View(Protocol):
    """Shows the demo to somebody."""

    def first_look(self, done: int, of: int) -> None:
        """Show how far the first look has come."""
        ...

    def hints(self, step: str) -> None:
        """Show a step of setting Lucca's webhooks up."""
        ...

    def change(self, figures: Figures) -> None:
        """Show that the source changed something."""
        ...

    def arrival(self, told: Told, figures: Figures) -> None:
        """Show what arrived."""
        ...

    def winding_down(self, figures: Figures) -> None:
        """Show that life has stopped and the last changes are awaited."""
        ...


@dataclass(slots=True)
class FirstLooks:
    """Waits until every resource was looked at once; what changes from then on must arrive."""

    view: View
    expected: int = 0
    done: int = 0
    all_done: anyio.Event = field(default_factory=anyio.Event)

    def page_passed(self, name: ResourceName, *, baseline: bool, records: int, total: int | None) -> None:
        """Pages are too small a thing to show here."""

    def sweep_ended(self, name: ResourceName, *, baseline: bool, records: int) -> None:
        """Count the first looks."""
        del name, records  # that it ended is enough
        if baseline:
            self.done += 1
            self.view.first_look(self.done, self.expected)
        if self.done >= self.expected:
            self.all_done.set()


@dataclass(slots=True)
class Stage:
    """Plays the demo once. `alive` is in changes a minute."""

    folder: Path
    view: View
    clock: Clock
    alive: float
    employees: int = EMPLOYEES
    seed: int = 1

    async def play(self, life: timedelta | None, ended: anyio.Event) -> Figures:
        """Play until `ended` is set or, when `life` is given, for so long; return how it went."""
        simulator = Simulator(
            SimulatorOptions(employees=self.employees, seed=self.seed, absences=0.0), self.clock
        )
        tally = Tally(simulator.record)
        secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
        async with simulator.serving() as tenant, receiving(secret, self._arrived(tally)) as receiver:
            settings = self.folder / "demo.yaml"
            settings.write_text(
                SETTINGS.format(tenant=tenant, receiver=receiver, secret=secret), encoding="utf-8"
            )
            looks = FirstLooks(self.view)
            daemon = Daemon(load_all(settings, {}), World(looks, self.clock))
            watched = [
                name for each in daemon.plan.loaded.settings.tenants.values() for name in each.resources
            ]
            looks.expected = len(watched)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(daemon.run)
                await looks.all_done.wait()
                await self._take_hints(daemon)
                simulator.world.ledger.listen(tally.changed, watched)
                simulator.world.ledger.listen(lambda _entry: self.view.change(tally.figures()), watched)
                await self._live(simulator, tally, life, ended)
                daemon.stop()
            return tally.figures()

    async def _take_hints(self, daemon: Daemon) -> None:
        """Have the simulated Lucca send its webhooks to the daemon, as `lucca-sync hints register` does."""
        assert daemon.address is not None, "it has looked, so it listens"  # noqa: S101 - for the type checkers
        ((name, tenant),) = daemon.plan.loaded.settings.tenants.items()
        async with registrar(name, tenant, self.view.hints) as ours:
            await ours.register("http://{}:{}/hints/{}".format(*daemon.address, name), replace=False)

    async def _live(
        self, simulator: Simulator, tally: Tally, life: timedelta | None, ended: anyio.Event
    ) -> None:
        simulator.alive_per_minute = self.alive
        with anyio.move_on_after(None if life is None else life.total_seconds()):
            await ended.wait()
        simulator.alive_per_minute = 0
        self.view.winding_down(tally.figures())
        with anyio.move_on_after(_PATIENCE):
            while tally.figures().waiting:  # noqa: ASYNC110 - the last changes arrive in the receiver's own time
                await anyio.sleep(0.1)

    def _arrived(self, tally: Tally) -> Callable[[Arrival], None]:
        def note(arrival: Arrival) -> None:
            told = tally.arrived(arrival, self.clock.now())
            self.view.arrival(told, tally.figures())

        return note
