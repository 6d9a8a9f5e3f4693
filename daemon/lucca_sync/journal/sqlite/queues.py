"""Who is the head of a subject's queue along a lane: the one in flight, or else the oldest that is queued."""

from typing import Final

from lucca_sync.journal.sqlite.codes import CODES
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store

_SQL: Final = named_queries("queues")
_HEAD: Final = 1
_BEHIND: Final = 2


class Queues:
    """Puts a head in its place. Costs the same however long the queue is."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def move_up(self, record: int, lane: int) -> None:
        """Let the next one be the head, after the last head has left the queue."""
        self._store.run(_SQL["promote_oldest"], (record, lane))

    def line_up(self, record: int, lane: int) -> None:
        """Find out anew who is the head, whatever has happened to the queue.

        Who has to stand back is due at once when his turn comes again.
        """
        oldest = self._store.row(_SQL["oldest"], (record, lane))
        head = self._store.row(_SQL["head"], (record, lane))
        if oldest is None or (head is not None and (head[2] == CODES["in_flight"] or head[0] <= oldest[0])):
            return
        if head is not None and head[1] == _HEAD:
            self._store.run(_SQL["demote"], head[:1])
        if oldest[1] == _BEHIND:
            self._store.run(_SQL["promote"], oldest[:1])
