"""Trouble with the target: it refuses, is gone, breaks off, never answers, and the call is cancelled."""

from typing import Final

import anyio
from anyio.lowlevel import checkpoint

from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry
from lucca_sync.testing.connectors.calls import held
from lucca_sync.testing.connectors.scenario import expect, scenario
from lucca_sync.testing.connectors.scene import Mood
from lucca_sync.testing.connectors.suite import Suite, all_done, ids, ids_at, outcomes_of

_TURNS: Final = 12


class Trouble(Suite):
    """Whatever the target does is an outcome, and passes."""

    @scenario
    async def test_a_target_that_refuses_is_an_outcome_and_passes(self) -> None:
        """A refusal is answered with reasons, not raised; afterwards things get through again."""
        await self._gets_over("refusing")

    @scenario
    async def test_a_target_that_is_gone_is_an_outcome_and_passes(self) -> None:
        """So is a target that is not there."""
        await self._gets_over("gone")

    @scenario
    async def test_an_answer_that_is_lost_is_possibly_sent(self) -> None:
        """The target has it and the line breaks: only `Retry` that says so, or a connector that finds out."""
        self._needs("cut")
        async with self._opened() as (connector, scene):
            await scene.target.become("cut")
            (outcome,) = await outcomes_of(connector, [self.delivery(1)])
            expect(isinstance(outcome, Done) or _possibly(outcome), f"{outcome!r} to a lost answer")
            await scene.target.become("healthy")
            await all_done(connector, [self.delivery(1)])

    @scenario
    async def test_a_time_out_is_possibly_sent(self) -> None:
        """A target that never answers: a time limit of the connector's own is answered in these words.

        A connector without one is cancelled at its declared limit, and the daemon says it.
        """
        self._needs("slow")
        async with self._opened() as (connector, scene):
            async with held(connector, [[self.delivery(1)]], scene.target) as calls:
                await calls.time_out()
            expect(calls.obedient, "the call went on past its time limit, though it was cancelled")
            for outcome in calls.outcomes:
                expect(_possibly(outcome), f"{outcome!r} to a target that never answered")
            await scene.target.become("healthy")
            await all_done(connector, [self.delivery(1)])

    @scenario
    async def test_a_call_may_be_cancelled_at_any_await(self) -> None:
        """A cancelled call leaves the connector usable, wherever it was cut."""
        async with self._opened() as (connector, scene):
            deliveries = self._deliveries(_TURNS)
            for turns, delivery in enumerate(deliveries):
                async with anyio.create_task_group() as call:
                    call.start_soon(connector.deliver, [delivery])
                    for _ in range(turns):
                        await checkpoint()
                    call.cancel_scope.cancel()
            for delivery in deliveries:
                await all_done(connector, [delivery])
            expect(set(await ids_at(scene)) == set(ids(deliveries)), "something never arrived")

    @scenario
    async def test_a_call_may_be_cancelled_while_the_target_is_slow(self) -> None:
        """A call that waits for its target ends when it is cancelled, and the next one gets through."""
        self._needs("slow")
        async with self._opened() as (connector, scene):
            async with held(connector, [[self.delivery(1)]], scene.target) as calls:
                pass
            expect(calls.obedient, "a cancelled call went on as long as its target was slow")
            await scene.target.become("healthy")
            await all_done(connector, [self.delivery(1)])

    @scenario
    async def test_closes_while_the_target_is_slow(self) -> None:
        """After a call was cut short, closing doesn't wait for the target either."""
        self._needs("slow")
        async with self.scene() as scene:
            connector = self._made(scene)
            await connector.open()
            async with held(connector, [[self.delivery(1)]], scene.target):
                pass
            await connector.close()

    async def _gets_over(self, mood: Mood) -> None:
        self._needs(mood)
        async with self._opened() as (connector, scene):
            await scene.target.become(mood)
            for outcome in await outcomes_of(
                connector, self._deliveries(min(connector.abilities.max_batch, 2))
            ):
                expect(isinstance(outcome, Retry | Reject | Park), f"{outcome!r} by a target that is {mood}")
                expect(bool(getattr(outcome, "reason", "")), "an outcome must say why")
            await scene.target.become("healthy")
            await all_done(connector, [self.delivery(9)])


def _possibly(outcome: Outcome) -> bool:
    return isinstance(outcome, Retry) and outcome.possibly_sent
