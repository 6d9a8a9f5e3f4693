"""Fifty requests in any sixty seconds, whoever asks and whatever the answer; then 429."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.simulator import SimulatorOptions
from lucca_sync.simulator.server.limit import RequestLimit, retry_after
from tests.simulator.visitor import NOON, HandClock, visiting


async def test_the_fifty_first_request_within_a_minute_is_refused_until_there_is_room() -> None:
    clock = HandClock()
    async with visiting(SimulatorOptions(), clock) as visitor:
        assert [(await visitor.get("departments")).status for _ in range(50)] == [200] * 50
        clock.move(seconds=20)
        refused = await visitor.get("departments")
        assert (refused.status, refused.headers["Retry-After"]) == (429, "40")
        clock.move(seconds=39)
        assert (await visitor.get("departments")).status == 429
        clock.move(seconds=1)
        assert (await visitor.get("departments")).status == 200


async def test_answers_without_content_and_refusals_count_like_any_other() -> None:
    async with visiting(SimulatorOptions(requests_per_minute=4)) as visitor:
        etag = (await visitor.get("employees")).headers["ETag"]
        assert (await visitor.get("employees", If_None_Match=etag)).status == 304
        assert (await visitor.get("employees/999")).status == 404
        assert (await visitor.get("employees", Authorization="")).status == 401
        assert (await visitor.get("employees")).status == 429


async def test_the_token_endpoint_and_the_control_api_do_not_count() -> None:
    async with visiting(SimulatorOptions(requests_per_minute=1)) as visitor:
        for _ in range(5):
            assert (await visitor.sign_in()).status == 200
            assert (await visitor.control("GET", "records/employees/1")).status == 200
        assert (await visitor.get("employees")).status == 200
        assert (await visitor.get("employees")).status == 429


async def test_the_delay_can_be_named_as_a_date() -> None:
    clock = HandClock()
    async with visiting(SimulatorOptions(requests_per_minute=1, retry_after="date"), clock) as visitor:
        await visitor.get("employees")
        clock.move(milliseconds=500)
        header = (await visitor.get("employees")).headers["Retry-After"]
        assert parsedate_to_datetime(header) == NOON + timedelta(seconds=60)


@given(gaps=st.lists(st.floats(0, 30), max_size=60), limit=st.integers(1, 7))
def test_no_sixty_seconds_ever_hold_more_than_the_limit_and_the_delay_named_is_enough(
    gaps: list[float], limit: int
) -> None:
    clock = HandClock()
    window = RequestLimit(clock, limit)
    admitted: list[datetime] = []
    for gap in gaps:
        clock.move(seconds=gap)
        wait = window.admit()
        if wait is not None:
            assert 0 < wait <= 60
            clock.move(seconds=int(retry_after(wait, clock.now(), "seconds")))
            assert window.admit() is None
        admitted.append(clock.now())
    for place, moment in enumerate(admitted[limit:]):
        assert moment - admitted[place] >= timedelta(seconds=60)


@given(st.floats(0.001, 4000), st.integers(0, 999_999))
def test_a_date_is_never_earlier_than_the_delay(seconds: float, microsecond: int) -> None:
    now = datetime(2026, 11, 22, 12, 0, 0, microsecond, tzinfo=UTC)
    named = parsedate_to_datetime(retry_after(seconds, now, "date"))
    assert timedelta() <= named - (now + timedelta(seconds=seconds)) < timedelta(seconds=1.001)
