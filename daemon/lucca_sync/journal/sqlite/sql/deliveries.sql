-- Deliveries: one queue for each subject along each lane. A queue's head is its oldest open delivery.

-- name: add
-- Due at once where no open delivery of the subject is ahead; else behind it (place 2), not due.
INSERT INTO delivery (key, lane, record, state, place, due, attempt, journaled)
SELECT ?1, ?2, ?3, 0, 1 + behind, iif(behind, NULL, ?4), 0, ?4
FROM (
    SELECT EXISTS (
        SELECT 1 FROM delivery WHERE record = ?3 AND lane = ?2 AND place IS NOT NULL
    ) AS behind
);

-- name: due
-- What can be claimed, earliest due first: only heads have a due.
SELECT delivery.key, delivery.state, delivery.attempt, delivery.journaled, event_in_full.*
FROM delivery
JOIN event_in_full ON event_in_full.position = delivery.key >> 16
WHERE delivery.lane = ? AND delivery.due <= ?
ORDER BY delivery.due, delivery.key
LIMIT ?;

-- name: claim
UPDATE delivery SET state = 1, due = ?, attempt = attempt + 1 WHERE key = ?;

-- name: claimed
-- A delivery that is in flight under this attempt.
SELECT lane, record FROM delivery WHERE key = ? AND attempt = ? AND state = 1;

-- name: settle
UPDATE delivery SET state = ?, due = ? WHERE key = ?;

-- name: end
UPDATE delivery SET state = ?, due = NULL, place = NULL WHERE key = ?;

-- name: add_attempt
INSERT INTO attempt (delivery, number, at, state, reason) VALUES (?, ?, ?, ?, ?);

-- name: promote
-- The next of the subject's queue becomes its head.
UPDATE delivery SET place = 1, due = journaled
WHERE key = (
    SELECT key FROM delivery WHERE record = ? AND lane = ? AND place IS NOT NULL ORDER BY key LIMIT 1
);

-- name: one_done
UPDATE event SET undone = undone - 1 WHERE position = ?;

-- name: release
UPDATE delivery SET state = ?, due = journaled, attempt = attempt - 1 WHERE key = ?;

-- name: abandoned
-- CROSS JOIN keeps the order: most lanes have none, and are not looked through.
SELECT delivery.key, delivery.lane
FROM lane CROSS JOIN delivery ON delivery.lane = lane.key AND delivery.place = 1 AND delivery.state = 1
WHERE lane.in_flight > 0;

-- name: take_back
-- Left in flight by a process that is gone: it may have been sent, so the attempt counts.
UPDATE delivery SET state = 2, due = journaled WHERE key = ?;

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
SELECT number, at, state, reason FROM attempt WHERE delivery = ? ORDER BY number;
