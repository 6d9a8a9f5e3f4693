"""The journal in one SQLite file: the embedded default, for one daemon on one machine."""

from lucca_sync.journal.sqlite.journal import (
    SqliteJournal,
    SqliteReader,
    leave_note,
    open_sqlite,
    read_sqlite,
)
from lucca_sync.journal.sqlite.store import Footing

__all__ = ["Footing", "SqliteJournal", "SqliteReader", "leave_note", "open_sqlite", "read_sqlite"]
