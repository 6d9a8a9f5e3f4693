-- What a person does to deliveries.

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

-- name: add
INSERT INTO delivery (key, lane, record, state, place, due, attempt, journaled)
VALUES (?, ?, ?, 0, 2, NULL, 0, ?);

-- name: add_act
INSERT INTO attempt (delivery, number, turn, at, state, reason)
SELECT ?1, ?2, coalesce(max(turn), 0) + 1, ?3, ?4, ?5 FROM attempt WHERE delivery = ?1 AND number = ?2;

-- name: undo
-- Its event has one more delivery to wait for (or one less, when negative).
UPDATE event SET undone = undone + ? WHERE position = ?;

-- name: event_at
SELECT record, emptied FROM event WHERE position = ?;
