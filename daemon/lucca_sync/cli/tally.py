"""A count that grows while a command works: one line that is rewritten on a terminal, nothing elsewhere."""

import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import TextIO, TypeVar

import anyio

Found = TypeVar("Found")


@contextmanager
def tallying(stream: TextIO, what: str) -> Generator[Callable[[int], None]]:
    """Give a function that shows how far it is: `1,500 {what}`; the line is gone at the end."""
    if not stream.isatty():
        yield _tell_nobody
        return
    from rich.console import Console  # noqa: PLC0415 - rich is for terminals only: it costs start-up time

    with Console(file=stream).status(what) as status:

        def tell(count: int) -> None:
            status.update(f"{count:,} {what}")

        yield tell


def carried_out(
    what: str,
    work: Callable[[Callable[[Found], None]], Awaitable[Found]],
    so_far: Found,
    count: Callable[[Found], int],
    cut_off: Callable[[Found], object],
) -> Found:
    """Do some long work while a line on the terminal tells how far it is.

    `work` is given a function to be told what it has found `so_far`. With Ctrl-C `cut_off` is told that, and
    the interruption goes on its way.
    """

    def tell(found: Found) -> None:
        nonlocal so_far
        so_far = found
        show(count(found))

    try:
        with tallying(sys.stderr, what) as show:
            return anyio.run(work, tell)
    except KeyboardInterrupt:
        cut_off(so_far)
        raise


def _tell_nobody(_count: int) -> None:
    """Take no notice: a log file is no place for a line that changes."""
