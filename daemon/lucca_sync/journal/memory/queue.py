"""Deliveries as a list: what may be claimed is found by looking at all of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from lucca_sync.journal.protocol import Attempt, Claim, DeliveryHistory, EventEntry, LaneStatus, Settlement
from lucca_sync.model.delivery import OPEN_STATES, Lane, State

_COUNTED: Final[tuple[State, ...]] = (*OPEN_STATES, "dead")


@dataclass(slots=True)
class Entry:
    """One delivery as it stands."""

    key: int
    lane: Lane
    entry: EventEntry
    journaled: datetime
    due: datetime | None
    state: State = "pending"
    attempt: int = 0
    attempts: list[Attempt] = field(default_factory=list[Attempt])

    @property
    def subject(self) -> tuple[str, str]:
        """Whose order is to be kept."""
        return self.entry.event.tenant, self.entry.event.subject

    @property
    def open(self) -> bool:
        """Whether it is still to be delivered."""
        return self.state in OPEN_STATES


class Queue:
    """All deliveries in the order in which they were journaled."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._lanes: dict[Lane, None] = {}
        self._last_key = 0

    def add(self, entry: EventEntry, lanes: Sequence[Lane], at: datetime) -> None:
        """Add one delivery of an event for each different lane."""
        for lane in dict.fromkeys(lanes):
            self._lanes[lane] = None
            self._last_key += 1
            self._entries[self._last_key] = Entry(self._last_key, lane, entry, at, at)

    def _heads(self, lane: Lane) -> Iterator[Entry]:
        seen: set[tuple[str, str]] = set()
        for entry in self._entries.values():
            if entry.lane == lane and entry.open and entry.subject not in seen:
                seen.add(entry.subject)
                yield entry

    def _claimable(self, lane: Lane) -> list[tuple[datetime, Entry]]:
        dated = [(entry.due, entry) for entry in self._heads(lane) if entry.due is not None]
        return sorted(dated, key=lambda pair: (pair[0], pair[1].key))

    def _due(self, lane: Lane, now: datetime, limit: int) -> list[Entry]:
        return [entry for due, entry in self._claimable(lane) if due <= now][:limit]

    def claim(self, lane: Lane, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        """Take up to `limit` due deliveries until the lease ends."""
        claims: list[Claim] = []
        for entry in self._due(lane, now, limit):
            entry.state, entry.due, entry.attempt = "in_flight", now + lease, entry.attempt + 1
            claims.append(Claim(entry.key, lane, entry.entry.event, entry.attempt, entry.journaled))
        return claims

    def _claimed(self, key: int, attempt: int) -> Entry | None:
        entry = self._entries.get(key)
        stands = entry is not None and entry.state == "in_flight" and entry.attempt == attempt
        return entry if stands else None

    def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write what became of claims; return how many still stood under the same attempt."""
        effective = 0
        for settlement in settlements:
            entry = self._claimed(settlement.key, settlement.attempt)
            if entry is not None:
                entry.state = settlement.state
                entry.due = settlement.due if entry.open else None
                entry.attempts.append(
                    Attempt(settlement.attempt, settlement.at, settlement.state, settlement.reason)
                )
                effective += 1
        return effective

    def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back as if never attempted."""
        for claim in claims:
            entry = self._claimed(claim.key, claim.attempt)
            if entry is not None:
                entry.attempt -= 1
                entry.state = "retrying" if entry.attempt else "pending"
                entry.due = entry.journaled

    def next_due(self, lane: Lane) -> datetime | None:
        """Return when the earliest claimable delivery of a lane is due."""
        return next((due for due, _ in self._claimable(lane)), None)

    def ready(self, lane: Lane, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Return how many of the first `limit` due deliveries there are, and when the oldest was written."""
        due = self._due(lane, now, limit)
        return len(due), min((entry.journaled for entry in due), default=None)

    def lanes(self) -> Mapping[Lane, LaneStatus]:
        """Return how every lane stands."""
        return {lane: self._status(lane) for lane in self._lanes}

    def _status(self, lane: Lane) -> LaneStatus:
        mine = [entry for entry in self._entries.values() if entry.lane == lane]
        counts: dict[State, int] = {state: sum(entry.state == state for entry in mine) for state in _COUNTED}
        return LaneStatus(counts, next((entry.journaled for entry in mine if entry.open), None))

    def history(self, position: int) -> Sequence[DeliveryHistory]:
        """Return the deliveries of the event at a position with their attempts."""
        heads = {entry.key for lane in self._lanes for entry in self._heads(lane)}
        return [
            DeliveryHistory(
                entry.lane,
                entry.state,
                entry.journaled,
                entry.due if entry.key in heads else None,
                tuple(entry.attempts),
            )
            for entry in self._of(position)
        ]

    def _of(self, position: int) -> list[Entry]:
        order = list(self._lanes)
        found = [entry for entry in self._entries.values() if entry.entry.position == position]
        return sorted(found, key=lambda entry: order.index(entry.lane))

    def all_done(self, position: int) -> bool:
        """Whether every delivery of the event at a position is done."""
        return all(entry.state == "done" for entry in self._of(position))

    def drop(self, position: int) -> None:
        """Forget the deliveries of the event at a position."""
        for entry in self._of(position):
            del self._entries[entry.key]
