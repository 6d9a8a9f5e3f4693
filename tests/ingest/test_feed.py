"""The list of events as an eye: what is new on it, in whatever order, with whatever is missing."""

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.ingest.feed import OFF_SECONDS
from lucca_sync.lucca.errors import CursorLost, Refused, ScopeMissing
from tests.ingest.hinting import Company, Ears, company
from tests.ingest.watching import START

pytestmark = pytest.mark.looptime


def ears_of(made: Company) -> Ears:
    return Ears(made, ("employees",))


@pytest.mark.parametrize("newest_first", [True, False])
async def test_what_is_new_on_the_list_becomes_hints_whatever_its_order(*, newest_first: bool) -> None:
    ears = ears_of(company())
    ears.company.newest_first = newest_first
    await ears.baseline()
    for number in range(1, 9):
        ears.company.tell(number)
    await ears.feed.look()
    await ears.worker.once()
    ears.company.put("employees", "2", familyName="Other")
    ears.company.tell(9, record="2")
    ears.company.tell(10, topic="department.updated", record="5")
    await ears.feed.look()
    assert await ears.waiting() == ["9", "10"]
    await ears.worker.once()
    assert await ears.told() == [("employees/2", "updated", "feed")]


@pytest.mark.parametrize("newest_first", [True, False])
async def test_a_look_at_nothing_new_takes_one_request_and_hints_at_nothing(*, newest_first: bool) -> None:
    ears = ears_of(company())
    ears.company.newest_first = newest_first
    for number in range(1, 9):
        ears.company.tell(number)
    await ears.feed.look()
    await ears.journal.drop_hints("acme", [hint.id for hint in await ears.journal.hints("acme", 100)])
    for _ in range(3):
        ears.company.asked.clear()
        await ears.feed.look()
        assert len(ears.company.asked) == 1
        assert await ears.waiting() == []


@pytest.mark.parametrize("newest_first", [True, False])
async def test_after_a_restart_it_goes_on_where_it_was(*, newest_first: bool) -> None:
    """Trap 36: what came while we were away is on the list for two months."""
    ears = ears_of(company())
    ears.company.newest_first = newest_first
    for number in range(1, 9):
        ears.company.tell(number)
    await ears.feed.look()
    await ears.journal.drop_hints("acme", await ears_ids(ears))
    for number in range(9, 20):
        ears.company.tell(number)
    await ears.new_feed().look()
    assert sorted(map(int, await ears.waiting())) == list(range(9, 20))
    assert ears.alarms == 0


async def ears_ids(ears: Ears) -> list[str]:
    return [hint.id for hint in await ears.journal.hints("acme", 100)]


async def test_a_gap_too_long_to_read_makes_the_sweeps_look() -> None:
    ears = ears_of(company())
    ears.company.tell(1)
    await ears.feed.look()
    assert ears.listening.working_since("feed") is not None
    for number in range(2, 100):
        ears.company.tell(number)
    await ears.feed.look()
    assert ears.alarms == 1
    assert len(await ears.waiting()) == 1 + 30
    ears.company.tell(100)
    await ears.feed.look()
    assert ears.alarms == 1


async def test_a_last_page_that_is_lost_makes_the_sweeps_look_and_a_new_start() -> None:
    ears = ears_of(company())
    ears.company.newest_first = False
    for number in range(1, 9):
        ears.company.tell(number)
    await ears.feed.look()
    ears.company.trouble["events"] = [CursorLost("gone")]
    await ears.feed.look()
    assert ears.alarms == 1
    ears.company.tell(9)
    await ears.feed.look()
    assert "9" in await ears.waiting()


@pytest.mark.parametrize("refusal", [ScopeMissing("events.readonly"), Refused(404), Refused(403)])
async def test_where_there_is_no_list_it_is_said_once_and_left_alone(refusal: Exception) -> None:
    """Trap 10: neither a missing scope nor a missing list is asked for again and again."""
    ears = ears_of(company())
    ears.company.trouble["events"] = [refusal] * 3
    with capture_logs() as logs:
        await ears.feed.look()
        assert ears.feed.rest() == OFF_SECONDS
        await ears.feed.look()
        await ears.new_feed().look()
        assert [line["event"] for line in logs] == ["feed_unavailable"]
        assert ears.listening.working_since("feed") is None
        ears.company.tell(1)
        await ears.feed.look()
        assert [line["event"] for line in logs] == ["feed_unavailable", "feed_available"]
    assert ears.feed.rest() == 30.0


async def test_a_list_in_no_order_is_left_alone() -> None:
    ears = ears_of(company())
    for number in (2, 9, 4):
        ears.company.tell(number)
    with capture_logs() as logs:
        await ears.feed.look()
    assert [line["reason"] for line in logs] == ["unordered"]
    assert await ears.waiting() == []


async def test_a_list_that_takes_no_parameters_is_asked_without() -> None:
    ears = ears_of(company())
    feed = ears.new_feed()
    await feed.look()
    ears.company.asked.clear()
    ears.company.tell(1)
    ears.company.trouble["events"] = [Refused(400)]
    await feed.look()
    await feed.look()
    assert ears.company.asked == ["events?", "/lucca-api/events", "/lucca-api/events"]
    assert await ears.waiting() == ["1"]


async def test_what_webhooks_failed_to_bring_is_fetched_at_the_start_and_once() -> None:
    """Trap 36: Lucca gives up after a day; its list of failed deliveries does not."""
    ears = ears_of(company())
    ears.company.failed = [ears.company.tell(number) for number in range(1, 6)]
    ears.company.events = []
    feed = ears.new_feed(every=None)
    await feed.look()
    assert await ears.waiting() == ["1", "2", "3", "4", "5"]
    assert [url.split("?")[1] for url in ears.company.asked] == ["status=failed", "status=failed&page=3"]
    await feed.look()
    assert len(ears.company.asked) == 2


async def test_the_same_event_pushed_and_listed_is_one_hint() -> None:
    """Trap 35."""
    ears = ears_of(company())
    await ears.hear(1, "employee.updated", "1", employee="1")
    ears.company.tell(1)
    await ears.feed.look()
    assert await ears.waiting() == ["1"]


async def test_a_hole_is_refilled_at_once_by_the_feed_or_else_by_the_sweeps() -> None:
    ears = ears_of(company())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ears.feed.run, ears.patience("events"))
        await anyio.sleep(1)
        ears.company.failed = [ears.company.tell(7)]
        ears.feed.repair_now()
        await anyio.sleep(1)
        assert await ears.waiting() == ["7"]
        assert ears.alarms == 0
        ears.company.trouble["events"] = [ScopeMissing("events.readonly")]
        with capture_logs():
            ears.feed.repair_now()
            await anyio.sleep(1)
        assert ears.alarms == 1
        tasks.cancel_scope.cancel()


async def test_since_when_it_works_is_the_start_of_the_first_good_look_after_trouble() -> None:
    ears = ears_of(company())
    await ears.feed.look()
    await anyio.sleep(60)
    await ears.feed.look()
    assert ears.listening.working_since("feed") == START
    ears.company.trouble["events"] = [Refused(404)]
    with capture_logs():
        await ears.feed.look()
    await anyio.sleep(60)
    await ears.feed.look()
    since = ears.listening.working_since("feed")
    assert since is not None
    assert (since - START).total_seconds() == pytest.approx(120)
