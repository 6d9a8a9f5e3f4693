"""`lucca-sync` on a file system that fails on demand: the first argument is the folder of its orders."""

import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

from lucca_sync.cli import main
from lucca_sync.egress import claims
from lucca_sync.ingest import gate
from tests.crash.store_faults import install


def shorten(module: ModuleType, name: str, value: object) -> None:
    """Put a short span in the place of a long one, so that a test need not wait for it."""
    assert hasattr(module, name), name
    setattr(module, name, value)


def launch() -> None:
    """Take the folder out of the arguments and become the command, with little patience for itself."""
    files = install(Path(sys.argv.pop(1)))
    shorten(gate, "_PROBE_SECONDS", 0.1)
    shorten(claims, "LEASE_MARGIN", timedelta(seconds=1))
    try:
        main()
    finally:
        files.unregister()


if __name__ == "__main__":
    launch()
