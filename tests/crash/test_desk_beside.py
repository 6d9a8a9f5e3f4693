"""A person's commands beside the daemon: killed, two at once, on a full disk. No act is done by halves."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lucca_sync.app.stores import reading_store
from lucca_sync.journal.protocol import DeliveryFilter
from lucca_sync.model.delivery import State
from tests.crash.launch import STATEMENT
from tests.crash.plan import EVERYTHING_CHANGED
from tests.crash.stage import Stage, stage
from tests.crash.store_faults import Order
from tests.running import until

pytestmark = pytest.mark.timeout(300)  # where processes are many, all of them wait for two cores

ROUTE = EVERYTHING_CHANGED.name
TRY_LATER = 75
WAITING = 12
CHOICE = ("--route", ROUTE, "--state", "retrying", "--yes")


async def states(made: Stage) -> Counter[State]:
    """Count the deliveries of the one route by their states."""
    async with reading_store(made.store) as reader:
        found = await reader.deliveries(after=0, limit=10_000, wanted=DeliveryFilter(route=ROUTE))
    return Counter(one.state for one in found)


async def acted(made: Stage, *words: str, launched: Sequence[str | float] = ()) -> tuple[int, list[str]]:
    """Run a command to its end; return its exit code and what it complains about."""
    async with made.command(*words, *CHOICE, launched=launched) as command:
        return await command.ended(), command.complaints


@asynccontextmanager
async def much_waiting(folder: Path, seed: int, *, fragile: bool = False) -> AsyncGenerator[Stage]:
    """Have deliveries of one route wait for half an hour at least, and its target well again.

    Where it is overloaded the wait is drawn from the upper half. From then on no other call waits so long,
    should a busy machine be late with an answer.
    """
    async with stage(folder, seed, people=WAITING, fragile=fragile) as made:
        connector = made.settings["connectors"][ROUTE]
        usual = connector["retry"]["schedule"]
        connector["retry"]["schedule"] = ["1h"]
        connector["timeout"] = "60s"
        made.misbehave(everything={"429": 1.0})
        async with made.daemon() as daemon:
            made.rename(WAITING)
            await until(lambda: made.book.faults["429"] >= WAITING)
            assert await daemon.stop() == 0
        connector["retry"]["schedule"] = usual
        made.misbehave()
        assert await states(made) == {"retrying": WAITING}
        yield made


async def killed_at(made: Stage, statement: int) -> bool:
    """Give a command; False when it got through, as it has fewer statements than that."""
    code, complaints = await acted(made, "deliveries", "retry", launched=("--at", STATEMENT, statement))
    assert code in (0, -signal.SIGKILL), complaints
    return code != 0


async def test_a_command_killed_at_any_statement_has_acted_wholly_or_not_at_all(tmp_path: Path) -> None:
    async with much_waiting(tmp_path, seed=1) as made, made.daemon() as daemon:
        await daemon.started()
        calls, statement = len(made.book.arrivals), 1
        while await killed_at(made, statement):
            made.ends["a command"] += 1
            statement += max(4, statement // 2)
        await until(lambda: len(made.book.arrivals) >= calls + WAITING)
        await made.all_arrived(daemon)
        assert statement > 1
        assert await daemon.stop() == 0
        await made.assert_whole()


async def test_of_two_commands_at_once_each_delivery_does_what_one_of_them_says(tmp_path: Path) -> None:
    async with much_waiting(tmp_path, seed=2) as made, made.daemon() as daemon:
        await daemon.started()
        codes = await asyncio.gather(
            *(acted(made, "deliveries", word) for word in ("retry", "discard", "retry", "discard"))
        )
        assert codes == [(0, [])] * 4
        await made.settled(daemon)
        ended = await states(made)
        assert await daemon.stop() == 0
        assert ended.keys() <= {"done", "discarded"}
        assert ended.total() == WAITING
        kept = sum(one.kept and one.route == ROUTE for one in made.book.arrivals)
        assert kept >= ended["done"]


async def test_a_command_that_finds_no_room_says_so_and_can_be_given_again(tmp_path: Path) -> None:
    async with much_waiting(tmp_path, seed=3, fragile=True) as made, made.daemon() as daemon:
        await daemon.started()
        made.switch.fail(Order("write", "full"))
        code, complaints = await acted(made, "deliveries", "retry")
        assert code == TRY_LATER
        assert "no room left on its disk" in complaints[-1]
        made.switch.heal()
        assert await states(made) == {"retrying": WAITING}
        assert await acted(made, "deliveries", "retry") == (0, [])
        await made.all_arrived(daemon)
        assert await daemon.stop() == 0
        await made.assert_whole(["faults", "acknowledgements"])
