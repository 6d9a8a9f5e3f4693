"""The part of apsw that the store uses, with types that checkers can follow on every Python."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, cast

import apsw

_MAY_WRITE: Final = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE

Row: TypeAlias = tuple[Any, ...]
"""A row as SQLite hands it over; the query that asked knows its types."""
Bindings: TypeAlias = Sequence[object]


class Cursor(Protocol):
    """What a statement gives back."""

    def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        ...

    def fetchone(self) -> Row | None:
        """Return the next row, None after the last."""
        ...


class Connection(Protocol):
    """One connection; used by one thread at a time."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        ...

    def execute(self, statements: str, bindings: Bindings = ()) -> Cursor:
        """Run one statement, or several without bindings."""
        ...

    def executemany(self, statements: str, sequenceofbindings: Iterable[Bindings]) -> Cursor:
        """Run one statement once for each of the bindings."""
        ...

    def pragma(self, name: str, value: str | int = ...) -> object:
        """Ask for a setting, or set it."""
        ...

    def set_busy_timeout(self, milliseconds: int) -> None:
        """Wait so long for a lock that another connection holds."""
        ...

    def readonly(self, name: str) -> bool:
        """Tell whether a database of the connection (`main`) can't be written."""
        ...

    def wal_checkpoint(self, *, mode: int) -> tuple[int, int]:
        """Move the write-ahead log into the main file."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


def connect(path: Path, *, read_only: bool, vfs: str | None) -> Connection:
    """Open a file, through another file system of apsw's if one is named."""
    rights = apsw.SQLITE_OPEN_READONLY if read_only else _MAY_WRITE
    return cast(Connection, apsw.Connection(str(path), flags=rights, vfs=vfs))
