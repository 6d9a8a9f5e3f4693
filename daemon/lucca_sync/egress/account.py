"""Gives account of calls: what became of a delivery goes to the journal, the metrics and, if bad, the log."""

from collections.abc import Callable, Sequence
from typing import Final

import anyio

from lucca_sync.egress.fate import fate, plain
from lucca_sync.egress.means import Means
from lucca_sync.egress.settle import Settler
from lucca_sync.egress.standing import Standing
from lucca_sync.egress.target import Target
from lucca_sync.journal.protocol import Claim, Settlement
from lucca_sync.model.outcome import Outcome, Retry

_LABELS: Final = {"done": "done", "retrying": "retry", "parked": "parked", "dead": "dead"}


class Account:
    """What one target did."""

    def __init__(self, target: Target, means: Means, settler: Settler, settled: Callable[[], None]) -> None:
        self._target = target
        self._means = means
        self._settler = settler
        self._settled = settled
        self._standing = Standing()

    def called(self, outcomes: Sequence[Outcome], seconds: float) -> None:
        """Note one call: how long it took and whether it got anything through."""
        self._means.metrics.attempt_seconds.labels(self._target.name).observe(seconds)
        failures = [outcome for outcome in outcomes if isinstance(outcome, Retry)]
        if len(failures) < len(outcomes):
            if self._standing.worked(anyio.current_time()):
                self._means.log.info("connector_recovered", connector=self._target.name)
        elif self._standing.failed(anyio.current_time()):
            self._means.log.warning(
                "connector_failing", connector=self._target.name, reason=plain(failures[0].reason)
            )

    def settle(self, claim: Claim, outcome: Outcome) -> None:
        """Have it written what became of one delivery, and tell."""
        settlement = self._judged(claim, outcome)
        metrics = self._means.metrics
        metrics.delivery_outcomes.labels(*claim.lane, _LABELS[settlement.state]).inc()
        if settlement.state == "done":
            metrics.delivery_lag.labels(*claim.lane).observe(
                (settlement.at - claim.journaled).total_seconds()
            )
        if settlement.state == "dead":
            self._mourn(claim, settlement)
        self._settler.put(settlement, self._settled)

    def _judged(self, claim: Claim, outcome: Outcome) -> Settlement:
        now, draw = self._means.clock.now(), self._means.random.random
        try:
            return fate(claim, outcome, self._target.retry, now, draw)
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            odd = Retry(f"the connector filled its outcome wrongly: {type(error).__name__}")
            return fate(claim, odd, self._target.retry, now, draw)

    def _mourn(self, claim: Claim, settlement: Settlement) -> None:
        self._means.log.warning(
            "delivery_dead",
            event_id=claim.event.id,
            route=claim.lane.route,
            connector=claim.lane.connector,
            attempt=claim.attempt,
            reason=settlement.reason,
        )
