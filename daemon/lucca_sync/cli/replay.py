"""`lucca-sync replay`: events of the journal sent again along one route, with the ids they had."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypedDict, Unpack

import click

from lucca_sync.app.sending import replayed
from lucca_sync.cli.moment import MOMENT, check_span
from lucca_sync.cli.obstacles import held_back
from lucca_sync.cli.options import config_option, output_option
from lucca_sync.cli.sending import Manner, carry_out, manner_options, order_of, to_option, way_to
from lucca_sync.cli.stored import store_at, store_option
from lucca_sync.journal.protocol import EventFilter


class Asked(TypedDict):
    """What `replay` was asked for."""

    since: datetime
    until: datetime | None
    to: str
    tenant: str | None
    resource: str | None
    record: str | None
    rate: float
    yes: bool


@click.command()
@click.option("--since", type=MOMENT, required=True, help="Events recorded since.")
@click.option("--until", type=MOMENT, help="Events recorded before.")
@to_option
@click.option("--tenant", help="Only events of this tenant.")
@click.option("--resource", help="Only events of this resource, e.g. employees.")
@click.option("--record", help="Only events of the record with this id.")
@manner_options
@config_option
@store_option
@output_option
def replay(config: Path, store: Path | None, output: str, **asked: Unpack[Asked]) -> None:
    """Send events again that a target has lost, or that a new route never had: those that the route asks for
    by today's settings, oldest first, each with its own id, so that a consumer can drop repeats.

    Without --yes it is only told what would be done. What is still open along the route stays as it is, and
    what happens while this runs is no former event. Works beside a running daemon; without one, the next run
    delivers.

    \b
    Examples:
      lucca-sync replay --since 2d --to people-to-crm
      lucca-sync replay --since 2026-11-01 --until 2026-11-03 --to people-to-crm:crm --yes
    """  # noqa: D205, D301 - a long first sentence; \b is how click is told to leave a paragraph as it is
    check_span(asked["since"], asked["until"])
    way, path = way_to(config, asked["to"]), store_at(config, store)
    manner = Manner(asked["yes"], output, partial(held_back, config, path), asked["rate"])
    wanted = EventFilter(
        asked["tenant"],
        asked["resource"],
        asked["record"],
        since=asked["since"],
        until=asked["until"],
    )
    order = order_of(manner, "replayed")
    carry_out("events", way, manner, "--since", lambda tell: replayed(path, way, wanted, order, tell))
