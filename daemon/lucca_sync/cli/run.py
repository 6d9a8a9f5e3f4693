"""`lucca-sync run`: the daemon, from its settings to an orderly end."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, cast

import anyio
import click
import structlog

from lucca_sync.app.daemon import GRACE, Daemon, World
from lucca_sync.cli.exits import FAILED, TRY_LATER
from lucca_sync.cli.hangups import Hangups, bear_storms, ignore_at_the_end
from lucca_sync.cli.options import config_option
from lucca_sync.cli.progress import shown
from lucca_sync.registry import load_all
from lucca_sync.server.app import AddressUnavailable

LAST_RESORT: Final = GRACE + timedelta(seconds=15)
"""How long an orderly end may take: calls that close and a last write come after the grace."""
LAST_RESORT_ASKED_TWICE: Final = timedelta(seconds=10)
_LOG: Final = structlog.get_logger("lucca_sync.cli")


@click.command(short_help="Watch Lucca and deliver changes until told to stop.")
@config_option
@click.option(
    "--once", is_flag=True, help="Look at everything once, deliver what can be delivered, and end (for cron)."
)
def run(config: Path, *, once: bool) -> None:
    """Watch the tenants named in the settings and deliver every change, until SIGTERM or Ctrl-C.

    The first look at a resource takes everything in without telling anybody; from then on each change is
    told. The first signal asks for an orderly end: attempts in flight may finish, nothing is lost. A second
    one is final. Should a disk hang, the process ends anyway, after 50 seconds or 10: with exit code 75, and
    with nothing lost.

    SIGHUP has the settings read again, without a restart (`kill -HUP PID`). They are checked first: with any
    problem, which the log then tells, those of before stay in force. Who is watched as before is not
    disturbed, cursors and deliveries are kept by name. `store` and `server.listen` need a restart. When the
    terminal that it was started from goes away, it ends as after a first signal.

    With --once the exit code is 1 when something could not be read or delivered yet.
    """
    hangups = Hangups()
    hangups.hold()
    read = partial(load_all, config, os.environ)
    plan = read()
    _collect_seldom()
    with shown(sys.stderr) as onlooker:
        try:
            daemon = Daemon(plan, World(onlooker), read)
            well = anyio.run(_until_told, daemon, hangups, once)
        except AddressUnavailable as error:
            click.echo(f"lucca-sync: {error}", err=True)
            raise SystemExit(TRY_LATER) from None
    if not well:
        raise SystemExit(FAILED)


def _collect_seldom() -> None:
    """Let the garbage collector leave alone what stays for good, and look less often at what doesn't.

    Records and events are trees of small objects, freed as soon as nobody holds them, and cycles are few:
    with Python's own thresholds a seventh of the time of a busy daemon goes into looking for them.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)


async def _until_told(daemon: Daemon, hangups: Hangups, once: bool) -> bool:  # noqa: FBT001 - by position
    """Run, and raise what ended it as itself, not as a group of one."""
    try:
        return await _until_signalled(daemon, hangups, once=once)
    except ExceptionGroup as group:
        error: Exception = group
        while len(inside := cast("Sequence[Exception]", getattr(error, "exceptions", ()))) == 1:
            error = inside[0]
        raise error from None


async def _until_signalled(daemon: Daemon, hangups: Hangups, *, once: bool) -> bool:
    """Run; the first signal asks for an orderly end, the second ends everything at once."""
    well = False
    loop = asyncio.get_running_loop()
    try:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            bear_storms()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_listen, daemon, signals, tasks.cancel_scope)
                hangups.tell(lambda: loop.call_soon_threadsafe(_hung_up, daemon, hangups))
                well = await daemon.run(once=once)
                tasks.cancel_scope.cancel()
    finally:
        ignore_at_the_end()
    return well


async def _listen(
    daemon: Daemon, signals: AsyncIterable[signal.Signals], everything: anyio.CancelScope
) -> None:
    """Stop at the first signal; at the second, end everything at once."""
    asked = False
    async for _ in signals:
        _end_anyhow_after(LAST_RESORT_ASKED_TWICE if asked else LAST_RESORT)
        if asked:
            everything.cancel()
        asked = True
        daemon.stop()


def _end_anyhow_after(patience: timedelta) -> None:
    """Have the process ended where it stands unless the loop has come to its end by then.

    Whatever cancels leaves a call into the store alone, and one into a disk that hangs never comes back.
    """
    asyncio.get_running_loop().call_later(patience.total_seconds(), _end_where_it_stands)


def _end_where_it_stands() -> None:
    _LOG.critical(
        "ended_where_it_stood",
        detail="something has not come to its end, most likely a call into the store whose disk hangs; "
        "nothing is lost, and what was under way is done again by the next start",
    )
    os._exit(TRY_LATER)


def _hung_up(daemon: Daemon, hangups: Hangups) -> None:
    """Stop when the terminal is gone: nobody is left to read what is said. Else read the settings again."""
    hangups.heard()
    if hangups.terminal_gone:
        _end_anyhow_after(LAST_RESORT)
        daemon.stop()
    else:
        daemon.reload()
