-- What was delivered, by the thousand: each statement is for all that are gathered. A statement for each would
-- give the interpreter's lock away and wait for it again, a dozen times a delivery.

-- name: shelf
-- Of this connection alone, and in memory.
CREATE TEMP TABLE IF NOT EXISTS finished (
    key     INTEGER PRIMARY KEY,
    lane    INTEGER NOT NULL,
    record  INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    reason  TEXT NOT NULL
);

-- name: clear
DELETE FROM finished;

-- name: gather
-- Those that are in flight under this attempt; ?1 lists key, attempt, instant and reason.
INSERT INTO finished (key, lane, record, attempt, at, reason)
SELECT
    delivery.key, delivery.lane, delivery.record, delivery.attempt, json_each.value ->> 2, json_each.value ->> 3
FROM json_each(?1)
CROSS JOIN delivery ON delivery.key = json_each.value ->> 0
WHERE delivery.attempt = json_each.value ->> 1 AND delivery.state = 1;

-- name: count
SELECT lane, count(*) FROM finished GROUP BY lane;

-- name: note_attempts
INSERT INTO attempt (delivery, number, turn, at, state, reason)
SELECT key, attempt, 0, at, ?, reason FROM finished ORDER BY key;

-- name: end
UPDATE delivery SET state = ?, due = NULL, place = NULL WHERE key IN (SELECT key FROM finished);

-- name: move_up
-- As `promote_oldest` of the queues does for one.
UPDATE delivery SET place = 1, due = journaled
WHERE place = 2 AND key IN (
    SELECT (
        SELECT queued.key FROM delivery AS queued
        WHERE queued.record = finished.record AND queued.lane = finished.lane AND queued.place IS NOT NULL
        ORDER BY queued.key
        LIMIT 1
    )
    FROM finished
);

-- name: tick_off
UPDATE event SET undone = undone - ended.deliveries
FROM (SELECT key >> 16 AS position, count(*) AS deliveries FROM finished GROUP BY key >> 16) AS ended
WHERE event.position = ended.position;
