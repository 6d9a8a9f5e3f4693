-- The records last seen, one row each, the gone ones included.

-- name: last_key
SELECT coalesce(max(key), 0) FROM record;

-- name: standing
-- How the named records stand, without their bodies.
SELECT id, key, slot, held, sequence, body IS NOT NULL
FROM record
WHERE resource = ?1 AND id IN (SELECT value FROM json_each(?2));

-- name: known
SELECT id, dictionary, body, digest, sequence
FROM record
WHERE resource = ?1 AND id IN (SELECT value FROM json_each(?2));

-- name: beginning
-- A range of the index for each prefix.
SELECT record.id, record.dictionary, record.body, record.digest, record.sequence
FROM json_each(?3)
CROSS JOIN record ON record.resource = ?1 AND record.id >= json_each.value AND record.id < json_each.value || ?2
WHERE record.body IS NOT NULL;

-- name: ids
SELECT id FROM record WHERE resource = ? AND body IS NOT NULL;

-- name: scan_first
-- In the order of the index by id.
SELECT id, dictionary, body, digest, sequence
FROM record
WHERE resource = ? AND body IS NOT NULL
ORDER BY id
LIMIT ?;

-- name: scan_on
SELECT id, dictionary, body, digest, sequence
FROM record
WHERE resource = ? AND id > ? AND body IS NOT NULL
ORDER BY id
LIMIT ?;

-- name: add
INSERT INTO record (slot, held, sequence, digest, dictionary, body, key, resource, id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: rewrite
UPDATE record SET slot = ?, held = ?, sequence = ?, digest = ?, dictionary = ?, body = ? WHERE key = ?;

-- name: place
UPDATE record SET slot = ?, held = ? WHERE key = ?;

-- name: missing
-- `slot < 0` is there for the partial index, which SQLite finds by its condition.
SELECT id, dictionary, body, digest, sequence
FROM record
WHERE resource = ? AND slot < 0 AND slot = -1
ORDER BY key
LIMIT ?;

-- name: count_missing
SELECT count(*) FROM record WHERE resource = ? AND slot < 0 AND slot = -1;

-- name: miss_those_apart
UPDATE record SET slot = -1 WHERE resource = ? AND slot < 0 AND slot = -2;
