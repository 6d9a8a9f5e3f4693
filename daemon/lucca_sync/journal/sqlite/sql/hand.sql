-- A person's hand on one delivery.

-- name: standing
SELECT delivery.state, delivery.lane, delivery.record, delivery.attempt, event.emptied
FROM delivery
JOIN event ON event.position = delivery.key >> 16
WHERE delivery.key = ?;

-- name: queue_again
-- Behind, whatever it was: who is the head is found out afterwards.
UPDATE delivery SET state = ?, place = 2, due = NULL, journaled = ?, earlier = attempt WHERE key = ?;

-- name: discard
UPDATE delivery SET state = ?, place = NULL, due = NULL WHERE key = ?;

-- name: add_act
INSERT INTO attempt (delivery, number, turn, at, state, reason)
SELECT ?1, ?2, coalesce(max(turn), 0) + 1, ?3, ?4, ?5 FROM attempt WHERE delivery = ?1 AND number = ?2;

-- name: undo
-- Its event has one more delivery to wait for (or one less, when negative).
UPDATE event SET undone = undone + ? WHERE position = ?;

-- name: wish
INSERT INTO wish (delivery, act, at, reason) VALUES (?, ?, ?, ?)
ON CONFLICT (delivery) DO UPDATE SET act = excluded.act, at = excluded.at, reason = excluded.reason;

-- name: wished
SELECT delivery FROM wish;

-- name: fulfillable
-- From the few wishes to their deliveries, not from all that is in flight.
SELECT wish.delivery, wish.act, wish.at, wish.reason, delivery.state
FROM wish
CROSS JOIN delivery ON delivery.key = wish.delivery
WHERE delivery.state <> 1;

-- name: unwish
DELETE FROM wish WHERE delivery = ?;

-- name: lapsed
SELECT delivery.key, delivery.lane, delivery.record
FROM wish
CROSS JOIN delivery ON delivery.key = wish.delivery
WHERE delivery.lane = ? AND delivery.state = 1 AND delivery.due <= ?;
