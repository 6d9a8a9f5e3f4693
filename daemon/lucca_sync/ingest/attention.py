"""Since when Lucca tells us of changes without a break, by webhook and by feed."""

from collections.abc import Callable
from datetime import datetime

from lucca_sync.ingest.missed import Teller


class Listening:
    """Kept up by those who listen; read by whoever counts what Lucca did not tell.

    `changed` is called when something begins to work, or no longer does.
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._since: dict[Teller, datetime] = {}

    def works(self, eye: Teller, since: datetime) -> None:
        """Note that it works; only the first time counts until it fails."""
        if eye not in self._since:
            self._since[eye] = since
            self._changed()

    def fails(self, eye: Teller) -> None:
        """Note that something may have been missed: from now on it has to prove itself again."""
        if self._since.pop(eye, None) is not None:
            self._changed()

    def working_since(self, eye: Teller) -> datetime | None:
        """Return since when it has been working without a break; None when it isn't."""
        return self._since.get(eye)
