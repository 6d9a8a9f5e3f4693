"""`lucca-sync version`."""

import json
import platform
from importlib.metadata import version as installed

import click

from lucca_sync.cli.options import output_option


@click.command()
@output_option
def version(output: str) -> None:
    """Print the installed version."""
    number = installed("lucca-sync")
    if output == "json":
        click.echo(json.dumps({"version": number, "python": platform.python_version()}))
    else:
        click.echo(f"lucca-sync {number}")
