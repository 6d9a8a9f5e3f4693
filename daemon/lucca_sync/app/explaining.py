"""Why an event was or was not sent: its story put together from the journal and the routes as they are now.

Works beside a running daemon; sends nothing and changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from lucca_sync.app.obstacles import Maintenance, Obstacle, Windows, obstacles_in
from lucca_sync.app.stores import reading_store
from lucca_sync.app.translate import routes_of
from lucca_sync.egress.holding import Pause
from lucca_sync.egress.route import Route, Verdict
from lucca_sync.ingest.business.aside import Aside, aside_of
from lucca_sync.ingest.business.cursor import ASIDE
from lucca_sync.journal.protocol import DeliveryHistory, EventEntry
from lucca_sync.model.delivery import OPEN_STATES, Lane
from lucca_sync.model.event import rfc3339
from lucca_sync.settings.model import Route as RouteSettings

_EMPTIED: Final = Verdict("unclear", "the event's contents were removed, so nobody can be asked any more")
_NOT_ASKED: Final = Verdict("no", "a person asked for it, to be sent elsewhere")
_GONE: Final = Verdict("no", "the settings have no such route to it any more: what is open waits for it")


@dataclass(frozen=True, slots=True)
class Way:
    """What one lane says to an event by today's settings, and what became of it there, if it had it."""

    lane: Lane
    verdict: Verdict
    delivery: DeliveryHistory | None
    obstacle: str = ""
    """What keeps the whole lane from flowing now; empty when nothing does."""

    @property
    def remark(self) -> str:
        """What a person should know beside verdict and attempts; empty when there is nothing."""
        if self.delivery is not None and self.delivery.state in OPEN_STATES and self.obstacle:
            return self.obstacle
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
    aside: Aside | None = None
    """Why no business events follow from it yet, where its person is set aside."""


async def explained(
    store: Path, event_id: str, routes: Mapping[str, RouteSettings], windows: Windows
) -> Explanation | None:
    """Put together the story of the event whose id begins so; None when there is none, or more than one."""
    async with reading_store(store) as reader:
        entry = await reader.event(event_id)
        if entry is None:
            return None
        deliveries = {one.lane: one for one in await reader.history(entry.position)}
        causes = entry.event.business.because if entry.event.business else ()
        because = [found for cause in causes if (found := await reader.event(cause)) is not None]
        aside = aside_of(await reader.notes(ASIDE), entry.event.tenant, entry.event.employee or "")
        obstacles = await obstacles_in(reader, windows)
    ways = [
        replace(way, obstacle=_words(obstacles.of(way.lane), windows.now))
        for way in _ways(entry, routes_of(routes), deliveries)
    ]
    unfolded = entry.event.business is None and aside is not None and entry.position > aside.position
    return Explanation(entry, ways, because, aside if unfolded else None)


def _words(obstacle: Obstacle | None, now: datetime) -> str:
    if obstacle is None:
        return ""
    if isinstance(obstacle, Pause):
        return f"the route is held back: {obstacle.reason or 'paused'}"
    if isinstance(obstacle, Maintenance):
        return f"the target is under maintenance until {rfc3339(obstacle.until)}"
    until = obstacle.until if obstacle.state == "open" else None
    when = f"left alone until {rfc3339(until)}" if until else "left alone until a person resumes it"
    standing = "being tried again" if until and until <= now else when
    return f"the target is {standing}: {obstacle.reason or obstacle.state}"


def _ways(
    entry: EventEntry, routes: Sequence[Route], deliveries: Mapping[Lane, DeliveryHistory]
) -> Iterator[Way]:
    known = {lane: route for route in routes for lane in route.lanes}
    for lane, route in known.items():
        delivery = deliveries.get(lane)
        if delivery is None and entry.event.kind == "snapshot":
            yield Way(lane, _NOT_ASKED, None)
            continue
        verdict = _EMPTIED if entry.emptied else route.judged(entry.event)
        yield Way(lane, verdict, delivery)
    for lane, delivery in deliveries.items():
        if lane not in known:
            yield Way(lane, _GONE, delivery)
