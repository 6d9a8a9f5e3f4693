-- Resources as a whole.

-- name: key_of
SELECT key FROM resource WHERE tenant = ? AND name = ?;

-- name: add
INSERT INTO resource (tenant, name) VALUES (?, ?);

-- name: state
SELECT baseline_done, swept, cursor_started, cursor_slot, cursor_url, records
FROM resource
WHERE tenant = ? AND name = ?;

-- name: states
SELECT tenant, name, baseline_done, swept, cursor_started, cursor_slot, cursor_url, records
FROM resource
ORDER BY key;

-- name: move_on
UPDATE resource SET cursor_started = ?, cursor_slot = ?, cursor_url = ?, records = records + ? WHERE key = ?;

-- name: count
UPDATE resource SET records = records + ? WHERE key = ?;

-- name: finish
UPDATE resource
SET baseline_done = 1, swept = ?, cursor_started = NULL, cursor_slot = NULL, cursor_url = NULL
WHERE key = ?;
