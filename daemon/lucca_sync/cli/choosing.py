"""Which deliveries a command is about: options that several commands share, a list of what they choose."""

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final, TypedDict, TypeVar

import anyio
import click

from lucca_sync.app.handling import Choice, Found, NoSuchDelivery, NoSuchEvent
from lucca_sync.cli.delivery_words import HEAD, entry_as_dict, rows_of
from lucca_sync.cli.exits import FAILED
from lucca_sync.cli.moment import MOMENT, check_span
from lucca_sync.cli.options import Command
from lucca_sync.cli.output import as_json, screen
from lucca_sync.journal.protocol import DeliveryFilter
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.delivery import State

T = TypeVar("T")

NUMBER: Final = click.IntRange(1, 2**63 - 1)
"""Numbers of deliveries, as far as a store can count."""


class Options(TypedDict):
    """What a person says to choose deliveries."""

    route: str | None
    connector: str | None
    tenant: str | None
    resource: str | None
    record: str | None
    event: str | None
    reason: str | None
    since: datetime | None
    until: datetime | None


_OPTIONS: Final = (
    click.option("--route", help="Only those of this route."),
    click.option("--connector", help="Only those to this connector."),
    click.option("--tenant", help="Only those about this tenant."),
    click.option("--resource", help="Only those about this resource, e.g. employees."),
    click.option("--record", help="Only those about the record with this id."),
    click.option("--event", help="Only those of the event whose id begins so."),
    click.option("--reason", help="Only those whose last attempt ended with exactly these words."),
    click.option("--since", type=MOMENT, help="Only of events recorded since."),
    click.option("--until", type=MOMENT, help="Only of events recorded before."),
)


def choosing_options(command: Command) -> Command:
    """Add the options that narrow a choice, given to the command as `Options`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def filter_of(options: Options, states: tuple[State, ...] | None) -> DeliveryFilter:
    """Turn what a person said into the journal's words; `event` is looked up later."""
    check_span(options["since"], options["until"])
    return DeliveryFilter(
        route=options["route"],
        connector=options["connector"],
        states=states,
        tenant=options["tenant"],
        resource=options["resource"],
        record_id=options["record"],
        reason=options["reason"],
        since=options["since"],
        until=options["until"],
    )


def choice_of(options: Options, states: tuple[State, ...]) -> Choice:
    """Return what is chosen by options alone."""
    return Choice(filter_of(options, states), event=options["event"])


def asked(work: Callable[[], Awaitable[T]]) -> T:
    """Run it; what is not there ends the command with a word about it."""
    with words_for_what_is_not_there():
        return anyio.run(work)


@contextmanager
def words_for_what_is_not_there() -> Generator[None]:
    """End the command with a word about what is not there."""
    try:
        yield
    except (NoSuchDelivery, NoSuchEvent) as error:
        click.echo(f"lucca-sync: {error}", err=True)
        raise SystemExit(FAILED) from None


def narrowed(options: Mapping[str, object]) -> bool:
    """Tell whether a person chose at all."""
    return any(value is not None for name, value in options.items() if name in Options.__annotations__)


def tell_deliveries(found: Sequence[Found], count: int, output: str, none: str) -> None:
    """Write the first `count` of some deliveries, or `none`; `found` has one more where there are more."""
    shown, out = found[:count], screen()
    if output == "json":
        for one in shown:
            click.echo(as_json(entry_as_dict(one)))
    elif not shown:
        out.line(none)
    else:
        out.table(rows_of(shown, SystemClock().now()), head=HEAD)
        if len(found) > count:
            out.line(f"There are more than {count:,}: -n shows more, options choose.")
