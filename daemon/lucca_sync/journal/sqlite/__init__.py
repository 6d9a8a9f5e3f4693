"""The journal in one SQLite file: the embedded default, for one daemon on one machine."""

from lucca_sync.journal.sqlite.desk import SqliteDesk
from lucca_sync.journal.sqlite.journal import SqliteJournal
from lucca_sync.journal.sqlite.opening import open_desk, open_sqlite, read_sqlite
from lucca_sync.journal.sqlite.reader import SqliteReader
from lucca_sync.journal.sqlite.store import Footing

__all__ = [
    "Footing",
    "SqliteDesk",
    "SqliteJournal",
    "SqliteReader",
    "open_desk",
    "open_sqlite",
    "read_sqlite",
]
