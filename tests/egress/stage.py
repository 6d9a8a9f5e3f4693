"""A stage for egress: a journal in memory, virtual time, and connectors that play the part they are given."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias

import anyio
import structlog

from lucca_sync.connector import Abilities, ConnectorConfig, RetryPolicy
from lucca_sync.egress.means import Means
from lucca_sync.egress.route import Route
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import (
    Acted,
    Claim,
    DeliveryFilter,
    DeliveryHistory,
    EventFilter,
    Journal,
    ResourceName,
    Settlement,
    StoreError,
    Write,
)
from lucca_sync.kit.clock import Clock, LoopClock
from lucca_sync.model.delivery import OPEN_STATES, ByHand, Delivery, Lane
from lucca_sync.model.event import Event
from lucca_sync.model.outcome import Done, Outcome
from lucca_sync.obs.metrics import TARGET_STATES, Metrics
from tests.egress.events import LANE, NOW, event

Play: TypeAlias = Callable[[Sequence[Delivery]], Awaitable[Sequence[Outcome]]]

POLICY = RetryPolicy(schedule=(timedelta(seconds=10),), max_age=timedelta(hours=1))
SECTION = ConnectorConfig(type="actor", retry=POLICY)
PEOPLE = Route(LANE.route, frozenset({"employees"}), (LANE.connector,))


async def takes_all(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
    return [Done() for _ in deliveries]


def takes(seconds: float) -> Play:
    """Play a target that takes its time."""

    async def play(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.sleep(seconds)
        return [Done() for _ in deliveries]

    return play


def answers(*outcomes: Outcome) -> Play:
    """Play a target that answers one delivery a call, the first outcomes as given, Done from then on."""
    left = list(outcomes)

    async def play(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.lowlevel.checkpoint()
        return [left.pop(0) if left else Done() for _ in deliveries]

    return play


@dataclass(frozen=True)
class Call:
    """One call of `deliver`: when it began, and with what."""

    at: float
    deliveries: tuple[Delivery, ...]


@dataclass
class Actor:
    """A connector that keeps every call and answers as its part says."""

    play: Play = takes_all
    abilities: Abilities = field(default_factory=Abilities)
    calls: list[Call] = field(default_factory=list[Call])
    now: int = 0
    most: int = 0
    closed: int = 0

    async def open(self) -> None:
        await anyio.lowlevel.checkpoint()

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        self.calls.append(Call(anyio.current_time(), tuple(deliveries)))
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await self.play(deliveries)
        finally:
            self.now -= 1

    async def close(self) -> None:
        await anyio.sleep(0.1)
        self.closed += 1

    @property
    def got(self) -> list[tuple[str, int]]:
        """Record id and sequence of every delivery, in the order of arrival."""
        return [(d.event.record_id, d.event.sequence) for call in self.calls for d in call.deliveries]


class TroubledJournal(MemoryJournal):
    """A journal that refuses what egress writes while `broken`, and counts what it wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = False
        self.delay = 0.01
        self.looks = 0
        self.settled: list[int] = []

    async def claim(self, lane: Lane, *, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        self._refuse_if_broken()
        return await super().claim(lane, now=now, lease=lease, limit=limit)

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        await anyio.sleep(self.delay)  # as a disk would
        self._refuse_if_broken()
        self.settled.append(len(settlements))
        return await super().settle(settlements)

    async def ready(self, lane: Lane, *, now: datetime, limit: int) -> tuple[int, datetime | None]:
        self.looks += 1
        return await super().ready(lane, now=now, limit=limit)

    def _refuse_if_broken(self) -> None:
        if self.broken:
            raise StoreError("no room left", "full")


class SharedJournal(MemoryJournal):
    """A journal that a person writes to as well, from another process: that is noticed once."""

    def __init__(self) -> None:
        super().__init__()
        self._touched = False

    async def touched(self) -> bool:
        was, self._touched = self._touched, False
        return was

    async def person_writes(self, key: str, value: bytes) -> None:
        await self.write_note(key, value)
        self._touched = True

    async def person_drops(self, key: str) -> None:
        await self.drop_note(key)
        self._touched = True

    async def person_acts(self, act: ByHand, *record_ids: str) -> Acted:
        """Act on the open deliveries about some records."""
        open_ones = await self.deliveries(after=0, limit=999, wanted=DeliveryFilter(states=OPEN_STATES))
        keys = [one.key for one in open_ones if one.subject.split("/")[-1] in record_ids]
        do = self.discard if act == "discard" else self.queue_again
        acted = await do(keys, at=NOW, reason="by hand", among=OPEN_STATES)
        self.person_wrote()
        return acted

    def person_wrote(self) -> None:
        """Have it noticed."""
        self._touched = True


class JumpyClock(LoopClock):
    """A wall clock that moves with the loop, and jumps when told."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead

    def jump(self, span: timedelta) -> None:
        self.ahead += span


@dataclass
class Stage:
    """What stays when an egress ends: the journal, the clock, and what was told of the store."""

    journal: Journal = field(default_factory=MemoryJournal)
    clock: Clock = field(default_factory=lambda: JumpyClock(NOW))
    metrics: Metrics = field(default_factory=Metrics)
    store: list[str] = field(default_factory=list[str])
    beats: set[str] = field(default_factory=set[str])

    def means(self) -> Means:
        return Means(
            self.journal,
            self.clock,
            Random(7),
            self.metrics,
            structlog.get_logger(),
            self.beats.add,
            lambda error: self.store.append(error.reason if error else "ok"),
        )

    def egress(
        self, actor: Actor, routes: Sequence[Route] = (PEOPLE,), section: ConnectorConfig = SECTION
    ) -> Egress:
        """Return an egress whose connector `crm` is the actor."""
        return Egress(routes, [Target(LANE.connector, section, lambda: actor)], self.means())

    async def journal_events(self, *events: Event, lanes: Collection[Lane] = (LANE,)) -> None:
        """Commit events with a delivery each in every lane, in order."""
        for each in events:
            write = Write(each.record_id, b"{}", each.id.encode(), each.sequence, each, tuple(lanes))
            await self.journal.commit_writes(
                ResourceName(each.tenant, each.resource), self.clock.now(), [write]
            )

    async def histories(self) -> list[DeliveryHistory]:
        """Return every delivery with its attempts, in the order of the journal."""
        entries = await self.journal.newest(limit=10_000, wanted=EventFilter())
        return [history for entry in entries for history in await self.journal.history(entry.position)]

    async def states(self) -> list[str]:
        return [history.state for history in await self.histories()]

    async def subjects(self) -> list[tuple[str, int]]:
        """Return record id and sequence of every event, in the order of the journal."""
        entries = await self.journal.newest(limit=10_000, wanted=EventFilter())
        return [(entry.event.record_id, entry.event.sequence) for entry in entries]

    async def until_settled(self) -> None:
        """Wait until every delivery has ended."""
        while not set(await self.states()) <= {"done", "dead", "discarded"}:  # noqa: ASYNC110 - the journal is all there is
            await anyio.sleep(1)


def sample(stage: Stage, name: str, **labels: str) -> float | None:
    """Return what a metric says."""
    return stage.metrics.registry.get_sample_value(f"lucca_sync_{name}", labels)


def standing(stage: Stage) -> str:
    """Return how the target `crm` stands, by its metric, of which exactly one series must be 1."""
    (state,) = [
        state
        for state in TARGET_STATES
        if sample(stage, "target_state", connector=LANE.connector, state=state) == 1
    ]
    return state


@asynccontextmanager
async def running(egress: Egress, grace: timedelta = timedelta(seconds=20)) -> AsyncGenerator[None]:
    """Let an egress run while the block runs, then stop it in order."""
    async with anyio.create_task_group() as tasks:
        await tasks.start(egress.run)
        try:
            yield
        finally:
            egress.stop(grace)


def events_of(*subjects: str, count: int = 1) -> list[Event]:
    """Return the first `count` events of each subject, subject by subject."""
    return [event("created" if n == 1 else "updated", s, n) for s in subjects for n in range(1, count + 1)]
