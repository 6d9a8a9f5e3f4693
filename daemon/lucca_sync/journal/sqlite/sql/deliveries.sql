-- Deliveries: one queue for each subject along each lane. A queue's head is the one in flight, or else its
-- oldest. `place`: 1 for the head, 2 behind it, 0 for a dead one that is kept, NULL for those that ended.

-- name: add
-- Due at once where nothing of the subject is ahead; else behind it, not due.
INSERT INTO delivery (key, lane, record, state, place, due, attempt, journaled)
SELECT ?1, ?2, ?3, 0, 1 + behind, iif(behind, NULL, ?4), 0, ?4
FROM (
    SELECT EXISTS (
        SELECT 1 FROM delivery WHERE record = ?3 AND lane = ?2 AND place IS NOT NULL
    ) AS behind
);

-- name: due
-- What can be claimed, earliest due first: only heads have a due.
SELECT delivery.key, delivery.state, delivery.attempt, delivery.journaled, delivery.earlier, event_in_full.*
FROM delivery
JOIN event_in_full ON event_in_full.position = delivery.key >> 16
WHERE delivery.lane = ? AND delivery.due <= ?
ORDER BY delivery.due, delivery.key
LIMIT ?;

-- name: claim
-- All of a batch at once; ?3 lists their keys.
UPDATE delivery SET state = ?1, due = ?2, attempt = attempt + 1 WHERE key IN (SELECT value FROM json_each(?3));

-- name: taken
-- As `due` shows it: with the attempts before this one.
SELECT
    delivery.key, delivery.state, delivery.attempt - 1, delivery.journaled, delivery.earlier, event_in_full.*
FROM delivery
JOIN event_in_full ON event_in_full.position = delivery.key >> 16
WHERE delivery.lane = ? AND delivery.due = ? AND delivery.state = 1
ORDER BY delivery.key;

-- name: claimed
-- A delivery that is in flight under this attempt.
SELECT lane, record FROM delivery WHERE key = ? AND attempt = ? AND state = 1;

-- name: renew
-- ?2 lists keys and attempts.
UPDATE delivery SET due = ?1
FROM json_each(?2)
WHERE delivery.key = json_each.value ->> 0 AND delivery.attempt = json_each.value ->> 1 AND delivery.state = 1
RETURNING delivery.key;

-- name: due_sooner
UPDATE delivery SET due = due - ?1 WHERE lane IN (SELECT key FROM lane) AND due > ?2 AND state != 1;

-- name: lease_sooner
UPDATE delivery SET due = max(due - ?1, ?2) WHERE lane IN (SELECT key FROM lane) AND due > ?2 AND state = 1;

-- name: queued_sooner
UPDATE delivery SET journaled = journaled - ?1
WHERE lane IN (SELECT key FROM lane) AND journaled > ?2 AND place > 0;

-- name: hasten
UPDATE delivery SET journaled = ?1, due = min(due, ?1)
WHERE lane IN (SELECT key FROM lane) AND journaled > ?2 AND place > 0 AND state = 0;

-- name: settle
UPDATE delivery SET state = ?, due = ? WHERE key = ?;

-- name: end
UPDATE delivery SET state = ?, due = NULL, place = NULL WHERE key = ?;

-- name: hold
UPDATE delivery SET state = ?, due = NULL, place = 0 WHERE key = ?;

-- name: held
-- ?1 lists the keys of lanes; CROSS JOIN seeks for each of them.
SELECT delivery.key, delivery.lane, delivery.record
FROM json_each(?1)
CROSS JOIN delivery ON delivery.lane = json_each.value
WHERE delivery.place = 0
LIMIT ?2;

-- name: add_attempt
INSERT INTO attempt (delivery, number, turn, at, state, reason) VALUES (?, ?, 0, ?, ?, ?);

-- name: release
UPDATE delivery SET state = ?, due = journaled, attempt = attempt - 1 WHERE key = ?;

-- name: abandoned
-- The index holds few others.
SELECT key, lane, record FROM delivery WHERE state NOT IN (0, 4) AND state = 1;

-- name: take_back
-- Left in flight by a process that is gone: it may have been sent, so the attempt counts.
UPDATE delivery SET state = ?, due = journaled WHERE key = ?;

-- name: next_due
SELECT due FROM delivery WHERE lane = ? AND due IS NOT NULL ORDER BY due LIMIT 1;

-- name: ready
SELECT count(*), min(journaled)
FROM (SELECT journaled FROM delivery WHERE lane = ? AND due <= ? ORDER BY due, key LIMIT ?);

-- name: of_event
SELECT delivery.key, lane.route, lane.connector, delivery.state, delivery.journaled, delivery.due
FROM delivery
JOIN lane ON lane.key = delivery.lane
WHERE delivery.key BETWEEN ? AND ?
ORDER BY delivery.key;

-- name: attempts
SELECT number, at, state, reason FROM attempt WHERE delivery = ? ORDER BY number, turn;
