"""Impossible dates are counted, whatever surrounds them, and possible ones are not."""

from datetime import date

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from lucca_sync.ingest.dates import impossible_dates

_SHAPED = st.tuples(
    st.integers(0, 9999) | st.just(0),
    st.integers(0, 99),
    st.integers(0, 99),
    st.sampled_from(["", "T08:30:00Z"]),
)


def exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@given(st.lists(_SHAPED, max_size=6))
@example([(0, 1, 1, "")])
@example([(0, 4, 31, "T08:30:00Z"), (0, 13, 1, "")])
def test_exactly_the_dates_that_do_not_exist_are_counted(shaped: list[tuple[int, int, int, str]]) -> None:
    record = {
        str(place): f"{year:04}-{month:02}-{day:02}{rest}"
        for place, (year, month, day, rest) in enumerate(shaped)
    }
    expected = sum(not exists(year, month, day) for year, month, day, _ in shaped)
    assert impossible_dates(msgspec.json.encode(record)) == expected


def test_numbers_and_words_with_dashes_are_no_dates() -> None:
    record = {"a": "12-2026-04-31", "b": "ab-31", "c": "2026-04-311", "d": "phone 06-31", "e": -31}
    assert impossible_dates(msgspec.json.encode(record)) == 0
