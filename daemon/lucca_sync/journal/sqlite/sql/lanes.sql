-- Lanes, with their deliveries counted by state.

-- name: key_of
SELECT key FROM lane WHERE route = ? AND connector = ?;

-- name: add
INSERT INTO lane (route, connector) VALUES (?, ?);

-- name: count
UPDATE lane
SET pending = pending + ?, in_flight = in_flight + ?, retrying = retrying + ?, parked = parked + ?,
    dead = dead + ?
WHERE key = ?;

-- name: status
SELECT
    route, connector,
    (SELECT journaled FROM delivery WHERE lane = lane.key AND place > 0 ORDER BY journaled LIMIT 1),
    pending, in_flight, retrying, parked, dead
FROM lane;
