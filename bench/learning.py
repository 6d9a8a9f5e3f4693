"""What others leave of the tenant's limit: how many refusals it takes to learn it; six virtual hours each."""

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Final

from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.budget import Budget
from tests.lucca.neighbours import Neighbour, SharedLimit, Visitor, beside
from tests.lucca.notes import MemoryNotes

LEARNING: Final = 80
"""Minutes after which a neighbour who stays is known."""
_ALL: Final = 360
_START: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


async def report() -> Iterator[str]:
    """Give the lines of a table: alone, and beside somebody who takes half, evenly or in bursts."""
    lines = [
        "| half is taken | 429s in 80 min | most in a minute | after | neighbour's | sent a minute after |",
        "|---|---|---|---|---|---|",
    ]
    for name, bursty in (("by nobody", None), ("evenly", False), ("in bursts", True)):
        lines.append(await _line(name, bursty=bursty))
    return iter(lines)


async def _line(name: str, *, bursty: bool | None) -> str:
    clock = LoopClock(_START)
    visitor = Visitor(SharedLimit(), Budget(50, MemoryNotes(), "budget/acme", clock), clock)
    neighbour = Neighbour(visitor.limit, 25, bursty=bool(bursty))
    async with AsyncExitStack() as around:
        if bursty is not None:
            await around.enter_async_context(beside(neighbour))
        await visitor.visit(_ALL)
    learning = [minute for minute in visitor.refused if minute < LEARNING]
    after = len(visitor.refused) - len(learning)
    most = max((_within_a_minute(visitor.refused, first) for first in visitor.refused), default=0)
    return (
        f"| {name} | {len(learning)} | {most} | {after} | {neighbour.refused} | "
        f"{visitor.rate(LEARNING, _ALL):.1f} |"
    )


def _within_a_minute(refused: Sequence[float], first: float) -> int:
    return sum(first <= minute < first + 0.999 for minute in refused)
