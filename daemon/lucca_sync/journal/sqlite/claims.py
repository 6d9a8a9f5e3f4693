"""Claims: taking due deliveries under a lease, writing what became of them, giving them back."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from lucca_sync.journal.protocol import Claim, Fenced, Settlement
from lucca_sync.journal.sqlite.codes import CODES, instant, maybe_instant, maybe_micros, micros, state_of
from lucca_sync.journal.sqlite.driver import Row
from lucca_sync.journal.sqlite.events import EventReader
from lucca_sync.journal.sqlite.finishing import Finishing
from lucca_sync.journal.sqlite.hand import Hand, Wishes
from lucca_sync.journal.sqlite.lanes import Lanes
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.queues import Queues
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import Act, Lane, State, after

_SQL: Final = named_queries("deliveries")
_SETTLING: Final[Mapping[str, Act]] = {"retrying": "retry", "parked": "park", "dead": "die"}


class Claims:
    """Moves deliveries from state to state. Costs what is claimed or settled, however many are open."""

    def __init__(self, store: Store, lanes: Lanes, events: EventReader) -> None:
        self._store = store
        self._wishes = Wishes(store, Hand(store, lanes))
        self._lanes = lanes
        self._queues = Queues(store)
        self._finishing = Finishing(store, lanes)
        self._events = events

    def claim(self, lane: Lane, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        """Take up to `limit` due deliveries until the lease ends."""
        key = self._lanes.find(lane)
        self._give_up(self._wishes.lapsed(key, now))
        rows = self._store.rows(_SQL["due"], (key, micros(now), limit))
        if not rows:
            return []
        for code, count in Counter(row[1] for row in rows).items():
            before = state_of(code)
            self._lanes.moved(key, before, _moved(before, "claim"), count)
        keys = msgspec.json.encode([row[0] for row in rows]).decode()
        self._store.run(_SQL["claim"], (CODES["in_flight"], micros(now + lease), keys))
        self._lanes.flush()
        return [self._claim(lane, row) for row in rows]

    def _claim(self, lane: Lane, row: Row) -> Claim:
        delivery, _, attempts, journaled, earlier, *event = row
        return Claim(
            key=delivery,
            lane=lane,
            event=self._events.entry(tuple(event)).event,
            attempt=attempts + 1,
            journaled=instant(journaled),
            earlier=earlier,
        )

    def taken(self, lane: Lane, until: datetime) -> Sequence[Claim]:
        """Return what is claimed along a lane until just this instant."""
        rows = self._store.rows(_SQL["taken"], (self._lanes.find(lane), micros(until)))
        return [self._claim(lane, row) for row in rows]

    def renew(self, claims: Sequence[Fenced], until: datetime) -> int:
        """Let leases of claims that still stand end at `until`; return how many those are."""
        listed = msgspec.json.encode([(one.key, one.attempt) for one in claims]).decode()
        return len(self._store.rows(_SQL["renew"], (micros(until), listed)))

    def set_back(self, now: datetime, by: timedelta, spare: timedelta) -> None:
        """Have what open deliveries have in the future come `by` sooner; leases last for `spare` at least."""
        sooner = by // timedelta(microseconds=1)
        for name in ("due_sooner", "queued_sooner"):
            self._store.run(_SQL[name], (sooner, micros(now)))
        self._store.run(_SQL["lease_sooner"], (sooner, micros(now + spare)))

    def hasten(self, now: datetime, beyond: datetime) -> None:
        """Have due `now` what was queued `beyond` an instant that the clock has not shown yet."""
        self._store.run(_SQL["hasten"], (micros(now), micros(beyond)))

    def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write what became of claims; return how many still stood under the same attempt."""
        first: dict[tuple[int, int], Settlement] = {}
        for settlement in settlements:
            first.setdefault((settlement.key, settlement.attempt), settlement)
        done = [settlement for settlement in first.values() if settlement.state == "done"]
        others = [settlement for settlement in first.values() if settlement.state != "done"]
        effective = self._finishing.finish(done, _moved("in_flight", "finish"))
        effective += sum(self._settle(settlement) for settlement in others)
        self._wishes.fulfil()
        self._lanes.flush()
        return effective

    def _settle(self, settlement: Settlement) -> bool:
        row = self._store.row(_SQL["claimed"], (settlement.key, settlement.attempt))
        if row is None:
            return False
        lane, record = row
        state = _moved("in_flight", _SETTLING[settlement.state])
        self._lanes.moved(lane, "in_flight", state)
        self._note_attempt(settlement, state)
        if state == "dead" and not settlement.hold:
            self._store.run(_SQL["end"], (CODES[state], settlement.key))
            self._queues.move_up(record, lane)
        elif state == "dead":
            self._store.run(_SQL["hold"], (CODES[state], settlement.key))
            self._queues.line_up(record, lane)
        else:
            self._store.run(_SQL["settle"], (CODES[state], maybe_micros(settlement.due), settlement.key))
            self._queues.line_up(record, lane)
        return True

    def _note_attempt(self, settlement: Settlement, state: State) -> None:
        at = micros(settlement.at)
        self._store.run(
            _SQL["add_attempt"], (settlement.key, settlement.attempt, at, CODES[state], settlement.reason)
        )

    def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back as if never attempted."""
        then = _moved("in_flight", "release")
        for claim in claims:
            row = self._store.row(_SQL["claimed"], (claim.key, claim.attempt))
            if row is not None:
                lane, record = row
                self._store.run(_SQL["release"], (CODES[then], claim.key))
                self._lanes.moved(lane, "in_flight", then)
                self._queues.line_up(record, lane)
        self._wishes.fulfil()
        self._lanes.flush()

    def recalled(self) -> Collection[int]:
        """Return the keys of what is in flight and noted to be acted on."""
        return self._wishes.keys()

    def take_back_abandoned(self) -> None:
        """Make due what an earlier process left in flight; only for one who knows that it is gone."""
        self._give_up(self._store.rows(_SQL["abandoned"]))

    def _give_up(self, abandoned: Sequence[Row]) -> None:
        """Take back what is in flight from holders that are gone: nobody knows how far they had come."""
        if not abandoned:
            return
        then = _moved("in_flight", "abandon")
        self._store.run_each(_SQL["take_back"], [(CODES[then], key) for key, *_ in abandoned])
        for _, lane, record in abandoned:
            self._lanes.moved(lane, "in_flight", then)
            self._queues.line_up(record, lane)
        self._wishes.fulfil(known=False)
        self._lanes.flush()

    def held(self, lanes: Collection[Lane], limit: int) -> Sequence[Row]:
        """Return key, lane and record of dead letters along these lanes that hold their subjects."""
        keys = msgspec.json.encode([self._lanes.find(lane) for lane in lanes]).decode()
        return self._store.rows(_SQL["held"], (keys, limit))

    def let_go(self, lanes: Collection[Lane], limit: int) -> int:
        """Let dead letters hold their subjects no more; return how many."""
        held = self.held(lanes, limit)
        for key, lane, record in held:
            self._store.run(_SQL["end"], (CODES["dead"], key))
            self._queues.line_up(record, lane)
        return len(held)

    def next_due(self, lane: Lane) -> datetime | None:
        """Return when the earliest claimable delivery of a lane is due."""
        row = self._store.row(_SQL["next_due"], (self._lanes.find(lane),))
        return maybe_instant(row[0]) if row else None

    def ready(self, lane: Lane, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Return how many of the first `limit` due deliveries there are, and when the oldest was written."""
        row = self._store.row(_SQL["ready"], (self._lanes.find(lane), micros(now), limit))
        count, oldest = row or (0, None)
        return count, maybe_instant(oldest)


def _moved(state: State, act: Act) -> State:
    then = after(state, act)
    if then is None:
        raise ValueError(f"a delivery that is {state} cannot {act}")  # the queries ask for no such one
    return then
