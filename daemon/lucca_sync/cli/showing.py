"""The command that prints one delivery, the same below `lucca-sync deliveries` and `lucca-sync dead`."""

from functools import partial
from pathlib import Path

import click

from lucca_sync.app.handling import story_of
from lucca_sync.cli.choosing import NUMBER, asked
from lucca_sync.cli.delivery_words import show_story, story_as_dict
from lucca_sync.cli.obstacles import windows_in
from lucca_sync.cli.options import config_option, output_option
from lucca_sync.cli.output import as_json, screen
from lucca_sync.cli.stored import store_at, store_option
from lucca_sync.kit.clock import SystemClock


@click.command(short_help="Print one delivery and every attempt.")
@click.argument("number", metavar="DELIVERY", type=NUMBER)
@config_option
@store_option
@output_option
def show(number: int, config: Path, store: Path | None, output: str) -> None:
    """Print one delivery: how it stands, what it waits for or died of, and every attempt.

    DELIVERY is the number that the lists show. A dead letter is a delivery, and keeps its number.
    """
    found = asked(partial(story_of, store_at(config, store), number, windows_in(config)))
    if output == "json":
        click.echo(as_json(story_as_dict(found), indent=2))
    else:
        show_story(found, screen(), SystemClock().now())
