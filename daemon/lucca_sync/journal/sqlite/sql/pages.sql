-- How each page was last answered, and which records it showed.

-- name: heads
SELECT key, url, etag, digest, next_url FROM page WHERE key BETWEEN ? AND ?;

-- name: items
SELECT items FROM page WHERE key = ?;

-- name: slots
SELECT key FROM page WHERE key BETWEEN ? AND ?;

-- name: remember
INSERT INTO page (key, url, etag, digest, next_url, items) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE
SET url = excluded.url, etag = excluded.etag, digest = excluded.digest,
    next_url = excluded.next_url, items = excluded.items;

-- name: distrust
UPDATE page SET etag = NULL, digest = x'', items = ? WHERE key = ?;

-- name: forget
DELETE FROM page WHERE key = ?;
