"""What was kept long enough goes: contents first, rows later, open and dead ones never; nobody waits."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final, cast

import anyio
import pytest

from lucca_sync.app.stores import opened_journal
from lucca_sync.app.upkeep import AT_ONCE, Upkeep
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import EventFilter, Journal, StoreError
from lucca_sync.kit.clock import LoopClock
from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.health import Health
from lucca_sync.testing.events import NOON
from lucca_sync.testing.journal.scene import claimed, dead, done, telling, told

DAY: Final = timedelta(days=1)


@asynccontextmanager
async def opened(kind: str, folder: Path) -> AsyncGenerator[Journal]:
    if kind == "memory":
        yield MemoryJournal()
    else:
        async with opened_journal(folder / "journal.db") as journal:
            yield journal


def upkeep(journal: Journal, now: datetime) -> Upkeep:
    clock, metrics = LoopClock(now), Metrics()
    gate = StoreGate(journal, Health(clock), metrics)
    return Upkeep(journal, gate, metrics, clock, retention=30 * DAY, history=365 * DAY)


async def told_at(journal: Journal, at: datetime, *ids: str) -> None:
    await telling(journal, *(told(each, recorded=at) for each in ids), at=at)


async def standing(journal: Journal) -> dict[str, bool]:
    """Return who is still in the journal, and whether without contents."""
    entries = await journal.events(after=0, limit=1000, wanted=EventFilter())
    return {entry.event.record_id: entry.emptied for entry in entries}


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_contents_go_after_retention_and_rows_after_history(kind: str, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as journal:
        await told_at(journal, NOON, "1")
        await told_at(journal, NOON + 340 * DAY, "2")
        await told_at(journal, NOON + 369 * DAY, "3")
        await journal.settle([done(claim) for claim in await claimed(journal, NOON + 370 * DAY)])
        await upkeep(journal, NOON + 364 * DAY).tidy()
        assert await standing(journal) == {"1": True, "2": False, "3": False}
        await upkeep(journal, NOON + 371 * DAY).tidy()
        assert await standing(journal) == {"2": True, "3": False}


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_what_is_open_or_dead_stays_whole(kind: str, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as journal:
        await told_at(journal, NOON, "1")
        await journal.settle([dead(claim) for claim in await claimed(journal, NOON)])
        await told_at(journal, NOON, "2")
        await upkeep(journal, NOON + 1000 * DAY).tidy()
        assert await standing(journal) == {"1": False, "2": False}


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_what_somebody_has_yet_to_read_stays_whole(kind: str, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as journal:
        await telling(journal, told("1", recorded=NOON, lanes=()), told("2", recorded=NOON + DAY, lanes=()))
        tidying = upkeep(journal, NOON + 1000 * DAY)

        async def unread() -> datetime:
            return NOON + DAY

        tidying.unread = unread
        await tidying.tidy()
        assert await standing(journal) == {"2": False}


class Watched:
    """A journal of which is noted what is done in which order."""

    def __init__(self, journal: Journal, order: list[str]) -> None:
        self.journal = journal
        self.order = order

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        asked: Callable[..., Awaitable[object]] = getattr(self.journal, name)

        async def noted(*arguments: object, **named: object) -> object:
            answer = await asked(*arguments, **named)
            self.order.append(name)
            return answer

        return noted


@pytest.mark.parametrize(("kind", "events"), [("memory", 5_000), ("sqlite", 20_000)])
async def test_others_have_the_store_between_any_two_steps(kind: str, events: int, tmp_path: Path) -> None:
    """Claims and commits go on while many thousand events are removed."""
    async with opened(kind, tmp_path) as journal:
        for first in range(0, events, 5000):
            writes = [told(str(each), lanes=()) for each in range(first, min(first + 5000, events))]
            await telling(journal, *writes)
        order = list[str]()
        watched = cast("Journal", Watched(journal, order))
        tidying = upkeep(journal, NOON + 1000 * DAY)
        tidying.journal = watched
        async with anyio.create_task_group() as tasks:

            async def others() -> None:
                at = NOON + 1000 * DAY
                for turn in range(1_000_000):
                    await telling(watched, told("x", str(turn), turn + 1, recorded=at), at=at)
                    await watched.settle([done(claim) for claim in await claimed(watched, at)])
                    await anyio.lowlevel.checkpoint()  # what is in memory waits for nothing

            tasks.start_soon(others)
            await tidying.tidy()
            tasks.cancel_scope.cancel()
    removing = [place for place, name in enumerate(order) if name == "prune"]
    between = [later - earlier - 1 for earlier, later in pairwise(removing)]
    assert len(removing) == events // AT_ONCE + 1
    assert min(between) >= 1


@pytest.mark.looptime
async def test_a_store_that_fails_is_tidied_later() -> None:
    class Failing(MemoryJournal):
        fails = True

        async def prune(self, before: datetime, limit: int) -> int:
            if self.fails:
                raise StoreError("full", "full")
            return await super().prune(before, limit)

    journal = Failing()
    await telling(journal, told("1", lanes=()))
    tidying = upkeep(journal, NOON + 1000 * DAY)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tidying.run)
        await anyio.sleep(30)
        assert await standing(journal)
        journal.fails = False
        await anyio.sleep(60)
        assert not await standing(journal)
        tasks.cancel_scope.cancel()
