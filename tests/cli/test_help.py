"""The help teaches: each option says what it is for, and no line of an overview is cut short."""

from collections.abc import Iterator
from importlib import import_module

import click
import pytest

from lucca_sync.cli.entry import COMMANDS, exit_code


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command there is, by the words that call it."""
    for name in COMMANDS:
        yield from below(name, getattr(import_module(f"lucca_sync.cli.{name}"), name))


def below(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            yield from below(f"{words} {name}", one)


@pytest.mark.parametrize(("words", "command"), list(commands()))
def test_each_option_says_what_it_is_for(words: str, command: click.Command) -> None:
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [f"{words} {one.opts[0]}" for one in options if not one.help] == []


@pytest.mark.parametrize("words", [words for words, one in commands() if isinstance(one, click.Group)])
def test_an_overview_is_not_cut_short(
    words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert exit_code([*words.split(), "--help"]) == 0
    listed = capsys.readouterr().out.partition("\nCommands:\n")[2].splitlines()
    assert listed
    assert [line for line in listed if line.endswith("...")] == []
