"""`lucca-sync run`: the daemon, from its settings to an orderly end."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import anyio
import click

from lucca_sync.app.daemon import Daemon, World
from lucca_sync.cli.exits import FAILED, TRY_LATER
from lucca_sync.cli.options import config_option
from lucca_sync.cli.progress import shown
from lucca_sync.registry import load_all
from lucca_sync.server.app import AddressUnavailable

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@click.command(short_help="Watch Lucca and deliver changes until told to stop.")
@config_option
@click.option(
    "--once", is_flag=True, help="Look at everything once, deliver what can be delivered, and end (for cron)."
)
def run(config: Path, *, once: bool) -> None:
    """Watch the tenants named in the settings and deliver every change, until SIGTERM or Ctrl-C.

    The first look at a resource takes everything in without telling anybody; from then on each change is
    told. The first signal asks for an orderly end: attempts in flight may finish, nothing is lost. A second
    one is final.

    With --once the exit code is 1 when something could not be read or delivered yet.
    """
    plan = load_all(config, os.environ)
    with shown(sys.stderr) as onlooker:
        try:
            well = anyio.run(_until_told, Daemon(plan, World(onlooker)), once)
        except AddressUnavailable as error:
            click.echo(f"lucca-sync: {error}", err=True)
            raise SystemExit(TRY_LATER) from None
    if not well:
        raise SystemExit(FAILED)


async def _until_told(daemon: Daemon, once: bool) -> bool:  # noqa: FBT001 - anyio.run passes by position
    """Run, and raise what ended it as itself, not as a group of one."""
    try:
        return await _until_signalled(daemon, once=once)
    except ExceptionGroup as group:
        error: Exception = group
        while len(inside := cast("Sequence[Exception]", getattr(error, "exceptions", ()))) == 1:
            error = inside[0]
        raise error from None


def _ending_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that ask for an end; a terminal that goes is one, unless started under nohup."""
    stays = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return _SIGNALS if stays else (*_SIGNALS, signal.SIGHUP)


async def _until_signalled(daemon: Daemon, *, once: bool) -> bool:
    """Run; the first signal asks for an orderly end, the second ends everything at once."""
    well = False
    with anyio.open_signal_receiver(*_ending_signals()) as signals:
        async with anyio.create_task_group() as tasks:

            async def listen() -> None:
                async for _ in signals:
                    daemon.stop()
                    break
                async for _ in signals:
                    tasks.cancel_scope.cancel()

            tasks.start_soon(listen)
            well = await daemon.run(once=once)
            tasks.cancel_scope.cancel()
    return well
