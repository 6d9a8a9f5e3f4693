-- Notes of other parts of the daemon, and removing what nobody needs any more.

-- name: note
SELECT value FROM note WHERE key = ?;

-- name: write_note
INSERT INTO note (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: notes
SELECT key, value FROM note WHERE key >= ?1 AND key < ?1 || char(1114111) ORDER BY key;

-- name: drop_note
DELETE FROM note WHERE key = ?;

-- name: full
SELECT position FROM event WHERE undone = 0 AND emptied = 0 AND recorded < ? ORDER BY recorded, position LIMIT ?;

-- name: empty
UPDATE event SET emptied = 1, dictionary = 0, body = x'' WHERE position = ?;

-- name: prunable
-- Two ranges of one index, merged.
SELECT recorded, position FROM event WHERE undone = 0 AND emptied = 0 AND recorded < ?1
UNION ALL
SELECT recorded, position FROM event WHERE undone = 0 AND emptied = 1 AND recorded < ?1
ORDER BY recorded, position
LIMIT ?2;

-- name: drop_deliveries
-- Their attempts go with them.
DELETE FROM delivery WHERE key BETWEEN ? AND ?;

-- name: drop_event
DELETE FROM event WHERE position = ?;

-- name: mark_pruned
UPDATE pruned SET position = max(position, ?);
