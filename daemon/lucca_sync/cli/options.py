"""Options that several commands share, so that they are spelled and explained once."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])

CONFIG_VARIABLE: Final = "LUCCA_SYNC_CONFIG"


def config_option(command: Command) -> Command:
    """Add `--config`, given to the command as `config: Path`."""
    return click.option(
        "-c",
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("lucca-sync.yaml"),
        show_default=True,
        envvar=CONFIG_VARIABLE,
        show_envvar=True,
        help="The settings file.",
    )(command)


def yes_option(command: Command) -> Command:
    """Add `--yes`, given to the command as `yes: bool`: what changes anything is rehearsed without it."""
    return click.option("-y", "--yes", is_flag=True, help="Do it. Without, only what would be done is told.")(
        command
    )


def output_option(command: Command) -> Command:
    """Add `--output`, given to the command as `output: str`, `text` or `json`."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="For people, or for programs: an object, or a list's entries as one object a line.",
    )(command)
