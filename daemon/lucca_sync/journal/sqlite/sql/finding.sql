-- Deliveries as people look for them: a stretch of keys at a time, so that nobody waits for the whole.

-- name: stretch
-- The last key of the stretch that begins after a key, NULL behind the last one.
SELECT max(key) FROM (SELECT key FROM delivery WHERE key > ? ORDER BY key LIMIT ?);

-- name: apart
-- The keys of a stretch of those that are in one state, neither pending nor done.
SELECT key FROM delivery WHERE state NOT IN (0, 4) AND state = ? AND key > ? ORDER BY key LIMIT ?;

-- name: between
SELECT *, (SELECT wish.act FROM wish WHERE wish.delivery = delivery_in_full.key) AS noted
FROM delivery_in_full
WHERE key > ?1 AND key <= ?2
    AND (?3 IS NULL OR state IN (SELECT value FROM json_each(?3)))
    AND (?4 IS NULL OR route = ?4)
    AND (?5 IS NULL OR connector = ?5)
    AND (?6 IS NULL OR tenant = ?6)
    AND (?7 IS NULL OR resource = ?7)
    AND (?8 IS NULL OR record_id = ?8)
    AND (?9 IS NULL OR event_id = ?9)
    AND (?10 IS NULL OR reason = ?10)
    AND (?11 IS NULL OR recorded >= ?11)
    AND (?12 IS NULL OR recorded < ?12)
ORDER BY key
LIMIT ?13;

-- name: apart_between
SELECT *, (SELECT wish.act FROM wish WHERE wish.delivery = delivery_in_full.key) AS noted
FROM delivery_in_full
WHERE state NOT IN (0, 4) AND state = ?3 AND key > ?1 AND key <= ?2
    AND (?4 IS NULL OR route = ?4)
    AND (?5 IS NULL OR connector = ?5)
    AND (?6 IS NULL OR tenant = ?6)
    AND (?7 IS NULL OR resource = ?7)
    AND (?8 IS NULL OR record_id = ?8)
    AND (?9 IS NULL OR event_id = ?9)
    AND (?10 IS NULL OR reason = ?10)
    AND (?11 IS NULL OR recorded >= ?11)
    AND (?12 IS NULL OR recorded < ?12)
ORDER BY key;

-- name: positions_of
SELECT position FROM event INDEXED BY event_ids WHERE id = ? ORDER BY position;
