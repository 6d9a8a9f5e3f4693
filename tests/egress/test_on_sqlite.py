"""Egress on the real store, in real time: several lives over one file."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby, pairwise
from pathlib import Path
from random import Random

import anyio

from lucca_sync.connector import Abilities, ConnectorConfig, RetryPolicy
from lucca_sync.egress.holding import Pause, encoded, paused_key
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.journal.protocol import DeliveryFilter
from lucca_sync.journal.sqlite import open_desk, open_sqlite
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Done, Outcome, Retry
from tests.egress.events import LANE, NOW
from tests.egress.stage import PEOPLE, Actor, Stage, events_of, running, sample

SUBJECTS = tuple(map(str, range(20)))
PATIENCE = ConnectorConfig(type="actor", retry=RetryPolicy(schedule=(timedelta(milliseconds=20),)))


class Milestone:
    """Lets a test wait until a target has taken so many different events."""

    def __init__(self, chance: Random) -> None:
        self.taken: set[tuple[str, int]] = set()
        self._chance = chance
        self._wanted = 0
        self._reached = anyio.Event()

    def after(self, wanted: int) -> anyio.Event:
        self._wanted, self._reached = wanted, anyio.Event()
        return self._reached

    async def play(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.lowlevel.checkpoint()
        if self._chance.random() < 0.2:
            return [Retry("503")] * len(deliveries)
        self.taken |= {(delivery.event.record_id, delivery.event.sequence) for delivery in deliveries}
        if len(self.taken) >= self._wanted:
            self._reached.set()
        return [Done()] * len(deliveries)


async def test_across_sudden_ends_each_subjects_events_arrive_in_order_and_none_is_missing(
    tmp_path: Path,
) -> None:
    target = Milestone(Random(5))
    actor = Actor(target.play, Abilities(concurrency=4))
    for wanted in (0, 30, 60, 100):
        journal = await open_sqlite(tmp_path / "journal.db")
        stage = Stage(journal, SystemClock())
        if wanted == 0:
            await stage.journal_events(*events_of(*SUBJECTS, count=5))
        egress = Egress([PEOPLE], [Target(LANE.connector, PATIENCE, lambda: actor)], stage.means())
        reached = target.after(wanted)
        if wanted < 100:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(egress.run)
                await reached.wait()
                tasks.cancel_scope.cancel()
        else:
            async with running(egress):
                await reached.wait()
            assert set(await stage.states()) == {"done"}
        await journal.close()
    assert target.taken == {(subject, n) for subject in SUBJECTS for n in range(1, 6)}
    for _, arrivals in groupby(sorted(actor.got, key=lambda of: of[0]), key=lambda of: of[0]):
        assert all(earlier <= later for earlier, later in pairwise(arrivals))


async def test_what_a_person_does_beside_the_daemon_takes_effect_there(tmp_path: Path) -> None:
    """From another connection to the same file, as a command has it; nobody rings."""
    path, actor = tmp_path / "journal.db", Actor()
    journal = await open_sqlite(path)
    desk = await open_desk(path)
    stage = Stage(journal, SystemClock())
    egress = stage.egress(actor)
    try:
        async with running(egress):
            await desk.write_note(paused_key(LANE.route), encoded(Pause(NOW)))
            while sample(stage, "route_paused", route=LANE.route) != 1:  # noqa: ASYNC110 - a gauge rings no bell
                await anyio.sleep(0.01)
            await stage.journal_events(*events_of("1"))
            egress.bell.ring()
            await anyio.sleep(0.1)
            assert actor.calls == []
            await desk.drop_note(paused_key(LANE.route))
            while set(await stage.states()) != {"done"}:  # noqa: ASYNC110
                await anyio.sleep(0.01)
    finally:
        await desk.close()
        await journal.close()


async def test_what_a_person_discards_beside_the_daemon_is_taken_out_of_its_hands(tmp_path: Path) -> None:
    """From another connection; the first call ends only when the others are discarded."""
    path, free = tmp_path / "journal.db", anyio.Event()

    async def waits(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await free.wait()
        return [Done()] * len(deliveries)

    journal = await open_sqlite(path)
    desk = await open_desk(path)
    stage, actor = Stage(journal, SystemClock()), Actor(waits, Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2", "3"))
    try:
        async with running(stage.egress(actor)):
            while len(actor.calls) < 1:  # noqa: ASYNC110 - the actor rings no bell
                await anyio.sleep(0.01)
            keys = [one.key for one in await desk.deliveries(after=0, limit=9, wanted=DeliveryFilter())]
            assert await desk.discard(keys, at=NOW, reason="by hand") == (0, 3)
            while (await stage.states()).count("discarded") < 2:  # noqa: ASYNC110 - nor does the store
                await anyio.sleep(0.01)
            free.set()
            await stage.until_settled()
    finally:
        await desk.close()
        await journal.close()
    assert len(actor.calls) == 1
