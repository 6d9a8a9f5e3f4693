"""Turns are handed out within the share, in order, and over restarts. Time is virtual throughout."""

import asyncio
import json
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta

import anyio
import pytest

from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.budget import LARGEST_BLOCK, Budget, Purpose
from tests.lucca.notes import MemoryNotes

pytestmark = pytest.mark.looptime

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class SetClock:
    """A wall clock that somebody can set while the loop's time goes on."""

    def __init__(self) -> None:
        self._clock = LoopClock(START)
        self.moved = timedelta()

    def now(self) -> datetime:
        return self._clock.now() + self.moved


@pytest.fixture
def notes() -> MemoryNotes:
    return MemoryNotes()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def budget(notes: MemoryNotes, clock: SetClock) -> Budget:
    return Budget(30, notes, "budget/acme", clock)


def reborn(budget: Budget, notes: MemoryNotes, clock: SetClock, rate: float = 30) -> Budget:
    """The budget of the next process, after the first one was killed."""
    del budget
    return Budget(rate, notes, "budget/acme", clock)


async def spend(budget: Budget, count: int, purpose: Purpose = "confirm") -> None:
    for _ in range(count):
        await budget.take(purpose)


async def elapsed(work: Coroutine[None, None, None]) -> float:
    began = anyio.current_time()
    await work
    return anyio.current_time() - began


async def line_up(budget: Budget, *purposes: Purpose) -> list[str]:
    """Let each purpose ask in the order given while the window is full; return the order of service."""
    served: list[str] = []

    async def ask(name: str, purpose: Purpose) -> None:
        await budget.take(purpose)
        served.append(name)

    async with asyncio.TaskGroup() as tasks:
        for number, purpose in enumerate(purposes):
            tasks.create_task(ask(f"{purpose} {number}", purpose))
            await asyncio.sleep(0)
    return served


async def test_a_share_of_urgent_requests_passes_at_once_and_the_next_request_waits_out_the_minute(
    budget: Budget,
) -> None:
    assert await elapsed(spend(budget, 30)) == 0
    assert 60 <= await elapsed(spend(budget, 1)) < 62


async def test_any_positive_rate_is_kept_even_below_one_request_a_minute(
    notes: MemoryNotes, clock: SetClock
) -> None:
    budget = Budget(0.5, notes, "slow", clock)
    assert await elapsed(spend(budget, 1)) == 0
    assert 120 <= await elapsed(spend(budget, 1)) < 122


async def test_a_broken_rate_passes_only_whole_requests(notes: MemoryNotes, clock: SetClock) -> None:
    budget = Budget(2.7, notes, "odd", clock)
    assert await elapsed(spend(budget, 2)) == 0
    assert 60 <= await elapsed(spend(budget, 1)) < 62


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
async def test_a_rate_that_is_no_positive_number_is_refused(
    notes: MemoryNotes, clock: SetClock, rate: float
) -> None:
    with pytest.raises(ValueError, match="positive"):
        Budget(rate, notes, "none", clock)


async def test_a_million_a_minute_neither_waits_nor_writes_each_time(
    notes: MemoryNotes, clock: SetClock
) -> None:
    budget = Budget(1_000_000, notes, "bench", clock)
    assert await elapsed(spend(budget, 5_000)) == 0
    assert notes.writes == 5_000 / LARGEST_BLOCK


async def test_more_urgent_purposes_go_first(budget: Budget) -> None:
    await spend(budget, 30)
    served = await line_up(budget, "baseline", "sweep", "hint", "probe")
    assert served == ["hint 2", "probe 3", "sweep 1", "baseline 0"]


async def test_hints_go_before_due_dates_and_these_before_confirmations(budget: Budget) -> None:
    for _ in range(30):
        await spend(budget, 1)
        await asyncio.sleep(1)
    assert await line_up(budget, "confirm", "due", "hint") == ["hint 2", "due 1", "confirm 0"]


async def test_one_purpose_is_served_in_the_order_of_asking(budget: Budget) -> None:
    await spend(budget, 30)
    assert await line_up(budget, "sweep", "sweep", "sweep") == ["sweep 0", "sweep 1", "sweep 2"]


async def test_who_has_been_served_goes_to_the_end_of_the_line(budget: Budget) -> None:
    await spend(budget, 2)
    await asyncio.sleep(5)
    await spend(budget, 28)
    served: list[str] = []

    async def ask(name: str) -> None:
        for _ in range(2):
            await budget.take("confirm")
            served.append(name)

    await asyncio.gather(ask("first"), ask("second"), ask("third"))
    assert served[:2] == ["first", "second"], "two turns came free at first"


async def test_every_fifth_turn_goes_to_the_purpose_passed_over_longest(budget: Budget) -> None:
    await spend(budget, 30)
    crowd: list[Purpose] = ["confirm"] * 30
    served = await line_up(budget, "baseline", "sweep", "baseline", *crowd)
    purposes = [name.split()[0] for name in served[:15]]
    floor = [purposes[4], purposes[9], purposes[14]]
    assert sorted(floor) == ["baseline", "baseline", "sweep"]
    assert purposes.count("confirm") == 12


async def test_who_gives_up_waiting_leaves_the_line_moving(budget: Budget) -> None:
    await spend(budget, 30)
    first, second = (asyncio.ensure_future(budget.take("confirm")) for _ in range(2))
    await asyncio.sleep(1)  # the first now serves the line
    first.cancel()
    assert 58 <= await elapsed(wait_for(second)) < 62


async def test_who_gives_up_further_back_leaves_the_line_moving(budget: Budget) -> None:
    await spend(budget, 30)
    first, second, third = (asyncio.ensure_future(budget.take("confirm")) for _ in range(3))
    await asyncio.sleep(1)
    second.cancel()
    await wait_for(first)
    await wait_for(third)
    assert second.cancelled()


async def wait_for(task: "asyncio.Future[None]") -> None:
    await task


async def test_a_pause_holds_everybody_and_is_never_shortened(budget: Budget, clock: SetClock) -> None:
    await spend(budget, 1)
    budget.pause_until(clock.now() + timedelta(seconds=90))
    budget.pause_until(clock.now() + timedelta(seconds=5))
    assert budget.available() == 0
    assert 90 <= await elapsed(spend(budget, 1, "confirm")) < 91


async def test_a_pause_that_comes_while_somebody_waits_holds_him_too(budget: Budget, clock: SetClock) -> None:
    await spend(budget, 30)
    waiting = asyncio.ensure_future(budget.take("confirm"))
    await asyncio.sleep(30)
    budget.pause_until(clock.now() + timedelta(seconds=100))
    assert 100 <= await elapsed(wait_for(waiting)) < 101


async def test_what_is_available_is_what_the_window_has_left(budget: Budget) -> None:
    assert budget.available() == 30
    await spend(budget, 12)
    assert budget.available() == 18
    await asyncio.sleep(62)
    assert budget.available() == 30


async def test_after_a_kill_the_minute_stays_spent(
    budget: Budget, notes: MemoryNotes, clock: SetClock
) -> None:
    await spend(budget, 30)
    await asyncio.sleep(10)
    after = reborn(budget, notes, clock)
    assert await elapsed(spend(after, 1)) >= 50


async def test_after_a_kill_what_was_reserved_counts_as_spent_just_then(
    budget: Budget, notes: MemoryNotes, clock: SetClock
) -> None:
    await spend(budget, 1)
    await asyncio.sleep(59)
    await spend(budget, 2)  # of the same reservation: no note tells that they came so late
    after = reborn(budget, notes, clock)
    await spend(after, 27)
    assert 60 <= await elapsed(spend(after, 1)) < 62


async def test_kills_in_a_row_never_spend_one_minute_twice(notes: MemoryNotes, clock: SetClock) -> None:
    for _ in range(10):
        await spend(Budget(30, notes, "budget/acme", clock), 1)
    assert Budget(30, notes, "budget/acme", clock).available() == 30, (
        "nothing is known before the note is read"
    )
    assert await elapsed(spend(Budget(30, notes, "budget/acme", clock), 1)) >= 60


async def test_an_orderly_stop_gives_back_what_was_only_reserved(
    budget: Budget, notes: MemoryNotes, clock: SetClock
) -> None:
    await spend(budget, 28)
    await budget.save()
    assert await elapsed(spend(reborn(budget, notes, clock), 2)) == 0


async def test_a_stop_before_the_first_request_forgets_nothing(
    budget: Budget, notes: MemoryNotes, clock: SetClock
) -> None:
    await spend(budget, 30)
    await reborn(budget, notes, clock).save()
    assert await elapsed(spend(reborn(budget, notes, clock), 1)) >= 60


async def test_a_saved_pause_outlives_a_kill(budget: Budget, notes: MemoryNotes, clock: SetClock) -> None:
    budget.pause_until(clock.now() + timedelta(minutes=5))
    await budget.save()
    await asyncio.sleep(60)
    assert 240 <= await elapsed(spend(reborn(budget, notes, clock), 1)) < 242


async def test_a_pause_is_written_down_by_whoever_waits_for_its_end(
    budget: Budget, notes: MemoryNotes, clock: SetClock
) -> None:
    await spend(budget, 1)
    budget.pause_until(clock.now() + timedelta(minutes=5))
    waiting = asyncio.ensure_future(budget.take("confirm"))
    await asyncio.sleep(1)
    waiting.cancel()
    assert 298 <= await elapsed(spend(reborn(budget, notes, clock), 1)) < 301


async def test_a_clock_set_back_over_a_restart_costs_a_minute_at_most(
    budget: Budget, notes: MemoryNotes, clock: SetClock
) -> None:
    await spend(budget, 30)
    await budget.save()
    clock.moved = -timedelta(days=400)
    assert 60 <= await elapsed(spend(reborn(budget, notes, clock), 30)) < 62


async def test_a_clock_set_back_over_a_restart_does_not_prolong_a_pause_beyond_the_longest(
    budget: Budget, notes: MemoryNotes, clock: SetClock
) -> None:
    budget.pause_until(clock.now() + timedelta(minutes=5))
    await budget.save()
    clock.moved = -timedelta(days=400)
    assert 299 <= await elapsed(spend(reborn(budget, notes, clock), 1)) < 15 * 60 + 2


async def test_a_clock_set_forward_while_running_frees_nothing(budget: Budget, clock: SetClock) -> None:
    await spend(budget, 30)
    clock.moved = timedelta(days=1)
    assert await elapsed(spend(budget, 1)) >= 60


async def test_a_note_that_cannot_be_read_counts_as_a_full_minute(budget: Budget, notes: MemoryNotes) -> None:
    notes.values["budget/acme"] = b'{"spent": "all of it"}'
    assert 60 <= await elapsed(spend(budget, 30)) < 62


async def test_a_smaller_share_after_a_restart_holds_at_once(
    budget: Budget, notes: MemoryNotes, clock: SetClock
) -> None:
    await spend(budget, 20)
    assert await elapsed(spend(reborn(budget, notes, clock, rate=10), 1)) >= 60


async def test_a_note_that_cannot_be_written_stops_the_request_and_later_ones_go_on(
    budget: Budget, notes: MemoryNotes
) -> None:
    notes.failure = OSError("no space left on device")
    with pytest.raises(OSError, match="no space left"):
        await budget.take("confirm")
    notes.failure = None
    assert await elapsed(spend(budget, 30)) == 0


async def test_everybody_in_line_is_told_that_nothing_can_be_written(
    budget: Budget, notes: MemoryNotes
) -> None:
    await spend(budget, 30)
    notes.failure = OSError("no space left on device")
    outcomes = await asyncio.gather(*(budget.take("confirm") for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OSError] * 3


async def test_turns_are_written_down_in_blocks(notes: MemoryNotes, clock: SetClock) -> None:
    budget = Budget(100, notes, "busy", clock)
    await spend(budget, 100)
    assert notes.writes == 10


async def test_a_note_holds_nothing_but_numbers(budget: Budget, notes: MemoryNotes) -> None:
    await spend(budget, 5)
    note = json.loads(notes.values["budget/acme"])
    assert set(note) == {"spent", "reserved", "paused_until", "learned"}


async def test_a_write_that_has_begun_is_seen_to_its_end_by_who_gives_up(clock: SetClock) -> None:
    notes = SlowNotes()
    budget = Budget(30, notes, "budget/acme", clock)
    with anyio.move_on_after(1):
        await budget.take("confirm")
    assert notes.writes == 1, "cut off, it might land after a later one"


class SlowNotes(MemoryNotes):
    async def write_note(self, key: str, value: bytes) -> None:
        await asyncio.sleep(3)
        await super().write_note(key, value)
