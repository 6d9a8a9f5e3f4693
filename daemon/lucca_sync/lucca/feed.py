"""Lucca's events, pushed or listed: where they are listed, in which order, and what each says.

Pure. Of an event only ids and its topic are kept: the state it carries is looked up anew, as it may be old.
Facts are from /api-reference/latest/events and /documentation/webhooks/get-started.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, Literal, TypeAlias, cast

import msgspec

from lucca_sync.model.catalogue import Resource
from lucca_sync.model.hint import Hint, HintEye

EVENTS: Final = Resource("events", "event", "events.readonly", clock=None)
"""Not one of the catalogue: its records are messages, and nothing of them is kept."""

Order: TypeAlias = Literal["newest", "oldest", "any", "none"]
"""How a list runs: newest first, oldest first, both (too few to tell), or neither."""

_LONGEST: Final = 200
_DECODER: Final = msgspec.json.Decoder(dict[str, object])


class NoEvent(Exception):
    """The body is no event that can be read; the message holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An event of the list: its hint, and when it happened where that can be read."""

    hint: Hint
    occurred: datetime | None


def decode_event(body: bytes | msgspec.Raw, tenant_url: str, taken: datetime, eye: HintEye) -> Listed:
    """Read one event, tolerantly: only its id and its topic must be there. Raises NoEvent."""
    try:
        event = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NoEvent("no JSON object") from None
    name, topic = _identity(event.get("id")), event.get("topic")
    if name is None or not isinstance(topic, str) or not 0 < len(topic) <= _LONGEST:
        raise NoEvent("no id, or no topic")
    source = event.get("source")
    about = _member(event, "data")
    record = _identity(about.get("id")) or ""
    whose = {who: _identity(_member(about, who).get("id")) for who in ("employee", "employment")}
    what = topic.rpartition(".")[0]
    if what in whose and record:
        whose[what] = record
    where = source if isinstance(source, str) and len(source) <= _LONGEST else tenant_url
    return Listed(Hint(f"{where} {name}", topic, record, taken, eye=eye, **whose), _instant(event))


def order_of(events: Sequence[Listed]) -> Order:
    """Tell how a page of events runs, by the times at which they happened."""
    times = [event.occurred for event in events if event.occurred is not None]
    if len(times) < len(events):
        return "none"
    falling = all(first >= second for first, second in pairwise(times))
    rising = all(first <= second for first, second in pairwise(times))
    if falling and rising:
        return "any"
    return "newest" if falling else "oldest" if rising else "none"


def _member(of: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = of.get(name)
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _identity(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value)
    return text if 0 < len(text) <= _LONGEST else None


def _instant(event: Mapping[str, object]) -> datetime | None:
    value = event.get("occurredAt")
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
