"""How the governor spaces requests, what it keeps for urgent ones, and what refusals teach it.

Time is virtual throughout.
"""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import anyio
import pytest

from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.budget import Budget, Purpose
from tests.lucca.notes import MemoryNotes

# No sockets here: nothing happens while no timer is due, so time may move at once.
pytestmark = pytest.mark.looptime(noop_cycles=1)

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = 3600.0


@pytest.fixture
def notes() -> MemoryNotes:
    return MemoryNotes()


@pytest.fixture
def clock() -> LoopClock:
    return LoopClock(START)


@pytest.fixture
def budget(notes: MemoryNotes, clock: LoopClock) -> Budget:
    return Budget(50, notes, "budget/acme", clock)


async def demand(budget: Budget, purpose: Purpose, seconds: float) -> list[float]:
    """Ask again and again; return when each turn came, in seconds since the beginning."""
    began, came = anyio.current_time(), list[float]()
    with anyio.move_on_after(seconds):
        while True:
            await budget.take(purpose)
            came.append(anyio.current_time() - began)
    return came


def gaps(instants: list[float]) -> list[float]:
    return [later - earlier for earlier, later in itertools.pairwise(instants)]


def most_in_a_minute(instants: list[float]) -> int:
    return max(sum(1 for at in instants if first <= at < first + 60) for first in instants)


async def refuse(budget: Budget, clock: LoopClock, pause: float = 60) -> None:
    """Have a request refused the instant after it was sent, and sit the pause out."""
    sent = anyio.current_time()
    await asyncio.sleep(0.001)
    budget.refused(sent, clock.now() + timedelta(seconds=pause))
    await asyncio.sleep(pause)


async def test_sweeps_are_spaced_evenly_and_use_what_there_is(budget: Budget) -> None:
    came = await demand(budget, "sweep", HOUR)
    assert len(came) == 2951, "49.2 a minute"
    assert most_in_a_minute(came) == 50
    assert gaps(came[60:]) == pytest.approx([61 / 50] * len(gaps(came[60:])), abs=1e-3)


async def test_after_idleness_at_most_a_tenth_of_a_minutes_share_comes_at_once(budget: Budget) -> None:
    came = await demand(budget, "baseline", 10)
    assert sum(at == 0 for at in came) == 5
    assert gaps(came[4:]) == pytest.approx([61 / 50] * len(gaps(came[4:])))


async def test_a_burst_of_urgent_requests_makes_no_burst_of_sweeps_a_minute_later(budget: Budget) -> None:
    for _ in range(40):
        await budget.take("hint")
    came = await demand(budget, "sweep", 600)
    assert max(sum(first <= at < first + 1 for at in came) for first in came if first > 30) == 1


async def test_urgent_requests_use_whatever_room_there_is_at_once(budget: Budget) -> None:
    sweeping = asyncio.ensure_future(demand(budget, "sweep", 11))
    await asyncio.sleep(10)
    began = anyio.current_time()
    for _ in range(30):
        await budget.take("hint")
    assert anyio.current_time() == began
    await sweeping


async def test_who_comes_with_something_urgent_need_not_wait_for_the_pace_of_others(budget: Budget) -> None:
    for _ in range(5):
        await budget.take("sweep")
    waiting = asyncio.ensure_future(budget.take("sweep"))
    await asyncio.sleep(0.1)
    began = anyio.current_time()
    await budget.take("confirm")
    assert anyio.current_time() == began
    await waiting


async def test_sweeps_leave_the_reserve_to_urgent_requests(notes: MemoryNotes, clock: LoopClock) -> None:
    budget = Budget(50, notes, "budget/acme", clock, reserve=0.2)
    sweeping = asyncio.ensure_future(demand(budget, "sweep", 300))
    await asyncio.sleep(250)
    assert budget.available() == 10
    began = anyio.current_time()
    for _ in range(10):
        await budget.take("hint")
    assert anyio.current_time() == began, "all ten were kept for them"
    assert most_in_a_minute(await sweeping) == 40


async def test_a_reserve_is_given_up_when_nothing_is_urgent_any_more(
    notes: MemoryNotes, clock: LoopClock
) -> None:
    budget = Budget(50, notes, "budget/acme", clock, reserve=0.2)
    assert len(await demand(budget, "sweep", HOUR)) <= 40 * 60
    budget.reserve = 0.0
    assert len(await demand(budget, "sweep", HOUR)) >= 48 * 60


async def test_a_reserve_starves_nobody_however_much_is_urgent(notes: MemoryNotes, clock: LoopClock) -> None:
    budget = Budget(50, notes, "budget/acme", clock, reserve=0.2)
    urgent = [asyncio.ensure_future(demand(budget, "hint", HOUR)) for _ in range(3)]
    lowest = asyncio.ensure_future(demand(budget, "baseline", HOUR))
    probes = asyncio.ensure_future(demand(budget, "probe", HOUR))
    hints = [at for task in urgent for at in await task]
    assert len(hints) > 2300
    assert len(await lowest) + len(await probes) > (2950 - 60 * 3) / 5, "of all but the spare"
    assert len(await lowest) > 270


@pytest.mark.parametrize("reserve", [-0.1, 1.0, float("nan")])
async def test_a_reserve_that_is_no_share_is_refused(
    notes: MemoryNotes, clock: LoopClock, reserve: float
) -> None:
    with pytest.raises(ValueError, match="reserve"):
        Budget(50, notes, "none", clock, reserve=reserve)


async def test_a_refusal_lowers_the_rate_at_once_and_it_comes_back_to_just_under(
    budget: Budget, clock: LoopClock
) -> None:
    await demand(budget, "sweep", HOUR / 2)
    await refuse(budget, clock)
    assert budget.allowed_per_minute() == pytest.approx(50 * 0.7, rel=0.05)
    await asyncio.sleep(300)
    assert budget.allowed_per_minute() == pytest.approx(49 * 0.95)
    assert most_in_a_minute(await demand(budget, "sweep", 200)) == 46


async def test_refusals_of_what_was_under_way_together_count_once(budget: Budget, clock: LoopClock) -> None:
    sent: list[float] = []
    for _ in range(30):
        await budget.take("hint")
        sent.append(anyio.current_time())
    await asyncio.sleep(1)
    for instant in sent:
        budget.refused(instant, clock.now() + timedelta(seconds=60))
    assert budget.allowed_per_minute() == pytest.approx(0.7 * 35)


async def test_after_refusals_without_end_one_request_a_minute_is_left_and_the_share_comes_back(
    budget: Budget, clock: LoopClock
) -> None:
    for _ in range(30):
        await budget.take("sweep")
        await refuse(budget, clock)
    assert budget.allowed_per_minute() == 1
    assert budget.estimated_others() == pytest.approx(49)
    await asyncio.sleep(HOUR)
    assert budget.allowed_per_minute() == 50
    assert budget.estimated_others() == 0


async def test_a_share_below_one_a_minute_is_paused_but_not_lowered(
    notes: MemoryNotes, clock: LoopClock
) -> None:
    budget = Budget(0.5, notes, "slow", clock)
    await budget.take("sweep")
    await refuse(budget, clock)
    assert budget.allowed_per_minute() == 0.5


async def test_what_was_learned_outlives_a_kill_and_the_time_in_between_teaches_nothing(
    budget: Budget, notes: MemoryNotes, clock: LoopClock
) -> None:
    await demand(budget, "sweep", 30)
    await refuse(budget, clock)
    await asyncio.sleep(400)
    await budget.save()
    before, others = budget.allowed_per_minute(), budget.estimated_others()
    assert before < 40
    await asyncio.sleep(24 * HOUR)
    after = Budget(50, notes, "budget/acme", clock)
    await after.take("confirm")
    assert after.allowed_per_minute() == before
    assert after.estimated_others() == others > 10


async def test_a_lesson_is_written_down_by_whoever_waits_for_the_pauses_end(
    budget: Budget, notes: MemoryNotes, clock: LoopClock
) -> None:
    await demand(budget, "sweep", 30)
    budget.pause_until(clock.now() + timedelta(minutes=5))  # a longer one, known already
    await budget.save()
    budget.refused(anyio.current_time(), clock.now() + timedelta(minutes=2))
    with anyio.move_on_after(1):
        await budget.take("sweep")
    after = Budget(50, notes, "budget/acme", clock)
    await after.take("confirm")
    assert after.allowed_per_minute() < 40


@pytest.mark.parametrize(
    "learned",
    [
        '{"level": -1, "times": 0, "calm": 0}',
        '{"level": 0, "times": 0, "calm": 0}',
        '{"level": 9, "times": 3, "calm": 0}',
        '{"level": 9, "times": 0, "calm": -1}',
        '"much"',
    ],
)
async def test_lessons_that_make_no_sense_are_forgotten(
    notes: MemoryNotes, clock: LoopClock, learned: str
) -> None:
    text = f'{{"spent": [], "reserved": 0, "paused_until": 0, "learned": {learned}}}'
    notes.values["budget/acme"] = text.encode()
    budget = Budget(50, notes, "budget/acme", clock)
    await budget.take("confirm")
    assert budget.allowed_per_minute() == 50


async def test_a_smaller_share_in_the_settings_wins_over_what_was_learned(
    budget: Budget, notes: MemoryNotes, clock: LoopClock
) -> None:
    await demand(budget, "sweep", 60)
    await refuse(budget, clock)
    await budget.save()
    after = Budget(10, notes, "budget/acme", clock)
    await after.take("confirm")
    assert after.allowed_per_minute() == 10


async def test_what_hints_lead_to_keeps_no_other_hint_waiting(notes: MemoryNotes, clock: LoopClock) -> None:
    """The feed is asked every 1.5 s; what stands beside a changed record is asked for in bursts."""
    budget = Budget(50, notes, "budget/acme", clock, reserve=0.2)

    async def follow_up() -> None:
        for _ in range(15):
            await asyncio.gather(*(budget.take("confirm") for _ in range(5)))
            await asyncio.sleep(60)

    following = asyncio.ensure_future(follow_up())
    sweeps = asyncio.ensure_future(demand(budget, "sweep", 1500))
    waits: list[float] = []
    for _ in range(1000):
        asked = anyio.current_time()
        await budget.take("hint")
        waits.append(anyio.current_time() - asked)
        await asyncio.sleep(1.5)
    settled = waits[200:]  # the first minutes are still full of sweeps
    assert max(settled) < 0.5
    assert following.done()
    assert len(await sweeps) > 25
