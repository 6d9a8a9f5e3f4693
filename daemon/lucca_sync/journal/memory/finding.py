"""Which deliveries and events in memory are wanted, and how they are shown."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from lucca_sync.journal.memory.queue import Entry
from lucca_sync.journal.protocol import (
    Attempt,
    Cause,
    DeliveryEntry,
    DeliveryFilter,
    DeliveryHistory,
    EventFilter,
)
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Event


def event_matches(event: Event, wanted: EventFilter) -> bool:
    """Whether an event meets every criterion."""
    return (
        wanted.tenant in (None, event.tenant)
        and wanted.resource in (None, event.resource)
        and wanted.record_id in (None, event.record_id)
        and wanted.kind in (None, event.kind)
        and (wanted.since is None or wanted.since <= event.recorded)
        and (wanted.until is None or event.recorded < wanted.until)
    )


def delivery_matches(entry: Entry, wanted: DeliveryFilter) -> bool:
    """Whether a delivery meets every criterion."""
    event = entry.entry.event
    of_event = EventFilter(
        wanted.tenant, wanted.resource, wanted.record_id, since=wanted.since, until=wanted.until
    )
    return (
        wanted.route in (None, entry.lane.route)
        and wanted.connector in (None, entry.lane.connector)
        and (wanted.states is None or entry.state in wanted.states)
        and wanted.event_id in (None, event.id)
        and wanted.reason in (None, reason_of(entry))
        and event_matches(event, of_event)
    )


def reason_of(entry: Entry) -> str:
    """Return the last attempt's reason, empty before the first."""
    return entry.last.reason if entry.last else ""


def shown(entry: Entry, *, head: bool) -> DeliveryEntry:
    """Show a delivery as a person finds it."""
    event = entry.entry.event
    return DeliveryEntry(
        key=entry.key,
        position=entry.entry.position,
        event_id=event.id,
        tenant=event.tenant,
        subject=event.subject,
        type=event.type,
        lane=entry.lane,
        state=entry.state,
        journaled=entry.journaled,
        due=entry.due if head else None,
        attempt=entry.attempt,
        reason=reason_of(entry),
        held=entry.held,
        behind=entry.open and not head,
        noted=entry.wish.act if entry.wish else None,
    )


def history_of(entry: Entry, *, head: bool) -> DeliveryHistory:
    """Show a delivery with all that became of it."""
    due = entry.due if head else None
    attempts = tuple(sorted(entry.attempts, key=lambda one: one.number))
    return DeliveryHistory(entry.key, entry.lane, entry.state, entry.journaled, due, attempts)


def causes_of(entries: Iterable[Entry]) -> Sequence[Cause]:
    """Group deliveries by lane and last reason, the most frequent first."""
    groups: defaultdict[tuple[Lane, str], list[Attempt]] = defaultdict(list)
    for entry in entries:
        if entry.last:
            groups[entry.lane, entry.last.reason].append(entry.last)
    causes = [
        Cause(lane, reason, len(made), min(one.at for one in made), max(one.at for one in made))
        for (lane, reason), made in groups.items()
    ]
    return sorted(causes, key=lambda cause: (-cause.count, cause.lane, cause.reason))
