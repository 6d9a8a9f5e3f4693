"""How a target stands: told in the log when it goes bad and when it comes back, not at every attempt."""

from typing import Final

FAILURES: Final = 3
STEADY_AFTER: Final = 60.0
"""Seconds that a target stays bad at least, so that a shaky one does not fill the log."""


class Standing:
    """Judges a target by its last calls. `now` is in seconds of the event loop."""

    def __init__(self) -> None:
        self._failures = 0
        self._bad_since: float | None = None

    def failed(self, now: float) -> bool:
        """Note a call that got nothing through; True when the target has just gone bad."""
        self._failures += 1
        if self._bad_since is not None or self._failures < FAILURES:
            return False
        self._bad_since = now
        return True

    def worked(self, now: float) -> bool:
        """Note a call that got something through; True when the target has just come back."""
        self._failures = 0
        if self._bad_since is None or now - self._bad_since < STEADY_AFTER:
            return False
        self._bad_since = None
        return True
