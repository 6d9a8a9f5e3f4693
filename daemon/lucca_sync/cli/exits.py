"""What the exit codes mean; scripts and service managers rely on them."""

from typing import Final

OK: Final = 0
FAILED: Final = 1
"""It ran, and the answer is no: a check failed, an event or delivery is not there, something is left."""
USAGE: Final = 2
"""The command line makes no sense, or names what the settings lack."""
TRY_LATER: Final = 75
"""Nothing is wrong with the settings: the store is busy, full or broken."""
CONFIG: Final = 78
"""The settings have problems; each was printed."""
INTERRUPTED: Final = 130
"""Ctrl-C."""
