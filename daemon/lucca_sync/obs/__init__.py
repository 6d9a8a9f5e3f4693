"""Logging and metrics: what is shown to the outside. Never a record's values."""
