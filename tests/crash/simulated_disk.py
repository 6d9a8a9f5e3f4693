"""A disk in memory, beneath SQLite: it forgets what was not synced when the power fails, and can break.

A file has what was written (which every reader sees) and what is durable (which survives a power cut). In
between lie the writes since the last sync; a power cut keeps any of them, or a part of one, as chance has it.
"""

import random
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final, cast

import apsw

_SECTOR: Final = 512
_NAMES: Final = count(1)


class PowerCut(apsw.IOError):
    """The machine has no power: nothing is read, written or synced any more."""


@dataclass
class Content:
    """One file."""

    seen: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    unsynced: list[Callable[[bytearray], None]] = field(default_factory=list[Callable[[bytearray], None]])

    def change(self, change: Callable[[bytearray], None]) -> None:
        """Apply a change for all to see, but not durably."""
        change(self.seen)
        self.unsynced.append(change)

    def sync(self) -> None:
        """Make what was written since the last sync durable."""
        for change in self.unsynced:
            change(self.durable)
        self.unsynced.clear()

    def fail_to_sync(self) -> None:
        """Take what was written for clean though it is not: no later sync will write it, as on Linux."""
        self.unsynced.clear()

    def survive(self, chance: random.Random) -> None:
        """Keep what was durable, and some of what was not: in whatever order, as disks do."""
        kept = [change for change in self.unsynced if chance.random() < 0.5]
        chance.shuffle(kept)
        for change in kept:
            change(self.durable)
        self.unsynced.clear()
        self.seen = bytearray(self.durable)


class SimulatedDisk:
    """All files of one disk.

    `room` bounds their bytes, `cut_after` counts the operations until the power fails, `failing_syncs` those
    syncs that will fail next.
    """

    def __init__(self) -> None:
        self.files: dict[str, Content] = {}
        self.room: int | None = None
        self.cut_after: int | None = None
        self.failing_syncs = 0
        self.operations = 0
        self.name = f"simulated-disk-{next(_NAMES)}"

    @contextmanager
    def mounted(self) -> Generator[str]:
        """Offer the disk to SQLite under the name that is given."""
        vfs = _FileSystem(self)
        try:
            yield self.name
        finally:
            vfs.unregister()

    def reboot(self, chance: random.Random) -> None:
        """Come back after a power cut, which there is now if there was none yet."""
        self.cut_after = None
        for content in self.files.values():
            content.survive(chance)

    def spend(self) -> None:
        """Count one operation; raise PowerCut when it is the last one or comes after it."""
        self.operations += 1
        if self.cut_after is not None:
            self.cut_after -= 1
            if self.cut_after <= 0:
                raise PowerCut("no power")

    def need(self, content: Content, size: int) -> None:
        """Raise FullError when a file of this size would not fit."""
        others = sum(len(other.seen) for other in self.files.values() if other is not content)
        if self.room is not None and size > len(content.seen) and others + size > self.room:
            raise apsw.FullError("no room")


class _FileSystem(apsw.VFS):
    """What SQLite asks of a file system."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self._disk = disk
        super().__init__(disk.name, "")

    def xOpen(self, name: object, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        content = self._disk.files.setdefault(path, Content())
        return cast(apsw.VFSFile, _File(self._disk, content))  # apsw asks for no more than the methods

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001, N802
        self._disk.spend()
        self._disk.files.pop(filename, None)

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802
        return pathname in self._disk.files


class _File:
    """What SQLite asks of a file."""

    def __init__(self, disk: SimulatedDisk, content: Content) -> None:
        self._disk = disk
        self._content = content

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self._content.seen[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.spend()
        written = bytes(data)
        self._disk.need(self._content, offset + len(written))
        for start in range(0, len(written), _SECTOR):
            self._content.change(_Write(offset + start, written[start : start + _SECTOR]))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.spend()
        self._content.change(_Truncation(newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.spend()
        if self._disk.failing_syncs:
            self._disk.failing_syncs -= 1
            self._content.fail_to_sync()
            raise apsw.IOError("the disk failed")
        self._content.sync()

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._content.seen)

    def xClose(self) -> None:  # noqa: N802
        pass

    def xLock(self, level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return _SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return 0

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: N802
        return False


@dataclass(frozen=True)
class _Write:
    offset: int
    data: bytes

    def __call__(self, image: bytearray) -> None:
        if len(image) < self.offset:
            image.extend(bytes(self.offset - len(image)))
        image[self.offset : self.offset + len(self.data)] = self.data


@dataclass(frozen=True)
class _Truncation:
    size: int

    def __call__(self, image: bytearray) -> None:
        del image[self.size :]
