-- What a person wants done with deliveries in flight, and dead letters that are let go.

-- Done in the transaction that ends the claim. There are seldom any rows.
CREATE TABLE wish (
    delivery INTEGER PRIMARY KEY REFERENCES delivery ON DELETE CASCADE,
    act      TEXT NOT NULL CHECK (act IN ('queue_again', 'discard')),
    at       INTEGER NOT NULL,
    reason   TEXT NOT NULL
) STRICT;

CREATE INDEX delivery_held ON delivery (lane) WHERE place = 0;
