-- Who is the head of a subject's queue along a lane.

-- name: promote_oldest
-- Once the head has ended. One that is dead and kept stays as it is, and is the head.
UPDATE delivery SET place = 1, due = journaled
WHERE place = 2 AND key = (
    SELECT key FROM delivery WHERE record = ? AND lane = ? AND place IS NOT NULL ORDER BY key LIMIT 1
);

-- name: oldest
SELECT key, place FROM delivery WHERE record = ? AND lane = ? AND place IS NOT NULL ORDER BY key LIMIT 1;

-- name: head
-- Seldom far from the oldest: only what a person queued again meanwhile stands before it.
SELECT key, place, state FROM delivery
WHERE record = ? AND lane = ? AND place IS NOT NULL AND place < 2
ORDER BY key
LIMIT 1;

-- name: demote
UPDATE delivery SET place = 2, due = NULL WHERE key = ?;

-- name: promote
UPDATE delivery SET place = 1, due = journaled WHERE key = ?;
