"""Tells how the lanes stand: gauges now and then, and when it changes what nobody will take up."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from lucca_sync.egress.means import Means, Stop
from lucca_sync.journal.protocol import LaneStatus, StoreError
from lucca_sync.model.delivery import OPEN_STATES, Lane
from lucca_sync.obs.metrics import DELIVERY_STATES

EVERY: Final = 10.0


class Reporter:
    """Fills the gauges of the configured lanes from the journal.

    `lanes` and `targets` say which those are at present; to a target there may be no lane.
    """

    name: Final = "egress:report"

    def __init__(
        self,
        lanes: Callable[[], Collection[Lane]],
        targets: Callable[[], Collection[str]],
        means: Means,
        stop: Stop,
    ) -> None:
        self._lanes = lanes
        self._targets = targets
        self._means = means
        self._stop = stop
        self._filled: frozenset[Lane] = frozenset()
        self._unclaimed: frozenset[Lane] = frozenset()

    async def run(self) -> None:
        """Report at once, then at intervals until stopped."""
        while not self._stop.asked:
            self._means.beat(self.name)
            await self._report()
            await self._stop.wait(EVERY)

    async def _report(self) -> None:
        try:
            standing = await self._means.journal.lanes()
        except StoreError as error:
            self._means.store(error)
            return
        present = frozenset(self._lanes())
        for lane in present:  # without a pause in between: nobody may see a zero that isn't true
            self._means.metrics.initialise_lane(*lane)
            self._fill(lane, standing.get(lane))
        self._forget(present)
        self._tell_unclaimed(present, standing)

    def _fill(self, lane: Lane, status: LaneStatus | None) -> None:
        for state in DELIVERY_STATES:
            count = status.counts.get(state, 0) if status else 0
            self._means.metrics.deliveries.labels(*lane, state).set(count)
        oldest = status.oldest.timestamp() if status and status.oldest else 0
        self._means.metrics.delivery_oldest.labels(*lane).set(oldest)

    def _forget(self, present: frozenset[Lane]) -> None:
        """Drop the series of what the settings no longer name; the last calls may have made them anew."""
        self._filled |= present
        metrics = self._means.metrics
        for lane in self._filled - present:
            metrics.forget(route=lane.route, connector=lane.connector)
        for route in {lane.route for lane in self._filled} - {lane.route for lane in present}:
            metrics.forget(route=route)
        for connector in {lane.connector for lane in self._filled} - set(self._targets()):
            metrics.forget(connector=connector)

    def _tell_unclaimed(self, present: frozenset[Lane], standing: Mapping[Lane, LaneStatus]) -> None:
        """Say which deliveries wait for a route or connector that the settings no longer name."""
        waiting = {
            lane: sum(status.counts.get(state, 0) for state in OPEN_STATES)
            for lane, status in standing.items()
            if lane not in present
        }
        self._means.metrics.deliveries_unconfigured.set(sum(waiting.values()))
        unclaimed = frozenset(lane for lane, count in waiting.items() if count)
        for lane in sorted(unclaimed - self._unclaimed):
            self._means.log.warning(
                "lane_not_configured", route=lane.route, connector=lane.connector, deliveries=waiting[lane]
            )
        self._unclaimed = unclaimed
