"""SIGHUP as the real command meets it: under a service, from a terminal, while it starts, while it ends."""

import asyncio
import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from lucca_sync.simulator.world.actions import Rename
from tests.cli.command import COMMAND
from tests.endtoend.scene import scene
from tests.running import attended, running, sample, until

BASELINES = 3

_HUNG_UP_BETWEEN_LOOP_AND_EXIT = """
import asyncio, os, signal, sys, threading
from lucca_sync.cli import main

def hang_up(*ended):
    os.kill(os.getpid(), signal.SIGHUP)
    print("hung up", file=sys.stderr, flush=True)

threading.Thread(target=threading.Event().wait, daemon=True).start()  # it, too, may get the signal
close = asyncio.SelectorEventLoop.close
asyncio.SelectorEventLoop.close = lambda loop: (hang_up(), close(loop), hang_up())
main()
"""


async def test_a_service_reads_its_settings_again_and_goes_on(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, running("run", "-c", at.settings) as daemon:
        base = await daemon.started()
        await until(lambda: len(daemon.lines("baseline_done")) == BASELINES)
        at.settings.write_text(at.settings.read_text().replace("types: [updated]", "types: [deleted]"))
        daemon.process.send_signal(signal.SIGHUP)
        await until(lambda: bool(daemon.lines("settings_reloaded")))
        at.simulator.perform(Rename(employee="7", family_name="Other"))
        await until(lambda: bool(at.receiver.told("employees/7")))
        assert await sample(base, 'lucca_sync_config_reloads_total{outcome="applied"}') == 1
        assert await daemon.stop() == 0
    assert not list(tmp_path.glob("people-*.csv"))
    assert len(daemon.lines("baseline_done")) == BASELINES


async def test_it_may_come_any_time_while_starting_and_the_last_one_counts(tmp_path: Path) -> None:
    """Python itself needs a moment before anybody can hold a signal: the first word on stderr is later."""
    async with scene(tmp_path) as at:
        program = "import sys; from lucca_sync.cli.hangups import Hangups; Hangups().hold(); "
        program += "print('holding', file=sys.stderr, flush=True); from lucca_sync.cli import main; main()"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, "run", "-c", at.settings), stderr=asyncio.subprocess.PIPE
        )
        async with attended(process) as daemon:
            await until(lambda: bool(daemon.complaints))
            while not daemon.lines("started"):
                process.send_signal(signal.SIGHUP)
                await asyncio.sleep(0)
                assert process.returncode is None, daemon.complaints
            at.settings.write_text(at.settings.read_text() + "retention: 2d\n")
            process.send_signal(signal.SIGHUP)
            last = sha256(at.settings.read_bytes()).hexdigest()[:12]
            await until(lambda: last in {line["hash"] for line in daemon.lines("settings_reloaded")})
            assert await daemon.stop() == 0


async def test_it_does_no_harm_to_an_end_under_way(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, running("run", "-c", at.settings) as daemon:
        await daemon.started()
        daemon.process.send_signal(signal.SIGTERM)
        while daemon.process.returncode is None:
            with suppress(ProcessLookupError):  # `send_signal` would reap it behind asyncio's back
                os.kill(daemon.process.pid, signal.SIGHUP)
            await asyncio.sleep(0)
        assert await daemon.ended() == 0


async def test_it_does_no_harm_to_a_process_that_has_ended_but_for_its_threads(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _HUNG_UP_BETWEEN_LOOP_AND_EXIT, "run", "-c", at.settings),
            stderr=asyncio.subprocess.PIPE,
        )
        async with attended(process) as daemon:
            await daemon.started()
            assert await daemon.stop() == 0
    assert "hung up" in daemon.complaints


async def test_a_terminal_that_goes_away_ends_it_in_order(tmp_path: Path) -> None:
    """Nobody is left to read what it says, or to stop it."""
    async with scene(tmp_path) as at:
        ours, its = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            *(*COMMAND, "run", "-c", at.settings),
            stdin=its,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_take_the_terminal,
        )
        os.close(its)
        async with attended(process) as daemon:
            await daemon.started()
            process.send_signal(signal.SIGHUP)
            await until(lambda: bool(daemon.lines("settings_reloaded")))
            os.close(ours)
            assert await daemon.ended() == 0
    assert daemon.lines("stopped")


def _take_the_terminal() -> None:
    """Make standard input the terminal of this new session: only then does its end tell the process."""
    os.close(os.open(os.ttyname(0), os.O_RDWR))


async def test_nohup_reads_the_settings_again_instead_of_ending(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        process = await asyncio.create_subprocess_exec(
            *("nohup", *COMMAND, "run", "-c", at.settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # from a terminal, nohup would make a file
            stderr=asyncio.subprocess.PIPE,
        )
        async with attended(process) as daemon:
            await daemon.started()
            process.send_signal(signal.SIGHUP)
            await until(lambda: bool(daemon.lines("settings_reloaded")))
            assert await daemon.stop() == 0
