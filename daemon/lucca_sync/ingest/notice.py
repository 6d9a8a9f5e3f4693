"""How a brake makes itself heard: gauges for what it holds, a log line when that begins, ends or is decided.

Never a value of a record: counts, the reason, and the command that tells more.
"""

from dataclasses import dataclass
from typing import Final

import structlog

from lucca_sync.ingest.guard import REASONS
from lucca_sync.ingest.held import Held
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.model.event import KINDS

_LOG: Final = structlog.get_logger("lucca_sync.ingest")


@dataclass(frozen=True, slots=True)
class Notice:
    """Speaks for the brake of one resource."""

    lookout: Lookout
    watched: Watched

    def show(self, held: Held | None) -> None:
        """Set the gauges. What a person rejected is no longer an alarm."""
        metrics, name = self.lookout.metrics, self.watched.name
        rejected = held is not None and held.verdict == "reject"
        for kind in KINDS:
            count = held.counts.get(kind, 0) if held else 0
            metrics.brake_held.labels(*name, kind).set(0 if rejected else count)
            metrics.brake_rejected.labels(*name, kind).set(count if rejected else 0)
        for reason in REASONS:
            holding = held is not None and held.reason == reason and not rejected
            metrics.brake_holding.labels(*name, reason).set(int(holding))

    def warn(self, event: str, held: Held) -> None:
        """Say that something is held."""
        tenant, resource = self.watched.name
        _LOG.warning(
            event,
            tenant=tenant,
            resource=resource,
            reason=held.reason,
            counts=held.counts,
            records=held.records,
            advice=f"lucca-sync brake show {tenant}/{resource}",
        )

    def say(self, event: str, **more: str) -> None:
        """Say that something was released or decided."""
        _LOG.info(event, **self.watched.name._asdict(), **more)
