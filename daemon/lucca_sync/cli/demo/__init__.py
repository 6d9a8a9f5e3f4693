"""`lucca-sync demo`: a living tenant, the daemon and a receiver on this machine, and changes to watch."""

import logging
import os
import signal
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import anyio
import click

from lucca_sync.cli.demo.plain import PlainView, verdict
from lucca_sync.cli.demo.stage import Stage, View
from lucca_sync.cli.demo.tally import Figures
from lucca_sync.cli.exits import FAILED
from lucca_sync.cli.rate import PER_MINUTE
from lucca_sync.kit.clock import SystemClock
from lucca_sync.kit.durations import parse_duration
from lucca_sync.obs.logging import configure_logging

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class Span(click.ParamType[timedelta]):
    """A duration such as `30s`."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read the duration."""
        try:
            span = parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return span if isinstance(span, timedelta) else timedelta(0)


@click.command(short_help="Watch changes arrive, on this machine alone.")
@click.option("--for", "life", type=Span(), help="End by itself after so much life, e.g. 30s.")
@click.option(
    "--alive",
    type=PER_MINUTE,
    default=30.0,
    show_default="30/min",
    help="Changes in the simulated Lucca, e.g. 20/min.",
)
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), help="Folder to keep settings and store in."
)
def demo(life: timedelta | None, alive: float, keep: Path | None) -> None:
    """Start a simulated Lucca tenant that lives, the daemon, and a receiver that verifies signatures.

    Needs nothing, sends nothing beyond this machine. The figures at the end compare what the tenant changed
    with what arrived; the exit code is 0 only if every change was delivered, verified and in order.
    """
    configure_logging(level=logging.ERROR)
    with _folder(keep) as folder, _view() as view:
        stage = Stage(folder, view, SystemClock(), alive)
        figures = anyio.run(_played, stage, life)
    if figures is None:
        raise click.ClickException("ended before the last changes arrived, so there is nothing to compare")
    click.echo(verdict(figures))
    if not figures.good:
        raise SystemExit(FAILED)


async def _played(stage: Stage, life: timedelta | None) -> Figures | None:
    """Play; the first Ctrl-C lets the last changes arrive, the second ends at once."""
    ended, figures = anyio.Event(), None
    with anyio.open_signal_receiver(*_SIGNALS) as signals:
        async with anyio.create_task_group() as tasks:

            async def listen() -> None:
                async for _ in signals:
                    if ended.is_set():
                        tasks.cancel_scope.cancel()
                    ended.set()

            tasks.start_soon(listen)
            figures = await stage.play(life, ended)
            tasks.cancel_scope.cancel()
    return figures


@contextmanager
def _folder(keep: Path | None) -> Generator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="lucca-sync-demo-") as folder:
        yield Path(folder)


@contextmanager
def _view() -> Generator[View]:
    if not sys.stdout.isatty():
        yield PlainView(_say)
        return
    from rich.console import Console  # noqa: PLC0415 - for terminals only

    from lucca_sync.cli.demo.live import live_view  # noqa: PLC0415 - for terminals only

    with live_view(Console()) as view:
        yield view


def _say(line: str) -> None:
    """Print a line; when nobody reads any more, as with `| head`, end in order."""
    try:
        click.echo(line)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.raise_signal(signal.SIGTERM)
