"""The command line as a process of its own, started as a shell would start it."""

import sys

COMMAND = (sys.executable, "-c", "from lucca_sync.cli import main; main()")
