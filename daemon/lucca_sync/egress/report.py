"""Tells how the lanes stand: gauges now and then, and once what nobody will take up."""

from collections.abc import Collection, Mapping
from typing import Final

from lucca_sync.egress.means import Means, Stop
from lucca_sync.journal.protocol import LaneStatus, StoreError
from lucca_sync.model.delivery import OPEN_STATES, Lane
from lucca_sync.obs.metrics import DELIVERY_STATES

EVERY: Final = 10.0


class Reporter:
    """Fills the gauges of the configured lanes from the journal."""

    name: Final = "egress:report"

    def __init__(self, lanes: Collection[Lane], means: Means, stop: Stop) -> None:
        self._lanes = lanes
        self._means = means
        self._stop = stop
        self._told = False

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
        for lane in self._lanes:  # without a pause in between: nobody may see a zero that isn't true
            self._means.metrics.initialise_lane(*lane)
            self._fill(lane, standing.get(lane))
        if not self._told:
            self._told = True
            self._tell_unclaimed(standing)

    def _fill(self, lane: Lane, status: LaneStatus | None) -> None:
        for state in DELIVERY_STATES:
            count = status.counts.get(state, 0) if status else 0
            self._means.metrics.deliveries.labels(*lane, state).set(count)
        oldest = status.oldest.timestamp() if status and status.oldest else 0
        self._means.metrics.delivery_oldest.labels(*lane).set(oldest)

    def _tell_unclaimed(self, standing: Mapping[Lane, LaneStatus]) -> None:
        """Say which deliveries wait for a route or connector that the settings no longer name."""
        for lane, status in sorted(standing.items()):
            waiting = sum(status.counts.get(state, 0) for state in OPEN_STATES)
            if waiting and lane not in self._lanes:
                self._means.log.warning(
                    "lane_not_configured", route=lane.route, connector=lane.connector, deliveries=waiting
                )
