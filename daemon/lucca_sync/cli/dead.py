"""`lucca-sync dead`: dead letters, what they died of, and sending them again once that is mended."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final, Unpack

import click

from lucca_sync.app.handling import causes, listed
from lucca_sync.cli.acting import QUEUED, Acting, act, acting
from lucca_sync.cli.choosing import (
    Options,
    asked,
    choice_of,
    choosing_options,
    filter_of,
    narrowed,
    tell_deliveries,
)
from lucca_sync.cli.delivery_words import CAUSE_HEAD, cause_as_dict, cause_row
from lucca_sync.cli.obstacles import windows_in
from lucca_sync.cli.options import config_option, output_option
from lucca_sync.cli.output import Cell, as_json, screen
from lucca_sync.cli.showing import show
from lucca_sync.cli.stored import store_at, store_option
from lucca_sync.journal.protocol import Cause
from lucca_sync.model.delivery import State

_DEAD: Final[tuple[State, ...]] = ("dead",)


@click.group()
def dead() -> None:
    """Look at dead letters by what they died of, send them again, or give them up; the daemon may run.

    A dead letter is a delivery that its target refused for good, or that was tried for as long as the
    settings say. Needs only the settings' `store`.

    \b
    Examples:
      lucca-sync dead list
      lucca-sync dead replay --connector crm --since 2d
      lucca-sync dead replay --connector crm --since 2d --yes
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is


@dead.command("list", short_help="List dead letters by what they died of.")
@choosing_options
@click.option("--each", is_flag=True, help="List them one by one instead of by cause.")
@click.option("-n", "--count", default=50, show_default=True, type=click.IntRange(1), help="At most so many.")
@config_option
@store_option
@output_option
def list_them(
    config: Path, store: Path | None, output: str, count: int, *, each: bool, **options: Unpack[Options]
) -> None:
    """List dead letters, grouped by route, connector and cause, the most frequent first.

    With --each, or with --event, one by one, the oldest first.
    """
    path = store_at(config, store)
    none = "No dead letter is like that." if narrowed(options) else "There are no dead letters."
    if each or options["event"]:
        found = asked(partial(listed, path, choice_of(options, _DEAD), count + 1, windows_in(config)))
        tell_deliveries(found, count, output, none)
    else:
        _tell_causes(asked(partial(causes, path, filter_of(options, _DEAD))), count, output, none)


def _tell_causes(found: Sequence[Cause], count: int, output: str, none: str) -> None:
    if output == "json":
        for cause in found[:count]:
            click.echo(as_json(cause_as_dict(cause)))
        return
    out = screen()
    if not found:
        out.line(none)
        return
    out.table((cause_row(cause) for cause in found[:count]), head=CAUSE_HEAD)
    if len(found) > count:
        out.line(f"{len(found) - count:,} more: -n shows more, options choose.")
    out.line()
    out.line("One by one: ", Cell("lucca-sync dead list --each", "cyan"))
    out.line("Once mended: ", Cell('lucca-sync dead replay --connector … [--reason "…"]', "cyan"))


dead.add_command(show)


@dead.command(short_help="Send dead letters again, with the ids they had.")
@acting
def replay(**said: Unpack[Acting]) -> None:
    """Send dead letters again, with the ids they had; retries begin anew.

    Without --yes it is only told what would be done. Each goes before its subject's younger deliveries that
    still wait; those that were delivered meanwhile have been.

    \b
    Examples:
      lucca-sync dead replay 65537 --yes
      lucca-sync dead replay --connector crm --reason "the target cannot process this event (HTTP 422)"
      lucca-sync dead replay --since 2026-11-01 --until 2026-11-03
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    act(said, _DEAD, "queue_again", QUEUED)


@dead.command(short_help="Give dead letters up for good.")
@acting
def discard(**said: Unpack[Acting]) -> None:
    """Give dead letters up for good: they are no longer listed, and go with their events after `retention`.

    Without --yes it is only told what would be done. A subject that was held goes on.

    \b
    Example:
      lucca-sync dead discard --connector crm --until 90d --yes
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    act(said, _DEAD, "discard", "discarded")
