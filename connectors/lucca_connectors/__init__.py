"""The connectors that come with lucca-sync, found by entry point like anybody else's."""
