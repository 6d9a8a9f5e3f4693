"""What becomes of a delivery after each outcome."""

from datetime import datetime, timedelta, timezone

import pytest

from lucca_sync.connector import RetryPolicy
from lucca_sync.egress.fate import fate
from lucca_sync.journal.protocol import Settlement
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry
from tests.egress.events import NOW, claim

POLICY = RetryPolicy(schedule=(timedelta(seconds=10),), max_age=timedelta(hours=1))
HOUR = timedelta(hours=1)


def settled(outcome: Outcome, *, age: timedelta = timedelta(0)) -> Settlement:
    return fate(claim(attempt=2, journaled=NOW - age), outcome, POLICY, NOW, lambda: 0.0)


def test_what_is_done_keeps_its_receipt() -> None:
    assert settled(Done("msg-1")) == Settlement(1, 2, "done", NOW, "msg-1")


def test_what_is_rejected_is_dead() -> None:
    assert settled(Reject("410 Gone")) == Settlement(1, 2, "dead", NOW, "410 Gone")


def test_what_is_to_be_retried_waits_by_the_schedule() -> None:
    assert settled(Retry("503")) == Settlement(1, 2, "retrying", NOW, "503", NOW + timedelta(seconds=10))


def test_what_may_have_arrived_says_so() -> None:
    assert settled(Retry("no answer", possibly_sent=True)).reason == "no answer (possibly sent)"


def test_what_is_too_old_to_be_retried_is_dead() -> None:
    assert settled(Retry("503"), age=HOUR) == Settlement(1, 2, "dead", NOW, "gave up: 503")


def test_what_is_parked_waits_for_its_time_or_for_a_person() -> None:
    assert settled(Park("no number", NOW + HOUR)) == Settlement(1, 2, "parked", NOW, "no number", NOW + HOUR)
    assert settled(Park("no number")) == Settlement(1, 2, "parked", NOW, "no number", None)


def test_parking_until_the_past_does_not_spin() -> None:
    due = settled(Park("no number", NOW - HOUR)).due
    assert due is not None
    assert due > NOW


@pytest.mark.parametrize(
    "until",
    [
        (NOW + HOUR).replace(tzinfo=None),
        (NOW + HOUR).astimezone(timezone(timedelta(hours=9))),
    ],
)
def test_a_time_in_another_zone_or_in_none_becomes_utc(until: datetime) -> None:
    due = settled(Park("", until)).due
    assert due is not None
    assert due == NOW + HOUR
    assert due.utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["a\x1b[31m\nb", "a\x00b", "a\ud800b", "x" * 100_000])
def test_a_reason_is_fit_for_any_log_and_store(text: str) -> None:
    reason = settled(Reject(text)).reason
    assert reason.isprintable()
    assert 0 < len(reason.encode()) <= 500
