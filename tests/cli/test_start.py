"""The command line starts light: a command that needs little loads little, and help loads no command."""

import subprocess
import sys
from importlib import import_module

import click
import pytest

import lucca_sync as public
from lucca_sync.cli.entry import COMMANDS, exit_code

HEAVY = {"aiohttp", "apsw", "jinja2", "msgspec", "pydantic", "rich", "ruamel", "structlog", "zstandard"}


def loaded_by(*arguments: str) -> set[str]:
    """The top-level modules that a command leaves loaded."""
    program = (
        "import sys; from lucca_sync.cli.entry import exit_code\n"
        f"code = exit_code({list(arguments)!r})\n"
        "print(); print(*{name.partition('.')[0] for name in sys.modules})\nsys.exit(code)"
    )
    out = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(out.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [("version",), ("--help",), ("version", "--output", "json")])
def test_the_light_ones_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert loaded_by(*arguments) & HEAVY == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_can_be_imported_and_explains_itself(name: str) -> None:
    command: object = getattr(import_module(f"lucca_sync.cli.{name}"), name)
    assert isinstance(command, click.Command)
    assert command.help


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize("command", [["check"], ["events", "tail"], ["events", "show"], ["schema"]])
def test_help_keeps_its_examples_line_by_line(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([*command, "--help"]) == 0
    examples = [line for line in capsys.readouterr().out.splitlines() if line.startswith("    lucca-sync ")]
    assert len(examples) >= 1


def test_every_public_name_is_found_where_it_lives() -> None:
    found = {name: getattr(public, name) for name in public.__all__}
    assert None not in found.values()
    assert set(found) == set(vars(public)["_HOME_OF"])


def test_a_name_that_is_not_public_is_not_found() -> None:
    with pytest.raises(AttributeError, match="no attribute 'import_nothing'"):
        getattr(public, "import_nothing")  # noqa: B009 - the name is not there to be typed
