"""From a connector's outcome to what the journal writes about the delivery. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from lucca_sync.connector import RetryPolicy
from lucca_sync.egress.retry import Tried, next_wait
from lucca_sync.egress.route import OnDead
from lucca_sync.journal.protocol import Claim, Settlement
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry

LONGEST_REASON: Final = 500
SHORTEST_PARK: Final = timedelta(seconds=1)
"""A connector that parks until now, or until yesterday, is not asked again within the same instant."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides beside the outcome: the target's policy, and what its route wants when one is given up."""

    policy: RetryPolicy
    on_dead: OnDead = "skip"


def fate(
    claim: Claim, outcome: Outcome, rules: Rules, now: datetime, draw: Callable[[], float]
) -> Settlement:
    """Decide what becomes of a claimed delivery. Raises when the outcome is filled with other types."""
    match outcome:
        case Done(receipt):
            return Settlement(claim.key, claim.attempt, "done", now, plain(receipt))
        case Reject(reason):
            return _dead(claim, plain(reason), rules, now)
        case Park(reason, until):
            due = None if until is None else max(_aware(until), now + SHORTEST_PARK)
            return Settlement(claim.key, claim.attempt, "parked", now, plain(reason), due)
        case Retry():
            return _retried(claim, outcome, rules, now, draw)


def _retried(
    claim: Claim, outcome: Retry, rules: Rules, now: datetime, draw: Callable[[], float]
) -> Settlement:
    reason = plain(outcome.reason) + (" (possibly sent)" if outcome.possibly_sent else "")
    tried = Tried(claim.attempt - claim.earlier, now - claim.journaled)
    if outcome.gone:  # it waits for a person, who resumes the target, and is not to be given up meanwhile
        tried = Tried(tried.times, timedelta(0))
    wait = next_wait(rules.policy, tried, outcome, draw)
    if wait is None:
        return _dead(claim, f"gave up: {reason}", rules, now)
    return Settlement(claim.key, claim.attempt, "retrying", now, reason, now + wait)


def _dead(claim: Claim, reason: str, rules: Rules, now: datetime) -> Settlement:
    return Settlement(claim.key, claim.attempt, "dead", now, reason, hold=rules.on_dead == "hold-subject")


def plain(text: str) -> str:
    """Make a connector's words fit for a log line, a terminal and any store: printable, and not endless."""
    short = text[:LONGEST_REASON]
    if type(short) is str and short.isprintable():  # nearly all are; a subclass could say so of anything
        return short
    return "".join(char if char.isprintable() else " " for char in short)


def _aware(instant: datetime) -> datetime:
    """Take a datetime without a zone as UTC: nothing else is spoken here."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
