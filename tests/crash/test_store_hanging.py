"""A call into the store that does not come back: it is said, nothing is lost, and an end is still an end."""

import os
import pty
import signal
from collections.abc import Collection
from pathlib import Path
from typing import Final

import pytest

from tests.crash.ends import asked_twice
from tests.crash.oracle import Seen
from tests.crash.stage import Stage, stage
from tests.crash.store_faults import Order
from tests.running import Running, fetched, sample, until

pytestmark = pytest.mark.timeout(300)  # where processes are many, all of them wait for two cores

TRY_LATER = 75
HANGS = Order("sync", "hang")
REFUSES, TAKES_AGAIN = "store_refuses_writes", "store_takes_writes_again"
SEEN: Final[Collection[Seen]] = ("faults", "acknowledgements")


async def hung_up(made: Stage, daemon: Running) -> str:
    """Have a sync hang until the daemon says so; return where it serves.

    A slow disk may have stalled before, by itself: what counts is what is said once ours hangs.
    """
    base = await daemon.started()
    made.switch.fail(HANGS)
    made.rename()
    await until(lambda: made.switch.met() > 0)
    await until(lambda: not takes_writes(daemon))
    assert {line["reason"] for line in daemon.lines(REFUSES)} == {"stalled"}
    return base


def takes_writes(daemon: Running) -> bool:
    """Tell whether the last that was said of the store is that it takes writes, if anything."""
    return len(daemon.lines(TAKES_AGAIN)) == len(daemon.lines(REFUSES))


async def test_a_store_that_does_not_answer_makes_it_unready_until_it_does(tmp_path: Path) -> None:
    """Alive it is: a restart would wait for the same disk."""
    async with stage(tmp_path, seed=1, people=30, fragile=True) as made:
        async with made.daemon("--impatient") as daemon:
            base = await hung_up(made, daemon)
            assert (await fetched(f"{base}/readyz"))[0] == 503
            assert (await fetched(f"{base}/livez"))[0] == 200
            assert await sample(base, "lucca_sync_store_writable") == 0
            stalled = await sample(base, 'lucca_sync_store_write_errors_total{reason="stalled"}')
            assert stalled is not None
            assert stalled >= len(daemon.lines(REFUSES))
            made.switch.heal()
            await made.up_to_date(daemon)
            await until(lambda: takes_writes(daemon))
            while (await fetched(f"{base}/readyz"))[0] != 200:
                pass
            assert await daemon.stop() == 0
        await made.end(SEEN)


@pytest.mark.parametrize("times", [1, 2])
async def test_asked_to_end_while_a_call_hangs_it_ends_within_its_patience_and_has_lost_nothing(
    tmp_path: Path, times: int
) -> None:
    async with stage(tmp_path, seed=2, people=30, fragile=True) as made:
        async with made.daemon("--impatient") as daemon:
            await hung_up(made, daemon)
            if times == 1:
                daemon.process.send_signal(signal.SIGTERM)
                assert await daemon.ended() == TRY_LATER, daemon.complaints
            else:
                assert await asked_twice(daemon) == TRY_LATER, daemon.complaints
            assert daemon.lines("ended_where_it_stood")
        await made.end(SEEN)


async def test_without_its_terminal_it_ends_within_its_patience_too(tmp_path: Path) -> None:
    """Nobody is left who could ask a second time."""
    async with stage(tmp_path, seed=4, people=30, fragile=True) as made:
        ours, its = pty.openpty()
        async with made.daemon("--impatient", stdin=its) as daemon:
            os.close(its)
            await hung_up(made, daemon)
            os.close(ours)
            daemon.process.send_signal(
                signal.SIGHUP
            )  # only who leads a session is told by the terminal itself
            assert await daemon.ended() == TRY_LATER, daemon.complaints
            assert daemon.lines("ended_where_it_stood")
        await made.end(SEEN)


async def test_a_start_that_hangs_in_the_store_ends_when_asked_to(tmp_path: Path) -> None:
    async with stage(tmp_path, seed=3, people=30, fragile=True) as made:
        made.switch.fail(HANGS)
        async with made.daemon("--impatient") as daemon:
            await until(lambda: made.switch.met() > 0)
            assert await daemon.stop() == TRY_LATER
        await made.end(SEEN)
