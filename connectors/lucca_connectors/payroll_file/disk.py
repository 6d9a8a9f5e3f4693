"""Writing that has reached the disk when it returns. Blocking: call it off the loop."""

import errno
import os
from pathlib import Path
from typing import Final

_MODE: Final = 0o640
_FOLDER_MODE: Final = 0o750
# Some network file systems cannot sync a folder and order such writes themselves.
_CANNOT_SYNC: Final = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF})


def write_file(path: Path, content: bytes) -> None:
    """Write a file, replacing what stands there, and wait for the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _MODE)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds either the old content or the new."""
    temporary = path.with_suffix(".tmp")
    write_file(temporary, content)
    temporary.rename(path)
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make one folder if it is missing; its parent must exist."""
    if not path.is_dir():
        path.mkdir(mode=_FOLDER_MODE)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until names made or removed in the folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(descriptor)
