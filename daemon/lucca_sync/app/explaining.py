"""Why an event was or was not sent: its story put together from the journal and the routes as they are now.

Works beside a running daemon; sends nothing and changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lucca_sync.app.stores import reading_store
from lucca_sync.app.translate import routes_of
from lucca_sync.egress.route import Route, Verdict
from lucca_sync.journal.protocol import DeliveryHistory, EventEntry
from lucca_sync.model.delivery import Lane
from lucca_sync.settings.model import Route as RouteSettings

_EMPTIED: Final = Verdict("unclear", "the event's contents were removed, so nobody can be asked any more")
_GONE: Final = Verdict("no", "the settings have no such route any more: what is open waits until it is back")


@dataclass(frozen=True, slots=True)
class Way:
    """What one lane says to an event by today's settings, and what became of it there, if it had it."""

    lane: Lane
    verdict: Verdict
    delivery: DeliveryHistory | None

    @property
    def remark(self) -> str:
        """What is odd about verdict and delivery taken together; empty when nothing is."""
        if self.delivery is None and self.verdict.answer == "yes":
            return (
                "and yet it had no delivery: the route is younger than the event, or asked for less then; "
                "`lucca-sync replay` can send it"
            )
        if self.delivery is not None and self.verdict.answer == "no" and self.verdict is not _GONE:
            return "it asked for it when the event was journaled: the settings have changed since"
        return ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """An event, every lane's word on it, and the events that it was derived from, as far as they are kept."""

    entry: EventEntry
    ways: Sequence[Way]
    because: Sequence[EventEntry]


async def explained(store: Path, event_id: str, routes: Mapping[str, RouteSettings]) -> Explanation | None:
    """Put together the story of the event whose id begins so; None when there is none, or more than one."""
    async with reading_store(store) as reader:
        entry = await reader.event(event_id)
        if entry is None:
            return None
        deliveries = {one.lane: one for one in await reader.history(entry.position)}
        causes = entry.event.business.because if entry.event.business else ()
        because = [found for cause in causes if (found := await reader.event(cause)) is not None]
    return Explanation(entry, tuple(_ways(entry, routes_of(routes), deliveries)), because)


def _ways(
    entry: EventEntry, routes: Sequence[Route], deliveries: Mapping[Lane, DeliveryHistory]
) -> Iterator[Way]:
    known = {lane: route for route in routes for lane in route.lanes}
    for lane, route in known.items():
        verdict = _EMPTIED if entry.emptied else route.judged(entry.event)
        yield Way(lane, verdict, deliveries.get(lane))
    for lane, delivery in deliveries.items():
        if lane not in known:
            yield Way(lane, _GONE, delivery)
