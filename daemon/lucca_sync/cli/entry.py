"""The entry point: imports the one command that was asked for, and turns expected errors into exit codes."""

import gc
import io
import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from traceback import format_tb
from types import ModuleType
from typing import BinaryIO, Final, NoReturn, cast

import click

from lucca_sync.cli import exits
from lucca_sync.cli.hangups import Hangups
from lucca_sync.cli.options import CONFIG_VARIABLE
from lucca_sync.journal.errors import StoreError, StoreInUse
from lucca_sync.kit.secret import SecretUnreadable
from lucca_sync.settings.problems import SettingsError

COMMANDS: Final = {
    "run": "Watch Lucca and deliver changes until told to stop.",
    "check": "Check the settings; with --connect also Lucca and every target.",
    "events": "Look at what changed and what became of it.",
    "explain": "Why one event was or was not sent.",
    "deliveries": "Where events are on their way; retry or discard them.",
    "dead": "Dead letters by cause; replay or discard them.",
    "routes": "How routes stand; pause and resume them.",
    "replay": "Send former events again, with the same ids.",
    "backfill": "Send every record of a resource as it stands.",
    "resync": "Send one record as it stands.",
    "plan": "What other settings would have sent, sending nothing.",
    "brake": "Look at mass changes that are held back, and decide.",
    "hints": "Lucca's own webhooks: set up, look at, take away.",
    "demo": "Watch changes arrive, on this machine alone.",
    "simulate": "An invented Lucca tenant to rehearse with.",
    "schema": "The JSON Schema of the settings file, for editors.",
    "version": "The installed version.",
}
"""Command → one line of help. Command `x` is the click command `x` in the module `lucca_sync.cli.x`."""

_EXPECTED: Final = (SettingsError, SecretUnreadable, StoreInUse, StoreError)


class LazyGroup(click.Group):
    """Imports a command when it is invoked, never to list it: `version` must not pay for `run`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of a first day with the product."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, or return None for click to complain."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: object = getattr(_imported(f"lucca_sync.cli.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing one."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _imported(name: str) -> ModuleType:
    """Import a module without looking for garbage: there is none, and looking costs a tenth of the time."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lucca-sync", message="lucca-sync %(version)s")
def lucca_sync() -> None:
    """Watch Lucca HR tenants and deliver every change, durably and in order.

    \b
    A first day:
      lucca-sync demo                          see it work, on this machine alone
      lucca-sync check -c lucca-sync.yaml      is my settings file right?
      lucca-sync check --connect               do Lucca and my targets play along?
      lucca-sync run                           go
      lucca-sync events tail -f                what is happening?
      lucca-sync explain EVENT                 why was this sent, or not?

    \b
    Exit codes: 0 fine, 1 failed, 2 wrong command line, 75 try again later, 78 wrong settings.
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process."""
    if list(sys.argv[1:] if arguments is None else arguments)[:1] == ["run"]:
        Hangups().hold()  # to come while it starts must not end it; its settings are read later
    try:
        code = exit_code(arguments)
    except Exception as fault:  # noqa: BLE001 - what nobody expected, in its own words, could quote a record
        _tell_fault(fault)
        code = exits.FAILED
    _let_go_of_output()
    sys.exit(code)


def _let_go_of_output() -> None:
    """Drop what cannot be printed any more: Python would end with a code of its own for it, 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def exit_code(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; errors people can act on are told without traceback."""
    try:
        return _run(arguments)
    except _EXPECTED as error:
        return _tell(error)
    except ExceptionGroup as group:  # a task group wraps what ends it
        first, *others = _leaves(group)
        if others or not isinstance(first, _EXPECTED):
            raise
        return _tell(first)


def _run(arguments: Sequence[str] | None) -> int:
    _print_in_any_locale()
    try:
        returned: object = lucca_sync.main(arguments, prog_name="lucca-sync", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return exits.INTERRUPTED
    except SystemExit as error:  # how a command says that it failed
        returned = error.code
    return returned if isinstance(returned, int) else exits.OK


def _print_in_any_locale() -> None:
    """Write what the locale lacks, a check mark or an arrow, as an escape instead of failing."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        out = cast("io.TextIOWrapper[BinaryIO]", sys.stdout)
        out.reconfigure(errors="backslashreplace")


def _tell(error: Exception) -> int:
    if isinstance(error, SettingsError):
        _tell_problems(error)
        return exits.CONFIG
    _complain(str(error))
    return exits.CONFIG if isinstance(error, SecretUnreadable) else exits.TRY_LATER


def _tell_fault(fault: Exception) -> None:
    for error in _leaves(fault):
        places = "".join(format_tb(error.__traceback__))
        _complain(f"stopped by a fault of its own, {type(error).__name__}, raised here:\n{places}")


def _leaves(error: Exception) -> Iterator[Exception]:
    if not isinstance(error, ExceptionGroup):
        yield error
        return
    for inner in cast("ExceptionGroup[Exception]", error).exceptions:
        yield from _leaves(inner)


def _tell_problems(error: SettingsError) -> None:
    for problem in error.problems:
        click.echo(str(problem), err=True)
    if not any(Path(problem.file).exists() for problem in error.problems):
        _complain(f"name the settings file with --config or in {CONFIG_VARIABLE}")
    count = len(error.problems)
    _complain(f"{count} problem{'s' if count > 1 else ''} in the settings")


def _complain(message: str) -> None:
    click.echo(f"lucca-sync: {message}", err=True)
