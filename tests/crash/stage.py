"""A simulated tenant, three targets, and the real daemon as a process that is ended in every way.

Everything that happens is noted in the oracle's words: `Stage.verdict` asks it.
"""

import asyncio
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from lucca_sync.app.holdings import held_sets, leave_decision
from lucca_sync.app.stores import reading_store
from lucca_sync.ingest.held import Decision
from lucca_sync.journal.protocol import EventFilter
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.delivery import OPEN_STATES
from lucca_sync.model.event import Event
from lucca_sync.simulator import Simulator, SimulatorOptions
from lucca_sync.simulator.world.actions import Rename, RenameDepartment
from tests.crash.oracle import EVERYTHING, Derived, Run, Seen, Stored, Verdict, judge
from tests.crash.plan import BUSINESS, EVERYTHING_CHANGED, LINES, NAMES, ROUTES, WATCHED, settings
from tests.crash.rederived import announced, rederived
from tests.crash.store_diary import assert_sound
from tests.crash.store_faults import Switch
from tests.crash.targets import FAIR, Book, Lines, Target, receiving
from tests.life.company import told_of
from tests.life.oracle import Moment
from tests.life.truth import Truth
from tests.running import Running, attended, until
from tests.serving import SECRET

ROOT = Path(__file__).parents[2]
_PROGRAM = "from tests.crash.launch import main; main()"
_KILLED = -signal.SIGKILL
_IN_VAIN = 1500
"""Requests to Lucca without anything that arrives: more than a daemon makes in many sweeps."""


@dataclass
class Stage:
    """One run, from its silent first look to its verdict."""

    folder: Path
    simulator: Simulator
    truth: Truth
    book: Book
    targets: Mapping[str, Target]
    lines: Lines
    settings: dict[str, Any]
    switch: Switch
    launched: Sequence[str | Path | float] = ()
    """Arguments for the launcher of every daemon."""
    before: Sequence[str] = ()
    """What stands in the command line before Python."""
    surroundings: Mapping[str, str] = field(default_factory=dict[str, str])
    seen_at: Path = Path()
    """Where the disk of the store is to be found from here: elsewhere when only the daemon has it mounted."""
    ends: Counter[str] = field(default_factory=Counter[str])
    _renamed: int = 0
    _variants: int = 0
    _fresh: set[str] = field(default_factory=set[str])
    _calm: int = 0
    _judged: tuple[int, int] = (-1, -1)

    @property
    def store(self) -> Path:
        """The journal."""
        return self.seen_at / "journal.db"

    @property
    def disk(self) -> Path:
        """Where the journal is for the daemon."""
        return self.folder / "disk"

    @property
    def activity(self) -> int:
        """How many requests there were, to Lucca or to the targets."""
        return self.simulator.stats.requests() + len(self.book.arrivals)

    def misbehave(self, **troubles: Mapping[str, float]) -> None:
        """Let targets misbehave from now on, each by its own troubles; the others behave."""
        for name, target in self.targets.items():
            target.troubles = troubles.get(name, FAIR)

    def write_settings(self) -> Path:
        """Write what the settings are now."""
        file = self.folder / "lucca-sync.yaml"
        draft = file.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(self.settings))  # JSON is YAML
        return draft.replace(file)  # at once: another process may be reading it

    def vary_settings(self) -> None:
        """Change settings in ways that make no difference to what the three targets must get."""
        self._variants += 1
        odd = bool(self._variants % 2)
        connectors, routes = self.settings["connectors"], self.settings["routes"]
        connectors["names"]["concurrency"] = 1 + self._variants % 4
        connectors["everything"]["timeout"] = "500ms" if odd else "400ms"
        self.settings["tenants"]["acme"]["resources"]["employees"]["every"] = "250ms" if odd else "200ms"
        if odd:
            connectors["passing"] = {"type": "jsonl", "path": "passing.jsonl"}
            routes["passing"] = {"resources": ["departments"], "to": ["passing"]}
        else:
            del connectors["passing"], routes["passing"]

    @asynccontextmanager
    async def daemon(
        self, *launched: str | float, once: bool = False, stdin: int | None = None
    ) -> AsyncGenerator[Running]:
        """Run the daemon, with arguments for the launcher; it is gone when the block ends."""
        words = ["run", *(["--once"] if once else [])]
        async with self.command(*words, launched=launched, stdin=stdin) as daemon:
            yield daemon

    @asynccontextmanager
    async def command(
        self, *words: str, launched: Sequence[str | float] = (), stdin: int | None = None
    ) -> AsyncGenerator[Running]:
        """Run a command by the settings as they are now; it is gone when the block ends."""
        given = map(str, (*self.launched, *launched))
        command = [*self.before, sys.executable, "-c", _PROGRAM, *given, *words]
        command += ["-c", str(self.write_settings())]
        search = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=stdin,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": search, **self.surroundings},
        )
        async with attended(process) as running:
            yield running

    async def take_everything_in(self) -> None:
        """Make the silent first look; what changes from then on must arrive."""
        async with self.daemon(once=True) as daemon:
            assert await daemon.ended() == 0, daemon.complaints
        self.truth.begin()
        shutil.copy(self.store, self._first)

    def change(self, count: int = 1) -> None:
        """Let so many things happen as life has it, and as many people take a name never used before."""
        for _ in range(count):
            self.simulator.step()
            self.rename(1)

    def rename(self, count: int = 3) -> None:
        """Let so many people take a name never used before; that is seen by the next look."""
        people = sum(1 for _ in self.simulator.world.records.rows("employees"))
        for _ in range(count):
            self._renamed += 1
            person = str(self._renamed % people + 1)
            if self.simulator.record("employees", person) is not None:
                self.simulator.perform(Rename(employee=person, family_name=f"Renamed {self._renamed}"))

    async def some_more_work(self, amount: int, daemon: Running) -> None:
        """Wait for so many more requests, to Lucca or to the targets, or until the daemon ends by itself."""
        enough = self.activity + amount
        await until(lambda: self.activity >= enough or daemon.process.returncode is not None)

    async def kill(self, daemon: Running, how: str = "at random") -> None:
        """End it as a power cut would."""
        await daemon.kill()
        self.ends[how] += 1

    async def ended_at(self, seam: str, daemon: Running) -> None:
        """Wait until it has killed itself at a seam; nothing else may end it."""
        assert await daemon.ended() == _KILLED, (seam, daemon.complaints, daemon.log[-5:])
        self.ends[seam] += 1

    async def come_to_rest(self) -> None:
        """Let all faults end and everything arrive; ask for an orderly end."""
        async with self.daemon() as daemon:
            await self.all_arrived(daemon)
            assert await daemon.stop() == 0, daemon.complaints

    async def all_arrived(self, daemon: Running) -> None:
        """Let all faults end, and wait until all has arrived, something fresh too, and is known to have."""
        self.switch.heal()
        self.simulator.behave()
        self.misbehave()
        await self.up_to_date(daemon)
        self.lines.look()
        self._calm = len(self.book.arrivals)
        person, department = (
            next(self.simulator.records(name))["id"] for name in ("employees", "departments")
        )
        self.simulator.perform(Rename(employee=str(person), family_name="Fresh"))
        self.simulator.perform(RenameDepartment(department=str(department), name="Fresh air"))
        self._fresh = {f"employees/{person}", f"departments/{department}"}
        await self.up_to_date(daemon)
        await self.settled(daemon)

    async def up_to_date(self, daemon: Running) -> None:
        """Wait until every target has the last state of all that it wants.

        What the brake holds meanwhile is approved, as a person would who knows that it is true. Fails when
        nothing comes any more, however often Lucca is asked.
        """
        await self._nothing_comes(daemon)
        while self.behind() and await self._approved():
            await self._nothing_comes(daemon)
        assert daemon.process.returncode is None, daemon.complaints
        assert not self.behind(), list(self._told_wrongly())

    async def up_to_date_or(self, holds: Callable[[], bool]) -> None:
        """Wait for that, or until something else holds."""
        await until(lambda: holds() or not self.behind())

    async def _nothing_comes(self, daemon: Running) -> None:
        """Wait until all has come, or nothing came for long, or the daemon has ended."""
        asked, came = self.simulator.stats.requests(), len(self.book.arrivals)

        def over() -> bool:
            nonlocal asked, came
            if len(self.book.arrivals) != came:
                asked, came = self.simulator.stats.requests(), len(self.book.arrivals)
            in_vain = self.simulator.stats.requests() - asked > _IN_VAIN
            return in_vain or daemon.process.returncode is not None or not self.behind()

        await until(over)

    async def settled(self, daemon: Running) -> None:
        """Wait until the store is done as well: whose answer was lost has arrived, and comes again.

        What stands along a route that was taken away stays there until a person acts.
        """
        while daemon.process.returncode is None and await self._open():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)

    async def _open(self) -> bool:
        async with reading_store(self.store) as reader:
            lanes = await reader.lanes()
        ours = (status for lane, status in lanes.items() if lane.route in self.settings["routes"])
        return any(status.counts[state] for status in ours for state in OPEN_STATES)

    async def _approved(self) -> bool:
        """Approve what the brake holds: many deletions among many new records look like a restore."""
        held = await held_sets(self.store)
        for one in held:
            self.book.faults["held by the brake until approved"] += 1
            decision = Decision(verdict="approve", since=one.held.since, at=SystemClock().now())
            await leave_decision(self.store, one.name, decision)
        return bool(held)

    def behind(self) -> bool:
        """Tell whether a target lacks something; only looks when something came since the last time."""
        self.lines.look()
        now = (len(self.book.arrivals), len(self.simulator.ledger))
        if now == self._judged:
            return True
        if any(True for _ in self.lacking()):
            self._judged = now
            return True
        return False

    def lacking(self) -> Iterator[tuple[str, str]]:
        """Return route and subject wherever the last thing told is not how it is."""
        for subject, moments in self._history().items():
            for route in ROUTES if len(moments) > 1 else ():
                if route.wants(subject):
                    told = self.book.last.get((route.name, subject))
                    last = told.told.record if told else route.shown(moments[0].state)
                    if last != route.shown(moments[-1].state):
                        yield route.name, subject

    def _told_wrongly(self) -> Iterator[str]:
        """Say of a few subjects what was told last, and how it is."""
        for route, subject in islice(self.lacking(), 5):
            told, state = self.book.last.get((route, subject)), self.truth.moments[subject][-1].state
            yield f"{route}: {subject}: {told and (told.told.sequence, told.told.record)}, is {state!r}"

    async def end(self, seen: Collection[Seen] = EVERYTHING) -> Verdict:
        """Let everything arrive, and judge the run: no law is broken, and nothing stands undelivered."""
        await self.come_to_rest()
        return await self.assert_whole(seen)

    async def assert_whole(self, seen: Collection[Seen] = EVERYTHING) -> Verdict:
        """Judge the run in which everything has arrived; no daemon may be running."""
        assert_sound(self.store)
        verdict = await self.verdict(seen)
        assert not verdict.findings, str(verdict)
        assert not verdict.figures.standing
        return verdict

    async def verdict(self, seen: Collection[Seen] = EVERYTHING, business: Derived | None = None) -> Verdict:
        """Judge the run; no daemon may be running."""
        self.lines.look()
        stored = await self._stored()
        run = Run(
            self._history(),
            self.book.arrivals,
            stored,
            self.faults(),
            self.ends,
            self._fresh,
            self._calm,
            business,
        )
        return judge(run, ROUTES, seen)

    async def derived(self) -> Derived:
        """Have what is left derived and delivered; return what was announced, and what should have been."""
        async with self.daemon(once=True) as daemon:
            assert await daemon.ended() == 0, daemon.complaints
        events = await self._events()
        raw = [event for event in events if event.business is None]
        due = await rederived(self._first, raw, self.write_settings())
        told = [event for event in events if event.business is not None]
        return Derived(BUSINESS, announced(told), announced(due), {event.id for event in raw})

    async def _events(self) -> Sequence[Event]:
        async with reading_store(self.store) as reader:
            entries = await reader.events(after=0, limit=1_000_000, wanted=EventFilter())
        return [entry.event for entry in entries]

    @property
    def _first(self) -> Path:
        """The journal as it was before anything was told."""
        return self.folder / "first.db"

    def faults(self) -> Counter[str]:
        """Count what went wrong, at the targets, at Lucca and at the disk."""
        lucca = Counter({f"Lucca: {name}": number for name, number in self.simulator.stats.met.items()})
        return self.book.faults + lucca + Counter(disk=self.switch.met())

    def _history(self) -> dict[str, list[Moment]]:
        """Return the states of what is watched; when they began is the ledger's business alone."""
        return {
            subject: [Moment("", moment.state) for moment in moments]
            for subject, moments in self.truth.moments.items()
            if subject.partition("/")[0] in WATCHED
        }

    async def _stored(self) -> list[Stored]:
        """Return every delivery that the store holds, with its event if its contents are still there."""
        found: list[Stored] = []
        async with reading_store(self.store) as reader:
            for entry in await reader.events(after=0, limit=1_000_000, wanted=EventFilter()):
                told = told_of(entry.event.cloudevent())
                found += [
                    Stored(one.lane.route, told, one.state) for one in await reader.history(entry.position)
                ]
        return found


@asynccontextmanager
async def stage(
    folder: Path, seed: int, people: int = 100, *, fragile: bool = False, baseline: bool = True
) -> AsyncGenerator[Stage]:
    """Set everything up and make the first look; it all ends with the block.

    The store of a `fragile` one is on a disk that fails when its switch says so.
    """
    chance, book, disk = Random(seed), Book(), folder / "disk"
    disk.mkdir()
    simulator = Simulator(
        SimulatorOptions(employees=people, seed=seed, requests_per_minute=0, absences=0.0, gzip=False)
    )
    wanted = (EVERYTHING_CHANGED.name, NAMES.name, BUSINESS)
    targets = {name: Target(name, SECRET, book, chance) for name in wanted}
    async with simulator.serving() as tenant, receiving(*targets.values()) as address:
        made = Stage(
            folder,
            simulator,
            Truth(simulator),
            book,
            targets,
            Lines(LINES.name, folder / "told.jsonl", book),
            settings(simulator, tenant, address, disk / "journal.db"),
            Switch(folder),
            launched=("--disk", folder) if fragile else (),
            seen_at=disk,
        )
        if baseline:
            await made.take_everything_in()
        yield made


def said_more(daemon: Running, event: str, than: int) -> Callable[[], bool]:
    """Return what tells whether a daemon has logged something more often than so many times."""
    return lambda: len(daemon.lines(event)) > than
