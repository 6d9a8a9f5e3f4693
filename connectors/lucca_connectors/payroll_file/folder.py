"""Puts numbered files into a folder so that each is complete when it appears and no event stands in two.

Order of writing, each step on the disk before the next: the content under a temporary name, the ledger's
entry, the final name. So an entry whose temporary file is gone has been published, and one whose temporary
file is still there has not: a crash at any instant leaves no doubt. Blocking: call it off the loop.
"""

import errno
import re
import tempfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from lucca_connectors.payroll_file.disk import sync_folder, write_file
from lucca_connectors.payroll_file.ledger import Entry, Ledger
from lucca_connectors.payroll_file.naming import folder_name, number_text


class Folder:
    """One connector's files in one directory."""

    def __init__(self, directory: Path, connector: str, name: Callable[[int], str]) -> None:
        """`name` makes a file name of a number."""
        self._directory = directory
        self._prefix = f".lucca-sync-{folder_name(connector)}-"
        self._name = name
        self._ledger = Ledger(directory, connector)
        self._settled = False

    def settle(self) -> None:
        """First of all: complete or give up what a crash or a failure left unfinished; may raise OSError."""
        if self._settled:
            return
        sync_folder(self._directory)
        self._ledger.load()
        for entry in self._ledger.entries():
            if self._part(entry.number).exists():
                self._finish_or_give_up(entry)
        self._remove_strays()
        self._settled = True

    def file_of(self, event_id: str) -> str | None:
        """The file that an event already stands in."""
        return self._ledger.file_of(event_id)

    def publish(self, content: bytes, events: Sequence[str]) -> str:
        """Put one file into the folder and return its name; after an OSError, `settle` finds out its fate."""
        self._settled = False
        number = self._free_number()
        entry = Entry(number, self._name(number), len(events), sha256(content).hexdigest(), tuple(events))
        write_file(self._part(number), content)
        self._ledger.write(entry)
        self._finish(entry)
        self._ledger.prune()
        self._settled = True
        return entry.file

    def probe(self) -> None:
        """Raise OSError unless files can be written; leaves nothing behind."""
        with tempfile.TemporaryFile(dir=self._directory) as file:
            file.write(b"probe")

    def _free_number(self) -> int:
        """The next number, beyond files that are there although the ledger forgot them."""
        number = self._ledger.next_number
        while (self._directory / self._name(number)).exists():
            number += 1
        return number

    def _finish(self, entry: Entry) -> None:
        """Let the file appear under its final name, complete; never over another file."""
        final = self._directory / entry.file
        if final.exists():
            raise FileExistsError(errno.EEXIST, f"{entry.file} is there already")
        try:
            self._part(entry.number).rename(final)
        except FileNotFoundError:
            # Somebody took the temporary file away: without this, its absence would read as "published".
            self._ledger.give_up(entry)
            raise
        sync_folder(self._directory)

    def _finish_or_give_up(self, entry: Entry) -> None:
        part = self._part(entry.number)
        whole = sha256(part.read_bytes()).hexdigest() == entry.sha256
        if entry.events and whole and not (self._directory / entry.file).exists():
            self._finish(entry)
            return
        if entry.events:
            self._ledger.give_up(entry)
        part.unlink()

    def _remove_strays(self) -> None:
        """Temporary files without an entry: written just before a crash, their lines come again."""
        ours = re.compile(re.escape(self._prefix) + r"\d+\.part")
        for path in self._directory.glob(f"{self._prefix}*.part"):
            if ours.fullmatch(path.name):
                path.unlink(missing_ok=True)

    def _part(self, number: int) -> Path:
        return self._directory / f"{self._prefix}{number_text(number)}.part"
