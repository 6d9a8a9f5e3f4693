"""Trouble with the target: it refuses, is gone, breaks off, never answers, and the call is cancelled."""

from collections.abc import Sequence
from typing import Any, Final

import anyio
from anyio.lowlevel import checkpoint

from lucca_sync.connector import Connector
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry
from lucca_sync.testing.connectors.scenario import expect, leap, scenario
from lucca_sync.testing.connectors.scene import Mood, Target
from lucca_sync.testing.connectors.suite import Suite, all_done, ids, ids_at, outcomes_of

_TURNS: Final = 12
_STEPS: Final = 20


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
            await scene.target.become("slow")
            call = _Call(connector, [self.delivery(1)])
            async with anyio.create_task_group() as calls:
                calls.start_soon(call.run)
                await scene.target.holding()
                await call.times_out()
            for outcome in call.outcomes:
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
            await scene.target.become("slow")
            await _cancelled_while_held(connector, self.delivery(1), scene.target)
            await scene.target.become("healthy")
            await all_done(connector, [self.delivery(1)])

    @scenario
    async def test_closes_while_the_target_is_slow(self) -> None:
        """After a call was cut short, closing doesn't wait for the target either."""
        self._needs("slow")
        async with self.scene() as scene:
            connector = self._made(scene)
            await connector.open()
            await scene.target.become("slow")
            await _cancelled_while_held(connector, self.delivery(1), scene.target)
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


class _Call:
    """A call of `deliver` as the daemon makes it: cancelled at the declared time limit."""

    def __init__(self, connector: Connector[Any], batch: Sequence[Delivery]) -> None:
        self.outcomes: Sequence[Outcome] = ()
        self._connector = connector
        self._batch = batch
        self._limit = connector.abilities.time_limit.total_seconds()
        self._ended = False

    async def run(self) -> None:
        with anyio.move_on_after(self._limit):
            self.outcomes = await outcomes_of(self._connector, self._batch)
        self._ended = True

    async def times_out(self) -> None:
        """Let time pass until the call ends; in steps, so that the connector's own limit comes first."""
        for _ in range(2 * _STEPS):
            if self._ended:
                return
            await leap(self._limit / _STEPS)
        expect(self._ended, "the call went on past its time limit, though it was cancelled")


async def _cancelled_while_held(connector: Connector[Any], delivery: Delivery, target: Target) -> None:
    async with anyio.create_task_group() as call:
        call.start_soon(connector.deliver, [delivery])
        await target.holding()
        call.cancel_scope.cancel()


def _possibly(outcome: Outcome) -> bool:
    return isinstance(outcome, Retry) and outcome.possibly_sent
