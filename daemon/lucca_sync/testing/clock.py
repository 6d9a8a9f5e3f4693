"""A clock for tests: it stands until it is moved."""

from datetime import datetime, timedelta

from lucca_sync.testing.events import NOON


class StandingClock:
    """Tells the instant it was set to. `Surroundings` takes it as its clock."""

    def __init__(self, instant: datetime = NOON) -> None:
        """Stand at an aware instant; by default the noon at which made-up events happen."""
        if instant.tzinfo is None:
            raise ValueError("the instant needs a time zone")
        self._instant = instant

    def now(self) -> datetime:
        """Return the present instant."""
        return self._instant

    def move(self, by: timedelta) -> None:
        """Let so much time have passed, or be turned back."""
        self._instant += by
