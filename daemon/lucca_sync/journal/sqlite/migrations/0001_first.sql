-- Integer keys everywhere: a row refers to another by a byte or three instead of repeating its text.
-- Instants are microseconds since 1970 UTC. Bodies are compressed with the dictionary they name, 0 for plain.

-- One collection of one tenant, with its sweep in progress. `records` counts those that live.
CREATE TABLE resource (
    key            INTEGER PRIMARY KEY,
    tenant         TEXT NOT NULL,
    name           TEXT NOT NULL,
    baseline_done  INTEGER NOT NULL DEFAULT 0,
    swept          INTEGER,
    cursor_started INTEGER,
    cursor_slot    INTEGER,
    cursor_url     TEXT,
    records        INTEGER NOT NULL DEFAULT 0,
    dictionary     INTEGER NOT NULL DEFAULT 0,
    UNIQUE (tenant, name)
) STRICT;

CREATE TABLE dictionary (
    key  INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- A record's snapshot; `body` is NULL for one that is gone.
-- `held` counts the pages whose memory names it. `slot` is one of those pages, or NULL when it is not known
-- which (or the record is gone), or -1: no page shows it any more, or -2: no page did, but it was read alone.
CREATE TABLE record (
    key        INTEGER PRIMARY KEY,
    resource   INTEGER NOT NULL REFERENCES resource,
    id         TEXT NOT NULL,
    slot       INTEGER,
    held       INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    digest     BLOB NOT NULL,
    dictionary INTEGER NOT NULL,
    body       BLOB
) STRICT;
CREATE UNIQUE INDEX record_by_id ON record (resource, id);
CREATE INDEX record_unheld ON record (resource, slot) WHERE slot < 0;

-- How the page at a slot was last answered; key = resource << 32 | slot. `items` is MessagePack: (ids, digests).
CREATE TABLE page (
    key      INTEGER PRIMARY KEY,
    url      TEXT NOT NULL,
    etag     TEXT,
    digest   BLOB NOT NULL,
    next_url TEXT,
    items    BLOB NOT NULL
) STRICT;

-- What many events have in common.
CREATE TABLE origin (
    key         INTEGER PRIMARY KEY,
    resource    INTEGER NOT NULL REFERENCES resource,
    source      TEXT NOT NULL,
    singular    TEXT NOT NULL,
    kind        TEXT NOT NULL,
    detected_by TEXT NOT NULL,
    UNIQUE (resource, source, singular, kind, detected_by)
) STRICT;

-- `undone` counts the deliveries that are not done; without any, the event may be pruned.
CREATE TABLE event (
    position   INTEGER PRIMARY KEY,
    id         ANY NOT NULL,
    origin     INTEGER NOT NULL REFERENCES origin,
    record     INTEGER NOT NULL REFERENCES record,
    sequence   INTEGER NOT NULL,
    happened   INTEGER NOT NULL,
    recorded   INTEGER NOT NULL,
    employee   TEXT,
    undone     INTEGER NOT NULL CHECK (undone >= 0),
    dictionary INTEGER NOT NULL,
    body       BLOB NOT NULL
) STRICT;
-- Ids are random: an index in their order would dirty a page of its own for almost every event. This one only
-- grows at its end, and is narrow enough to be read through when a person asks for an id.
CREATE INDEX event_ids ON event (position, id);
CREATE INDEX event_prunable ON event (recorded) WHERE undone = 0;

-- A route towards one connector, with its deliveries counted by state.
CREATE TABLE lane (
    key       INTEGER PRIMARY KEY CHECK (key < 65536),
    route     TEXT NOT NULL,
    connector TEXT NOT NULL,
    pending   INTEGER NOT NULL DEFAULT 0,
    in_flight INTEGER NOT NULL DEFAULT 0,
    retrying  INTEGER NOT NULL DEFAULT 0,
    parked    INTEGER NOT NULL DEFAULT 0,
    dead      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (route, connector)
) STRICT;

-- key = event position << 16 | lane: the deliveries of an event lie together, those of a lane in journal order.
-- `place` is 1 at the head of its subject's queue, 2 behind another, NULL once it ended. Only heads have a `due`
-- (the lease's end while in flight), so that the due index holds what can be claimed and nothing else.
CREATE TABLE delivery (
    key       INTEGER PRIMARY KEY,
    lane      INTEGER NOT NULL REFERENCES lane,
    record    INTEGER NOT NULL REFERENCES record,
    state     INTEGER NOT NULL,
    place     INTEGER,
    due       INTEGER,
    attempt   INTEGER NOT NULL,
    journaled INTEGER NOT NULL
) STRICT;
CREATE INDEX delivery_due ON delivery (lane, due) WHERE due IS NOT NULL;
CREATE INDEX delivery_queue ON delivery (record, lane) WHERE place IS NOT NULL;
CREATE INDEX delivery_heads ON delivery (lane) WHERE place = 1;

CREATE TABLE attempt (
    delivery INTEGER NOT NULL REFERENCES delivery ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    state    INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

-- What Lucca said that changed, pushed or listed. A row stays when it no longer waits: its id must not be taken
-- twice. There are no values here, only ids.
CREATE TABLE hint (
    key        INTEGER PRIMARY KEY,
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    topic      TEXT NOT NULL,
    record     TEXT NOT NULL,
    employee   TEXT,
    employment TEXT,
    eye        TEXT NOT NULL,
    taken      INTEGER NOT NULL,
    waiting    INTEGER NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX hint_waiting ON hint (tenant, key) WHERE waiting = 1;
CREATE INDEX hint_known ON hint (taken) WHERE waiting = 0;
CREATE INDEX hint_pushed ON hint (tenant, taken) WHERE eye = 'hint';

CREATE TABLE note (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The highest position ever pruned: positions are never used twice.
CREATE TABLE pruned (
    position INTEGER NOT NULL
) STRICT;
INSERT INTO pruned VALUES (0);

CREATE VIEW event_in_full AS
SELECT
    event.position, event.id, resource.tenant, resource.name AS resource, origin.source, origin.singular,
    record.id AS record_id, origin.kind, origin.detected_by, event.sequence, event.happened, event.recorded,
    event.employee, event.dictionary, event.body
FROM event
JOIN origin ON origin.key = event.origin
JOIN resource ON resource.key = origin.resource
JOIN record ON record.key = event.record;
