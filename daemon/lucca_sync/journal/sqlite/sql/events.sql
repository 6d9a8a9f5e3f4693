-- Events, in the order in which they were journaled. Positions begin after the highest ever given away.

-- name: last_position
SELECT max(coalesce((SELECT max(position) FROM event), 0), (SELECT max(position) FROM pruned));

-- name: origin
SELECT key FROM origin WHERE resource = ? AND source = ? AND singular = ? AND kind = ? AND detected_by = ?;

-- name: add_origin
INSERT INTO origin (resource, source, singular, kind, detected_by) VALUES (?, ?, ?, ?, ?);

-- name: add
INSERT INTO event (
    position, id, origin, record, sequence, happened, recorded, employee, undone, business, dictionary, body
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: after
SELECT * FROM event_in_full
WHERE position > ?1
    AND (?2 IS NULL OR tenant = ?2)
    AND (?3 IS NULL OR resource = ?3)
    AND (?4 IS NULL OR record_id = ?4)
    AND (?5 IS NULL OR kind = ?5)
    AND (?6 IS NULL OR recorded >= ?6)
    AND (?7 IS NULL OR recorded < ?7)
ORDER BY position
LIMIT ?8;

-- name: newest
SELECT * FROM event_in_full
WHERE (?1 IS NULL OR tenant = ?1)
    AND (?2 IS NULL OR resource = ?2)
    AND (?3 IS NULL OR record_id = ?3)
    AND (?4 IS NULL OR kind = ?4)
    AND (?5 IS NULL OR recorded >= ?5)
    AND (?6 IS NULL OR recorded < ?6)
ORDER BY position DESC
LIMIT ?7;

-- name: at
SELECT * FROM event_in_full WHERE position = ?;

-- name: with_id
-- The same event may have been told more than once.
SELECT position FROM event INDEXED BY event_ids WHERE id = ? ORDER BY position DESC LIMIT 1;

-- name: beginning_with
-- Ids are digests or, from other makers, text. Where the least and the greatest are the same, it is the only one.
SELECT max(position), min(id), max(id) FROM event INDEXED BY event_ids WHERE id BETWEEN ? AND ?;
