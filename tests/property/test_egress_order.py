"""Whatever targets answer, whenever the daemon dies, whatever a person gives up or hurries meanwhile.

At least once, in order per subject, or visibly dead or discarded.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby, pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Literal

import anyio
import looptime
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lucca_sync.app.stores import opened_desk
from lucca_sync.connector import Abilities
from lucca_sync.egress.holding import TARGETS, holds, target_key
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import DeliveryFilter, Desk, Journal
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.model.delivery import OPEN_STATES, Delivery
from lucca_sync.model.event import Event
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry
from tests.egress.events import NOW
from tests.egress.stage import Actor, JumpyClock, SharedJournal, Stage, events_of, running

SUBJECTS = ("1", "2", "3", "4", "5", "6", "7")
ENDS = {"done", "dead", "discarded"}
BY_HAND = "by hand"
WHIMSICAL = 300.0
"""Seconds after which the target takes everything."""


@dataclass
class Whims:
    """A target that does as it likes, for a while: later it takes everything."""

    chance: Random
    clock: JumpyClock
    arrived: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    taken: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    async def play(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        self.arrived += [(d.event.record_id, d.event.sequence) for d in deliveries]
        await anyio.sleep(self.chance.choice([0, 0, 0.2, 3, 45]))
        if self.chance.random() < 0.1:
            raise ConnectionError
        return [self.answer(delivery) for delivery in deliveries]

    def answer(self, delivery: Delivery) -> Outcome:
        whim = self.chance.random() if anyio.current_time() < WHIMSICAL else 0
        if whim < 0.55:
            self.taken.add((delivery.event.record_id, delivery.event.sequence))
            return Done()
        if whim < 0.8:
            return Retry("busy", self.chance.choice([None, timedelta(minutes=1)]), self.chance.random() < 0.5)
        if whim < 0.82:
            return Retry("no more", gone=True)
        if whim < 0.9:
            return Park("waits", self.clock.now() + timedelta(seconds=60))
        return Reject("never")


@dataclass(frozen=True)
class Life:
    """One life of the daemon: how long, how it ends, and how far the wall clock jumps meanwhile."""

    seconds: float
    end: Literal["stop", "cancel", "kill"]
    jump: timedelta = timedelta(0)


jumps = st.just(timedelta(0)) | st.timedeltas(timedelta(0), timedelta(minutes=20))
lives = st.lists(
    st.builds(Life, st.floats(0.01, 120), st.sampled_from(["stop", "cancel", "kill"]), jumps), max_size=5
)
abilities = st.builds(
    Abilities,
    max_batch=st.sampled_from([1, 2, 10]),
    concurrency=st.integers(1, 4),
    linger=st.sampled_from([timedelta(0), timedelta(seconds=20)]),
)


@dataclass
class Play:
    """A journal of one kind, a target, daemons that come and go, and a person beside them."""

    stage: Stage
    whims: Whims
    actor: Actor
    person: Random
    path: Path | None

    async def reopen(self) -> None:
        """Do what a new process does: whatever is in flight was left there by one that is gone."""
        if self.path is not None:
            await self.stage.journal.close()
            self.stage.journal = await open_sqlite(self.path)
        elif isinstance(self.stage.journal, MemoryJournal):
            self.stage.journal.take_back_abandoned()

    @asynccontextmanager
    async def desk(self) -> AsyncGenerator[Desk]:
        """Open what a person works at: beside the daemon where that can be."""
        if self.path is not None:
            async with opened_desk(self.path) as desk:
                yield desk
        else:
            yield self.stage.journal
            assert isinstance(self.stage.journal, SharedJournal)
            self.stage.journal.person_wrote()

    async def meddle(self) -> None:
        """Give some open deliveries up, or hurry them, now and then."""
        while anyio.current_time() < WHIMSICAL:
            await anyio.sleep(self.person.choice([0.5, 5, 60]))
            async with self.desk() as desk:
                found = await desk.deliveries(after=0, limit=99, wanted=DeliveryFilter(states=OPEN_STATES))
                some = [one.key for one in found if self.person.random() < 0.1]
                act = self.person.choice([desk.discard, desk.queue_again])
                await act(some, at=self.whims.clock.now(), reason=BY_HAND, among=OPEN_STATES)

    async def live(self, life: Life) -> None:
        """Let a daemon live: then it stops in order, or is gone in the middle of whatever it did."""
        if life.end == "stop":
            async with running(self.stage.egress(self.actor), grace=timedelta(seconds=life.seconds)):
                await self.wait(life)
        else:
            with anyio.move_on_after(life.seconds):
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self.stage.egress(self.actor).run)
                    await self.wait(life)
        if life.end == "kill":
            await self.reopen()

    async def wait(self, life: Life) -> None:
        await anyio.sleep(life.seconds / 2)
        self.whims.clock.jump(life.jump)
        await anyio.sleep(life.seconds / 2 + 1e-3)

    async def last_life(self) -> None:
        """Live until everything has ended; somebody resumes the target whenever it was disabled."""
        while not set(await self.stage.states()) <= ENDS:
            async with running(self.stage.egress(self.actor)):
                with anyio.move_on_after(600):
                    await self.stage.until_settled()
            for name in holds(await self.stage.journal.notes(TARGETS)):
                await self.stage.journal.drop_note(target_key(name))

    async def write(self, events: Sequence[Event]) -> None:
        """Journal events now and then."""
        for event in events:
            await anyio.sleep(self.whims.chance.choice([0, 0, 1, 10]))
            await self.stage.journal_events(event)


async def play_out(play: Play, before: list[Life]) -> None:
    """Journal events, before and while daemons come and go; the last one lives until everything has ended."""
    events = events_of(*SUBJECTS, count=3)
    play.whims.chance.shuffle(events)
    events.sort(key=lambda event: event.sequence)
    await play.write(events[:7])
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(play.meddle)
        for life in before:
            await play.live(life)
        tasks.cancel_scope.cancel()
    await play.write(events[7:14])
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(play.write, events[14:])
        tasks.start_soon(play.meddle)
        await play.last_life()
    await play.last_life()


async def played(journal: Journal, path: Path | None, able: Abilities, seed: int, before: list[Life]) -> Play:
    clock = JumpyClock(NOW)
    whims = Whims(Random(seed), clock)
    play = Play(Stage(journal, clock), whims, Actor(whims.play, able), Random(~seed), path)
    await play_out(play, before)
    return play


async def judge(play: Play) -> None:
    """Hold a play that is over against what is promised."""
    states = dict(zip(await play.stage.subjects(), await play.stage.states(), strict=True))
    assert set(states.values()) <= ENDS
    assert {of for of, state in states.items() if state == "done"} <= play.whims.taken
    arrived = play.whims.arrived
    for _, arrivals in groupby(sorted(arrived, key=lambda of: of[0]), key=lambda of: of[0]):
        assert all(earlier <= later for earlier, later in pairwise(arrivals))
    assert {of for of, state in states.items() if state in ("done", "dead")} <= set(arrived)
    for of, history in zip(states, await play.stage.histories(), strict=True):
        tried = any(attempt.number for attempt in history.attempts)
        assert tried or of not in arrived, "it was sent, and nothing says so"


async def in_memory(able: Abilities, seed: int, before: list[Life]) -> None:
    await judge(await played(SharedJournal(), None, able, seed, before))


async def on_disk(able: Abilities, seed: int, before: list[Life]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "journal.db")
        play = await played(await open_sqlite(path), path, able, seed, before)
        await judge(play)
        await play.stage.journal.close()


# Not shrunk: each example is hours of virtual time, and a smaller seed makes no simpler story.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=15, phases=_PHASES, deadline=None)
@given(lives, abilities, st.integers(0, 2**32))
def test_every_event_arrives_in_its_subjects_order_or_is_a_visible_dead_letter(
    before: list[Life], able: Abilities, seed: int
) -> None:
    with asyncio.Runner(loop_factory=looptime.new_event_loop) as runner:
        runner.run(in_memory(able, seed, before))


@pytest.mark.timeout(60)
@settings(max_examples=8, phases=_PHASES, deadline=None)
@given(lives, abilities, st.integers(0, 2**32))
def test_so_it_is_on_disk(before: list[Life], able: Abilities, seed: int) -> None:
    with asyncio.Runner(loop_factory=looptime.new_event_loop) as runner:
        runner.run(on_disk(able, seed, before))
