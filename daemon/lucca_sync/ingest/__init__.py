"""Ingest: look at Lucca, find out what changed, write it into the journal. Knows nothing of targets."""
