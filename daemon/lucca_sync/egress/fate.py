"""From a connector's outcome to what the journal writes about the delivery. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from lucca_sync.connector import RetryPolicy
from lucca_sync.egress.retry import next_attempt
from lucca_sync.journal.protocol import Claim, Settlement
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry

LONGEST_REASON: Final = 500
SHORTEST_PARK: Final = timedelta(seconds=1)
"""A connector that parks until now, or until yesterday, is not asked again within the same instant."""


def fate(
    claim: Claim, outcome: Outcome, policy: RetryPolicy, now: datetime, draw: Callable[[], float]
) -> Settlement:
    """Decide what becomes of a claimed delivery. Raises when the outcome is filled with other types."""
    match outcome:
        case Done(receipt):
            return Settlement(claim.key, claim.attempt, "done", now, plain(receipt))
        case Reject(reason):
            return Settlement(claim.key, claim.attempt, "dead", now, plain(reason))
        case Park(reason, until):
            due = None if until is None else max(_aware(until), now + SHORTEST_PARK)
            return Settlement(claim.key, claim.attempt, "parked", now, plain(reason), due)
        case Retry():
            return _retried(claim, outcome, policy, now, draw)


def _retried(
    claim: Claim, outcome: Retry, policy: RetryPolicy, now: datetime, draw: Callable[[], float]
) -> Settlement:
    reason = plain(outcome.reason) + (" (possibly sent)" if outcome.possibly_sent else "")
    due = next_attempt(policy, claim.attempt, claim.journaled, now, outcome, draw)
    if due is None:
        return Settlement(claim.key, claim.attempt, "dead", now, f"gave up: {reason}")
    return Settlement(claim.key, claim.attempt, "retrying", now, reason, due)


def plain(text: str) -> str:
    """Make a connector's words fit for a log line, a terminal and any store: printable, and not endless."""
    return "".join(char if char.isprintable() else " " for char in text[:LONGEST_REASON])


def _aware(instant: datetime) -> datetime:
    """Take a datetime without a zone as UTC: nothing else is spoken here."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
