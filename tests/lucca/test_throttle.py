"""Retry-After, in whatever form, becomes a bounded pause."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.lucca.throttle import LONGEST, SHORTEST, WHOLE_WINDOW, pause_after, pause_asked

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 1),
        ("901", 900),
        ("9" * 400, 900),
        ("Mon, 02 Mar 2026 08:00:45 GMT", 45),
        ("Mon, 02 Mar 2026 09:00:45 +0100", 45),
        ("Mon, 02 Mar 2026 08:00:45", 45),
        ("Mon, 02 Mar 2026 07:59:00 GMT", 1),
        ("Mon, 02 Mar 2026 10:00:00 GMT", 900),
        (None, 60),
        ("", 60),
        ("soon", 60),
        ("-5", 60),
        ("1.5", 60),
        ("٣", 60),
        ("Mon, 02 Mar 99999999999999999999 08:00:45 GMT", 60),
        ("Mon, 02 Mar 2026 08:00:45 +99999999999999999999", 60),
    ],
)
def test_both_forms_are_read_and_bounded(retry_after: str | None, seconds: float) -> None:
    assert pause_asked(retry_after, NOW) == timedelta(seconds=seconds)


def test_after_a_429_nothing_is_sent_again_inside_the_same_minute() -> None:
    assert pause_after("7", NOW) == WHOLE_WINDOW
    assert pause_after("7", NOW, since_sent=timedelta(seconds=4)) == timedelta(seconds=56)
    assert pause_after("70", NOW, since_sent=timedelta(seconds=4)) == timedelta(seconds=70)
    assert pause_after("7", NOW, since_sent=timedelta(minutes=2)) == timedelta(seconds=7)


@given(st.one_of(st.text(), st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ \S*")))
def test_no_text_breaks_it(retry_after: str) -> None:
    assert SHORTEST <= pause_asked(retry_after, NOW) <= LONGEST
    assert WHOLE_WINDOW <= pause_after(retry_after, NOW) <= LONGEST
