"""`lucca-sync plan`: what other settings would have sent in the journal's last days; nothing is sent."""

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import anyio
import click

from lucca_sync.app.rehearsing import EFFECTS, Effect, Rehearsal, rehearsed
from lucca_sync.cli.entries import SHORT_ID
from lucca_sync.cli.moment import MOMENT
from lucca_sync.cli.options import CONFIG_VARIABLE, output_option
from lucca_sync.cli.output import Cell, Row, Screen, as_json, screen
from lucca_sync.cli.stored import store_at, store_option
from lucca_sync.cli.tally import tallying
from lucca_sync.model.delivery import Lane
from lucca_sync.settings.load import read_routes

_STYLES: Final[dict[Effect, str]] = {
    "same": "dim",
    "added": "green",
    "removed": "red",
    "changed": "yellow",
    "failing": "bold red",
}
_MEANINGS: Final[dict[Effect, str]] = {
    "same": "sent by both, with the same contents",
    "added": "sent by the new settings only",
    "removed": "sent by today's settings only",
    "changed": "sent by both, with other contents",
    "failing": "the new condition (`when`) fails on these: they would become dead letters",
}


@click.command()
@click.option(
    "-c",
    "--config",
    "new",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The settings file to try out.",
)
@click.option(
    "--current",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("lucca-sync.yaml"),
    show_default=True,
    envvar=CONFIG_VARIABLE,
    show_envvar=True,
    help="The settings file in force, whose journal is looked at.",
)
@store_option
@click.option("--since", type=MOMENT, default="7d", show_default=True, help="How far to look back.")
@output_option
def plan(new: Path, current: Path, store: Path | None, since: datetime, output: str) -> None:
    """Tell what new settings would have sent in the last days, beside what those in force send: which
    deliveries come, go, or have other contents. Sends and changes nothing; works beside a running daemon.

    Only routes are compared: where a connector leads, and what a tenant is asked for, is not.

    \b
    Examples:
      lucca-sync plan --config new.yaml --since 7d
      lucca-sync plan --config new.yaml --since 2026-11-01 -o json

    Then: put the file in its place, `lucca-sync check`, and send the daemon SIGHUP.
    """  # noqa: D205, D301 - a long first sentence; \b is how click is told to leave a paragraph as it is
    path, environment = store_at(current, store), os.environ
    with tallying(sys.stderr, "events compared") as tell:
        found = anyio.run(
            rehearsed, path, read_routes(current, environment), read_routes(new, environment), since, tell
        )
    if output == "json":
        click.echo(as_json(as_dict(found), indent=2))
    else:
        show(found, screen())


def as_dict(found: Rehearsal) -> dict[str, object]:
    """Return the comparison for programs."""
    return {
        "events": found.events,
        "emptied": found.emptied,
        "lanes": [
            {
                "route": lane.route,
                "connector": lane.connector,
                **{effect: counts[effect] for effect in EFFECTS},
                "samples": {effect: found.samples.get((lane, effect), []) for effect in EFFECTS[1:]},
            }
            for lane, counts in sorted(found.counts.items())
        ],
    }


def show(found: Rehearsal, out: Screen) -> None:
    """Write the comparison for people."""
    span = f"{found.events:,} event{'s' if found.events != 1 else ''}"
    out.line(Cell(f"{span} compared", "bold"), "" if found.differs else ": both settings send the same")
    if found.emptied:
        out.line(Cell(f"{found.emptied:,} of them have no contents any more and were left out", "yellow"))
    for lane in sorted(found.counts):
        out.line()
        out.line(Cell(f"{lane.route} → {lane.connector}", "bold"))
        out.table(_effect_rows(found, lane), indent=2)
    if any(found.samples.values()):
        out.line()
        out.line("To look into one: ", Cell("lucca-sync explain EVENT", "cyan"))


def _effect_rows(found: Rehearsal, lane: Lane) -> Iterator[Row]:
    for effect in EFFECTS:
        count = found.counts[lane][effect]
        if count:
            named = ", ".join(one[:SHORT_ID] for one in found.samples.get((lane, effect), []))
            example = f"such as {named}" if named else ""
            yield Cell(f"{count:,} {effect}", _STYLES[effect]), _MEANINGS[effect], Cell(example, "dim")
