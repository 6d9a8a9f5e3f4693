"""The one connection to the SQLite file: opening, transactions, and coming back from a failed disk.

Everything here blocks and runs on the store's own thread. Knows no table.
"""

import errno
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar

import apsw

from lucca_sync.journal.protocol import StoreError
from lucca_sync.journal.sqlite.driver import Bindings, Connection, Row, connect
from lucca_sync.journal.sqlite.trouble import told

T = TypeVar("T")

_BUSY_MILLISECONDS: Final = 5000
_CACHE_KIBIBYTES: Final = 8192
_WAL_LIMIT_BYTES: Final = 16 * 1024 * 1024
_MODE: Final = 0o600
_CLOSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@dataclass(frozen=True, slots=True)
class Footing:
    """What SQLite stands on. Only a simulated disk, to prove what the defaults promise, needs another.

    `vfs` names the file system to use, `exclusive` makes WAL work on one without shared memory.
    """

    vfs: str | None = None
    exclusive: bool = False
    synchronous: Literal["FULL", "NORMAL"] = "FULL"


REAL_DISK: Final = Footing()


class Store:
    """Runs reads and transactions on one connection, and replaces it when the disk has failed under it.

    A `guest` writes to a file that another process keeps in order: it neither makes it nor tidies its log.
    """

    def __init__(
        self, path: Path, footing: Footing = REAL_DISK, *, read_only: bool = False, guest: bool = False
    ) -> None:
        self.path = path
        self._footing = footing
        self._read_only = read_only
        self._guest = guest
        self._connection: Connection | None = None
        self._doubts: list[Callable[[], None]] = []
        self._identity: tuple[int, int] | None = None
        self._version: tuple[object, Connection | None] | None = None

    def when_in_doubt(self, forget: Callable[[], None]) -> None:
        """Have `forget` called whenever what was learnt inside a transaction may not be true any more."""
        self._doubts.append(forget)

    def open(self) -> None:
        """Connect; raise StoreError when the file cannot be opened or is no SQLite file."""
        with told(self.path):
            self._connection = self._connect()
            self._identity = self._present()
        self.touched()

    def close(self) -> None:
        """Let go of the file. If its log can't be moved into it now, the next opening reads both."""
        connection, self._connection = self._connection, None
        if connection is not None:
            if not self._read_only and not self._guest:
                with suppress(apsw.Error):
                    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            with suppress(apsw.Error):
                connection.close()

    def write(self, job: Callable[[], T], *, lasting: bool = True) -> T:
        """Run a job in one transaction. After a StoreError it may or may not have been committed.

        One that is not `lasting` is safe from the end of this process, but a power cut may undo it, with
        whatever else was not lasting since: it does not wait for the disk.
        """
        with told(self.path):
            self._check_identity()
            connection = self._sound()
            try:
                if not lasting:
                    connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("BEGIN IMMEDIATE")
                result = job()
                connection.execute("COMMIT")
                if not lasting:
                    self._wait_again(connection)
            except BaseException as error:
                self._recover(connection, disk_failed=isinstance(error, apsw.IOError))
                raise
            return result

    def _wait_again(self, connection: Connection) -> None:
        """Let every commit wait for the disk again."""
        connection.execute(f"PRAGMA synchronous = {self._footing.synchronous}")

    def read(self, job: Callable[[], T]) -> T:
        """Run a job that only looks, all of it at one state of the store."""
        with told(self.path):
            connection = self._sound()
            connection.execute("BEGIN")
            try:
                return job()
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def rows(self, query: str, bindings: Bindings = ()) -> list[Row]:
        """Return all rows of a query."""
        return self._now.execute(query, bindings).fetchall()

    def row(self, query: str, bindings: Bindings = ()) -> Row | None:
        """Return the first row of a query, None when it has none."""
        return self._now.execute(query, bindings).fetchone()

    def run(self, statement: str, bindings: Bindings = ()) -> None:
        """Run one statement, or several where there are no bindings."""
        self._now.execute(statement, bindings)

    def run_each(self, statement: str, bindings: Iterable[Bindings]) -> None:
        """Run one statement for each of the bindings."""
        self._now.executemany(statement, bindings)

    def setting(self, name: str) -> object:
        """Return one of SQLite's settings."""
        return self._now.pragma(name)

    def set(self, name: str, value: str | int) -> None:
        """Change one of SQLite's settings."""
        self._now.pragma(name, value)

    def bytes_taken(self) -> int:
        """Return the size of the file and of its write-ahead log."""
        total = 0
        for suffix in ("", "-wal"):
            with told(self.path), suppress(FileNotFoundError):
                total += self.path.with_name(self.path.name + suffix).stat().st_size
        return total

    def bytes_used(self) -> int:
        """Return the size of the pages that hold something; to be asked inside `read`."""
        pages, free, size = (
            int(str(self._now.pragma(name))) for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def touched(self) -> bool:
        """Tell whether another connection has committed anything since this was last asked, or may have."""
        with told(self.path):
            version = self._sound().pragma("data_version")
        before, self._version = self._version, (version, self._connection)
        return before != self._version

    @property
    def _now(self) -> Connection:
        if self._connection is None:
            raise StoreError("the journal is closed")
        return self._connection

    def _sound(self) -> Connection:
        """Return the connection, or make a new one where the last one was given up."""
        if self._connection is None:
            self._renew()
        return self._now

    def _check_identity(self) -> None:
        """Refuse to write into a file that nobody will find again: it was removed, or replaced by another."""
        if self._present() != self._identity:
            raise StoreError(
                f"{self.path}: was removed or replaced while in use, and nothing more is written; "
                "stop the daemon, put the file back, start it again",
                "io",
            )

    def _present(self) -> tuple[int, int] | None:
        """Say which file stands at the path now; a simulated disk has none."""
        if self._footing.vfs is not None:
            return None
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _recover(self, connection: Connection, *, disk_failed: bool) -> None:
        for forget in self._doubts:
            forget()
        if not disk_failed:
            with suppress(apsw.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._wait_again(connection)
                return
        self._connection = None
        with suppress(apsw.Error):
            connection.close()
        with suppress(apsw.Error, OSError):
            self._renew()

    def _renew(self) -> None:
        """Connect again after the disk failed, and trust the log only once it is all in the main file.

        A failed fsync may leave pages marked clean that never reached the disk; the next fsync would not
        write them. A checkpoint writes what they hold to another place, and the log begins anew.
        """
        connection = self._connect()
        try:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.Error:
            connection.close()
            raise
        self._connection = connection

    def _connect(self) -> Connection:
        if not self._read_only and not self._guest:
            _create_private(self.path)
        connection = connect(self.path, read_only=self._read_only, vfs=self._footing.vfs)
        try:
            connection.set_busy_timeout(_BUSY_MILLISECONDS)
            if not self._read_only and (connection.readonly("main") or self._log_closed()):
                raise apsw.ReadOnlyError("opened for reading alone, as SQLite does where rights are missing")
            for name, value in self._settings():
                connection.pragma(name, value)
        except apsw.Error:
            connection.close()
            raise
        return connection

    def _log_closed(self) -> bool:
        """Tell whether there is a log that may not be written: SQLite finds out at its first write.

        Found out in one step: whoever leaves the store last takes the log away, at any moment.
        SQLite holds locks on the file and its -shm only: to close the log here drops none.
        """
        log = self.path.with_name(self.path.name + "-wal")
        try:
            os.close(os.open(log, os.O_WRONLY))
        except OSError as error:
            return error.errno in _CLOSED
        return False

    def _settings(self) -> Iterable[tuple[str, str | int]]:
        if self._footing.exclusive:
            yield "locking_mode", "EXCLUSIVE"  # first: the others already read the file
        yield "cache_size", -_CACHE_KIBIBYTES
        yield "temp_store", "MEMORY"  # temporary files would hold records too
        if self._read_only:
            return
        if self._guest:
            yield "wal_autocheckpoint", 0
        yield "journal_mode", "WAL"
        yield "synchronous", self._footing.synchronous
        yield "journal_size_limit", _WAL_LIMIT_BYTES
        yield "secure_delete", "ON"
        yield "foreign_keys", "ON"


def _create_private(path: Path) -> None:
    """Make a new file that only its owner may read; SQLite gives the log the same rights.

    An existing one is not even opened: closing it would drop the locks that SQLite holds on it here.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE))
