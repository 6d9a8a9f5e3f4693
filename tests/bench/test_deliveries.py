"""What the measurements of deliveries rest on: the events they use, what they accept, how they count."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bench.added_delay import sync
from bench.added_delay import table as delays
from bench.backlog import Phase, Progress
from bench.changes import LANE, NAME, dealt, edits, fill, first_states
from bench.drain import Round, misplaced, row
from bench.receiver import Arrivals as Taken
from bench.receiver import Conversation
from bench.recovery import table as recoveries
from bench.stage import Arrivals
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.event import Event


def events(subjects: int = 2, times: int = 2) -> list[Event]:
    return [write.event for write in edits(subjects, times, LANE) if write.event is not None]


def test_each_subject_is_edited_in_turn_and_every_event_is_another() -> None:
    made = events(3, 2)
    assert [(event.record_id, event.sequence) for event in made] == [
        ("1", 1),
        ("2", 1),
        ("3", 1),
        ("1", 2),
        ("2", 2),
        ("3", 2),
    ]
    assert len({event.id for event in made}) == 6
    assert [change.path for change in made[0].changes] == ["/familyName"]


def test_transactions_get_as_many_writes_as_asked_for_and_the_last_what_is_left() -> None:
    assert [len(some) for some in dealt(first_states(5), 2)] == [2, 2, 1]


async def test_a_filled_store_holds_every_event_waiting_for_the_webhook(tmp_path: Path) -> None:
    told: list[int] = []
    await fill(tmp_path / "waiting.db", 3, 2, told.append)
    journal = await open_sqlite(tmp_path / "waiting.db")
    try:
        counts = (await journal.lanes())[LANE].counts
        assert counts["pending"] == 6
        assert (await journal.state(NAME)).records == 3
        due = await journal.next_due(LANE)
        assert due is not None
        assert due <= SystemClock().now()
    finally:
        await journal.close()
    assert told[-1] == 6


def test_arrivals_in_order_are_accepted_however_subjects_mix() -> None:
    one, two, one_more, two_more = events()
    assert misplaced(events(), [two.id, two_more.id, one.id, one_more.id]) is None


@pytest.mark.parametrize("arrived", [[2, 0, 1, 3], [0, 1, 2], [0, 1, 2, 3, 3], [0, 1, 1, 2]])
def test_an_arrival_too_early_missing_or_twice_is_found(arrived: list[int]) -> None:
    made = events()
    assert misplaced(made, [made[index].id for index in arrived]) is not None


def test_a_foreign_arrival_in_place_of_another_is_found() -> None:
    made = events()
    assert misplaced(made, [*(event.id for event in made[:3]), "another"]) is not None


def test_the_ratio_is_that_of_pairs_and_not_of_medians() -> None:
    shown = row("near", [Round(90, 100), Round(10, 20), Round(80, 100)])
    assert shown == "| near | 80 | 100 | 80% | 50% | 90% |"


def test_a_rate_is_counted_from_the_first_arrival_to_the_last() -> None:
    assert Arrivals([10.0, 10.1, 10.5], ["a", "b", "c"]).rate == pytest.approx(4)


def test_percentiles_are_told_in_milliseconds() -> None:
    lines = list(delays([number / 1000 for number in range(1, 102)], [0.0005] * 101))
    assert "| response handed over → webhook arrived | 51.0 ms | 91.0 ms | 100.0 ms | 101.0 ms |" in lines


def test_a_sync_leaves_its_bytes_on_the_disk(tmp_path: Path) -> None:
    assert sync(tmp_path / "scrap") > 0
    assert (tmp_path / "scrap").stat().st_size == 4096


def test_the_longest_recovery_is_told_beside_the_median() -> None:
    assert "| start → first webhook | 1.00 s | 3.00 s |" in list(recoveries([1.0, 3.0, 0.5]))


def test_a_phase_tells_first_highest_and_last() -> None:
    assert Phase("it delivers", [70.0, 90.0, 80.0], 1234).line == "| it delivers | 70 | 90 | 80 | 1,234 |"


def test_progress_is_told_once_for_each_hundred_thousand(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(200_000)
    for done in (99_999, 100_000, 150_000, 200_000):
        progress(done)
    assert capsys.readouterr().err.splitlines() == [
        "journaled: 100,000 of 200,000 events",
        "journaled: 200,000 of 200,000 events",
    ]


async def test_the_receiver_takes_what_comes_in_pieces_and_answers_as_it_is_told() -> None:
    taken = Taken()
    server = await asyncio.get_running_loop().create_server(lambda: Conversation(taken), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, aiohttp.ClientSession() as session:
        statuses: list[int] = []
        for event_id, size in (("a", 10), ("b", 300_000)):
            async with session.post(url, data=b"x" * size, headers={"webhook-id": event_id}) as answer:
                statuses.append(answer.status)
        async with session.get(f"{url}/count") as answer:
            assert await answer.text() == "2"
        async with session.put(url, data=b"503"):
            pass
        async with session.post(url, data=b"", headers={"webhook-id": "c"}) as answer:
            statuses.append(answer.status)
        async with session.get(url) as answer:
            told = await answer.json(content_type=None)
    assert statuses == [204, 204, 503]
    assert told["ids"] == ["a", "b", "c"]
    assert told["times"] == sorted(told["times"])
    assert taken.ids == []
