"""Gives account of calls: what became of a delivery goes to the journal, the metrics and, if bad, the log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from prometheus_client import Counter, Histogram

from lucca_sync.egress.fate import Rules, fate, plain
from lucca_sync.egress.post import Post
from lucca_sync.egress.route import OnDead
from lucca_sync.egress.standing import Standing
from lucca_sync.journal.protocol import Claim, Settlement
from lucca_sync.model.delivery import Lane
from lucca_sync.model.outcome import Done, Outcome, Retry
from lucca_sync.obs.metrics import Metrics

_LABELS: Final = {"done": "done", "retrying": "retry", "parked": "parked", "dead": "dead"}


@dataclass(frozen=True, slots=True)
class _Ledger:
    """A lane's time series, looked up once, and what is to be told when something was written for it."""

    outcomes: dict[str, Counter]
    lag: Histogram
    possibly_sent: Counter
    settled: Callable[[], None]

    @classmethod
    def of(cls, lane: Lane, metrics: Metrics, settled: Callable[[Lane], None]) -> "_Ledger":
        """Look them up."""
        return cls(
            {state: metrics.delivery_outcomes.labels(*lane, label) for state, label in _LABELS.items()},
            metrics.delivery_lag.labels(*lane),
            metrics.possibly_sent.labels(*lane),
            partial(settled, lane),
        )


class Account:
    """What one target did. `settled` is called with a lane when something of it was written."""

    def __init__(self, post: Post, settled: Callable[[Lane], None]) -> None:
        self._post = post
        self._target = post.target
        self._means = post.means
        self._settler = post.common.settler
        self._settled = settled
        self._standing = Standing()
        self._ledgers: dict[Lane, _Ledger] = {}
        self._routes = post.routes
        self._seconds = post.means.metrics.attempt_seconds.labels(post.target.name)

    def called(self, outcomes: Sequence[Outcome], began: float, ended: float) -> None:
        """Note one call: from when to when, in seconds of the loop, and whether it got anything through."""
        self._seconds.observe(ended - began)
        failures = [outcome for outcome in outcomes if isinstance(outcome, Retry)]
        if len(failures) < len(outcomes):
            if self._standing.worked(ended):
                self._means.log.info("connector_recovered", connector=self._target.name)
        elif self._standing.failed(ended):
            self._means.log.warning(
                "connector_failing", connector=self._target.name, reason=plain(failures[0].reason)
            )

    def settle(self, claim: Claim, outcome: Outcome, on_dead: OnDead = "skip") -> None:
        """Have it written what became of one delivery, and tell."""
        settlement = self._judged(claim, outcome, Rules(self._target.config.retry, on_dead))
        ledger = self._ledger(claim.lane)
        ledger.outcomes[settlement.state].inc()
        if isinstance(outcome, Done):
            ledger.lag.observe((settlement.at - claim.journaled).total_seconds())
        elif isinstance(outcome, Retry) and outcome.possibly_sent:
            ledger.possibly_sent.inc()
        if settlement.state == "dead":
            self._mourn(claim, settlement)
        self._settler.put(settlement, ledger.settled)

    def _ledger(self, lane: Lane) -> _Ledger:
        if self._routes is not self._post.routes:  # what is no more was dropped, and may have come back
            self._routes = self._post.routes
            self._ledgers.clear()
        ledger = self._ledgers.get(lane)
        if ledger is None:
            ledger = self._ledgers[lane] = _Ledger.of(lane, self._means.metrics, self._settled)
        return ledger

    def _judged(self, claim: Claim, outcome: Outcome, rules: Rules) -> Settlement:
        now, draw = self._means.clock.now(), self._means.random.random
        try:
            return fate(claim, outcome, rules, now, draw)
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            odd = Retry(f"the connector filled its outcome wrongly: {type(error).__name__}")
            return fate(claim, odd, rules, now, draw)

    def _mourn(self, claim: Claim, settlement: Settlement) -> None:
        self._means.log.warning(
            "delivery_dead",
            event_id=claim.event.id,
            route=claim.lane.route,
            connector=claim.lane.connector,
            attempt=claim.attempt,
            reason=settlement.reason,
        )
