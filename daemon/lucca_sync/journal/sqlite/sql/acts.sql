-- What a person sends by hand.

-- name: add
INSERT INTO delivery (key, lane, record, state, place, due, attempt, journaled)
VALUES (?, ?, ?, 0, 2, NULL, 0, ?);

-- name: undo
-- Its event has one more delivery to wait for (or one less, when negative).
UPDATE event SET undone = undone + ? WHERE position = ?;

-- name: event_at
SELECT record, emptied FROM event WHERE position = ?;
