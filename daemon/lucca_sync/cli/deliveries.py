"""`lucca-sync deliveries`: where each event is on its way, and what a person can do about it."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Unpack

import click

from lucca_sync.app.handling import listed
from lucca_sync.cli.acting import QUEUED, Acting, act, acting
from lucca_sync.cli.choosing import (
    Options,
    asked,
    choice_of,
    choosing_options,
    narrowed,
    tell_deliveries,
)
from lucca_sync.cli.obstacles import windows_in
from lucca_sync.cli.options import Command, config_option, output_option
from lucca_sync.cli.showing import show
from lucca_sync.cli.stored import store_at, store_option
from lucca_sync.model.delivery import OPEN_STATES, STATES, State

_UNENDED: Final[tuple[State, ...]] = (*OPEN_STATES, "dead")


def _state_option(states: Sequence[State], default: str) -> Callable[[Command], Command]:
    return click.option(
        "--state",
        "states",
        type=click.Choice(states),
        multiple=True,
        help=f"Only those in this state; may be said several times. Default: {default}.",
    )


_any_state = _state_option(STATES, "all that have not ended well")
_open_state = _state_option(OPEN_STATES, "all that are open")


@click.group()
def deliveries() -> None:
    """Look at deliveries, have them sent at once, give them up; also while the daemon runs.

    A delivery is one event on its way along one route to one connector. Needs only the settings' `store`.

    \b
    Examples:
      lucca-sync deliveries list --connector crm
      lucca-sync deliveries show 65537
      lucca-sync deliveries retry --connector crm --state retrying --yes
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is


@deliveries.command("list", short_help="List deliveries, the oldest first.")
@choosing_options
@_any_state
@click.option("-n", "--count", default=50, show_default=True, type=click.IntRange(1), help="At most so many.")
@config_option
@store_option
@output_option
def list_them(
    config: Path,
    store: Path | None,
    states: tuple[State, ...],
    count: int,
    output: str,
    **options: Unpack[Options],
) -> None:
    """List deliveries in the order in which their events were journaled, the oldest first."""
    choice = choice_of(options, states or _UNENDED)
    found = asked(partial(listed, store_at(config, store), choice, count + 1, windows_in(config)))
    chosen = narrowed(options) or states
    none = "No delivery is like that." if chosen else "Nothing is under way, and nothing is dead."
    tell_deliveries(found, count, output, none)


deliveries.add_command(show)


@deliveries.command(short_help="Have open deliveries sent at once.")
@_open_state
@acting
def retry(states: tuple[State, ...], **said: Unpack[Acting]) -> None:
    """Have open deliveries sent at once instead of when they are due; retries begin anew.

    Without --yes it is only told what would be done. What is in flight is tried again at once should it not
    get through now, and each subject keeps its order. Dead letters are sent again by `lucca-sync dead
    replay`, delivered events by `lucca-sync replay`.

    \b
    Examples:
      lucca-sync deliveries retry 65537 --yes
      lucca-sync deliveries retry --connector crm --state retrying
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    act(said, states or OPEN_STATES, "queue_again", QUEUED, by_state=bool(states))


@deliveries.command(short_help="Give open deliveries up.")
@_open_state
@acting
def discard(states: tuple[State, ...], **said: Unpack[Acting]) -> None:
    """Give open deliveries up: they are not sent, and the next of each subject goes on.

    Without --yes it is only told what would be done. What is in flight is taken back from the daemon within
    a second or two, unless it is being sent just now: then it is given up should it not get through. That it
    was given up, by whom and when, stays with the delivery; `lucca-sync replay` can still send its event.

    \b
    Examples:
      lucca-sync deliveries discard --route a-route-that-was-removed
      lucca-sync deliveries discard 65537 --yes
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    act(said, states or OPEN_STATES, "discard", "discarded", by_state=bool(states))
