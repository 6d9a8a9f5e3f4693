"""The ways in which one life of the daemon ends: killed, frozen, reloaded, asked to stop, asked twice."""

import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

from tests.crash.launch import SEAMS, STATEMENT
from tests.crash.stage import Stage
from tests.running import Running, until

REMOVING = ("amid emptying", "after emptying", "amid pruning", "after pruning")
"""Seams that only a store with old events comes by."""
RELOADING = ("before new settings are in force", "after new settings are in force")
"""Seams that only somebody who changes settings comes by."""
AT_WORK = tuple(seam for seam in SEAMS if seam not in {*REMOVING, *RELOADING})
_BURST = 9


async def killed_at_random(made: Stage, chance: Random) -> None:
    """Live for a while that nobody chose, and be killed."""
    async with made.daemon() as daemon:
        made.change(_BURST)
        await made.some_more_work(chance.randrange(1, 100), daemon)
        await made.kill(daemon)


async def killed_at(made: Stage, seam: str, passes: int) -> None:
    """Live until the nth pass of a seam, with something always going on."""
    async with made.daemon("--at", seam, passes) as daemon:
        if seam in RELOADING:
            await daemon.started()
        while daemon.process.returncode is None:
            made.change()
            if seam in RELOADING:
                reload(made, daemon)
            await made.some_more_work(5, daemon)
        await made.ended_at(seam, daemon)


def reload(made: Stage, daemon: Running) -> None:
    """Change settings that must make no difference to what arrives, and have them taken up."""
    made.vary_settings()
    made.write_settings()
    send(daemon, signal.SIGHUP)


def send(daemon: Running, number: signal.Signals) -> None:
    """Send a signal to a daemon that may end at this moment.

    `send_signal` would look whether it has, and reap it behind asyncio's back: its exit code would be lost.
    """
    with suppress(ProcessLookupError):
        os.kill(daemon.process.pid, number)


async def killed_at_a_seam(made: Stage, chance: Random) -> None:
    """Live until a seam that is drawn."""
    seam = chance.choice((*AT_WORK, *RELOADING))
    await killed_at(made, seam, 1 if seam.startswith("while") else chance.randrange(1, 8))


async def killed_at_a_statement(made: Stage, chance: Random) -> None:
    """Live until a statement of the store's that is drawn."""
    await killed_at(made, STATEMENT, chance.randrange(1, 3000))


async def frozen_and_killed(made: Stage, chance: Random) -> None:
    """Live, be frozen while Lucca goes on, thaw, live on, be killed."""
    async with made.daemon() as daemon:
        made.change(_BURST)
        await made.some_more_work(chance.randrange(1, 60), daemon)
        with_frozen(daemon, made.change)
        await made.some_more_work(chance.randrange(1, 60), daemon)
        await made.kill(daemon, "after a freeze")


async def reloaded_and_killed(made: Stage, chance: Random) -> None:
    """Live by settings that change again and again, and be killed."""
    async with made.daemon() as daemon:
        await daemon.started()
        for _ in range(3):
            made.change(_BURST // 3)
            reload(made, daemon)
            await made.some_more_work(chance.randrange(1, 40), daemon)
        await made.kill(daemon, "after reloads")


async def stopped(made: Stage, chance: Random) -> None:
    """Live, and be asked for an orderly end under load."""
    async with made.daemon() as daemon:
        await daemon.started()
        made.change(_BURST)
        await made.some_more_work(chance.randrange(1, 60), daemon)
        assert await daemon.stop() == 0, daemon.complaints
        made.ends["SIGTERM"] += 1


async def stopped_twice(made: Stage, chance: Random) -> None:
    """Live, and be asked twice: the second time is final."""
    async with made.daemon() as daemon:
        await daemon.started()
        made.change(_BURST)
        await made.some_more_work(chance.randrange(1, 60), daemon)
        await asked_twice(daemon)
        made.ends["SIGTERM twice"] += 1


async def asked_twice(daemon: Running) -> int:
    """Ask for an end, and again as soon as the first wish was heard; return the exit code."""
    send(daemon, signal.SIGTERM)
    await until(lambda: bool(daemon.lines("stopping")) or daemon.process.returncode is not None)
    if daemon.process.returncode is None:
        send(daemon, signal.SIGTERM)
    return await daemon.ended()


def with_frozen(daemon: Running, meanwhile: Callable[[], None]) -> None:
    """Do something while the daemon is frozen."""
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        meanwhile()
    finally:
        daemon.process.send_signal(signal.SIGCONT)


WAYS: tuple[tuple[Callable[[Stage, Random], Awaitable[None]], float], ...] = (
    (killed_at_random, 0.37),
    (reloaded_and_killed, 0.08),
    (killed_at_a_seam, 0.25),
    (killed_at_a_statement, 0.1),
    (frozen_and_killed, 0.08),
    (stopped, 0.08),
    (stopped_twice, 0.04),
)
"""Every way, and its share in a long run."""


async def one_more_life(made: Stage, chance: Random) -> None:
    """Live once, and end in a way that is drawn."""
    (way,) = chance.choices([way for way, _ in WAYS], [share for _, share in WAYS])
    await way(made, chance)
