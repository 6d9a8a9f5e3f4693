"""Windows that come back weekly, over midnight and over the changes to and from summer time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.kit.windows import DAYS, Day, Weekly, standing

PARIS = ZoneInfo("Europe/Paris")


def window(begins: str, until: str, *days: Day, zone: str = "Europe/Paris") -> Weekly:
    return Weekly(
        frozenset(days or DAYS), time.fromisoformat(begins), time.fromisoformat(until), ZoneInfo(zone)
    )


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "inside"),
    [
        ("2026-05-02T21:59:59", False),
        ("2026-05-02T22:00:00", True),
        ("2026-05-03T05:59:59", True),
        ("2026-05-03T06:00:00", False),
        ("2026-05-03T22:30:00", False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins(now: str, *, inside: bool) -> None:
    assert standing([window("22:00", "06:00", "sat")], local(now)).inside == inside


def test_it_tells_when_it_ends_and_when_the_next_one_begins() -> None:
    saturdays = [window("22:00", "06:00", "sat")]
    assert standing(saturdays, local("2026-05-02T23:00:00")).until == local("2026-05-03T06:00:00")
    assert standing(saturdays, local("2026-05-03T06:00:00")).until == local("2026-05-09T22:00:00")


def test_windows_that_touch_or_overlap_are_one() -> None:
    windows = [window("20:00", "22:00"), window("21:00", "23:00"), window("23:00", "23:30")]
    assert standing(windows, local("2026-05-04T20:30:00")).until == local("2026-05-04T23:30:00")


def test_the_same_time_twice_is_a_whole_day() -> None:
    assert standing([window("12:00", "12:00", "mon")], local("2026-05-05T11:59:59")).inside


def test_a_night_that_is_an_hour_shorter_or_longer_ends_by_the_clock_on_the_wall() -> None:
    night = [window("01:00", "04:00")]
    spring = standing(night, local("2026-03-29T01:00:00"))
    assert spring.until - local("2026-03-29T01:00:00") == timedelta(hours=2)
    autumn = standing(night, local("2026-10-25T01:00:00"))
    assert autumn.until - local("2026-10-25T01:00:00") == timedelta(hours=4)


def test_a_time_that_is_skipped_is_the_moment_of_the_jump() -> None:
    jump = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    gap = [window("02:30", "04:00")]
    assert not standing(gap, jump - timedelta(seconds=1)).inside
    assert standing(gap, jump + timedelta(minutes=30)).inside


@pytest.mark.parametrize("instant", ["00:15", "01:00", "01:20"])  # 02:15 of summer, 02:00 and 02:20 of winter
def test_a_time_that_the_clock_shows_twice_is_waited_out_to_its_last(instant: str) -> None:
    twice = [window("02:10", "02:30")]
    assert standing(twice, datetime.fromisoformat(f"2026-10-25T{instant}:00+00:00")).inside


times = st.times().map(lambda one: one.replace(second=0, microsecond=0, tzinfo=None))
windows = st.builds(
    Weekly,
    st.frozensets(st.sampled_from(DAYS), min_size=1),
    times,
    times,
    st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]).map(ZoneInfo),
)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - a bound


@given(st.lists(windows, min_size=1, max_size=3), instants)
def test_what_is_told_holds_until_then_and_no_longer(some: list[Weekly], now: datetime) -> None:
    told = standing(some, now)
    assert told.until > now
    middle = now + (told.until - now) / 2
    assert standing(some, middle).inside == told.inside
    if told.until - now < timedelta(days=7):
        assert standing(some, told.until).inside != told.inside


@given(windows, instants)
def test_every_window_is_met_within_nine_days(one: Weekly, now: datetime) -> None:
    met, at = False, now
    while at < now + timedelta(days=9) and not met:
        told = standing([one], at)
        met, at = told.inside, told.until
    assert met
