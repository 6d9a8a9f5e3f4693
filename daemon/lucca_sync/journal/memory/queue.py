"""Deliveries as lines, one for each subject along each lane; answers are found by looking at all of them."""

from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple, TypeAlias

from lucca_sync.journal.protocol import Acted, Attempt, Claim, EventEntry, Fenced, LaneStatus, Settlement
from lucca_sync.journal.rules import unsure
from lucca_sync.model.delivery import OPEN_STATES, Act, ByHand, Lane, State, after, put_off

COUNTED: Final[tuple[State, ...]] = (*OPEN_STATES, "dead")
ENDED: Final[tuple[State, ...]] = ("done", "discarded")
SETTLING: Final[Mapping[str, Act]] = {"done": "finish", "retrying": "retry", "parked": "park", "dead": "die"}
_LANE_BITS: Final = 16

Subject: TypeAlias = tuple[str, str]


class Wish(NamedTuple):
    """What a person wants done, and in whose words."""

    act: ByHand
    at: datetime
    reason: str


@dataclass(slots=True)
class Entry:
    """One delivery as it stands. Its `due` is of use only while it is the head of its line."""

    key: int
    lane: Lane
    entry: EventEntry
    journaled: datetime
    due: datetime | None
    state: State = "pending"
    attempt: int = 0
    earlier: int = 0
    held: bool = False
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    by_hand: set[int] = field(default_factory=set[int])
    """Which of `attempts` were a person's acts, by their place."""
    wish: Wish | None = None
    """What a person wants done once its claim has ended."""

    @property
    def subject(self) -> Subject:
        """Whose order is to be kept."""
        return self.entry.event.tenant, self.entry.event.subject

    @property
    def open(self) -> bool:
        """Whether it is still to be delivered."""
        return self.state in OPEN_STATES

    @property
    def queued(self) -> bool:
        """Whether it has a place in its line: a dead one that is held has."""
        return self.open or self.held

    @property
    def last(self) -> Attempt | None:
        """The last attempt that was made and settled."""
        made = (one for place, one in enumerate(self.attempts) if place not in self.by_hand)
        return max(made, key=lambda one: one.number, default=None)

    @property
    def claim(self) -> Claim:
        """Itself as whoever has claimed it sees it."""
        return Claim(self.key, self.lane, self.entry.event, self.attempt, self.journaled, self.earlier)

    def move(self, act: Act) -> bool:
        """Do what can be done in its state; False, and nothing, for what cannot."""
        then = after(self.state, act)
        if then is None:
            return False
        self.state, self.held = then, False
        return True

    def act(self, at: datetime, reason: str) -> None:
        """Note what a person has done, or what is to be done once the present attempt has ended."""
        self.by_hand.add(len(self.attempts))
        settled = self.attempt - put_off(self.state)
        self.attempts.append(Attempt(settled, at, self.state, reason))

    def give_up(self) -> None:
        """Take it back from whoever has claimed it and is gone."""
        if self.move("abandon"):
            self.due = self.journaled


class Queue:
    """All deliveries in the order of their events, and in it of their lanes."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._lines: defaultdict[tuple[Lane, Subject], list[Entry]] = defaultdict(list)
        self._lanes: dict[Lane, int] = {}

    def add(self, entry: EventEntry, lanes: Sequence[Lane], at: datetime) -> None:
        """Add one delivery of an event for each different lane."""
        for lane in dict.fromkeys(lanes):
            number = self._lanes.setdefault(lane, len(self._lanes) + 1)
            one = Entry(entry.position << _LANE_BITS | number, lane, entry, at, at)
            self._entries[one.key] = one
            insort(self._lines[lane, one.subject], one, key=lambda other: other.key)

    # --- who is the head ----------------------------------------------------------------------------------

    @staticmethod
    def _head(line: Sequence[Entry]) -> Entry | None:
        """Return who is in flight, else the oldest that is queued."""
        queued = [entry for entry in line if entry.queued]
        flying = (entry for entry in queued if entry.state == "in_flight")
        return next(flying, queued[0] if queued else None)

    def is_head(self, entry: Entry) -> bool:
        """Whether a delivery is the one of its subject and lane that may be claimed."""
        return self._head(self._line(entry)) is entry

    def _line(self, entry: Entry) -> list[Entry]:
        return self._lines[entry.lane, entry.subject]

    def _line_up(self, entry: Entry) -> None:
        """Have everybody behind the head be due at once when his turn comes."""
        line = self._line(entry)
        head = self._head(line)
        for other in line:
            if other.open and other is not head:
                other.due = other.journaled

    # --- claims -------------------------------------------------------------------------------------------

    def _claimable(self, lane: Lane) -> list[tuple[datetime, Entry]]:
        heads = (self._head(line) for (of, _), line in self._lines.items() if of == lane)
        dated = [(head.due, head) for head in heads if head is not None and head.due is not None]
        return sorted(dated, key=lambda pair: (pair[0], pair[1].key))

    def _due(self, lane: Lane, now: datetime, limit: int) -> list[Entry]:
        return [entry for due, entry in self._claimable(lane) if due <= now][:limit]

    def claim(self, lane: Lane, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        """Take up to `limit` due deliveries until the lease ends."""
        self._give_up([entry for due, entry in self._claimable(lane) if entry.wish and due <= now])
        due = self._due(lane, now, limit)
        for entry in due:
            entry.move("claim")
            entry.due, entry.attempt = now + lease, entry.attempt + 1
        return [entry.claim for entry in due]

    def taken(self, lane: Lane, until: datetime) -> Sequence[Claim]:
        """Return what is claimed along a lane until just this instant."""
        flying = self.found(lambda one: one.lane == lane and one.state == "in_flight")
        return [entry.claim for entry in flying if entry.due == until]

    def _claimed(self, key: int, attempt: int) -> Entry | None:
        entry = self._entries.get(key)
        stands = entry is not None and entry.state == "in_flight" and entry.attempt == attempt
        return entry if stands else None

    def renew(self, claims: Sequence[Fenced], until: datetime) -> int:
        """Let leases of claims that still stand end at `until`; return how many those are."""
        found = (self._claimed(claim.key, claim.attempt) for claim in claims)
        standing = {entry.key: entry for entry in found if entry is not None}
        for entry in standing.values():
            entry.due = until
        return len(standing)

    def set_back(self, now: datetime, by: timedelta, spare: timedelta) -> None:
        """Have what open deliveries have in the future come `by` sooner; leases last for `spare` at least."""
        for entry in self._entries.values():
            if entry.open and entry.due is not None and entry.due > now:
                lasts = now + spare if entry.state == "in_flight" else now - by
                entry.due = min(entry.due, max(entry.due - by, lasts))
            if entry.open and entry.journaled > now:
                entry.journaled -= by

    def hasten(self, now: datetime, beyond: datetime) -> None:
        """Have due `now` what was queued `beyond` an instant that the clock has not shown yet."""
        for entry in self._entries.values():
            if entry.state == "pending" and entry.journaled > beyond:
                entry.journaled = now
                entry.due = None if entry.due is None else min(entry.due, now)

    def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write what became of claims; return how many still stood under the same attempt."""
        return sum(map(self._settle, settlements))

    def _settle(self, settlement: Settlement) -> bool:
        entry = self._claimed(settlement.key, settlement.attempt)
        if entry is None:
            return False
        entry.move(SETTLING[settlement.state])
        entry.held = settlement.hold and entry.state == "dead"
        entry.due = settlement.due if entry.open else None
        entry.attempts.append(Attempt(settlement.attempt, settlement.at, entry.state, settlement.reason))
        self._line_up(entry)
        self._fulfil(entry)
        return True

    def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back as if never attempted."""
        for claim in claims:
            entry = self._claimed(claim.key, claim.attempt)
            if entry is not None and entry.move("release"):
                entry.attempt -= 1
                entry.due = entry.journaled
                self._line_up(entry)
                self._fulfil(entry)

    def take_back_abandoned(self) -> None:
        """Make due what is in flight, as whoever opens a store that a process has left does."""
        self._give_up([entry for entry in self._entries.values() if entry.state == "in_flight"])

    def _give_up(self, entries: Collection[Entry]) -> None:
        """Take back what is in flight from holders that are gone: nobody knows how far they had come."""
        for entry in entries:
            entry.give_up()
            self._line_up(entry)
            self._fulfil(entry, known=False)

    def let_go(self, lanes: Collection[Lane], limit: int) -> int:
        """Let dead letters hold their subjects no more; return how many."""
        held = list(islice(self.found(lambda one: one.held and one.lane in lanes), limit))
        for entry in held:
            entry.held = False
            self._line_up(entry)
        return len(held)

    def next_due(self, lane: Lane) -> datetime | None:
        """Return when the earliest claimable delivery of a lane is due."""
        return next((due for due, _ in self._claimable(lane)), None)

    def ready(self, lane: Lane, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Return how many of the first `limit` due deliveries there are, and when the oldest was written."""
        due = self._due(lane, now, limit)
        return len(due), min((entry.journaled for entry in due), default=None)

    # --- what a person does -------------------------------------------------------------------------------

    def act(self, keys: Collection[int], wish: Wish, among: Collection[State]) -> Acted:
        """Do to deliveries what a person wants, and note it for those in flight."""
        found = [self._entries[key] for key in sorted(set(keys)) if key in self._entries]
        meant = [entry for entry in found if entry.state in among]
        flying = [entry for entry in meant if put_off(entry.state)]
        waiting = [entry for entry in meant if not put_off(entry.state)]
        for entry in flying:
            entry.wish = wish
            entry.act(wish.at, wish.reason)
        return Acted(sum(self._act(entry, wish) for entry in waiting), len(flying))

    def _act(self, entry: Entry, wish: Wish) -> bool:
        do = self._discard if wish.act == "discard" else self._queue_again
        return do(entry, wish.at, wish.reason)

    def _fulfil(self, entry: Entry, *, known: bool = True) -> None:
        """Do what was noted while a delivery was in flight, unless it got through."""
        wish, entry.wish = entry.wish, None
        if wish is not None and entry.state != "done":
            self._act(entry, wish if known else wish._replace(reason=unsure(wish.reason)))

    def recalled(self) -> Collection[int]:
        """Return the keys of what is in flight and noted to be acted on."""
        return [entry.key for entry in self._entries.values() if entry.wish]

    def _queue_again(self, entry: Entry, at: datetime, reason: str) -> bool:
        if entry.entry.emptied or not entry.move("queue_again"):
            return False
        entry.due = entry.journaled = at
        entry.earlier = entry.attempt
        entry.act(at, reason)
        self._line_up(entry)
        return True

    def _discard(self, entry: Entry, at: datetime, reason: str) -> bool:
        if not entry.move("discard"):
            return False
        entry.due = None
        entry.act(at, reason)
        self._line_up(entry)
        return True

    def send(self, event: EventEntry, lane: Lane, at: datetime, reason: str) -> bool:
        """Queue an event along a lane unless it is open there; tell whether it was."""
        entry = next((one for one in self.of(event.position) if one.lane == lane), None)
        if entry is not None:
            return not entry.open and self._queue_again(entry, at, reason)
        self.add(event, (lane,), at)
        entry = next(one for one in self.of(event.position) if one.lane == lane)
        entry.act(at, reason)
        self._line_up(entry)
        return True

    # --- looking ------------------------------------------------------------------------------------------

    def lanes(self) -> Mapping[Lane, LaneStatus]:
        """Return how every lane stands."""
        return {lane: self._status(lane) for lane in self._lanes}

    def _status(self, lane: Lane) -> LaneStatus:
        mine = [entry for entry in self._entries.values() if entry.lane == lane]
        counts: dict[State, int] = {state: sum(entry.state == state for entry in mine) for state in COUNTED}
        return LaneStatus(counts, min((entry.journaled for entry in mine if entry.open), default=None))

    def of(self, position: int) -> list[Entry]:
        """Return the deliveries of the event at a position."""
        keys = (position << _LANE_BITS | number for number in self._lanes.values())
        return [self._entries[key] for key in keys if key in self._entries]

    def found(self, wanted: Callable[[Entry], bool]) -> Iterator[Entry]:
        """Give the deliveries that are wanted, in the order of their keys."""
        return (self._entries[key] for key in sorted(self._entries) if wanted(self._entries[key]))

    # --- upkeep -------------------------------------------------------------------------------------------

    def all_ended(self, position: int) -> bool:
        """Whether nothing is left to do for any delivery of the event at a position."""
        return all(entry.state in ENDED for entry in self.of(position))

    def emptied(self, event: EventEntry) -> None:
        """Take over an event whose contents were removed."""
        for entry in self.of(event.position):
            entry.entry = event

    def drop(self, position: int) -> None:
        """Forget the deliveries of the event at a position."""
        for entry in self.of(position):
            del self._entries[entry.key]
            self._line(entry).remove(entry)
