"""What commands that send something along a route share: which route, how fast, and telling how it went."""

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import click

from lucca_sync.app.obstacles import Obstacle
from lucca_sync.app.sending import Order, Sent, Stock, Tell, Way
from lucca_sync.app.translate import resource_of, routes_of
from lucca_sync.cli.acting import deliveries, in_whose_words
from lucca_sync.cli.exits import FAILED
from lucca_sync.cli.obstacles import held_back_as_list, tell_what_waits
from lucca_sync.cli.options import Command, yes_option
from lucca_sync.cli.output import Cell, as_json, screen
from lucca_sync.cli.tally import carried_out
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.delivery import Lane
from lucca_sync.settings.load import read_routes, read_without_secrets
from lucca_sync.settings.problems import did_you_mean

PER_SECOND: Final = 20.0


class Manner(NamedTuple):
    """How a person wants it: done or only told, told how, how fast.

    `waiting` tells along which of some lanes nothing goes now.
    """

    yes: bool
    output: str
    waiting: Callable[[Iterable[Lane]], Mapping[Lane, Obstacle]]
    rate: float = 0


def to_option(command: Command) -> Command:
    """Add `--to`, given to the command as `to: str`."""
    return click.option(
        "--to",
        required=True,
        metavar="ROUTE[:CONNECTOR]",
        help="The route, or one of its connectors. A connector alone will do where one route leads there.",
    )(command)


def manner_options(command: Command) -> Command:
    """Add `--yes` and `--rate`."""
    for option in (
        yes_option,
        click.option(
            "--rate",
            default=PER_SECOND,
            show_default=True,
            type=click.FloatRange(0),
            help="At most so many a second: what happens meanwhile must not wait behind. 0: all at once.",
        ),
    ):
        command = option(command)
    return command


def way_to(config: Path, to: str) -> Way:
    """Return the route that is meant; complain with what there is."""
    routes = {route.name: route for route in routes_of(read_routes(config, os.environ))}
    name, _, connector = to.partition(":")
    if name not in routes and not connector:
        leading = [route for route in routes.values() if name in route.connectors]
        if len(leading) == 1:
            return Way(leading[0], tuple(lane for lane in leading[0].lanes if lane.connector == name))
        if leading:
            names = ", ".join(f"{route.name}:{name}" for route in leading)
            raise click.UsageError(f"several routes lead to {name}: say which of {names}")
    if name not in routes:
        there = {*routes, *(connector for route in routes.values() for connector in route.connectors)}
        raise click.UsageError(f"there is no route {name}{did_you_mean(name, there)}")
    route = routes[name]
    if connector and connector not in route.connectors:
        raise click.UsageError(f"route {name} leads to {', '.join(route.connectors)}, not to {connector}")
    return Way(route, tuple(lane for lane in route.lanes if connector in ("", lane.connector)))


def stock_of(config: Path, resource: str, tenant: str | None) -> Stock:
    """Return the resource that is meant; complain with what there is."""
    tenants = read_without_secrets(config, os.environ).tenants
    watching = {name for name, one in tenants.items() if resource in one.resources}
    if tenant is not None and tenant not in tenants:
        raise click.UsageError(f"there is no tenant {tenant}{did_you_mean(tenant, tenants)}")
    if tenant is None and len(watching) > 1:
        raise click.UsageError(
            f"several tenants have {resource}: say --tenant {' or '.join(sorted(watching))}"
        )
    name = tenant or next(iter(watching), None)
    if name is None or name not in watching:
        there = {one for each in tenants.values() for one in each.resources} - {resource}
        where = f" in tenant {tenant}" if tenant is not None else ""
        raise click.UsageError(f"{resource} is not watched{where}{did_you_mean(resource, there)}")
    wanted = tenants[name].resources[resource]
    return Stock(ResourceName(name, resource), resource_of(resource, wanted), tenants[name].url)


def order_of(manner: Manner, deed: str) -> Order:
    """Say how it is to be done: now, in whose words, how fast."""
    return Order(SystemClock().now(), in_whose_words(deed), manner.rate, manner.yes)


def carry_out(
    what: str, way: Way, manner: Manner, go_on: str, work: Callable[[Tell], Awaitable[Sent]]
) -> None:
    """Do it while a line on the terminal tells how far it is, then tell how it went.

    Ctrl-C leaves what is queued queued, and says by which option, `go_on`, a next run takes up the rest.
    """

    def cut_off(sent: Sent) -> None:
        tell_sent(sent, what, way, manner, rest=f"{go_on} {sent.last}" if sent.last else "")

    tell_sent(carried_out(what, work, Sent(), lambda sent: sent.seen, cut_off), what, way, manner)


def tell_sent(sent: Sent, what: str, way: Way, manner: Manner, *, rest: str | None = None) -> None:
    """Say what was found, what the route refused and why, and what was queued.

    `rest` is set when it was cut off: the option that goes on with the rest, empty for the beginning.
    """
    waiting = manner.waiting(way.lanes)
    if manner.output == "json":
        told = _as_dict(sent, done=manner.yes, cut_off=rest is not None)
        click.echo(as_json({**told, "held_back": held_back_as_list(waiting)}, indent=2))
        return
    _tell_people(sent, what, way, yes=manner.yes, rest=rest)
    tell_what_waits(waiting if sent.wanted else {}, screen())


def _tell_people(sent: Sent, what: str, way: Way, *, yes: bool, rest: str | None) -> None:
    out = screen()
    one = what.removesuffix("s") if sent.seen == 1 else what
    others = ", the others not:" if sent.reasons else "."
    out.line(f"{sent.seen:,} {one} looked at; {sent.wanted:,} for {way.route.name}{others}")
    by_count = sorted(sent.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    out.table(((f"{count:,}", why) for why, count in by_count), indent=2)
    if sent.emptied:
        out.line(f"  {sent.emptied:,} can't be sent: their contents are no longer kept (`retention`).")
    if yes:
        left = sent.wanted * len(way.lanes) - sent.queued
        open_there = f" {left:,} were open there already." if left else ""
        out.line(Cell(f"{deliveries(sent.queued)} queued.", "bold"), "" if rest is not None else open_there)
    else:
        out.line("Nothing was changed: add --yes to do it.")
    if rest is not None:
        out.line("That was cut off. The rest: the same again", " with " if rest else "", Cell(rest, "cyan"))


def nothing_to_send(why: str) -> SystemExit:
    """Say why there is nothing that could be sent, and return what ends the command."""
    click.echo(f"lucca-sync: {why}", err=True)
    return SystemExit(FAILED)


def _as_dict(sent: Sent, *, done: bool, cut_off: bool) -> dict[str, object]:
    return {
        "done": done,
        "cut_off": cut_off,
        "seen": sent.seen,
        "wanted": sent.wanted,
        "refused": sent.reasons,
        "emptied": sent.emptied,
        "queued": sent.queued,
        "last": sent.last,
    }
