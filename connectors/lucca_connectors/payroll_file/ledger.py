"""What a folder remembers of the files put into it: numbers, names, checksums and the ids of their events.

One small file a batch in `.lucca-sync/<connector>/`, on the disk before the batch's own file appears. It
holds no record's value. Blocking: call it off the loop.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from lucca_connectors.payroll_file.disk import make_folder, replace_file
from lucca_connectors.payroll_file.naming import folder_name, number_text

KEPT_EVENTS: Final = 20_000
KEPT_ENTRIES: Final = 1_000
_ALWAYS_KEPT: Final = 2


class Entry(msgspec.Struct, frozen=True):
    """One batch. Without events, it was given up: its number stays used, its lines came in another file."""

    number: int
    file: str
    rows: int
    sha256: str
    events: tuple[str, ...]


class LedgerUnreadable(Exception):
    """A file of the ledger is damaged; the message names it."""


class Ledger:
    """The entries of one connector in one folder, read once and then kept in step."""

    def __init__(self, directory: Path, connector: str, kept_events: int = KEPT_EVENTS) -> None:
        """Remember where; nothing is read or made yet."""
        self._kept_events = kept_events
        self._root = directory / ".lucca-sync"
        self._folder = self._root / folder_name(connector)
        self._entries: dict[int, Entry] = {}
        self._files: dict[str, str] = {}

    def load(self) -> None:
        """Read all entries; may raise OSError or LedgerUnreadable."""
        self._entries, self._files = {}, {}
        for path in sorted(self._folder.glob("*.json")):
            self._hold(_read(path))

    def entries(self) -> Iterator[Entry]:
        """All entries, oldest first."""
        yield from (self._entries[number] for number in sorted(self._entries))

    def file_of(self, event_id: str) -> str | None:
        """The file that holds this event, None if no remembered file does."""
        return self._files.get(event_id)

    @property
    def next_number(self) -> int:
        """One more than any number used before."""
        return max(self._entries, default=0) + 1

    def write(self, entry: Entry) -> None:
        """Put an entry on the disk, then into memory; may raise OSError."""
        make_folder(self._root)
        make_folder(self._folder)
        replace_file(self._path(entry.number), msgspec.json.format(msgspec.json.encode(entry), indent=1))
        self._hold(entry)

    def give_up(self, entry: Entry) -> None:
        """Forget the events of a batch whose file never appeared, but not its number."""
        self.write(Entry(entry.number, entry.file, 0, entry.sha256, ()))

    def prune(self) -> None:
        """Remove the oldest entries, which no repeat can ask for any more; the newest keep the numbering."""
        events = 0
        for place, number in enumerate(sorted(self._entries, reverse=True)):
            events += len(self._entries[number].events)
            if place >= _ALWAYS_KEPT and (events > self._kept_events or place >= KEPT_ENTRIES):
                self._path(number).unlink(missing_ok=True)
                self._drop(number)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number_text(number)}.json"

    def _hold(self, entry: Entry) -> None:
        self._drop(entry.number)
        self._entries[entry.number] = entry
        self._files.update(dict.fromkeys(entry.events, entry.file))

    def _drop(self, number: int) -> None:
        before = self._entries.pop(number, None)
        for event in before.events if before else ():
            self._files.pop(event, None)


def _read(path: Path) -> Entry:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise LedgerUnreadable(
            f"{path} is damaged: restore it, or remove it if its file was never used"
        ) from None
