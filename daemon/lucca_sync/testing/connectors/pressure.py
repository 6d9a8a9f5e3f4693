"""Back-pressure: who can't take more is waited for. The daemon's journal is the only queue there is."""

import gc
from typing import Final

from lucca_sync.model.delivery import Delivery
from lucca_sync.model.event import Event
from lucca_sync.model.outcome import Done
from lucca_sync.testing.connectors.calls import held
from lucca_sync.testing.connectors.scenario import a_while, expect, scenario
from lucca_sync.testing.connectors.suite import Suite, ids, outcomes_of

_CALLS: Final = 32
_MANY: Final = 24


class Pressure(Suite):
    """Nothing is taken on before it can be done, and nothing is kept."""

    @scenario
    async def test_answers_no_sooner_than_its_target(self) -> None:
        """Nothing is answered as done while the target still holds it back: a crash would lose it."""
        self._needs("slow")
        async with self._opened() as (connector, scene):
            async with held(connector, [[self.delivery(1)]], scene.target) as calls:
                await a_while()
                early = [outcome for outcome in calls.outcomes if isinstance(outcome, Done)]
            await scene.target.become("healthy")
            expect(not early, "answered as done before the target had it")

    @scenario
    async def test_asks_no_more_of_its_target_at_once_than_it_declares(self) -> None:
        """However many deliveries stand in its calls: requests side by side are at most `concurrency`."""
        self._needs("slow")
        async with self._opened() as (connector, scene):
            allowed = connector.abilities.concurrency
            size = min(connector.abilities.max_batch, 3)
            many = self._deliveries(min(allowed, _CALLS) * size)
            batches = [many[start : start + size] for start in range(0, len(many), size)]
            async with held(connector, batches, scene.target):
                await a_while()
                at_once = await scene.target.holding()
            await scene.target.become("healthy")
            expect(at_once <= allowed, f"{at_once} requests at once, where concurrency is {allowed}")

    @scenario
    async def test_keeps_nothing_it_was_handed(self) -> None:
        """Whatever was answered is let go of: what is to come again, the daemon brings again."""
        async with self._opened() as (connector, scene):
            for mood in sorted(self.moods & {"healthy", "refusing"}):
                await scene.target.become(mood)
                for number in range(_MANY):
                    await outcomes_of(connector, [self.delivery(number)])
            await a_while()
            kept = len(_alive() & set(ids(self._deliveries(_MANY))))
            expect(kept < _MANY // 2, f"{kept} of {_MANY} deliveries were kept after they had been answered")


def _alive() -> set[str]:
    """Return the ids of all events that somebody still holds on to."""
    gc.collect()
    held = [one for one in gc.get_objects() if isinstance(one, Delivery | Event)]
    return {one.event.id if isinstance(one, Delivery) else one.id for one in held}
