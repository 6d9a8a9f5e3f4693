"""Which routes are in force: one place that everybody asks, so that a reload changes it for all at once."""

from collections.abc import Iterable

from lucca_sync.egress.route import Route, Router
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Event


class Routing:
    """Asks the routes that are in force at the moment of the question."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._router = Router(routes)

    def lanes(self, event: Event) -> tuple[Lane, ...]:
        """Return every lane that gets the event."""
        return self._router.lanes(event)

    def change(self, routes: Iterable[Route]) -> None:
        """Have other routes asked from now on."""
        self._router = Router(routes)
