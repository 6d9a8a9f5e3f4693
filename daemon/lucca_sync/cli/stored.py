"""Which store a command looks into: the one of the settings, or one that is named."""

import os
from pathlib import Path

import click

from lucca_sync.cli.options import Command
from lucca_sync.settings.load import read_store


def store_option(command: Command) -> Command:
    """Add `--store`, for a journal whose settings are not at hand."""
    return click.option(
        "--store",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The journal's SQLite file, instead of the one that the settings name.",
    )(command)


def store_at(config: Path, store: Path | None) -> Path:
    """Return the SQLite file: neither secrets nor variables of the settings have to be there."""
    return store or Path(read_store(config, os.environ).removeprefix("sqlite:"))
