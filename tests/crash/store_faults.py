"""A file system beneath SQLite that fails when a test tells it to, in a process of the test's own.

The test writes an order into a file; whoever has the file system in use looks at it before each write and
sync, and leaves a mark in another file for each failure that it has dealt.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Final, Literal, Protocol, cast

import apsw
import msgspec

NAME: Final = "lucca-sync-failing"
_ALWAYS: Final = 1_000_000_000
_READ_WRITE: Final = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE


class Order(msgspec.Struct, frozen=True):
    """What is to fail: operations of one kind, `times` of them, once `after` more of them went well.

    `io` is EIO, `full` is ENOSPC, `torn` is EIO after half of the bytes were written; `readonly` is what a
    remount does: every write fails, and what is opened from then on is opened for reading alone. `hang` never
    comes back while the order stands.
    """

    on: Literal["read", "write", "sync"]
    how: Literal["io", "full", "torn", "readonly", "hang"]
    after: int = 0
    times: int = _ALWAYS


class Switch:
    """The test's end of it: gives orders and counts what came of them."""

    def __init__(self, folder: Path) -> None:
        self._order = folder / "order"
        self._marks = folder / "marks"
        self._marks.touch()
        self._given = 0

    def fail(self, order: Order) -> None:
        """Let operations fail from now on; the same order given again is another one."""
        self._given += 1
        draft = self._order.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode((self._given, order)))
        draft.replace(self._order)

    def heal(self) -> None:
        """Let everything succeed again."""
        self._order.unlink(missing_ok=True)

    def met(self) -> int:
        """Return how many operations have failed so far."""
        return self._marks.stat().st_size

    def met_more(self, than: int) -> Callable[[], bool]:
        """Return what tells whether more operations have failed than so many."""
        return lambda: self.met() > than


class _Orders:
    """The failing file system's end of it."""

    def __init__(self, folder: Path) -> None:
        self._order = folder / "order"
        self._marks = folder / "marks"
        self._read = b""
        self._current: Order | None = None
        self._passed = 0

    def current(self) -> Order | None:
        """Return the order that stands, None when nothing is to fail."""
        try:
            found = self._order.read_bytes()
        except FileNotFoundError:
            found = b""
        if found != self._read:
            self._read, self._passed = found, 0
            self._current = msgspec.json.decode(found, type=tuple[int, Order])[1] if found else None
        return self._current

    def strikes(self, operation: str) -> Order | None:
        """Count one operation; return the order when this one is to fail."""
        order = self.current()
        if order is None or order.on != operation:
            return None
        self._passed += 1
        if not order.after < self._passed <= order.after + order.times:
            return None
        self.mark()
        while order.how == "hang" and self.current() == order:
            Event().wait(0.005)  # the whole thread hangs, as in a call into the kernel
        return None if order.how == "hang" else order

    def mark(self) -> None:
        """Note that something failed."""
        with self._marks.open("ab") as marks:
            marks.write(b"!")


class _Writes(Protocol):
    def xWrite(self, data: bytes, offset: int) -> None: ...  # noqa: N802


class _Files(apsw.VFS):
    """The machine's own file system, as long as no order stands."""

    def __init__(self, folder: Path) -> None:
        self._orders = _Orders(folder)
        super().__init__(NAME, "unix", makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        order = self._orders.current()
        if order is not None and order.how == "readonly":
            self._orders.mark()
            flags[0] = flags[0] & ~_READ_WRITE | apsw.SQLITE_OPEN_READONLY
        return _File(name, flags, self._orders)


class _File(apsw.VFSFile):
    def __init__(self, name: str | apsw.URIFilename | None, flags: list[int], orders: _Orders) -> None:
        self._orders = orders
        super().__init__("unix", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        order = self._orders.strikes("read")
        if order is not None:
            raise _error(order, apsw.SQLITE_IOERR_READ)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        order = self._orders.strikes("write")
        if order is None:
            self._write(data, offset)
            return
        if order.how == "torn":
            self._write(bytes(data)[: len(data) // 2], offset)
        raise _error(order, apsw.SQLITE_IOERR_WRITE)

    def _write(self, data: bytes, offset: int) -> None:
        cast(_Writes, super()).xWrite(data, offset)  # apsw asks for a type that this Python lacks

    def xSync(self, flags: int) -> None:  # noqa: N802
        order = self._orders.strikes("sync")
        if order is not None:
            raise _error(order, apsw.SQLITE_IOERR_FSYNC)
        super().xSync(flags)


def _error(order: Order, code: int) -> apsw.Error:
    if order.how == "full":
        return apsw.FullError("no room")
    error = apsw.IOError("the disk failed")
    error.__dict__["extendedresult"] = code  # as SQLite's own errors have it
    return error


def install(folder: Path) -> apsw.VFS:
    """Make it what SQLite uses unless told otherwise, for as long as the caller keeps what is returned."""
    return _Files(folder)
