"""What other routes would have made of the journal's last days, beside what today's make of them.

Reads the journal only; sends nothing and changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from lucca_sync.app.stores import reading_store
from lucca_sync.app.translate import routes_of
from lucca_sync.egress.owners import Owners, owners_of
from lucca_sync.egress.route import Route
from lucca_sync.journal.protocol import EventEntry, EventFilter
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Event
from lucca_sync.settings.model import Route as RouteSettings

Effect: TypeAlias = Literal["same", "added", "removed", "changed", "failing"]
"""What the new routes do to a delivery; `failing`: their condition fails on the event, a dead letter."""

EFFECTS: Final[tuple[Effect, ...]] = get_args(Effect)
SAMPLES: Final = 3
"""Events that are named for each effect on each lane."""
_AT_ONCE: Final = 500


class Sending(NamedTuple):
    """What a lane would hand out for an event: nothing where its condition can't be asked."""

    shown: Event | None


@dataclass(slots=True)
class Rehearsal:
    """Counts by lane and effect; `samples` are ids of the first events of each but `same`.

    `emptied` events were kept too long to say anything about.
    """

    events: int = 0
    emptied: int = 0
    counts: dict[Lane, Counter[Effect]] = field(default_factory=dict[Lane, "Counter[Effect]"])
    samples: dict[tuple[Lane, Effect], list[str]] = field(
        default_factory=dict[tuple[Lane, Effect], list[str]]
    )

    def note(self, lane: Lane, effect: Effect, event_id: str) -> None:
        """Count one delivery."""
        self.counts.setdefault(lane, Counter())[effect] += 1
        named = self.samples.setdefault((lane, effect), [])
        if effect != "same" and len(named) < SAMPLES:
            named.append(event_id)

    @property
    def differs(self) -> bool:
        """Whether the new routes do anything else than today's."""
        return any(counts.total() > counts["same"] for counts in self.counts.values())


async def rehearsed(
    store: Path,
    today: Mapping[str, RouteSettings],
    new: Mapping[str, RouteSettings],
    since: datetime,
    tell: Callable[[int], object],
) -> Rehearsal:
    """Route every event recorded since by both, and compare. `tell` is given how many were, as it goes on."""
    old_routes, new_routes = routes_of(today), routes_of(new)
    found, position, wanted = Rehearsal(), 0, EventFilter(since=since)
    async with reading_store(store) as reader:
        while entries := await reader.events(after=position, limit=_AT_ONCE, wanted=wanted):
            shaped = any(route.shape for route in (*old_routes, *new_routes))
            owners = await owners_of([one.event for one in entries] if shaped else [], reader)
            for entry in entries:
                _compare(entry, owners, (old_routes, new_routes), found)
            position = entries[-1].position
            tell(found.events)
    return found


def _compare(
    entry: EventEntry, owners: Owners, routes: tuple[Sequence[Route], Sequence[Route]], found: Rehearsal
) -> None:
    if entry.event.kind == "snapshot":  # sent because somebody asked, not because a route did
        return
    found.events += 1
    if entry.emptied:
        found.emptied += 1
        return
    before, after = (dict(_sendings(entry.event, owners, some)) for some in routes)
    for lane in before | after:
        found.note(lane, effect_of(before.get(lane), after.get(lane)), entry.event.id)


def _sendings(event: Event, owners: Owners, routes: Sequence[Route]) -> Iterator[tuple[Lane, Sending]]:
    owner = owners.get((event.tenant, event.employee))
    for route in routes:
        answer = route.asks_for(event)
        if answer != "no":
            sending = Sending(route.shown(event, owner) if answer == "yes" else None)
            yield from ((lane, sending) for lane in route.lanes)


def effect_of(before: Sending | None, after: Sending | None) -> Effect:
    """Say what becomes of what a lane sent `before`, or did not."""
    if after is None:
        return "removed"
    if after.shown is None:
        return "failing"
    if before is None or before.shown is None:
        return "added"
    return "same" if before.shown == after.shown else "changed"
