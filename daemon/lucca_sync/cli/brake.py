"""`lucca-sync brake`: what is held back, why, and a person's decision about it. Shows no record's values."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import click

from lucca_sync.app.holdings import HeldNow, held_sets, leave_decision
from lucca_sync.cli.brake_words import held_as_dict, held_row, held_state, outlook, show_held
from lucca_sync.cli.exits import FAILED
from lucca_sync.cli.options import config_option, output_option
from lucca_sync.cli.output import Cell, as_json, screen
from lucca_sync.cli.stored import store_at, store_option
from lucca_sync.ingest.held import Decision, Verdict
from lucca_sync.kit.clock import SystemClock

_RESOURCE = click.argument("resource", metavar="TENANT/RESOURCE")
_YES = click.option("-y", "--yes", is_flag=True, help="Don't ask; needed where there is no terminal.")


@click.group()
def brake() -> None:
    """Look at mass changes that are held back, and decide what becomes of them.

    A lost permission looks exactly like everybody leaving, a restored sandbox like a thousand changes. So
    when one look finds too much, nobody is told until the rows return by themselves or a person decides.
    Works beside a running daemon and without one; needs only the settings' `store`.

    \b
    A first look:
      lucca-sync brake list                      what is held?
      lucca-sync brake show acme/employees       why, since when, whom does it concern?
      lucca-sync brake approve acme/employees    it is genuine: tell everybody
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is


@brake.command("list")
@config_option
@store_option
@output_option
def list_held(config: Path, store: Path | None, output: str) -> None:
    """List what is held: where, why, how much, since when."""
    found = anyio.run(held_sets, store_at(config, store))
    if output == "json":
        for one in found:
            click.echo(as_json(held_as_dict(one)))
    elif not found:
        screen().line("Nothing is held.")
    else:
        head = ("resource", "reason", "held", "of", "since", "decision")
        screen().table((held_row(one) for one in found), head=head)


@brake.command(short_help="Print one held set, and what each decision would do.")
@_RESOURCE
@config_option
@store_option
@output_option
def show(resource: str, config: Path, store: Path | None, output: str) -> None:
    """Print one held set: why it looks odd, whom it concerns, which fields, what each decision would do.

    \b
    Example:
      lucca-sync brake show acme/employees
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    found = _found(store_at(config, store), resource)
    if output == "json":
        click.echo(as_json(held_as_dict(found), indent=2))
    else:
        show_held(found, screen())


@brake.command()
@_RESOURCE
@config_option
@store_option
@click.option(
    "--as-baseline", is_flag=True, help="Take it into the snapshot and tell nobody: after a restore."
)
@_YES
@output_option
def approve(
    resource: str, config: Path, store: Path | None, output: str, *, as_baseline: bool, yes: bool
) -> None:
    """Let a held set through: it is genuine.

    At the next look each of its changes becomes an event; deletions are still confirmed one by one. With
    --as-baseline the snapshot takes it all silently instead. If it has grown by more than half until then,
    it is held again.

    \b
    Examples:
      lucca-sync brake approve acme/employees
      lucca-sync brake approve acme/employees --as-baseline --yes
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    _decide(store_at(config, store), resource, "baseline" if as_baseline else "approve", output, yes=yes)


@brake.command(short_help="Keep a held set out: it is wrong.")
@_RESOURCE
@config_option
@store_option
@_YES
@output_option
def reject(resource: str, config: Path, store: Path | None, output: str, *, yes: bool) -> None:
    """Keep a held set out: it is wrong, and is being repaired in Lucca.

    The snapshot stays as it was and the alarm ends. When the rows return, all is as before; when the set
    grows by more than half, it is held anew.

    \b
    Example:
      lucca-sync brake reject acme/employees
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    _decide(store_at(config, store), resource, "reject", output, yes=yes)


def _found(store: Path, resource: str) -> HeldNow:
    """Return what is held of `TENANT/RESOURCE`; end the command when nothing is."""
    sets: Sequence[HeldNow] = anyio.run(held_sets, store)
    for one in sets:
        if resource == "/".join(one.name):
            return one
    click.echo(f"lucca-sync: nothing is held of {resource}", err=True)
    if sets:
        names = ", ".join("/".join(one.name) for one in sets)
        click.echo(f"lucca-sync: held is something of {names}", err=True)
    raise SystemExit(FAILED)


def _decide(store: Path, resource: str, verdict: Verdict, output: str, *, yes: bool) -> None:
    if output == "json" and not yes:
        raise click.UsageError("a program is not asked: say --yes to decide")
    found = _found(store, resource)
    now: datetime = SystemClock().now().astimezone(UTC)
    decision = Decision(verdict=verdict, since=found.held.since, at=now)
    if output == "json":
        anyio.run(leave_decision, store, found.name, decision)
        click.echo(as_json(held_as_dict(replace(found, waiting=decision)), indent=2))
    else:
        _decide_aloud(store, found, decision, yes=yes)


def _decide_aloud(store: Path, found: HeldNow, decision: Decision, *, yes: bool) -> None:
    out = screen()
    told = f": {held_state(found)}. {outlook(found.held, decision.verdict)}"
    out.line(Cell("/".join(found.name), "bold"), told)
    if not yes and not _agreed():
        raise SystemExit(FAILED)
    anyio.run(leave_decision, store, found.name, decision)
    out.line("Noted. A running daemon takes it up within seconds; without one, the next run does.")


def _agreed() -> bool:
    """Ask a person; without one to ask, say how to go on."""
    if not sys.stdin.isatty():
        raise click.UsageError("this is no terminal: say --yes to decide without being asked")
    return click.confirm("Decide so?")
