"""What was delivered is written by the batch, each as if it were alone; who has it in hand is not synced."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lucca_sync.journal.protocol import Settlement, StoreError
from lucca_sync.journal.sqlite import SqliteJournal, open_sqlite
from lucca_sync.journal.sqlite.driver import connect
from lucca_sync.journal.sqlite.queries import migrations, named_queries
from lucca_sync.journal.sqlite.store import Footing
from lucca_sync.model.delivery import Lane
from lucca_sync.testing.events import LANE, NOON
from lucca_sync.testing.journal.scene import (
    HOUR,
    LEASE,
    claimed,
    dead,
    done,
    parked,
    retrying,
    states,
    telling,
    told,
    who,
)
from tests.crash.simulated_disk import SimulatedDisk

OTHER = Lane("other", "elsewhere")


@asynccontextmanager
async def opened(path: Path) -> AsyncGenerator[SqliteJournal]:
    journal = await open_sqlite(path / "journal.db")
    try:
        yield journal
    finally:
        await journal.close()


async def test_a_batch_of_all_outcomes_leaves_each_delivery_as_it_should_be(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await telling(journal, *(told(one) for one in "1234"))
        one, two, three, four = await claimed(journal)
        batch = [done(one), retrying(two, NOON + HOUR), parked(three), dead(four)]
        assert await journal.settle(batch) == 4
        assert await states(journal) == [
            ("1", 1, "done"),
            ("2", 1, "retrying"),
            ("3", 1, "parked"),
            ("4", 1, "dead"),
        ]
        (status,) = (await journal.lanes()).values()
        assert status.counts == {"pending": 0, "in_flight": 0, "retrying": 1, "parked": 1, "dead": 1}


async def test_whoever_waits_behind_one_of_a_batch_moves_up(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await telling(journal, told("1"), told("2"))
        await telling(journal, told("1", "b", 2), told("2", "b", 2))
        await journal.settle([done(claim) for claim in await claimed(journal)])
        assert who(await claimed(journal)) == [("1", 2), ("2", 2)]


async def test_an_event_that_arrived_along_both_lanes_in_one_batch_may_go(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await telling(journal, told("1", lanes=(LANE, OTHER)))
        both = [*await claimed(journal), *await claimed(journal, lane=OTHER)]
        assert await journal.settle([done(claim) for claim in both]) == 2
        assert await journal.empty(NOON + HOUR, 10) == 1


async def test_a_batch_counts_neither_a_repeat_nor_a_late_answer(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await telling(journal, told("1"), told("2"))
        first, second = await claimed(journal)
        again = (await claimed(journal, NOON + 2 * LEASE))[0]
        assert again.key == first.key
        assert await journal.settle([done(first), done(again), done(again), done(second)]) == 1
        assert await states(journal) == [("1", 1, "done"), ("2", 1, "in_flight")]


async def test_the_first_of_two_words_about_one_attempt_counts(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await telling(journal, told("1"))
        (claim,) = await claimed(journal)
        assert await journal.settle([parked(claim), done(claim)]) == 1
        assert await states(journal) == [("1", 1, "parked")]


async def test_a_batch_keeps_what_each_target_answered(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await telling(journal, told("1"), told("2"))
        claims = await claimed(journal)
        words = ['HTTP 204 "quoted"', "reçu 𝄞"]
        await journal.settle(
            [
                Settlement(claim.key, claim.attempt, "done", NOON, word)
                for claim, word in zip(claims, words, strict=True)
            ]
        )
        kept = [(await journal.history(position))[0].attempts[0].reason for position in (1, 2)]
        assert kept == words


def test_no_query_of_a_batch_looks_through_more_than_the_batch(tmp_path: Path) -> None:
    queries = named_queries("finishing")
    connection = connect(tmp_path / "plans.db", read_only=False, vfs=None)
    for script in (*(step.script for step in migrations()), queries["shelf"]):
        connection.execute(script)
    for name, query in queries.items():
        statement = "".join(line for line in query.splitlines(keepends=True) if not line.startswith("--"))
        bindings = [None] * statement.count("?")
        for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", bindings).fetchall():
            brought = ("SCAN json_each", "SCAN finished", "SCAN ended")
            assert not str(step).startswith("SCAN") or str(step).startswith(brought), (name, step)
    connection.close()


async def test_a_claim_does_not_wait_for_the_disk_and_a_settlement_does() -> None:
    """A power cut takes the claimant along: what it held is claimed again. What it delivered stays known."""
    disk = SimulatedDisk()
    with disk.mounted() as vfs:
        journal = await open_sqlite(Path("/journal.db"), footing=Footing(vfs=vfs, exclusive=True))
        try:
            await telling(journal, told("1"), told("2"))
            disk.failing_syncs = 1
            first, second = await claimed(journal)
            assert await journal.renew([second], until=NOON + HOUR) == 1
            assert disk.failing_syncs == 1
            with pytest.raises(StoreError):
                await journal.settle([done(first)])
            assert disk.failing_syncs == 0
            disk.failing_syncs = 1
            with pytest.raises(StoreError):
                await telling(journal, told("3"))
        finally:
            await journal.close()
