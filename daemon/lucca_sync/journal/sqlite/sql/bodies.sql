-- Dictionaries: which one a resource packs with, and what a new one can learn from.

-- name: dictionary_of
SELECT dictionary FROM resource WHERE key = ?;

-- name: dictionary
SELECT body FROM dictionary WHERE key = ?;

-- name: add_dictionary
INSERT INTO dictionary (body) VALUES (?) RETURNING key;

-- name: use_dictionary
UPDATE resource SET dictionary = ? WHERE key = ?;

-- name: plain
SELECT body FROM record WHERE resource = ? AND dictionary = 0 AND body IS NOT NULL LIMIT ?;
