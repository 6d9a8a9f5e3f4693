"""How an event of the journal looks to people and to programs. Shows a record's values only where told to."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from lucca_sync.cli.output import Cell, Row, Screen
from lucca_sync.journal.protocol import Attempt, DeliveryHistory, EventEntry
from lucca_sync.model.delivery import State
from lucca_sync.model.event import Event, Kind, rfc3339
from lucca_sync.model.values import Json

SHORT_ID: Final = 12
"""Enough of an id to find the event again: `events show` takes any beginning that fits one event only."""

_KIND_STYLES: Final[dict[Kind, str]] = {
    "created": "green",
    "updated": "yellow",
    "deleted": "red",
    "snapshot": "blue",
    "business": "magenta",
}
STATE_STYLES: Final[dict[State, str]] = {"done": "green", "dead": "bold red", "retrying": "yellow"}
_ARROW: Final = "→"
_LONGEST: Final = 60
"""Characters of a value beside others; `--output json` has all of it."""


def entry_as_dict(entry: EventEntry, *, values: bool) -> dict[str, object]:
    """Return an event for programs; without `values` the paths that changed and no data."""
    event = entry.event
    envelope = {key: value for key, value in event.cloudevent().items() if key != "data"}
    shown: dict[str, object] = {
        "position": entry.position,
        "tenant": event.tenant,
        "kind": event.kind,
        "emptied": entry.emptied,
        **envelope,
    }
    shown["paths"] = [change.path for change in event.changes]
    return {**shown, "data": event.data} if values else shown


def delivery_as_dict(delivery: DeliveryHistory) -> dict[str, object]:
    """Return a delivery with its attempts for programs."""
    return {
        "number": delivery.key,
        "route": delivery.lane.route,
        "connector": delivery.lane.connector,
        "state": delivery.state,
        "queued": rfc3339(delivery.journaled),
        "due": rfc3339(delivery.due) if delivery.due else None,
        "attempts": [
            {
                "number": one.number,
                "at": rfc3339(one.at),
                "state": one.state,
                "reason": one.reason,
                "by_hand": _by_hand(one),
            }
            for one in delivery.attempts
        ],
    }


def tail_pieces(entry: EventEntry) -> Sequence[Cell | str]:
    """Return the line of `events tail`: when, which event, what happened to whom, where it differs."""
    event = entry.event
    paths = "  ".join(change.path for change in event.changes)
    return (
        Cell(f"{instant_text(event.recorded)}  {event.id[:SHORT_ID]}  ", "dim"),
        Cell(f"{what_of(event):7}  ", _KIND_STYLES[event.kind]),
        f"{event.tenant}  {event.subject} #{event.sequence}  ",
        Cell(paths, "cyan"),
    )


def what_of(event: Event) -> str:
    """Say in a word what an event tells: its kind, or the name of a business event."""
    return event.business.name if event.business else event.kind


def change_rows(event: Event) -> Iterator[Row]:
    """Return before → after for each path; where there is no single difference, the record's fields."""
    if event.changes:
        yield from ((one.path, _before(one.before), _ARROW, _after(one.after)) for one in event.changes)
        return
    for name, value in (event.record or {}).items():
        yield f"/{name}", "", _ARROW, _after(value)
    for name, value in ({} if event.record else event.previous or {}).items():
        yield f"/{name}", _before(value), _ARROW


def show_entry(entry: EventEntry, deliveries: Sequence[DeliveryHistory], out: Screen) -> None:
    """Write everything about an event: what it is, before → after, and every attempt to deliver it."""
    event = entry.event
    out.line(
        Cell(f"{event.subject} {what_of(event)}", f"bold {_KIND_STYLES[event.kind]}"),
        f"  of tenant {event.tenant}",
    )
    out.table(_about(entry), indent=2)
    out.line()
    if entry.emptied:
        out.line("What differed is no longer kept: the event is older than `retention`.")
    else:
        out.table(change_rows(event), head=("path", "before", "", "after"), indent=2)
    out.line()
    if not deliveries:
        out.line("No route asked for this event.")
    for delivery in deliveries:
        _show_delivery(delivery, out)


def _about(entry: EventEntry) -> Iterable[Row]:
    event = entry.event
    return (
        ("id", event.id),
        ("type", event.type),
        ("sequence", f"{event.sequence} of this subject, {entry.position} in the journal"),
        ("happened", instant_text(event.happened)),
        ("noticed", f"{instant_text(event.recorded)} by {event.detected_by}"),
    )


def _show_delivery(delivery: DeliveryHistory, out: Screen) -> None:
    pieces, attempts = delivery_pieces(delivery)
    out.line(Cell(f"→ {delivery.lane.connector}", "bold"), f" by route {delivery.lane.route}: ", *pieces)
    out.table(attempts, indent=4)


def delivery_pieces(delivery: DeliveryHistory) -> tuple[Sequence[Cell | str], Sequence[Row]]:
    """Return how a delivery stands, as pieces of a line, and a row for each attempt."""
    state = Cell(delivery.state, STATE_STYLES.get(delivery.state, ""))
    due = f", due {instant_text(delivery.due)}" if delivery.due and delivery.state != "done" else ""
    return (state, due), [_attempt_row(attempt) for attempt in delivery.attempts]


def _attempt_row(attempt: Attempt) -> Row:
    state = Cell(attempt.state, STATE_STYLES.get(attempt.state, ""))
    which = "by hand" if _by_hand(attempt) else f"attempt {attempt.number}"
    return instant_text(attempt.at), which, state, attempt.reason


def _by_hand(attempt: Attempt) -> bool:
    """Tell what a person did from what was tried: no attempt leads to these states."""
    return attempt.state in {"pending", "discarded", "in_flight"}


def _before(value: Json) -> Cell:
    return Cell(_value(value), "red")


def _after(value: Json) -> Cell:
    return Cell(_value(value), "green")


def _value(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def instant_text(instant: datetime) -> str:
    """Write an instant to the second."""
    return f"{rfc3339(instant)[:19]}Z"
