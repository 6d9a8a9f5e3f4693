"""A count that grows while a command works: one line that is rewritten on a terminal, nothing elsewhere."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def tallying(stream: TextIO, what: str, of: int | None = None) -> Generator[Callable[[int], None]]:
    """Give a function that shows how far it is: `1,500 of 20,000 {what}`; the line is gone at the end."""
    if not stream.isatty():
        yield _tell_nobody
        return
    from rich.console import Console  # noqa: PLC0415 - rich is for terminals only: it costs start-up time

    with Console(file=stream).status(what) as status:

        def tell(count: int) -> None:
            whole = f" of {of:,}" if of is not None else ""
            status.update(f"{count:,}{whole} {what}")

        yield tell


def _tell_nobody(_count: int) -> None:
    """Take no notice: a log file is no place for a line that changes."""
