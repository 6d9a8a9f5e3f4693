"""Turns what SQLite, the disk and the decompressor raise into the journal's one error, never with a value."""

import errno
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

import apsw
import msgspec
import zstandard

from lucca_sync.journal.protocol import StoreError, StoreTrouble

_NAMES: Final = cast(dict[object, str], {**apsw.mapping_result_codes, **apsw.mapping_extended_result_codes})
_ADVICE: Final[tuple[tuple[type[apsw.Error], str], ...]] = (
    (apsw.BusyError, "another process was writing to it for too long; try again in a moment"),
    (apsw.FullError, "no room left on its disk; make some, and it goes on by itself"),
    (apsw.CantOpenError, "cannot be opened; it, its -wal and -shm must be files where this user may write"),
    (apsw.NotADBError, "is no store of ours; name another file, or put a copy back"),
    (apsw.CorruptError, "is damaged; stop the daemon, keep the file for an inquiry, put a copy back"),
    (apsw.ReadOnlyError, "may not be written; look at the owner and rights of it and of its -wal and -shm"),
    (apsw.IOError, "its disk failed; look at the system's log"),
)
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def told(path: Path) -> Generator[None]:
    """Raise StoreError, naming the file and the kind of failure, for whatever the store fails with."""
    try:
        yield
    except apsw.Error as error:
        raise StoreError(f"{path}: {_advice(error)}{_name(error)}", _trouble(error)) from error
    except OSError as error:
        reason: StoreTrouble = "full" if error.errno in _NO_ROOM else "other"
        raise StoreError(f"{path}: {error.strerror}", reason) from error
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise StoreError(f"{path}: something stored in it cannot be read back") from error


def _advice(error: apsw.Error) -> str:
    """Say what it means and what to do, where that is known."""
    return next((f"{words}: " for kind, words in _ADVICE if isinstance(error, kind)), "")


def _name(error: apsw.Error) -> str:
    """Name SQLite's own code, such as SQLITE_IOERR_FSYNC; its message may say more than an error may."""
    code = cast(object, getattr(error, "extendedresult", None))
    return _NAMES.get(code, type(error).__name__)


def _trouble(error: apsw.Error) -> StoreTrouble:
    if isinstance(error, apsw.FullError):
        return "full"
    return "io" if isinstance(error, apsw.IOError) else "other"
