-- What a person can do to deliveries, events that follow from changes, and events whose contents are gone.

-- `emptied`: of the event only ids, times and deliveries are left. `business`: JSON (name, of, on, because).
ALTER TABLE event ADD COLUMN emptied INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN business TEXT;
-- `undone` counts the deliveries that are neither done nor discarded. Without any, the event may be emptied (the
-- part of this index where `emptied` is 0), and later be pruned.
DROP INDEX event_prunable;
CREATE INDEX event_ended ON event (emptied, recorded) WHERE undone = 0;

-- `earlier` counts the attempts before a person last had the delivery queued. `place` is now also 0: dead, but
-- kept in its subject's queue, so that what is behind waits.
ALTER TABLE delivery ADD COLUMN earlier INTEGER NOT NULL DEFAULT 0;
DROP INDEX delivery_heads;
CREATE INDEX delivery_open ON delivery (lane, journaled) WHERE place > 0;
-- All but the many: neither pending (0) nor done (4).
CREATE INDEX delivery_apart ON delivery (state) WHERE state NOT IN (0, 4);

-- What a person did stands beside the attempts so far: `turn` is 0 for an attempt, and counts from 1 otherwise.
CREATE TABLE attempt_or_act (
    delivery INTEGER NOT NULL REFERENCES delivery ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    turn     INTEGER NOT NULL DEFAULT 0,
    at       INTEGER NOT NULL,
    state    INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    PRIMARY KEY (delivery, number, turn)
) STRICT, WITHOUT ROWID;
INSERT INTO attempt_or_act (delivery, number, at, state, reason)
SELECT delivery, number, at, state, reason FROM attempt ORDER BY delivery, number;
DROP TABLE attempt;
ALTER TABLE attempt_or_act RENAME TO attempt;

DROP VIEW event_in_full;
CREATE VIEW event_in_full AS
SELECT
    event.position, event.id, resource.tenant, resource.name AS resource, origin.source, origin.singular,
    record.id AS record_id, origin.kind, origin.detected_by, event.sequence, event.happened, event.recorded,
    event.employee, event.business, event.emptied, event.dictionary, event.body
FROM event
JOIN origin ON origin.key = event.origin
JOIN resource ON resource.key = origin.resource
JOIN record ON record.key = event.record;

-- A delivery with its event's envelope and its last attempt. CROSS JOIN keeps the order that deliveries have.
CREATE VIEW delivery_in_full AS
SELECT
    delivery.key, lane.route, lane.connector, delivery.state, delivery.place, delivery.due, delivery.journaled,
    delivery.attempt, event.position, event.id AS event_id, event.recorded, event.business, origin.singular,
    origin.kind, resource.tenant, resource.name AS resource, record.id AS record_id, attempt.at AS tried,
    coalesce(attempt.reason, '') AS reason
FROM delivery
CROSS JOIN lane ON lane.key = delivery.lane
CROSS JOIN event ON event.position = delivery.key >> 16
CROSS JOIN origin ON origin.key = event.origin
CROSS JOIN resource ON resource.key = origin.resource
CROSS JOIN record ON record.key = event.record
LEFT JOIN attempt ON
    attempt.delivery = delivery.key AND attempt.turn = 0
    AND attempt.number = (
        SELECT made.number FROM attempt AS made
        WHERE made.delivery = delivery.key AND made.turn = 0
        ORDER BY made.number DESC
        LIMIT 1
    );
