-- What Lucca said: what still waits to be looked at, and what was dealt with, so that it is not taken twice.

-- name: take_in
INSERT INTO hint (tenant, id, topic, record, employee, employment, eye, taken, waiting)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
ON CONFLICT (tenant, id) DO NOTHING
RETURNING key;

-- name: waiting
SELECT id, topic, record, taken, employee, employment, eye
FROM hint
WHERE tenant = ? AND waiting = 1
ORDER BY key
LIMIT ?;

-- name: drop
-- Of what was dealt with only the id is of use.
UPDATE hint SET waiting = 0, record = '', employee = NULL, employment = NULL
WHERE tenant = ? AND id = ? AND waiting = 1;

-- name: forget
DELETE FROM hint
WHERE key IN (SELECT key FROM hint WHERE waiting = 0 AND taken < ? ORDER BY taken LIMIT ?)
RETURNING key;

-- name: last
SELECT max(taken) FROM hint WHERE tenant = ? AND eye = 'hint';
