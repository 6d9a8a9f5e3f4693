"""Acting on deliveries that a person has chosen: rehearsed or done, with a word about how many that were."""

import getpass
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import click

from lucca_sync.app.handling import Choice, Handled, Order, handled
from lucca_sync.app.obstacles import Obstacle
from lucca_sync.cli.choosing import (
    NUMBER,
    Options,
    choice_of,
    choosing_options,
    narrowed,
    words_for_what_is_not_there,
)
from lucca_sync.cli.obstacles import held_back, held_back_as_list, tell_what_waits
from lucca_sync.cli.options import Command, config_option, output_option, yes_option
from lucca_sync.cli.output import Cell, Screen, as_json, screen
from lucca_sync.cli.stored import store_at, store_option
from lucca_sync.cli.tally import carried_out
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.delivery import ByHand, Lane, State

QUEUED: Final = "queued"
"""What is done to what is to be sent."""


class Acting(Options):
    """What a person says to a command that acts on deliveries."""

    numbers: tuple[int, ...]
    everything: bool
    yes: bool
    config: Path
    store: Path | None
    output: str


def acting(command: Command) -> Command:
    """Add all that a command takes which acts on deliveries, given to it as `Acting`."""
    for option in (
        output_option,
        store_option,
        config_option,
        yes_option,
        click.option(
            "--all", "everything", is_flag=True, help="Every one, where nothing narrows the choice."
        ),
        choosing_options,
        click.argument("numbers", metavar="[DELIVERY]...", nargs=-1, type=NUMBER),
    ):
        command = option(command)
    return command


def act(said: Acting, states: tuple[State, ...], what: ByHand, deed: str, *, by_state: bool = False) -> None:
    """Do something to what is chosen, or tell what would be done; then say how many that were.

    `by_state`: the states were said by the person, so that everything in them is meant.
    """
    choice = _choice(said, states, everything=said["everything"] or by_state)
    order = Order(what, SystemClock().now(), in_whose_words(deed), apply=said["yes"])
    store = store_at(said["config"], said["store"])
    work = partial(handled, store, choice, order)

    def tell(found: Handled, *, cut_off: bool = False) -> None:
        lanes = found.lanes if deed == QUEUED else ()
        _tell(said["output"], deed, found, held_back(said["config"], store, lanes), cut_off=cut_off)

    with words_for_what_is_not_there():
        found = carried_out(
            "deliveries", work, Handled(), lambda found: found.found.total(), partial(tell, cut_off=True)
        )
    tell(found)


def _choice(said: Acting, states: tuple[State, ...], *, everything: bool) -> Choice:
    """Return what is to be acted on; complain where nothing was said and not everything is meant."""
    some = narrowed(said)
    if said["numbers"] and (some or said["everything"]):
        raise click.UsageError("give numbers of deliveries or options that choose them, not both")
    if not said["numbers"] and not some and not everything:
        raise click.UsageError("say which: numbers of deliveries, options that choose them, or --all")
    return replace(choice_of(said, states), numbers=said["numbers"])


def in_whose_words(deed: str) -> str:
    """Say what was done and by whom, as it is kept with a delivery."""
    try:
        return f"{deed} by {getpass.getuser()}"
    except (KeyError, OSError):  # nobody has this number: a container without a name for its user
        return f"{deed} by hand"


def _tell(output: str, deed: str, found: Handled, waiting: Mapping[Lane, Obstacle], *, cut_off: bool) -> None:
    """Say how it went. What was cut off may have gone a handful further than it says."""
    if output == "json":
        told = {**_as_dict(found, cut_off=cut_off), "held_back": held_back_as_list(waiting)}
        click.echo(as_json(told, indent=2))
    elif not cut_off:
        _show(found, deed, screen())
        tell_what_waits(waiting, screen())
    elif found.done is None:
        screen().line("That was cut off; nothing was changed.")
    else:
        screen().line(f"{deliveries(found.done)} {deed}, then it was cut off: the same again does the rest.")


def _as_dict(found: Handled, *, cut_off: bool) -> dict[str, object]:
    return {
        "done": found.done is not None,
        "cut_off": cut_off,
        "found": found.found.total(),
        "able": found.able,
        "in_flight": found.flying,
        "changed": found.done or 0,
        "noted": found.noted,
        "lanes": [
            {"route": kind.lane.route, "connector": kind.lane.connector, "state": kind.state, "count": count}
            for kind, count in sorted(found.found.items())
        ],
    }


def _show(found: Handled, deed: str, out: Screen) -> None:
    rows = [(f"{count:,}", kind.state, "→".join(kind.lane)) for kind, count in sorted(found.found.items())]
    out.table(rows, indent=2)
    if not found.found:
        out.line("No delivery is like that.")
    elif found.done is not None:
        out.line(Cell(f"{deliveries(found.done)} {deed}.", "bold"), _left(found, found.done + found.noted))
        if found.noted:
            out.line(
                f"{found.noted:,} more in flight: {deed} as soon as given back, unless they get through."
            )
            out.line("What became of each: ", Cell("lucca-sync deliveries show …", "cyan"))
    else:
        out.line(
            Cell(f"{deliveries(found.able)} would be {deed}.", "bold"),
            _left(found, found.able + found.flying),
        )
        if found.flying:
            out.line(f"{found.flying:,} more in flight: {deed} too, unless they get through.")
        able = found.able + found.flying
        out.line("Nothing was changed: add --yes to do it." if able else "There is nothing to do.")


def _left(found: Handled, count: int) -> str:
    left = found.found.total() - count
    if not left:
        return ""
    dead = any(kind.state == "dead" for kind in found.found)
    advice = " Dead letters are for `lucca-sync dead`." if dead else ""
    return f" {left:,} of them can't be: not in a state for this.{advice}"


def deliveries(count: int) -> str:
    """Say how many."""
    return f"{count:,} deliver{'ies' if count != 1 else 'y'}"
