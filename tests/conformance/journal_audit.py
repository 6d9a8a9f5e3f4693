"""What must hold between the rows of a SQLite journal, looked up in the file itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lucca_sync.journal.sqlite.driver import connect

# Each finds rows that must not be there. States: 1 in flight, 4 done, 5 dead, 6 discarded.
_WRONG: Final = {
    "a lane's counts are not those of its deliveries": """
        SELECT lane.key FROM lane LEFT JOIN delivery ON delivery.lane = lane.key
        GROUP BY lane.key
        HAVING (pending, in_flight, retrying, parked, dead) <> (
            count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1),
            count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state = 3),
            count(*) FILTER (WHERE state = 5)
        )
    """,
    "an event counts other deliveries than it has to wait for": """
        SELECT position FROM event WHERE undone <> (
            SELECT count(*) FROM delivery WHERE key >> 16 = position AND state NOT IN (4, 6)
        )
    """,
    "a delivery without an event": """
        SELECT key FROM delivery WHERE NOT EXISTS (SELECT 1 FROM event WHERE position = key >> 16)
    """,
    "a delivery in a queue that ended, or an open one in none": """
        SELECT key FROM delivery WHERE (place IS NULL) = (state < 4) AND NOT (state = 5 AND place = 0)
    """,
    "one that is not a head is due, or one in flight is no head": """
        SELECT key FROM delivery
        WHERE (due IS NOT NULL AND place IS NOT 1) OR (state = 1 AND (place IS NOT 1 OR due IS NULL))
    """,
    "a queue with more than one head": """
        SELECT record, lane FROM delivery WHERE place = 1 GROUP BY record, lane HAVING count(*) > 1
    """,
    "a head that is neither in flight nor the oldest": """
        SELECT key FROM delivery AS head WHERE place = 1 AND state <> 1 AND EXISTS (
            SELECT 1 FROM delivery AS older
            WHERE older.record = head.record AND older.lane = head.lane AND older.place IS NOT NULL
                AND older.key < head.key
        )
    """,
    "a queue that nobody leads": """
        SELECT record, lane FROM delivery WHERE place IS NOT NULL
        GROUP BY record, lane
        HAVING max(place = 1) = 0 AND min(key) <> coalesce(min(key) FILTER (WHERE place = 0), 0)
    """,
    "an emptied event that is still to be sent, or that has contents": """
        SELECT position FROM event WHERE emptied AND (undone > 0 OR length(body) > 0)
    """,
    "an act noted for a delivery that is not in flight": """
        SELECT wish.delivery FROM wish JOIN delivery ON delivery.key = wish.delivery WHERE delivery.state <> 1
    """,
    "what was done to a delivery that is not there": """
        SELECT delivery FROM attempt WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE key = attempt.delivery)
    """,
}


def wrongs(path: Path) -> Iterator[str]:
    """Say what does not hold, and SQLite's own complaints."""
    connection = connect(path, read_only=True, vfs=None)
    try:
        for what, query in _WRONG.items():
            rows = connection.execute(query).fetchall()
            if rows:
                yield f"{what}: {rows}"
        for (complaint,) in connection.execute("PRAGMA integrity_check").fetchall():
            if complaint != "ok":
                yield str(complaint)
    finally:
        connection.close()
