"""Writing for people: colours and tables on a terminal, plain aligned text elsewhere.

What came from outside is made harmless first: a record may hold the escape sequences of a terminal.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from rich.console import Console

Row: TypeAlias = "Sequence[Cell | str]"

_GAP: Final = 2
"""Between two columns."""
_FOLDED: Final = 24
"""How narrow the last column may become."""


class Cell(NamedTuple):
    """A piece of text and, where there are colours, its style."""

    text: str
    style: str = ""


class Screen(Protocol):
    """Where a command writes for people."""

    def line(self, *pieces: Cell | str) -> None:
        """Write the pieces as one line."""
        ...

    def table(self, rows: Iterable[Row], head: Sequence[str] = (), indent: int = 0) -> None:
        """Write rows in aligned columns, under a head if there is one."""
        ...


class PlainScreen:
    """Aligned text without colours, the same in a file as in a pipe."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def line(self, *pieces: Cell | str) -> None:
        """Write the pieces as one line."""
        text = "".join(_cell(piece).text for piece in pieces)
        self._stream.write(f"{text.rstrip()}\n")
        self._stream.flush()

    def table(self, rows: Iterable[Row], head: Sequence[str] = (), indent: int = 0) -> None:
        """Write rows in columns, two spaces apart."""
        texts = [[_cell(cell).text for cell in row] for row in ((head, *rows) if head else rows)]
        columns = max((len(row) for row in texts), default=0)
        widths = [max(len(row[at]) for row in texts if at < len(row)) for at in range(columns)]
        for row in texts:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
            self.line(" " * indent, "  ".join(cells))


class RichScreen:
    """Colours and tables, as rich draws them; NO_COLOR is obeyed by rich itself."""

    def __init__(self, console: "Console") -> None:
        self._console = console

    def line(self, *pieces: Cell | str) -> None:
        """Write the pieces as one line."""
        from rich.text import Text  # noqa: PLC0415 - rich is for terminals only

        self._console.print(Text.assemble(*map(_cell, pieces)), soft_wrap=True)

    def table(self, rows: Iterable[Row], head: Sequence[str] = (), indent: int = 0) -> None:
        """Draw rows as a table without lines; where there is too little room, the last column is folded.

        Where that won't do, lines are as long as they are: half an id helps nobody.
        """
        listed = [[_cell(cell) for cell in row] for row in rows]
        widths = _widths([*listed, [Cell(name) for name in head]])
        least = indent + sum(widths[:-1]) + _GAP * len(widths) + min([*widths[-1:], _FOLDED])
        if least <= self._console.width:
            self._fold(listed, head, indent)
            return
        for row in [[Cell(name, "bold") for name in head], *listed] if head else listed:
            self.line(" " * indent, *_padded(row, widths))

    def _fold(self, rows: Sequence[Sequence[Cell]], head: Sequence[str], indent: int) -> None:
        from rich.padding import Padding  # noqa: PLC0415 - rich is for terminals only
        from rich.table import Table  # noqa: PLC0415 - as above
        from rich.text import Text  # noqa: PLC0415 - as above

        columns = max(map(len, [*rows, head]), default=0)
        table = Table(box=None, show_header=bool(head), header_style="bold", padding=(0, _GAP, 0, 0))
        for at in range(columns):
            name = head[at] if at < len(head) else ""
            table.add_column(name, no_wrap=at < columns - 1, overflow="fold")
        for row in rows:
            table.add_row(*(Text(*cell) for cell in row))
        self._console.print(Padding(table, (0, 0, 0, indent), expand=False))


def _widths(rows: Iterable[Sequence[Cell]]) -> Sequence[int]:
    """Return how wide each column is on a terminal."""
    from rich.cells import cell_len  # noqa: PLC0415 - rich is for terminals only

    widths: list[int] = []
    for row in rows:
        widths += [0] * (len(row) - len(widths))
        for at, cell in enumerate(row):
            widths[at] = max(widths[at], cell_len(cell.text))
    return widths


def _padded(row: Sequence[Cell], widths: Sequence[int]) -> Iterator[Cell | str]:
    """Give cells and what lies between them."""
    from rich.cells import cell_len  # noqa: PLC0415 - rich is for terminals only

    for at, (cell, width) in enumerate(zip(row, widths, strict=False)):
        yield cell
        if at < len(row) - 1:
            yield " " * (width - cell_len(cell.text) + _GAP)


def screen(stream: IO[str] | None = None) -> Screen:
    """Return what suits the stream, standard output if none is given."""
    out = stream or sys.stdout
    if not out.isatty() or os.environ.get("TERM") == "dumb":
        return PlainScreen(out)
    from rich.console import Console  # noqa: PLC0415 - rich is for terminals only

    return RichScreen(Console(file=out, highlight=False, markup=False, emoji=False))


def as_json(value: Mapping[str, object], *, indent: int | None = None) -> str:
    """Write a value for programs: one line, or many with `indent`."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def printable(text: str) -> str:
    """Replace what a terminal would obey instead of showing."""
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _cell(piece: Cell | str) -> Cell:
    cell = Cell(piece) if isinstance(piece, str) else piece
    return Cell(printable(cell.text), cell.style)
