"""People get colours on a terminal, plain text elsewhere, and never what would command the terminal."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from lucca_sync.cli.output import Cell, PlainScreen, RichScreen, printable, screen


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_plain_rows_are_aligned() -> None:
    out = io.StringIO()
    PlainScreen(out).table([("a", Cell("bb", "red"), "c"), ("aaa", "b")], head=("x", "y", "z"), indent=2)
    assert out.getvalue() == "  x    y   z\n  a    bb  c\n  aaa  b\n"


def test_no_rows_are_no_lines() -> None:
    out = io.StringIO()
    PlainScreen(out).table([])
    assert out.getvalue() == ""


@given(st.text())
def test_what_is_shown_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    if text.isprintable():
        assert shown == text


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\x9b2J", "a\rb", "a\nb", "\u202e", "\x07"])
def test_control_characters_are_spelled_out_everywhere(hostile: str) -> None:
    plain, terminal = io.StringIO(), Terminal()
    for out in (PlainScreen(plain), RichScreen(Console(file=terminal, color_system=None))):
        out.line(hostile)
        out.table([(hostile,)])
    assert not any(
        character in plain.getvalue() + terminal.getvalue() for character in hostile.strip("a2Jb[\n")
    )


def test_rich_takes_no_markup_from_values() -> None:
    terminal = Terminal()
    RichScreen(Console(file=terminal, color_system=None, width=60)).line(
        "[red]a[/red] :smile:", Cell("b", "bold")
    )
    assert terminal.getvalue() == "[red]a[/red] :smile:b\n"


def test_rich_draws_rows_under_a_head() -> None:
    terminal = Terminal()
    out = RichScreen(Console(file=terminal, color_system=None, width=60))
    out.table([("a", "b", "c")], head=("x", "y"), indent=2)
    assert [line.split() for line in terminal.getvalue().splitlines()] == [["x", "y"], ["a", "b", "c"]]


def test_a_narrow_terminal_folds_the_last_column_and_never_cuts_an_id() -> None:
    terminal = Terminal()
    out = RichScreen(Console(file=terminal, color_system=None, width=70))
    out.table([("0123456789ab", "a/rather/long/subject", "said " * 12)], head=("id", "about", "why"))
    lines = terminal.getvalue().splitlines()
    assert "0123456789ab  a/rather/long/subject  said" in lines[1]
    assert len(lines) > len(["head", "row"])
    assert max(map(len, lines)) <= 70


def test_a_terminal_too_narrow_for_a_table_gets_longer_lines() -> None:
    terminal = Terminal()
    out = RichScreen(Console(file=terminal, color_system=None, width=30))
    out.table([("0123456789ab", "a/rather/long/subject", "said " * 12), ("é",)], head=("id", "about", "why"))
    assert terminal.getvalue().splitlines() == [
        "id            about                  why",
        f"0123456789ab  a/rather/long/subject  {'said ' * 12}",
        "é",
    ]


def test_a_pipe_gets_plain_text() -> None:
    assert isinstance(screen(io.StringIO()), PlainScreen)


@pytest.mark.parametrize(("term", "kind"), [("xterm-256color", RichScreen), ("dumb", PlainScreen)])
def test_a_terminal_gets_what_it_can_show(term: str, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    assert isinstance(screen(Terminal()), kind)


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_no_color_is_obeyed(no_color: str, *, coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", no_color)
    terminal = Terminal()
    screen(terminal).line(Cell("a", "red"))
    assert ("\x1b[31m" in terminal.getvalue()) == coloured
