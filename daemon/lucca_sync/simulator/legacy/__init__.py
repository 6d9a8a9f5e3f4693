"""The legacy API (v3) of the simulated tenant: its query language, its lists, its envelope, its key."""
