"""Reading half-days as the legacy API writes them, in all its spellings."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.ingest.halves import HalfDay, plain_duration, read_half_day, read_half_days, timespan, valid
from lucca_sync.model.values import Json, JsonObject
from tests.ingest.absences import half_day


def read(row: JsonObject) -> HalfDay | None:
    return read_half_day(msgspec.Raw(msgspec.json.encode(row)))


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("12:00:00", "PT12H"),
        ("1.00:00:00", "PT24H"),
        ("24:00:00", "PT24H"),
        ("03:30:00", "PT3H30M"),
        ("00:00:45.1234567", "PT45S"),
        ("00:00:00", "PT0S"),
        ("-1.06:00:00", "-PT30H"),
        ("half a day", "half a day"),
        ("9" * 30 + ".00:00:00", "9" * 30 + ".00:00:00"),
        (7.5, 7.5),
        (None, None),
    ],
)
def test_a_timespan_may_carry_days(written: Json, plain: Json) -> None:
    """Trap 19: durations compared as text; 1.00:00:00 is a day, not an hour."""
    assert plain_duration(written) == plain


@given(st.integers(0, 10**8))
def test_every_timespan_is_read_as_long_as_it_is(seconds: int) -> None:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    written = f"{f'{days}.' if days else ''}{hours:02}:{minutes:02}:{rest:02}"
    assert timespan(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize("spelling", ["isAm", "isAM", "IsAm"])
def test_which_half_it_is_may_be_spelt_in_several_ways(spelling: str) -> None:
    row = half_day(1, "2026-03-02", "PM")
    half = read({**{name: value for name, value in row.items() if name != "isAm"}, spelling: False})
    assert half is not None
    assert (half.place, half.content["isAm"], half.id) == ("2026-03-02-PM", False, "7-20260302-PM-1")
    assert len([name for name in half.content if name.casefold() == "isam"]) == 1


def test_a_row_without_it_tells_its_half_by_its_id() -> None:
    row = half_day(1, "2026-03-02", "PM")
    del row["isAm"]
    half = read(row)
    assert half is not None
    assert half.place == "2026-03-02-PM"


@pytest.mark.parametrize(
    "changed",
    [
        {"leavePeriod": {"owner": {"id": 7}}},
        {"leaveAccountId": None},
        {"leavePeriodId": None},
        {"name": "1-20260302-AM", "url": "x"},
    ],
)
def test_who_and_what_it_is_about_is_found_wherever_it_stands(changed: JsonObject) -> None:
    half = read({**half_day(1, "2026-03-02"), **changed})
    assert half is not None
    assert (half.id, half.period) == ("7-20260302-AM-1", "1")
    assert not {"name", "url"} & half.content.keys()


@pytest.mark.parametrize(
    "changed",
    [
        {"leavePeriod": None},
        {"leaveAccountId": None, "leaveAccount": None},
        {"date": None},
        {"date": "02/03/2026"},
        {"isAm": None, "id": "x"},
    ],
)
def test_a_row_that_is_nobodys_or_of_no_time_is_counted(changed: JsonObject) -> None:
    """Trap 53: what cannot be read is put aside and costs no other row."""
    rows = [half_day(1, "2026-03-02"), {**half_day(2, "2026-03-03"), **changed}]
    found = read_half_days([*(msgspec.Raw(msgspec.json.encode(row)) for row in rows), msgspec.Raw(b"3")])
    assert (len(found.all), found.unidentified) == (1, 2)


def test_of_several_rows_for_one_half_day_the_active_one_counts_else_the_newest() -> None:
    early, late = "2026-01-01T08:00:00Z", "2026-01-01T09:30:00+01:00"
    rows = [
        half_day(1, "2026-03-02", creationDate=late, isActive=False),
        half_day(2, "2026-03-02", creationDate=early),
        half_day(3, "2026-03-02", "PM", creationDate=early, isActive=False),
        half_day(4, "2026-03-02", "PM", creationDate=late, isActive=False),
        half_day(5, "2026-03-03", creationDate=None, isActive=False),
        half_day(10, "2026-03-03", creationDate=None, isActive=False),
    ]
    for order in (rows, rows[::-1]):
        halves = valid(half for row in order if (half := read(row)))
        assert sorted(half.period for half in halves) == ["10", "2", "4"]
