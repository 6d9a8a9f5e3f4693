"""How deliveries look to people and to programs. Shows no record's values."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from lucca_sync.app.handling import Found, Story
from lucca_sync.cli.entries import SHORT_ID, STATE_STYLES, delivery_as_dict, delivery_pieces, instant_text
from lucca_sync.cli.obstacles import obstacle_key, obstacle_text
from lucca_sync.cli.output import Cell, Row, Screen
from lucca_sync.journal.protocol import Cause, DeliveryEntry
from lucca_sync.model.delivery import OPEN_STATES, ByHand
from lucca_sync.model.event import rfc3339

HEAD: Final = ("delivery", "event", "about", "type", "along", "state", "next", "last attempt")
_NOTED: Final[dict[ByHand, str]] = {"queue_again": "retry", "discard": "discard"}
_NOTED_WORDS: Final[dict[ByHand, str]] = {"queue_again": "retried at once", "discard": "discarded"}
CAUSE_HEAD: Final = ("deliveries", "along", "first", "last", "why")


def rows_of(found: Iterable[Found], now: datetime) -> Iterator[Row]:
    """Return a row for each delivery."""
    for each in found:
        one = each.entry
        yield (
            str(one.key),
            Cell(one.event_id[:SHORT_ID], "dim"),
            f"{one.tenant} {one.subject}",
            one.type.removeprefix("lucca."),
            "→".join(one.lane),
            Cell(one.state, STATE_STYLES.get(one.state, "")),
            waiting_for(each, now),
            Cell(f"{one.attempt}: {one.reason}".removesuffix(": ") if one.attempt else "", "dim"),
        )


def waiting_for(found: Found, now: datetime) -> str:
    """Say what comes next for a delivery, or what it waits for."""
    one = found.entry
    if one.held:
        return "holds its subject"
    if one.behind:
        return "behind another of its subject"
    if one.state not in OPEN_STATES:
        return ""
    if one.noted is not None:
        return f"{_NOTED_WORDS[one.noted]}, unless it gets through"
    if found.obstacle is not None and one.state != "in_flight":
        return obstacle_text(found.obstacle, now)
    return _time_of(one, now)


def _time_of(one: DeliveryEntry, now: datetime) -> str:
    if one.due is None:
        return "until it is released"
    if one.state == "in_flight":
        return f"lease ends {instant_text(one.due)}"
    return "due" if one.due <= now else instant_text(one.due)


def entry_as_dict(found: Found) -> dict[str, object]:
    """Return a delivery for programs."""
    one = found.entry
    return {
        "delivery": one.key,
        "event": one.event_id,
        "tenant": one.tenant,
        "subject": one.subject,
        "type": one.type,
        "route": one.lane.route,
        "connector": one.lane.connector,
        "state": one.state,
        "held": one.held,
        "behind": one.behind,
        "obstacle": obstacle_key(found.obstacle),
        "noted": _NOTED[one.noted] if one.noted else None,
        "queued": rfc3339(one.journaled),
        "due": rfc3339(one.due) if one.due else None,
        "attempt": one.attempt,
        "reason": one.reason,
    }


def story_as_dict(story: Story) -> dict[str, object]:
    """Return a delivery with every attempt for programs."""
    return {**entry_as_dict(story.found), "attempts": delivery_as_dict(story.history)["attempts"]}


def show_story(story: Story, out: Screen, now: datetime) -> None:
    """Write everything about one delivery, but for what it holds."""
    one, event = story.found.entry, story.event.event
    pieces, attempts = delivery_pieces(story.history)
    out.line(Cell(f"delivery {one.key}", "bold"), f"  along {'→'.join(one.lane)}: ", *pieces)
    out.table(
        (
            ("event", one.event_id),
            ("about", f"{one.subject} of tenant {one.tenant}, number {event.sequence} of this subject"),
            ("type", one.type),
            ("queued", instant_text(one.journaled)),
            ("next", _next_of(story.found, now)),
        ),
        indent=2,
    )
    if story.event.emptied:
        out.line("  The event's contents are no longer kept: it can't be sent again.")
    elif one.state == "dead":
        out.line("  Once mended: ", Cell(f"lucca-sync dead replay {one.key} --yes", "cyan"))
    out.table(attempts, indent=4)
    out.line(
        "What it holds, and why it was sent: ", Cell(f"lucca-sync explain {one.event_id[:SHORT_ID]}", "cyan")
    )


def _next_of(found: Found, now: datetime) -> str:
    dead = found.entry.state == "dead"
    ended = "nothing, unless a person has it sent again" if dead else "nothing: it has ended"
    return waiting_for(found, now) or ended


def cause_row(cause: Cause) -> Row:
    """Return the row of one group of dead letters."""
    return (
        f"{cause.count:,}",
        "→".join(cause.lane),
        instant_text(cause.first),
        instant_text(cause.last),
        cause.reason,
    )


def cause_as_dict(cause: Cause) -> dict[str, object]:
    """Return one group for programs."""
    return {
        "route": cause.lane.route,
        "connector": cause.lane.connector,
        "reason": cause.reason,
        "count": cause.count,
        "first": rfc3339(cause.first),
        "last": rfc3339(cause.last),
    }
