"""Runs the eyes of a tenant as the daemon does, around a tenant in memory, for virtual hours.

All that decides about requests is the product's own: governor, watches, rounds, probes, rereading, hints,
feed. Only the wire, the tenant and the disk are replaced.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from random import Random
from typing import Final, TypeVar

import anyio
import looptime
import structlog
import xxhash
from anyio.abc import TaskGroup

from bench.company import EIGHT, ORIGIN, Company, record_of
from bench.lean import LeanJournal, LeanSnapshot
from lucca_sync.app.eyes import Surroundings, Task, TenantEyes
from lucca_sync.ingest.abilities import Abilities
from lucca_sync.ingest.attention import Listening
from lucca_sync.ingest.feed import Feed, Listeners
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.hints import Desk, HintWorker
from lucca_sync.ingest.listing import EventPages
from lucca_sync.ingest.patience import Patience
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.memory.snapshot import Page
from lucca_sync.journal.protocol import Known, PageHead, PageItems, ResourceName
from lucca_sync.kit.bell import Bell
from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.budget import Budget
from lucca_sync.lucca.feed import EVENTS, decode_event
from lucca_sync.lucca.paging import MAX_LIMIT, first_url, followed
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.event import Event, Eye
from lucca_sync.obs.metrics import Metrics
from lucca_sync.settings.model import Tenant

NAME: Final = "acme"
START: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_T = TypeVar("_T")


class Quiet:
    """Whoever looks on, and does not care."""

    def page_passed(self, name: ResourceName, *, baseline: bool, records: int, total: int | None) -> None:
        """Take no notice."""

    def sweep_ended(self, name: ResourceName, *, baseline: bool, records: int) -> None:
        """Take no notice."""

    def refused(self, tenant: str, resource: str, reason: str, advice: str) -> None:
        """Take no notice."""

    def granted(self, tenant: str, resource: str) -> None:
        """Take no notice."""

    def store_failed(self) -> None:
        """Take no notice."""

    def store_ok(self) -> None:
        """Take no notice."""


@dataclass(frozen=True)
class Plan:
    """A tenant of a size, and the settings it is watched with: those of its YAML.

    `reserve` is what the daemon takes of the requests for what is urgent. `hinted`: webhooks come in.
    """

    employees: int
    requests_per_minute: float = 50.0
    every: str | None = None
    eyes: Mapping[str, object] = field(default_factory=dict[str, object])
    reserve: float = 0.0
    hinted: bool = False
    numbered: bool = False
    feed: bool = False
    section: Mapping[str, object] = field(default_factory=dict[str, object])
    """What else is set for each resource."""

    @property
    def tenant(self) -> Tenant:
        every = {} if self.every is None else {"every": self.every}
        return Tenant.model_validate(
            {
                "url": ORIGIN,
                "client_id": "bench",
                "client_secret": "bench",
                "requests_per_minute": self.requests_per_minute,
                "resources": {name: {**every, **self.section} for name in EIGHT},
                "eyes": self.eyes,
            }
        )


@dataclass(frozen=True)
class Found:
    """A change that became an event: after how many seconds, by which eye."""

    name: str
    delay: float
    eye: Eye


@dataclass
class Simulation:
    """One tenant being watched. `edit` and `delete` change it; `found` tells what became of that."""

    plan: Plan
    seed: int = 1
    found: list[Found] = field(default_factory=list[Found])
    waiting: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    surprises: int = 0
    """Events that nobody's change explains: there must be none."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.clock = LoopClock(START)
        self.journal = LeanJournal(self._heard)
        for name, snapshot in snapshots(self.plan.employees).items():
            self.journal.adopt(ResourceName(NAME, name), snapshot.copy())
        self.budget = Budget(
            self.plan.requests_per_minute,
            self.journal,
            f"budget/{NAME}",
            self.clock,
            reserve=self.plan.reserve,
        )
        self.company = Company(
            self.plan.employees,
            self.budget,
            self.clock,
            numbered=self.plan.numbered,
            feed=self.plan.feed,
        )
        self._worker: HintWorker | None = None
        self._idle = Bell()

    def _heard(self, event: Event) -> None:
        began = self.waiting.pop((event.resource, event.record_id), None)
        if began is None:
            self.surprises += 1
        else:
            self.found.append(Found(event.resource, anyio.current_time() - began, event.detected_by))
            if not self.waiting:
                self._idle.ring()

    async def all_found(self) -> None:
        """Wait until every change so far is an event."""
        while self.waiting:
            await self._idle.next_ring().wait()

    async def edit(self, name: str) -> None:
        """Let somebody edit a record that nobody has edited lately."""
        number = self._drawn(name)
        body = self.company.edit(name, number)
        if body is not None and self.plan.hinted and self._worker is not None:
            hint = decode_event(body, ORIGIN, self.clock.now(), "hint").hint
            await self.journal.take_in(NAME, [hint])
            self._worker.bell.ring()

    def delete(self, name: str) -> None:
        """Let a record be deleted."""
        self.company.delete(name, self._drawn(name))

    def _drawn(self, name: str) -> int:
        living = self.company.of(name).living
        while True:
            number = living[self.random.randrange(len(living))]
            if (name, str(number)) not in self.waiting:
                self.waiting[name, str(number)] = anyio.current_time()
                return number

    async def run(self, scenes: Callable[[], Awaitable[None]]) -> None:
        """Watch the tenant for as long as the scenes last."""
        quiet, metrics = Quiet(), Metrics()
        listening = Listening()
        lookout = Lookout(
            self.company, self.journal, lambda _: (), self.clock, metrics, quiet, lambda: None, listening
        )
        around = Surroundings(StoreGate(self.journal, quiet, metrics), quiet, self.random.random)
        eyes = TenantEyes(NAME, self.plan.tenant, lookout, around)
        async with anyio.create_task_group() as tasks:
            self._start(tasks, eyes.tasks())
            self._start(tasks, self._listeners(eyes, lookout, around, listening))
            await scenes()
            tasks.cancel_scope.cancel()

    def _start(self, group: TaskGroup, tasks: Iterator[Task]) -> None:
        async def carried_out(work: Callable[[], Awaitable[None]]) -> None:
            await work()

        for name, work in tasks:
            group.start_soon(carried_out, work, name=name)

    def _listeners(
        self, eyes: TenantEyes, lookout: Lookout, around: Surroundings, listening: Listening
    ) -> Iterator[Task]:
        """Put together what listens, as the daemon does."""

        def patience(name: str, eye: Eye) -> Patience:
            return Patience(lookout, ResourceName(NAME, name), around.gate, around.draw, eye)

        desks = {
            name: Desk(station.rereader, patience(name, "hint")) for name, station in eyes.stations.items()
        }
        worker = self._worker = HintWorker(NAME, desks, lookout, around.gate)
        if self.plan.hinted or self.plan.feed:
            yield "hints", worker.run
        every = self.plan.tenant.eyes.feed
        if self.plan.feed and every is not None:
            abilities = Abilities(self.journal, ResourceName(NAME, EVENTS.name))
            listeners = Listeners(worker.gathered, lambda: None, listening)
            feed = Feed(EventPages(lookout, ORIGIN), abilities, listeners, every.total_seconds())
            yield "feed", partial(feed.run, patience(EVENTS.name, "feed"))


@cache
def snapshots(employees: int) -> Mapping[str, LeanSnapshot]:
    """Return what is known of each resource after a first look, worked out instead of looked up."""
    return {name: _snapshot(name, employees) for name in EIGHT}


def _snapshot(name: str, employees: int) -> LeanSnapshot:
    snapshot = LeanSnapshot(baseline_done=True, swept=START)
    url: str | None = first_url(CATALOGUE[name])
    for slot, first in enumerate(range(1, employees + 1, MAX_LIMIT)):
        numbers = range(first, min(first + MAX_LIMIT, employees + 1))
        records: list[Known] = []
        digests: list[bytes] = []
        for number in numbers:
            whole, telling = record_of(number)
            silent = CATALOGUE[name].clock is not None
            records.append(Known(str(number), whole, xxhash.xxh3_128_digest(telling if silent else whole), 0))
            digests.append(xxhash.xxh3_128_digest(whole))
        following = _next(name, numbers[-1]) if numbers[-1] < employees else None
        # Its tag and digest are not worked out: the second look compares, and finds nothing.
        head = PageHead(slot, url or "", None, b"", following)
        items = PageItems(tuple(record.id for record in records), tuple(digests))
        snapshot.seed(Page(head, items), records)
        url = following
    return snapshot


def _next(name: str, last: int) -> str:
    resource = CATALOGUE[name]
    sort = "" if resource.sort is None else f"&sort={resource.sort}"
    href = f"{ORIGIN}{resource.path}?limit={MAX_LIMIT}&page=!after.{last}{sort}"
    return followed(href, ORIGIN, first_url(resource))


def virtually(work: Callable[[], Awaitable[_T]]) -> _T:
    """Run work in virtual time: nothing here waits for anything but time."""

    async def run() -> _T:
        return await work()

    def loop() -> asyncio.AbstractEventLoop:
        return looptime.new_event_loop(noop_cycles=0)

    with _quiet(), asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(run())


@contextmanager
def _quiet() -> Generator[None]:
    """Hold back all log lines but errors; what others make of logs afterwards is as it was."""
    former = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        yield
    finally:
        structlog.configure(wrapper_class=former)
