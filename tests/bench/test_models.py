"""The models that simulations are held against say what the design says."""

import pytest

from bench.models import Delays, feed, hints, measured, scan


def test_a_scan_of_ten_thousand_employees_and_eight_resources_takes_sixteen_minutes() -> None:
    found = scan(10_000, 8)
    assert found.p50 == 8 * 60
    assert found.p99 == pytest.approx(15.84 * 60)


def test_a_page_that_is_not_full_takes_a_request_too() -> None:
    assert scan(101, 1) == scan(200, 1)


def test_the_feed_leaves_ten_of_fifty_requests_to_what_follows_it_up() -> None:
    assert feed().p50 == 0.75
    assert feed().p99 == pytest.approx(1.485)


def test_a_hint_waits_for_the_next_of_evenly_spaced_requests() -> None:
    assert hints().p50 == 0.6


def test_the_percentiles_are_delays_that_were_measured() -> None:
    assert measured([float(delay) for delay in range(100, 0, -1)]) == Delays(50.0, 99.0, 50.5)
    assert measured([3.0]) == Delays(3.0, 3.0, 3.0)
