"""The lock that keeps a second instance off the same file, held as long as the store is open.

The kernel lets go of it when the process ends in whatever way, so that no stale lock can stay behind.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from lucca_sync.journal.protocol import StoreError, StoreInUse

_MODE = 0o600


class FileLock:
    """An exclusive lock on the file beside the store, which notes the holder's process number for people."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._path = store.with_name(store.name + ".lock")
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock at once or raise StoreInUse; StoreError when there can be no such file."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        except OSError as error:
            raise StoreError(f"cannot create {self._path}: {error.strerror}") from error
        try:
            self._lock(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreInUse(self._occupied(os.pread(descriptor, 32, 0))) from None
        except OSError as error:
            raise StoreError(f"cannot lock {self._path}: {error.strerror}") from error
        with suppress(OSError):  # a full disk must not keep the daemon from starting
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)

    def _occupied(self, holder: bytes) -> str:
        process = f"process {holder.decode()}" if holder.isdigit() else "another process"
        return f"{self._store} is in use by {process}: stop it, or name another store"

    def release(self) -> None:
        """Give the lock back. The file stays: if it were removed, two instances could lock two files."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
