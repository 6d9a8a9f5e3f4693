"""The command line, one module a command: parses, calls, prints; decides nothing about syncing."""

from lucca_sync.cli.entry import main

__all__ = ["main"]
