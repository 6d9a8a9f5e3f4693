"""`lucca-sync resync`: how one record stands, sent along one route."""

from functools import partial
from pathlib import Path

import anyio
import click

from lucca_sync.app.sending import resynced
from lucca_sync.cli.obstacles import held_back
from lucca_sync.cli.options import config_option, output_option, yes_option
from lucca_sync.cli.sending import Manner, nothing_to_send, order_of, stock_of, tell_sent, to_option, way_to
from lucca_sync.cli.stored import store_at, store_option


@click.command()
@click.option("--subject", required=True, metavar="RESOURCE/ID", help="The record, e.g. employees/416.")
@click.option("--tenant", help="The tenant, where several have this resource.")
@to_option
@yes_option
@config_option
@store_option
@output_option
def resync(
    config: Path, store: Path | None, subject: str, tenant: str | None, to: str, output: str, *, yes: bool
) -> None:
    """Send one record as it stands now, as a `snapshot` event, or its deletion again if it is gone: for a
    target that has it wrong. Taken from the journal's snapshot; Lucca is not asked.

    Without --yes it is only told what would be done.

    \b
    Example:
      lucca-sync resync --subject employees/416 --to people-to-crm --yes
    """  # noqa: D205, D301 - a long first sentence; \b is how click is told to leave a paragraph as it is
    resource, slash, record_id = subject.partition("/")
    if not slash or not record_id:
        raise click.UsageError("a subject is a resource and an id, such as employees/416")
    way, stock, path = way_to(config, to), stock_of(config, resource, tenant), store_at(config, store)
    manner = Manner(yes, output, partial(held_back, config, path))
    order = order_of(manner, "resynced")
    sent = anyio.run(resynced, path, stock, record_id, way, order)
    if sent is None:
        raise nothing_to_send(f"{subject} was never seen: no look has shown a record with this id")
    if not sent.seen:
        raise nothing_to_send(f"{subject} is gone, and the event of its deletion is no longer kept")
    tell_sent(sent, "records", way, manner)
