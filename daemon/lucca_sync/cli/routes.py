"""`lucca-sync routes`: how each route stands, holding one back, letting it go on."""

import os
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import anyio
import click

from lucca_sync.app.standing import LaneNow, held_among, lanes_now, pause, paused_among, resume
from lucca_sync.cli.acting import in_whose_words
from lucca_sync.cli.entries import instant_text
from lucca_sync.cli.exits import FAILED
from lucca_sync.cli.obstacles import held_back, obstacle_text, tell_what_waits, windows_in
from lucca_sync.cli.options import config_option, output_option, yes_option
from lucca_sync.cli.output import Cell, Row, as_json, screen
from lucca_sync.cli.stored import store_at, store_option
from lucca_sync.egress.holding import Hold
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.delivery import Lane, State
from lucca_sync.model.event import rfc3339
from lucca_sync.settings.load import read_routes
from lucca_sync.settings.problems import did_you_mean

_HEAD: Final = ("along", "standing", "pending", "in flight", "retrying", "parked", "dead", "oldest open")
_COUNTED: Final[tuple[State, ...]] = ("pending", "in_flight", "retrying", "parked", "dead")


@click.group()
def routes() -> None:
    """Look at how routes stand, pause and resume them; also while the daemon runs.

    A paused route keeps what it gets until it is resumed; nothing is lost, and no retry is used up. A target
    that failed too often is left alone for a while by itself; one that said that it is no more (HTTP 410)
    until a person resumes it.

    \b
    Examples:
      lucca-sync routes status
      lucca-sync routes pause people-to-crm --reason "migration of the CRM" --yes
      lucca-sync routes resume people-to-crm --yes
      lucca-sync routes resume --target crm --yes
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is


@routes.command(short_help="Show how each route stands, and what waits along it.")
@config_option
@store_option
@output_option
def status(config: Path, store: Path | None, output: str) -> None:
    """Show each route's lanes: whether they flow, what waits along them, since when."""
    found = _lanes(config, store)
    if output == "json":
        for one in found:
            click.echo(as_json(_as_dict(one)))
    elif not found:
        screen().line("There are no routes.")
    else:
        screen().table(_rows(found, SystemClock().now()), head=_HEAD)
        _advise(found)


@routes.command("pause")
@click.argument("names", metavar="ROUTE...", nargs=-1, required=True)
@click.option("--reason", default="", help="Why, for whoever asks later.")
@yes_option
@config_option
@store_option
@output_option
def pause_them(
    config: Path, store: Path | None, names: tuple[str, ...], reason: str, output: str, *, yes: bool
) -> None:
    """Hold routes back: what they get waits until they are resumed. Without --yes it is only rehearsed."""
    found = _lanes(config, store)
    _check(names, {one.lane.route for one in found}, (), "route")
    if yes:
        words = ": ".join(filter(None, (in_whose_words("paused"), reason)))
        anyio.run(pause, store_at(config, store), names, words, SystemClock().now())
        found = _lanes(config, store)
    _tell("paused", [one for one in found if one.lane.route in names], output, done=yes)


@routes.command("resume")
@click.argument("names", metavar="[ROUTE]...", nargs=-1)
@click.option(
    "--target", "targets", multiple=True, help="A connector that is left alone; may be said several times."
)
@yes_option
@config_option
@store_option
@output_option
def resume_them(
    config: Path,
    store: Path | None,
    names: tuple[str, ...],
    targets: tuple[str, ...],
    output: str,
    *,
    yes: bool,
) -> None:
    """Let paused routes go on, or a target be tried again now. Without --yes it is only rehearsed."""
    if not names and not targets:
        raise click.UsageError("say which: a route, or --target and a connector")
    found = _lanes(config, store)
    _check(names, paused_among(found), {one.lane.route for one in found}, "paused route")
    _check(targets, held_among(found), {one.lane.connector for one in found}, "target failing or gone")
    if yes:
        anyio.run(resume, store_at(config, store), names, targets)
        found = _lanes(config, store)
    concerned = [one for one in found if one.lane.route in names or one.lane.connector in targets]
    _tell("resumed", concerned, output, done=yes)
    if yes and output == "text":
        tell_what_waits(held_back(config, store_at(config, store), [one.lane for one in concerned]), screen())


def _lanes(config: Path, store: Path | None) -> Sequence[LaneNow]:
    sections = read_routes(config, os.environ)
    configured = {Lane(name, connector) for name, route in sections.items() for connector in route.to}
    found: Sequence[LaneNow] = anyio.run(lanes_now, store_at(config, store), configured, windows_in(config))
    return found


def _check(names: Sequence[str], meant: Collection[str], others: Collection[str], what: str) -> None:
    """Fail with a word about the first name that is not meant: one of the `others`, or a slip."""
    for name in names:
        if name in meant:
            continue
        if name not in others:
            raise click.UsageError(f"no {what} is called {name}{did_you_mean(name, {*meant, *others})}")
        click.echo(f"lucca-sync: {name} is no {what}", err=True)
        raise SystemExit(FAILED)


def _tell(what: str, lanes: Sequence[LaneNow], output: str, *, done: bool) -> None:
    if output == "json":
        click.echo(as_json({"done": done, "lanes": [_as_dict(one) for one in lanes]}, indent=2))
        return
    out = screen()
    out.table([("→".join(one.lane), f"{one.waiting:,} open") for one in lanes], indent=2)
    if done:
        out.line(Cell(f"{what.capitalize()}.", "bold"), " A running daemon does so within a second or two.")
    else:
        out.line(Cell(f"These would be {what}.", "bold"))
        out.line("Nothing was changed: add --yes to do it.")


def _rows(lanes: Sequence[LaneNow], now: datetime) -> Iterator[Row]:
    for one in lanes:
        counts = (f"{one.status.counts.get(state, 0):,}" for state in _COUNTED)
        oldest = instant_text(one.status.oldest) if one.status.oldest else ""
        yield "→".join(one.lane), _standing(one, now), *counts, oldest


def _standing(one: LaneNow, now: datetime) -> Cell:
    """Say in one word or two whether a lane flows."""
    if not one.configured:
        return Cell("not in the settings", "yellow")
    if one.pause is not None:
        return Cell(f"paused since {instant_text(one.pause.since)}", "yellow")
    if one.hold is not None and one.hold.state == "disabled":
        return Cell(f"target gone since {instant_text(one.hold.since)}", "bold red")
    if one.maintenance is not None:
        return Cell(f"maintenance until {instant_text(one.maintenance)}", "yellow")
    if one.hold is None:
        return Cell("flows", "green")
    return Cell(obstacle_text(one.hold, now), "red")


def _advise(lanes: Sequence[LaneNow]) -> None:
    """Say below the table why what doesn't flow does not, and what to do."""
    out = screen()
    for name, pausing in paused_among(lanes).items():
        out.line(f"{name}: {pausing.reason or 'paused'}; ", Cell(f"lucca-sync routes resume {name}", "cyan"))
    for name, holding in held_among(lanes).items():
        out.line(
            f"{name}: {holding.reason or holding.state}; ",
            Cell(f"lucca-sync routes resume --target {name}", "cyan"),
        )
    for one in lanes:
        if not one.configured and one.waiting:
            route, connector = one.lane
            choice = f"--route {route} --connector {connector}"
            out.line(
                f"{route}→{connector}: waits for the settings to name it again, or ",
                Cell(f"lucca-sync deliveries discard {choice}", "cyan"),
            )


def _as_dict(one: LaneNow) -> dict[str, object]:
    return {
        "route": one.lane.route,
        "connector": one.lane.connector,
        "configured": one.configured,
        "paused": _since(one.pause.since, one.pause.reason) if one.pause else None,
        "target": _held(one.hold) if one.hold else None,
        "maintenance": rfc3339(one.maintenance) if one.maintenance else None,
        "counts": {state: one.status.counts.get(state, 0) for state in _COUNTED},
        "oldest": rfc3339(one.status.oldest) if one.status.oldest else None,
    }


def _held(hold: Hold) -> dict[str, object]:
    until = rfc3339(hold.until) if hold.until else None
    return {"state": hold.state, "until": until, **_since(hold.since, hold.reason)}


def _since(since: datetime, reason: str) -> dict[str, object]:
    return {"since": rfc3339(since), "reason": reason}
