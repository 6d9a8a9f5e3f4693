"""Whatever targets answer, whenever the daemon dies: at least once, in order per subject, or visibly dead."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby, pairwise
from random import Random

import anyio
import looptime
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lucca_sync.connector import Abilities
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.event import Event
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry
from tests.egress.events import NOW
from tests.egress.stage import Actor, Stage, events_of, running

SUBJECTS = ("1", "2", "3")
HORIZON = 1800.0


@dataclass
class Whims:
    """A target that does as it likes, for a while: later it takes everything."""

    chance: Random
    arrived: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    taken: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    async def play(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        self.arrived += [(d.event.record_id, d.event.sequence) for d in deliveries]
        await anyio.sleep(self.chance.choice([0, 0, 0.2, 3, 45]))
        if self.chance.random() < 0.1:
            raise ConnectionError
        return [self.answer(delivery) for delivery in deliveries]

    def answer(self, delivery: Delivery) -> Outcome:
        whim = self.chance.random() if anyio.current_time() < HORIZON / 3 else 0
        if whim < 0.6:
            self.taken.add((delivery.event.record_id, delivery.event.sequence))
            return Done()
        if whim < 0.8:
            return Retry("busy", self.chance.choice([None, timedelta(minutes=1)]), self.chance.random() < 0.5)
        if whim < 0.9:
            return Park("waits", NOW + timedelta(seconds=anyio.current_time() + 60))
        return Reject("never")


@dataclass(frozen=True)
class Life:
    """One life of the daemon: how long, and whether it ends in order."""

    seconds: float
    orderly: bool


lives = st.lists(st.builds(Life, st.floats(0.01, 120), st.booleans()), max_size=6)
abilities = st.builds(
    Abilities,
    max_batch=st.sampled_from([1, 2, 10]),
    concurrency=st.integers(1, 4),
    linger=st.sampled_from([timedelta(0), timedelta(seconds=20)]),
)


async def live(stage: Stage, actor: Actor, life: Life) -> None:
    """Let a daemon live: then it stops in order, or is gone in the middle of whatever it did."""
    if life.orderly:
        async with running(stage.egress(actor), grace=timedelta(seconds=life.seconds)):
            await anyio.sleep(life.seconds)
    else:
        with anyio.move_on_after(life.seconds):
            await stage.egress(actor).run()


async def write_now_and_then(stage: Stage, events: Sequence[Event], chance: Random) -> None:
    for event in events:
        await anyio.sleep(chance.choice([0, 0, 1, 30]))
        await stage.journal_events(event)


async def play_out(stage: Stage, whims: Whims, able: Abilities, before: list[Life]) -> None:
    """Journal events while daemons come and go; the last one lives until everything has ended."""
    actor = Actor(whims.play, able)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write_now_and_then, stage, events_of(*SUBJECTS, count=4), whims.chance)
        for life in before:
            await live(stage, actor, life)
        await live(stage, actor, Life(HORIZON, orderly=True))


# Not shrunk: each example is hours of virtual time, and a smaller seed makes no simpler story.
@settings(max_examples=40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(lives, abilities, st.integers(0, 2**32))
def test_every_event_arrives_in_its_subjects_order_or_is_a_visible_dead_letter(
    before: list[Life], able: Abilities, seed: int
) -> None:
    stage, whims = Stage(), Whims(Random(seed))
    with asyncio.Runner(loop_factory=looptime.new_event_loop) as runner:
        runner.run(play_out(stage, whims, able, before))
        histories = runner.run(stage.histories())
        events = runner.run(stage.subjects())
    states = dict(zip(events, (history.state for history in histories), strict=True))
    assert set(states.values()) <= {"done", "dead"}
    assert {of for of, state in states.items() if state == "done"} <= whims.taken
    for _, arrivals in groupby(sorted(whims.arrived, key=lambda of: of[0]), key=lambda of: of[0]):
        assert all(earlier <= later for earlier, later in pairwise(arrivals))
    assert set(whims.arrived) == set(states)
