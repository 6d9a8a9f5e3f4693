"""The real daemon killed while it brings an old store up to date: it is as it was, or as it shall be."""

from pathlib import Path
from typing import Literal

import pytest

from lucca_sync.journal.sqlite.queries import migrations
from tests.crash.launch import MIGRATION
from tests.crash.old_store import make_old, version
from tests.crash.stage import Stage, stage
from tests.crash.store_faults import Order
from tests.crash.targets import ROUGH
from tests.running import until

pytestmark = pytest.mark.timeout(300)  # where processes are many, all of them wait for two cores

_NEWEST = len(migrations())
_TRY_LATER = 75
_SAID = {"full": "no room left on its disk", "io": "its disk failed", "torn": "its disk failed"}


async def leave_much_open(made: Stage) -> None:
    """Have events that one target got and that the others refuse; then make the store an old one."""
    refused = {"500": 1.0}
    made.misbehave(everything=refused, names=refused)
    async with made.daemon() as daemon:
        made.change(10)
        await until(lambda: daemon.process.returncode is not None or made.book.faults["500"] > 20)
        await made.some_more_work(5, daemon)
        await made.kill(daemon)
    make_old(made.store)
    assert version(made.store) == 1


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.torture)])
async def test_killed_at_the_nth_statement_of_a_migration_it_loses_nothing(
    tmp_path: Path, every: int
) -> None:
    async with stage(tmp_path, seed=6, people=40) as made:
        await leave_much_open(made)
        statement = 1
        while await killed_at_statement(made, statement):
            assert version(made.store) in range(1, _NEWEST)
            statement += every
        assert statement > 1
        assert version(made.store) == _NEWEST
        made.misbehave(everything=ROUGH, names=ROUGH)
        await made.end()


@pytest.mark.parametrize(
    "how", ["full", *(pytest.param(how, marks=pytest.mark.torture) for how in ("io", "torn"))]
)
async def test_a_migration_on_a_disk_that_fails_changes_nothing_and_is_made_by_the_next_start(
    tmp_path: Path, how: Literal["full", "io", "torn"]
) -> None:
    async with stage(tmp_path, seed=7, people=20, fragile=True) as made:
        await leave_much_open(made)
        after = 0
        while version(made.store) < _NEWEST:
            made.switch.fail(Order("write", how, after))
            async with made.daemon() as daemon:
                await until(lambda: daemon.process.returncode is not None or bool(daemon.lines("started")))
                if daemon.lines("started"):
                    await made.kill(daemon)
                else:
                    assert await daemon.ended() == _TRY_LATER
                    assert _SAID[how] in daemon.complaints[-1]
            made.switch.heal()
            after += 12
        assert after > 12, "it failed at least once"
        await made.end(["faults", "ends", "acknowledgements"])


async def killed_at_statement(made: Stage, number: int) -> bool:
    """Start on an old store; False when it got through, as there are fewer statements than that."""
    async with made.daemon("--at", MIGRATION, number) as daemon:
        await until(lambda: daemon.process.returncode is not None or bool(daemon.lines("started")))
        through = bool(daemon.lines("started"))
        if through:
            await made.kill(daemon)
        else:
            await made.ended_at(MIGRATION, daemon)
    return not through
