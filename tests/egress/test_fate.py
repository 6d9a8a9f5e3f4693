"""What becomes of a delivery after each outcome."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from lucca_sync.connector import RetryPolicy
from lucca_sync.egress.fate import Rules, fate
from lucca_sync.journal.protocol import Settlement
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry
from tests.egress.events import NOW, claim

POLICY = RetryPolicy(schedule=(timedelta(seconds=10),), max_age=timedelta(hours=1))
HOUR = timedelta(hours=1)


def settled(outcome: Outcome, *, age: timedelta = timedelta(0), attempt: int = 2) -> Settlement:
    return fate(claim(attempt=attempt, journaled=NOW - age), outcome, Rules(POLICY), NOW, lambda: 0.0)


def test_what_is_done_keeps_its_receipt() -> None:
    assert settled(Done("msg-1")) == Settlement(1, 2, "done", NOW, "msg-1")


def test_what_is_rejected_is_dead() -> None:
    assert settled(Reject("422")) == Settlement(1, 2, "dead", NOW, "422")


def test_what_is_to_be_retried_waits_by_the_schedule() -> None:
    assert settled(Retry("503")) == Settlement(1, 2, "retrying", NOW, "503", NOW + timedelta(seconds=10))


@pytest.mark.parametrize(("wish", "heeded"), [(HOUR / 6, HOUR / 6), (30 * HOUR, HOUR)])
def test_what_the_target_wishes_is_waited_for_up_to_the_cap(wish: timedelta, heeded: timedelta) -> None:
    policy = RetryPolicy(schedule=(timedelta(seconds=10),), retry_after_cap=HOUR)
    due = fate(claim(journaled=NOW), Retry("429", wish), Rules(policy), NOW, lambda: 0.0).due
    assert due == NOW + heeded + timedelta(seconds=10)


def test_what_may_have_arrived_says_so() -> None:
    assert settled(Retry("no answer", possibly_sent=True)).reason == "no answer (possibly sent)"


def test_what_is_too_old_to_be_retried_is_dead() -> None:
    assert settled(Retry("503"), age=HOUR, attempt=3) == Settlement(1, 3, "dead", NOW, "gave up: 503")


def test_what_waited_long_for_something_else_is_tried_three_times_however_old() -> None:
    assert settled(Retry("503"), age=HOUR).state == "retrying"


def test_what_a_person_had_sent_again_begins_anew() -> None:
    again = replace(claim(attempt=9, journaled=NOW), earlier=8)
    policy = RetryPolicy(schedule=(timedelta(seconds=10), HOUR))
    due = fate(again, Retry("503"), Rules(policy), NOW, lambda: 0.0).due
    assert due == NOW + timedelta(seconds=10)


@pytest.mark.parametrize("outcome", [Reject("422"), Retry("503")])
def test_where_the_route_wants_it_what_was_given_up_holds_its_subject(outcome: Outcome) -> None:
    old = claim(attempt=3, journaled=NOW - HOUR)
    assert fate(old, outcome, Rules(POLICY, "hold-subject"), NOW, lambda: 0.0).hold
    assert not fate(old, outcome, Rules(POLICY), NOW, lambda: 0.0).hold


def test_what_met_a_target_that_is_no_more_waits_however_old_it_is() -> None:
    assert settled(Retry("gone", gone=True), age=100 * HOUR, attempt=9).state == "retrying"


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
