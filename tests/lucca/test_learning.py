"""What others take of a tenant's limit is learned from few refusals, and unlearned when they are gone.

Hours of it, in virtual time. A neighbour takes 25 of 50 requests a minute, evenly or in bursts.
"""

import itertools
from datetime import UTC, datetime

import pytest

from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.budget import Budget
from tests.lucca.neighbours import Neighbour, SharedLimit, Visitor, beside
from tests.lucca.notes import MemoryNotes

# No sockets here: nothing happens while no timer is due, so time may move at once.
pytestmark = pytest.mark.looptime(noop_cycles=1)

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SIX_HOURS = 360
LEARNING = 80
"""Minutes after which a neighbour who stays isn't disturbed again for hours."""


@pytest.fixture
def visitor() -> Visitor:
    clock = LoopClock(START)
    budget = Budget(50, MemoryNotes(), "budget/acme", clock)
    return Visitor(SharedLimit(), budget, clock)


@pytest.fixture(params=[False, True], ids=["evenly", "in bursts"])
def neighbour(request: pytest.FixtureRequest, visitor: Visitor) -> Neighbour:
    return Neighbour(visitor.limit, 25, bursty=bool(request.param))


async def test_alone_the_whole_limit_is_used_without_a_single_refusal(visitor: Visitor) -> None:
    await visitor.visit(120)
    assert visitor.refused == []
    assert visitor.rate(1, 120) > 48


async def test_beside_others_there_is_at_most_one_refusal_a_minute_while_learning_and_none_after(
    visitor: Visitor, neighbour: Neighbour
) -> None:
    """Trap 7: the limit is the tenant's, not ours."""
    async with beside(neighbour):
        await visitor.visit(LEARNING)
        disturbed = neighbour.refused
        await visitor.visit(SIX_HOURS - LEARNING)
    assert 2 <= len(visitor.refused) <= 5
    assert all(later - earlier > 0.999 for earlier, later in itertools.pairwise(visitor.refused))
    assert max(visitor.refused) < LEARNING
    assert neighbour.refused == disturbed, "nor is the neighbour refused any more"
    assert visitor.rate(LEARNING, SIX_HOURS) > 22, "of the 25 that are left"
    assert visitor.budget.estimated_others() == pytest.approx(25, abs=2)


@pytest.mark.parametrize("stays", [5, 15, 60, SIX_HOURS])
async def test_when_the_others_have_gone_the_whole_share_is_back_within_the_hour(
    visitor: Visitor, neighbour: Neighbour, stays: int
) -> None:
    async with beside(neighbour):
        await visitor.visit(stays)
    assert visitor.budget.allowed_per_minute() < 30 or stays > LEARNING
    await visitor.visit(62)
    assert visitor.budget.allowed_per_minute() == 50
    assert visitor.budget.estimated_others() == 0


async def test_beside_somebody_who_takes_everything_there_is_still_at_most_one_refusal_a_minute(
    visitor: Visitor,
) -> None:
    async with beside(Neighbour(visitor.limit, 200)):
        await visitor.visit(30)
    assert len(visitor.refused) > 5
    assert all(later - earlier > 0.999 for earlier, later in itertools.pairwise(visitor.refused))
    assert visitor.budget.allowed_per_minute() <= 3
    await visitor.visit(60)
    assert visitor.budget.allowed_per_minute() == 50


async def test_a_neighbour_who_comes_later_is_made_room_for(visitor: Visitor) -> None:
    await visitor.visit(60)
    assert visitor.refused == []
    async with beside(Neighbour(visitor.limit, 25)):
        await visitor.visit(90)
    assert len(visitor.refused) <= 5
    assert visitor.rate(140, 150) > 21


async def test_a_small_share_beside_a_small_neighbour_is_never_refused(visitor: Visitor) -> None:
    visitor.budget = Budget(24, MemoryNotes(), "budget/acme", visitor.clock)
    async with beside(Neighbour(visitor.limit, 25, bursty=True)):
        await visitor.visit(120)
    assert visitor.refused == []
    assert visitor.rate(1, 120) > 23
