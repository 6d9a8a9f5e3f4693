"""What an HTTP status means for a delivery."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync import Done, Reject, Retry, outcome_of_status
from lucca_sync.kit.retry_after import FOR_EVER
from lucca_sync.model.answer import wish

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_success_is_done(status: int) -> None:
    assert outcome_of_status(status, None, NOW) == Done(f"HTTP {status}")


@pytest.mark.parametrize("status", [413, 422])
def test_only_an_answer_about_this_event_is_final(status: int) -> None:
    outcome = outcome_of_status(status, "60", NOW)
    assert isinstance(outcome, Reject)
    assert f"HTTP {status}" in outcome.reason


def test_a_target_that_is_gone_for_good_is_gone_for_every_event_so_the_event_waits() -> None:
    outcome = outcome_of_status(410, None, NOW)
    assert isinstance(outcome, Retry)
    assert outcome.gone
    assert "gone for good" in outcome.reason


@pytest.mark.parametrize(
    "status", [301, 302, 307, 400, 401, 403, 404, 405, 408, 409, 415, 425, 451, 500, 501, 599]
)
def test_what_a_person_may_repair_is_tried_again(status: int) -> None:
    outcome = outcome_of_status(status, None, NOW)
    assert isinstance(outcome, Retry)
    assert f"HTTP {status}" in outcome.reason
    assert not outcome.overloaded
    assert not outcome.possibly_sent


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_overloaded_target_is_left_alone_for_longer(status: int) -> None:
    assert outcome_of_status(status, "120", NOW) == Retry(
        reason=getattr(outcome_of_status(status, None, NOW), "reason", ""),
        after=timedelta(seconds=120),
        overloaded=True,
    )


@given(st.integers(100, 999), st.one_of(st.none(), st.text()))
def test_every_answer_has_an_outcome(status: int, retry_after: str | None) -> None:
    outcome = outcome_of_status(status, retry_after, NOW)
    assert isinstance(outcome, Done) == (200 <= status < 300)
    assert f"HTTP {status}" in (outcome.receipt if isinstance(outcome, Done) else outcome.reason)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("0", timedelta(0)),
        (" 30 ", timedelta(seconds=30)),
        ("99999", timedelta(seconds=99999)),
        ("9" * 5000, FOR_EVER),
        ("Mon, 04 May 2026 08:02:00 GMT", timedelta(minutes=2)),
        ("Mon, 04 May 2026 08:02:00 -0000", timedelta(minutes=2)),
        ("Monday, 04-May-26 08:02:00 GMT", timedelta(minutes=2)),
        ("Mon, 04 May 2026 07:00:00 GMT", timedelta(0)),
        ("Mon, 04 May 2099 08:00:00 GMT", datetime(2099, 5, 4, 8, tzinfo=UTC) - NOW),
        ("Mon, 04 May 9099 08:00:00 GMT", FOR_EVER),
    ],
)
def test_a_wish_is_seconds_or_a_date_within_bounds(header: str, expected: timedelta) -> None:
    assert wish(header, NOW) == expected


@pytest.mark.parametrize(
    "header", [None, "", "soon", "-5", "1.5", "²", "٣", "Mon, 99 May 2026 08:02:00 GMT", "\x00"]
)
def test_a_wish_that_cannot_be_read_is_none(header: str | None) -> None:
    assert wish(header, NOW) is None


@given(st.text())
def test_no_header_breaks_the_reading(header: str) -> None:
    asked = wish(header, NOW)
    assert asked is None or timedelta(0) <= asked <= FOR_EVER


@given(st.integers(0, 21_600), st.integers(-12, 14))
def test_a_date_means_the_same_in_every_zone(seconds: int, zone: int) -> None:
    until = (NOW + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=zone)))
    assert wish(format_datetime(until), NOW) == timedelta(seconds=seconds)
