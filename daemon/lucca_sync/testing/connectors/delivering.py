"""Delivering to a healthy target: one outcome each, repeats that do no harm, failures that stay alone."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Final

import anyio

from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Done, Outcome
from lucca_sync.testing.clock import StandingClock
from lucca_sync.testing.connectors.scenario import expect, scenario
from lucca_sync.testing.connectors.suite import Suite, all_done, ids, ids_at, opened, outcomes_of

_LATER: Final = timedelta(hours=30)


class Delivering(Suite):
    """What a target that does its part gets."""

    @scenario
    async def test_answers_one_outcome_for_each_delivery(self) -> None:
        """A healthy target gets every event of every allowed batch, in order."""
        async with self._opened() as (connector, scene):
            sent: list[Delivery] = []
            for size in range(1, min(connector.abilities.max_batch, 3) + 1):
                batch = [self.delivery(len(sent) + place) for place in range(size)]
                await all_done(connector, batch)
                sent += batch
            expect(await ids_at(scene) == ids(sent), "the target got something else")

    @scenario
    async def test_answers_nothing_to_nothing(self) -> None:
        """An empty batch has no outcomes and disturbs nobody."""
        async with self._opened() as (connector, scene):
            expect(list(await connector.deliver([])) == [], "an empty batch must have no outcomes")
            expect(not await ids_at(scene), "an empty batch reached the target")

    @scenario
    async def test_a_poisoned_delivery_spoils_no_other(self) -> None:
        """What is refused is answered alone: the others of its batch are done, and are at the target."""
        async with self._opened() as (connector, scene):
            poisoned = await self.poisoned(scene, 1)
            batch = [self.delivery(0), poisoned, self.delivery(2)]
            size = min(connector.abilities.max_batch, len(batch))
            outcomes: list[Outcome] = []
            for start in range(0, len(batch), size):
                outcomes += await outcomes_of(connector, batch[start : start + size])
            done = [isinstance(outcome, Done) for outcome in outcomes]
            expect(not done[1], "the poisoned delivery was answered as done")
            expect(done[0], "the delivery before a poisoned one was not done")
            expect(done[2], "the delivery after a poisoned one was not done")
            arrived = await ids_at(scene)
            expect(set(arrived) == set(ids([batch[0], batch[2]])), "the target got something else")

    @scenario
    async def test_a_repeat_is_harmless(self) -> None:
        """What comes again, later or from a new process, is done again: the target keeps one, or the same."""
        clock = StandingClock()
        first = self.delivery(1)
        async with self.scene() as scene:
            async with opened(self._made(scene, clock=clock)) as connector:
                await all_done(connector, [first])
                clock.move(_LATER)
                await all_done(connector, [replace(first, attempt=2)])
            async with opened(self._made(scene, clock=clock)) as connector:
                await all_done(connector, [replace(first, attempt=3)])
            kept = set(await scene.target.received())
            expect({arrival.event_id for arrival in kept} == {first.event.id}, "a repeat changed its id")
            expect(len(kept) == 1, "a repeat brought other content under the same id")

    @scenario
    async def test_takes_as_many_calls_at_once_as_it_declares(self) -> None:
        """Calls side by side don't disturb each other."""
        async with self._opened() as (connector, scene):
            deliveries = self._deliveries(min(connector.abilities.concurrency, 8))
            async with anyio.create_task_group() as calls:
                for delivery in deliveries:
                    calls.start_soon(all_done, connector, [delivery])
            expect(sorted(await ids_at(scene)) == sorted(ids(deliveries)), "not every call got through")

    @scenario
    async def test_leaves_what_it_is_handed_as_it_was(self) -> None:
        """An event is not the connector's to change: it comes again, and others are handed it too."""
        async with self._opened() as (connector, _):
            delivery = self.delivery(1)
            before = deepcopy(delivery.event.cloudevent())
            await all_done(connector, [delivery])
            expect(delivery.event.cloudevent() == before, "the event was changed")
