"""Which sights are believed at once, and which are held."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.ingest.guard import (
    CHANGES,
    DELETIONS,
    REASONS,
    Reason,
    Showing,
    deletions_held,
    graver,
    looks_restored,
    nulled_fields,
    outgrown,
    replaced,
    returned,
)
from lucca_sync.obs.metrics import BRAKE_REASONS


@pytest.mark.parametrize(
    ("missing", "records", "held"),
    [
        pytest.param(0, 0, False, id="nothing is missing from nothing"),
        pytest.param(1, 100, False, id="one of many"),
        pytest.param(10, 100, False, id="not more than the count"),
        pytest.param(11, 100, True, id="more than the count and the share"),
        pytest.param(50, 1000, False, id="exactly the share"),
        pytest.param(51, 1000, True, id="beyond the share"),
        pytest.param(3, 3, True, id="a small resource that turns empty"),
        pytest.param(1, 1, True, id="a resource of one record that turns empty"),
    ],
)
def test_deletions_are_held_beyond_count_and_share_or_when_nothing_is_left(
    missing: int, records: int, *, held: bool
) -> None:
    assert deletions_held(missing, records, DELETIONS) is held


@pytest.mark.parametrize(
    ("page", "restored"),
    [
        pytest.param(Showing(100, 100, back=9), False, id="a few stale rows"),
        pytest.param(Showing(100, 100, back=49), False, id="not half of the rows went back"),
        pytest.param(Showing(100, 100, back=50), True, id="half of the rows went back"),
        pytest.param(Showing(12, 12, back=10), True, id="ten of twelve went back"),
        pytest.param(Showing(100, 10, former=100, vanished=90), True, id="nearly all are others"),
        pytest.param(Showing(100, 11, former=100, vanished=90), False, id="not nearly all are new"),
        pytest.param(Showing(100, 10, former=100, vanished=89), False, id="not nearly all vanished"),
        pytest.param(Showing(100, 0), False, id="a page that is new altogether"),
        pytest.param(Showing(4, 0, former=4, vanished=4), False, id="four on the last page are others"),
        pytest.param(Showing(4, 0, former=4, vanished=4, whole=True), True, id="four that were all"),
        pytest.param(Showing(2, 0, former=2, vanished=2, whole=True), True, id="two that were all"),
        pytest.param(Showing(1, 0, former=1, vanished=1, whole=True), False, id="one that was all"),
        pytest.param(Showing(0, 0, former=100, vanished=100), False, id="an empty page"),
    ],
)
def test_a_page_looks_restored_when_most_of_it_is_older_or_other(page: Showing, *, restored: bool) -> None:
    assert looks_restored(page) is restored


@pytest.mark.parametrize(
    ("rows", "page", "fields"),
    [
        pytest.param([{"phone"}] * 10, Showing(10, 10), {"phone"}, id="all of ten"),
        pytest.param([{"phone"}] * 9, Showing(9, 9), set[str](), id="all of nine"),
        pytest.param([{"phone"}] * 90, Showing(100, 100), {"phone"}, id="nine in ten"),
        pytest.param([{"phone"}] * 89, Showing(100, 100), set[str](), id="not nine in ten"),
        pytest.param([{"phone"}] * 10, Showing(10, 10, listed=False), set[str](), id="chosen by who changed"),
        pytest.param([{"a", "b"}] * 9 + [{"b"}], Showing(10, 10), {"b"}, id="only one of two fields"),
    ],
)
def test_a_field_is_lost_by_everybody_when_nearly_all_rows_of_a_list_lose_it(
    rows: list[set[str]], page: Showing, fields: set[str]
) -> None:
    assert nulled_fields(rows, page) == fields


def test_new_records_replace_others_where_nearly_all_and_many_are_missing() -> None:
    assert replaced(90, 100)
    assert not replaced(89, 100)
    assert not replaced(9, 9)


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_what_is_back_to_nine_tenths_has_returned(left: int, held: int) -> None:
    assert returned(left, held) == (left * 10 <= held)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_half_more_than_agreed_is_still_agreed(now: int, agreed: int) -> None:
    assert outgrown(now, agreed) == (now > 1.5 * agreed)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_threshold_trips_beyond_count_and_share_only(concerned: int, records: int) -> None:
    assert CHANGES.trips(concerned, records) == (concerned > 100 and concerned > records / 2)


@given(st.sampled_from(REASONS), st.sampled_from(REASONS))
def test_the_graver_of_two_reasons_does_not_depend_on_their_order(one: Reason, other: Reason) -> None:
    assert graver(one, other) == graver(other, one) in (one, other)
    assert graver(one, "many") == one
    assert graver("restore", one) == "restore"


def test_every_reason_has_its_series() -> None:
    assert BRAKE_REASONS == REASONS
