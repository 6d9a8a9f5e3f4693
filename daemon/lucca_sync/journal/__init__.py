"""The journal: snapshot, cursor, events and deliveries behind one protocol, where ingest and egress meet."""
