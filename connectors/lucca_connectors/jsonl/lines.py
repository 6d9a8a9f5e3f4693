"""Adds whole lines to a file, durably; what a crash left half written is removed.

Blocking: call it off the loop.
"""

import contextlib
import errno
import os
import stat
import sys
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from lucca_connectors.jsonl.render import BEGINNING

_MODE: Final = 0o640
_CHUNK: Final = 64 * 1024


class LineFile:
    """A file of lines. Opened anew for each batch, so that it may be rotated away at any time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, lines: bytes) -> None:
        """Append all of `lines`, or nothing: an OSError means that they are not in the file."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                self._append(descriptor, lines)
            else:
                _write_all(descriptor, lines)
        finally:
            os.close(descriptor)

    def writable(self) -> None:
        """Raise OSError unless lines could be added; leaves nothing behind."""
        if self._path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        place = self._path if self._path.exists() else self._path.absolute().parent
        if not place.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def _append(self, descriptor: int, lines: bytes) -> None:
        before = _mended(descriptor)
        try:
            _write_all(descriptor, lines)
            os.fsync(descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, before)
            raise
        if before == 0:
            _sync_directory(self._path.absolute().parent)


class StandardOutput:
    """The process's own output. A lock keeps lines whole when a blocked write was given up on."""

    def __init__(self) -> None:
        self._lock = Lock()

    def add(self, lines: bytes) -> None:
        """Write all lines; blocks as long as nobody reads."""
        with self._lock:
            rest = memoryview(lines)
            while rest:  # an unbuffered output may take only a part
                rest = rest[sys.stdout.buffer.write(rest) :]
            sys.stdout.buffer.flush()

    def writable(self) -> None:
        """There is nothing to prove beforehand."""


def _mended(descriptor: int) -> int:
    """Make the file end with a whole line and return its size."""
    size = os.fstat(descriptor).st_size
    start = _start_of_tail(descriptor, size)
    tail = os.pread(descriptor, size - start, start)
    if not tail:
        return size
    if _torn(tail):
        os.ftruncate(descriptor, start)
        return start
    _write_all(descriptor, b"\n")
    return size + 1


def _start_of_tail(descriptor: int, size: int) -> int:
    """Where the text after the last line feed begins."""
    end = size
    while end > 0:
        begin = max(0, end - _CHUNK)
        found = os.pread(descriptor, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _torn(tail: bytes) -> bool:
    """An event's line that a crash cut off: never acknowledged, it comes again. Anything else is kept."""
    if not (tail.startswith(BEGINNING) or BEGINNING.startswith(tail)):
        return False
    try:
        msgspec.json.decode(tail)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return True
    return False


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
