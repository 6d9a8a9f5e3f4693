"""`lucca-sync backfill`: how every record of a resource stands, sent along one route."""

from functools import partial
from pathlib import Path
from typing import TypedDict, Unpack

import click

from lucca_sync.app.sending import backfilled
from lucca_sync.cli.obstacles import held_back
from lucca_sync.cli.options import config_option, output_option
from lucca_sync.cli.sending import Manner, carry_out, manner_options, order_of, stock_of, to_option, way_to
from lucca_sync.cli.stored import store_at, store_option


class Asked(TypedDict):
    """What `backfill` was asked for."""

    resource: str
    tenant: str | None
    to: str
    after: str | None
    rate: float
    yes: bool


@click.command()
@click.option("--resource", required=True, help="The resource, e.g. employees.")
@click.option("--tenant", help="The tenant, where several have this resource.")
@to_option
@click.option("--after", help="Go on after the record with this id: the `last` of a run that was cut off.")
@manner_options
@config_option
@store_option
@output_option
def backfill(config: Path, store: Path | None, output: str, **asked: Unpack[Asked]) -> None:
    """Send every record of a resource as it stands now, as `lucca.….snapshot` events: for a target that is
    new, or was emptied. Taken from the journal's snapshot; Lucca is not asked.

    Without --yes it is only told what would be done. The route's `when` and `fields` hold. A record that is
    sent twice unchanged has the same event id both times.

    \b
    Examples:
      lucca-sync backfill --resource employees --to people-to-crm
      lucca-sync backfill --resource employees --to people-to-crm --rate 100 --yes
    """  # noqa: D205, D301 - a long first sentence; \b is how click is told to leave a paragraph as it is
    way, path = way_to(config, asked["to"]), store_at(config, store)
    manner = Manner(asked["yes"], output, partial(held_back, config, path), asked["rate"])
    stock = stock_of(config, asked["resource"], asked["tenant"])
    order, beyond = order_of(manner, "backfilled"), asked["after"]
    carry_out(
        "records", way, manner, "--after", lambda tell: backfilled(path, stock, way, order, tell, beyond)
    )
